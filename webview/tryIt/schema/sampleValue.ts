import { numberOf, textsOf, type Schema } from './jsonSchema';
import { checkValue, prefixOf } from './schemaCheck';
import type { FieldVariant, FormField, Rules, SchemaForm } from './schemaForm';
import { stringFormat } from './stringFormats';

const maxDepth = 6;
const maxItems = 20;
const maxMembers = 200;

/**
 * What a form begins with: what must be given and can be told, such as defaults, the only value that is allowed, and
 * objects around such.
 * @returns `undefined` where nothing can be told
 */
export function initialValue(form: SchemaForm, schema: Schema, depth = 0): unknown {
  const [variant] = form.variants(schema);
  if (!variant) return undefined;
  const { kind, rules, options } = variant;
  const given = rules.find((rule) => rule['default'] !== undefined)?.['default'];
  if (given !== undefined) return given;
  if (kind === 'fixed') return options[0];
  if (kind === 'null') return null;
  if (kind === 'object') {
    return depth >= maxDepth ? {} : membersOf(form, variant, (each) => initialValue(form, each, depth + 1));
  }
  if (kind === 'array') return [];
  return undefined;
}

/** What is put where a person adds an item or a member, or chooses a form: something of the right type. */
export function newValue(form: SchemaForm, schema: Schema, index?: number): unknown {
  const variant = form.variants(schema)[index ?? 0];
  if (!variant) return '';
  return valueOfVariant(form, variant);
}

/** What a field holds once it has the form of that variant. */
export function valueOfVariant(form: SchemaForm, { kind, rules, options }: FieldVariant): unknown {
  const given = rules.find((rule) => rule['default'] !== undefined)?.['default'];
  if (given !== undefined) return given;
  switch (kind) {
    case 'fixed':
    case 'choice':
      return options[0] ?? '';
    case 'object':
      return membersOf(form, { kind, rules, options, label: '' }, (each) => initialValue(form, each, 1));
    case 'array':
      return [];
    case 'string':
      return '';
    case 'number':
    case 'integer':
      return sampleNumber(rules, kind === 'integer');
    case 'boolean':
      return false;
    case 'null':
      break;
  }
  return null;
}

/** A value that fits a schema, where that is simple enough; with what must be given and nothing else. */
export function sampleValue(form: SchemaForm, schema: Schema, depth = 0): unknown {
  let first: unknown;
  let isFirst = true;
  for (const variant of form.variants(schema)) {
    const sample = sampleOfVariant(form, variant, depth);
    if (isFirst) first = sample;
    isFirst = false;
    const { problems } = checkValue(form.document, schema, sample, { matches: () => true, maxSteps: 2000 });
    if (problems.length === 0) return sample;
    if (depth >= maxDepth) break;
  }
  return first ?? '';
}

/** Fills in what must be given and is not there, and leaves alone what is. */
export function completed(form: SchemaForm, field: FormField, depth = 0): unknown {
  if (field.value === undefined) return field.isRequired ? sampleValue(form, field.schema, depth) : undefined;
  if (depth >= maxDepth * 2) return field.value;
  if (field.variant.kind === 'array') {
    const items = form.items(field).map((item) => completed(form, item, depth + 1));
    return [...items, ...sampleList(form, field.variant.rules, depth).slice(items.length)];
  }
  if (field.variant.kind !== 'object') return field.value;
  const entries = form.members(field).map((member) => [member.name, completed(form, member, depth + 1)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function sampleOfVariant(form: SchemaForm, variant: FieldVariant, depth: number): unknown {
  const { kind, rules, options } = variant;
  for (const rule of rules) {
    const { default: given, examples } = rule;
    if (given !== undefined) return given;
    if (Array.isArray(examples) && examples.length > 0) return (examples as unknown[])[0];
  }
  switch (kind) {
    case 'fixed':
    case 'choice':
      return options[0];
    case 'object':
      return depth >= maxDepth ? {} : membersOf(form, variant, (each) => sampleValue(form, each, depth + 1));
    case 'array':
      return depth >= maxDepth ? [] : sampleList(form, rules, depth);
    case 'string':
      return sampleText(rules);
    case 'number':
    case 'integer':
      return sampleNumber(rules, kind === 'integer');
    case 'boolean':
      return false;
    case 'null':
      break;
  }
  return null;
}

/** An object with the members that must be there. */
function membersOf(form: SchemaForm, variant: FieldVariant, valueOf: (schema: Schema) => unknown): object {
  const { rules } = variant;
  const entries: [string, unknown][] = [];
  const names = new Set(rules.flatMap(({ required }) => textsOf(required)));
  for (const name of [...names].slice(0, maxMembers)) {
    const schemas = rules.flatMap(({ properties }) => {
      const each =
        typeof properties === 'object' && properties !== null && Object.hasOwn(properties, name)
          ? (properties as Record<string, Schema>)[name]
          : undefined;
      return each === undefined ? [] : [each];
    });
    const [first] = schemas;
    const schema =
      first === undefined ? form.extraSchema(rules, name) : schemas.length === 1 ? first : { allOf: schemas };
    const value = valueOf(schema);
    if (value !== undefined) entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

function sampleList(form: SchemaForm, rules: readonly Rules[], depth: number): unknown[] {
  const least = Math.max(0, ...rules.map((rule) => numberOf(rule['minItems']) ?? 0));
  const prefix = Math.max(0, ...rules.map((rule) => prefixOf(rule).length));
  const most = Math.min(maxItems, ...rules.map((rule) => numberOf(rule['maxItems']) ?? maxItems));
  // A tuple is meant to be whole.
  const length = Math.min(Math.max(least, prefix), most);
  const isUnique = rules.some(({ uniqueItems }) => uniqueItems === true);
  return Array.from({ length }, (_each, index) => {
    const sample = sampleValue(form, form.itemSchema(rules, index), depth + 1);
    if (!isUnique || index === 0) return sample;
    if (typeof sample === 'string') return `${sample}${index + 1}`;
    return typeof sample === 'number' ? sample + index : sample;
  });
}

function sampleText(rules: readonly Rules[]): string {
  const format = rules.map((rule) => stringFormat(rule['format'])).find(Boolean);
  if (format) return format.example;
  const least = Math.max(0, ...rules.map((rule) => numberOf(rule['minLength']) ?? 0));
  const most = Math.min(1000, ...rules.map((rule) => numberOf(rule['maxLength']) ?? 1000));
  return 'text'.padEnd(Math.min(least, 1000), 't').slice(0, Math.max(0, most));
}

function sampleNumber(rules: readonly Rules[], isInteger: boolean): number {
  const values = (keyword: string): number[] => rules.flatMap((rule) => numberOf(rule[keyword]) ?? []);
  const step = Math.max(0, ...values('multipleOf')) || (isInteger ? 1 : 0);
  const above = values('exclusiveMinimum');
  const below = values('exclusiveMaximum');
  const least = Math.max(-Infinity, ...values('minimum'), ...above);
  const most = Math.min(Infinity, ...values('maximum'), ...below);
  const fits = (value: number): boolean =>
    value >= least && value <= most && !above.includes(value) && !below.includes(value);
  const round = (value: number): number => (step > 0 ? Math.ceil(value / step) * step : value);
  const tries = [
    0,
    1,
    round(least),
    round(least) + (step || 1),
    Math.floor(most / (step || 1)) * (step || 1),
    Math.floor(most / (step || 1)) * (step || 1) - (step || 1),
    (least + most) / 2,
  ];
  return tries.find((value) => Number.isFinite(value) && fits(value)) ?? 0;
}
