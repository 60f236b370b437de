import { isRecord } from '../../core/json';

export type FieldValue = string | number | boolean | string[];

/** One field of a form that a server asks to be filled in. */
export interface ElicitationField {
  name: string;
  title: string;
  description: string;
  isRequired: boolean;
  /** What can be chosen, where it is a choice. */
  choices?: readonly { value: string | boolean; label: string }[];
  isMultiple: boolean;
  initial: FieldValue | undefined;
  /** What is wrong with a text, in words; `undefined` for one that will do. */
  problem(text: string): string | undefined;
  /** The value that a text stands for; `undefined` where nothing is given. */
  read(text: string): FieldValue | undefined;
}

const formats: Readonly<Record<string, { test: (text: string) => boolean; what: string }>> = {
  email: { test: (text) => /^[^\s@]+@[^\s@]+$/.test(text), what: 'an e-mail address' },
  uri: { test: (text) => URL.canParse(text), what: 'an address (URI)' },
  date: {
    test: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
    what: 'a date, as 2026-07-28',
  },
  'date-time': {
    test: (text) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)),
    what: 'a date and time, as 2026-07-28T10:00:00Z',
  },
};

/** Reads a field of an elicitation form (MCP, `PrimitiveSchemaDefinition`: text, number, boolean or choice). */
export function readField(name: string, schema: unknown, isRequired: boolean): ElicitationField {
  const given = isRecord(schema) ? schema : {};
  const { title, description, default: initial } = given;
  const choices = choicesOf(given);
  return {
    name,
    title: typeof title === 'string' ? title : name,
    description: typeof description === 'string' ? description : '',
    isRequired,
    ...(choices ? { choices } : {}),
    isMultiple: given['type'] === 'array',
    initial: isFieldValue(initial) ? initial : undefined,
    problem: (text) => problemOf(text, given, isRequired),
    read: (text) => readText(text, given, isRequired),
  };
}

function isFieldValue(value: unknown): value is FieldValue {
  return (
    ['string', 'number', 'boolean'].includes(typeof value) ||
    (Array.isArray(value) && value.every((each) => typeof each === 'string'))
  );
}

function choicesOf(schema: Record<string, unknown>): ElicitationField['choices'] {
  if (schema['type'] === 'boolean') {
    return [
      { value: true, label: 'Yes' },
      { value: false, label: 'No' },
    ];
  }
  const source = schema['type'] === 'array' && isRecord(schema['items']) ? schema['items'] : schema;
  const titled = source['oneOf'] ?? source['anyOf'];
  if (Array.isArray(titled)) {
    return titled.flatMap((each: unknown) =>
      isRecord(each) && typeof each['const'] === 'string'
        ? [{ value: each['const'], label: typeof each['title'] === 'string' ? each['title'] : each['const'] }]
        : [],
    );
  }
  const { enum: values, enumNames: names } = source;
  if (!Array.isArray(values)) return undefined;
  return (values as unknown[]).flatMap((value, index) => {
    if (typeof value !== 'string') return [];
    const label: unknown = Array.isArray(names) ? names[index] : undefined;
    return [{ value, label: typeof label === 'string' ? label : value }];
  });
}

function readText(text: string, { type }: Record<string, unknown>, isRequired: boolean): FieldValue | undefined {
  if (text === '' && (!isRequired || type !== 'string')) return undefined;
  return type === 'number' || type === 'integer' ? Number(text) : text;
}

function problemOf(text: string, schema: Record<string, unknown>, isRequired: boolean): string | undefined {
  const { type, minimum, maximum, minLength, maxLength, format } = schema;
  if (text === '') return isRequired && minLength !== 0 ? 'This must be given.' : undefined;
  if (type === 'number' || type === 'integer') {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) return 'This is no number.';
    if (type === 'integer' && !Number.isInteger(value)) return 'This must be a whole number.';
    if (typeof minimum === 'number' && value < minimum) return `This must be at least ${minimum}.`;
    if (typeof maximum === 'number' && value > maximum) return `This must be at most ${maximum}.`;
    return undefined;
  }
  // JSON Schema counts characters, not UTF-16 units.
  const length = Array.from(text).length;
  if (typeof minLength === 'number' && length < minLength) return `This must have at least ${minLength} characters.`;
  if (typeof maxLength === 'number' && length > maxLength) return `This must have at most ${maxLength} characters.`;
  const rule = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
  return rule && !rule.test(text) ? `This must be ${rule.what}.` : undefined;
}
