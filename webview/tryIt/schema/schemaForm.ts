import { isSecretName } from '../../../src/core/redact';
import { isRecord } from '../../../src/core/json';
import { isSameJson, pointerOf, type JsonPath } from './jsonPath';
import {
  isOfType,
  isSchema,
  listOf,
  mapOf,
  numberOf,
  SchemaDocument,
  textsOf,
  typeOf,
  type Schema,
  type TypeName,
} from './jsonSchema';
import { checkValue, prefixOf, restOf, short, typesIn, type PatternMatcher } from './schemaCheck';

export type Rules = Readonly<Record<string, unknown>>;

/** How a field is filled in. */
export type FieldKind = TypeName | 'choice' | 'fixed';

/** One of the forms that a value may have. */
export interface FieldVariant {
  label: string;
  kind: FieldKind;
  /** Everything that holds for it. */
  rules: readonly Rules[];
  /** What it allows, where that is a list: for `choice` and `fixed`. */
  options: readonly unknown[];
}

/** A place of the value, as it is filled in. */
export interface FormField {
  readonly path: JsonPath;
  readonly pointer: string;
  /** Name of the member, or number of the item counted from 1. */
  readonly name: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** `undefined` where nothing is given. */
  readonly value: unknown;
  readonly isRequired: boolean;
  readonly isDeprecated: boolean;
  /** Whether its name can be changed: it is a member that the schema does not name. */
  readonly isExtra: boolean;
  /** Whether its value is shown to nobody and kept nowhere. */
  readonly isSecret: boolean;
  readonly variants: readonly FieldVariant[];
  readonly variant: FieldVariant;
  /** What holds where nothing is given. */
  readonly initial: unknown;
  readonly format: string | undefined;
  readonly example: string | undefined;
  readonly schema: Schema;
}

/** A member that has a field, before the field is made. */
export interface MemberPlace {
  name: string;
  isRequired: boolean;
  isPresent: boolean;
  readonly make: () => FormField;
}

export interface FormOptions {
  matches: PatternMatcher;
  /** Which variant somebody chose for the field at a pointer. */
  chosen?: (pointer: string) => number | undefined;
}

const maxVariants = 40;
const maxNesting = 4;
/** Schemas applied to find out which variant a value has. */
const variantSteps = 3000;

const anyTypes: readonly TypeName[] = ['string', 'number', 'boolean', 'object', 'array', 'null'];

/** What people call the types. */
export const typeLabels: Readonly<Record<TypeName, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'yes or no',
  object: 'object',
  array: 'list',
  null: 'null',
};

/** Keywords that only concern values of one type, so that they tell which is meant where no type is given. */
const typeHints: readonly [TypeName, readonly string[]][] = [
  ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties', 'propertyNames']],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
];

/**
 * Says how a value is filled in by its schema. The value is all there is: a field is what the schema says about a place of
 * it, so that form and JSON cannot come apart. Fields are made when they are asked for; a schema may describe endlessly
 * many.
 */
export class SchemaForm {
  readonly document: SchemaDocument;
  readonly #options: FormOptions;

  constructor(schema: Schema, options: FormOptions) {
    this.document = new SchemaDocument(schema);
    this.#options = options;
  }

  /** The field of the whole value. */
  root(value: unknown): FormField {
    return this.#field(this.document.root, value, [], { isRequired: true });
  }

  /** Fields of the members that a schema names, and of those that are there. Empty for what is not there itself. */
  members(field: FormField): FormField[] {
    return this.memberPlaces(field).map(({ make }) => make());
  }

  /** As `members`, with fields made only where they are asked for: an object may have very many members. */
  memberPlaces(field: FormField): MemberPlace[] {
    const { value, variant, path } = field;
    if (variant.kind !== 'object' || !isRecord(value) || Array.isArray(value)) return [];
    const { rules } = variant;
    const required = new Set(rules.flatMap(({ required: names }) => textsOf(names)));
    const named = new Map<string, Schema[]>();
    for (const { properties } of rules) {
      for (const [name, each] of mapOf(properties)) {
        const known = named.get(name);
        if (known) known.push(each);
        else named.set(name, [each]);
      }
    }
    const place = (name: string, isExtra: boolean): MemberPlace => ({
      name,
      isRequired: required.has(name),
      isPresent: Object.hasOwn(value, name),
      make: () =>
        this.#field(
          isExtra
            ? this.extraSchema(rules, name)
            : together([...(named.get(name) ?? []), ...this.#byPattern(rules, name)]),
          Object.hasOwn(value, name) ? value[name] : undefined,
          [...path, name],
          { isRequired: required.has(name), isExtra },
        ),
    });
    const places = [...named.keys()].map((name) => place(name, false));
    for (const name of required) if (!named.has(name) && !Object.hasOwn(value, name)) places.push(place(name, false));
    for (const name of Object.keys(value)) if (!named.has(name)) places.push(place(name, !required.has(name)));
    return places;
  }

  /** The field of the item at a position of a list. */
  item(field: FormField, index: number): FormField {
    const items = Array.isArray(field.value) ? (field.value as unknown[]) : [];
    const schema = this.itemSchema(field.variant.rules, index);
    return this.#field(schema, items[index], [...field.path, index], { isRequired: true });
  }

  /** Fields of the items that are there. */
  items(field: FormField): FormField[] {
    const { value, variant } = field;
    if (variant.kind !== 'array' || !Array.isArray(value)) return [];
    return Array.from({ length: value.length }, (_each, index) => this.item(field, index));
  }

  /** What holds for a member that the schema does not name. */
  extraSchema(rules: readonly Rules[], name: string): Schema {
    const patterned = this.#byPattern(rules, name);
    const others = rules.flatMap(({ additionalProperties, unevaluatedProperties }) =>
      [additionalProperties, unevaluatedProperties].filter((each) => isSchema(each) && typeof each !== 'boolean'),
    ) as Schema[];
    return together(patterned.length > 0 ? patterned : others);
  }

  /** What holds for the item at a position. */
  itemSchema(rules: readonly Rules[], index: number): Schema {
    return together(
      rules.flatMap((rule) => {
        const each = prefixOf(rule)[index] ?? restOf(rule) ?? rule['unevaluatedItems'];
        return isSchema(each) ? [each] : [];
      }),
    );
  }

  /** Whether members may be added under names of one's own, and whether people should be offered that. */
  takesExtras(rules: readonly Rules[]): boolean {
    const hasPatterns = rules.some(({ patternProperties }) => mapOf(patternProperties).length > 0);
    if (hasPatterns) return true;
    const isClosed = rules.some(
      ({ additionalProperties: others, unevaluatedProperties: rest }) => others === false || rest === false,
    );
    if (isClosed) return false;
    const isOpen = rules.some(({ additionalProperties: others }) => others === true || isRecord(others));
    return isOpen || rules.every(({ properties }) => mapOf(properties).length === 0);
  }

  /** Whether one more item may be added to a list of `length`. */
  takesItem(rules: readonly Rules[], length: number): boolean {
    return rules.every((rule) => {
      const most = numberOf(rule['maxItems']);
      if (most !== undefined && length >= most) return false;
      return length < prefixOf(rule).length || (restOf(rule) !== false && rule['unevaluatedItems'] !== false);
    });
  }

  /** The forms that a value of this schema may have. */
  variants(schema: Schema, value?: unknown): FieldVariant[] {
    const variants = this.#alternatives(this.#rules(schema, value), value, 0)
      .slice(0, maxVariants)
      .flatMap((rules) => kindsOf(rules))
      .slice(0, maxVariants);
    return withLabels(variants);
  }

  #field(
    schema: Schema,
    value: unknown,
    path: JsonPath,
    { isRequired, isExtra = false }: { isRequired: boolean; isExtra?: boolean },
  ): FormField {
    const pointer = pointerOf(path);
    const known = this.variants(schema, value);
    const fitting = this.#select(known, value, this.#options.chosen?.(pointer));
    const variants = fitting.isForeign ? [...known, fitting.variant] : known;
    const { rules } = fitting.variant;
    const text = (keyword: string): string | undefined => {
      const found = rules.find((rule) => typeof rule[keyword] === 'string' && rule[keyword] !== '')?.[keyword];
      return typeof found === 'string' ? found : undefined;
    };
    const name = path.at(-1);
    const format = text('format');
    const examples = rules.flatMap((rule) => (Array.isArray(rule['examples']) ? (rule['examples'] as unknown[]) : []));
    const isSecret =
      (typeof name === 'string' && isSecretName(name)) ||
      format === 'password' ||
      rules.some(({ writeOnly }) => writeOnly === true);
    return {
      path,
      pointer,
      name: typeof name === 'number' ? String(name + 1) : (name ?? ''),
      title: text('title'),
      description: text('description'),
      value,
      isRequired,
      isDeprecated: rules.some(({ deprecated }) => deprecated === true),
      isExtra,
      isSecret: isSecret && fitting.variant.kind !== 'object' && fitting.variant.kind !== 'array',
      variants,
      variant: fitting.variant,
      initial: rules.find((rule) => rule['default'] !== undefined)?.['default'],
      format,
      example: examples.length === 0 ? undefined : short(examples[0]),
      schema,
    };
  }

  #select(
    variants: readonly FieldVariant[],
    value: unknown,
    chosen: number | undefined,
  ): { variant: FieldVariant; isForeign: boolean } {
    const wish = chosen === undefined ? undefined : variants[chosen];
    const first = variants[0];
    if (value === undefined) return { variant: wish ?? first ?? foreign(value), isForeign: !wish && !first };
    const ofType = variants.filter((variant) => takesType(variant, value));
    const [only] = ofType;
    // An empty text in a field of another kind is one that is about to be filled in.
    if (only === undefined && wish && value === '') return { variant: wish, isForeign: false };
    if (only === undefined) return { variant: foreign(value), isForeign: true };
    if (ofType.length === 1) return { variant: only, isForeign: false };
    const problems = new Map(ofType.map((variant) => [variant, this.#weight(variant, value)]));
    const least = Math.min(...problems.values());
    const best = ofType.filter((variant) => problems.get(variant) === least);
    const isWanted = wish !== undefined && ofType.includes(wish) && (least > 0 || best.includes(wish));
    return { variant: isWanted ? wish : (best[0] ?? only), isForeign: false };
  }

  /** How far a value is from a variant; 0 where it fits. */
  #weight({ rules, kind, options }: FieldVariant, value: unknown): number {
    if ((kind === 'choice' || kind === 'fixed') && !options.some((option) => isSameJson(option, value))) return 1000;
    let weight = 0;
    for (const rule of rules) {
      // The other forms are rules of the same place; they are not what this one is about.
      const { $ref: _ref, anyOf: _anyOf, oneOf: _oneOf, allOf: _allOf, ...own } = rule;
      const { problems } = checkValue(this.document, own, value, {
        matches: this.#options.matches,
        maxSteps: variantSteps,
      });
      for (const problem of problems) weight += problem.rule === 'fixed' ? 100 : 1;
    }
    return weight;
  }

  /** What holds for a place besides alternatives, with the consequences of conditions that the value meets. */
  #rules(schema: Schema, value: unknown): Rules[] {
    const found = this.document.conjuncts(schema);
    const seen = new Set<Rules>(found);
    // Grows while it is walked through: a consequence may have conditions of its own.
    for (let index = 0; index < found.length && found.length < 200; index += 1) {
      const rule = found[index];
      if (!rule || value === undefined) break;
      for (const consequence of this.#consequences(rule, value)) {
        for (const each of this.document.conjuncts(consequence)) {
          if (seen.has(each)) continue;
          seen.add(each);
          found.push(each);
        }
      }
    }
    return found;
  }

  #consequences(rule: Rules, value: unknown): Schema[] {
    const consequences: Schema[] = [];
    const { if: condition, then, else: otherwise } = rule;
    if (isSchema(condition)) {
      const consequence = this.#fits(condition, value) ? then : otherwise;
      if (isSchema(consequence)) consequences.push(consequence);
    }
    if (isRecord(value) && !Array.isArray(value)) {
      for (const keyword of ['dependentSchemas', 'dependencies']) {
        for (const [name, each] of mapOf(rule[keyword])) if (Object.hasOwn(value, name)) consequences.push(each);
      }
    }
    return consequences;
  }

  #alternatives(rules: readonly Rules[], value: unknown, nesting: number): Rules[][] {
    const groups = rules.flatMap((rule) =>
      [rule['oneOf'], rule['anyOf']].flatMap((group) => (Array.isArray(group) ? [listOf(group)] : [])),
    );
    const [group, ...others] = groups.filter(({ length }) => length > 0);
    if (!group || nesting >= maxNesting) return [[...rules]];
    // Of several groups only the first is offered; in the others the form is the one that the value has.
    const settled = others.flatMap((each) => {
      const meant = each.find((part) => value !== undefined && this.#fits(part, value)) ?? each[0];
      return meant === undefined ? [] : this.document.conjuncts(meant);
    });
    return group.slice(0, maxVariants).flatMap((part) => {
      if (part === false) return [];
      const own = this.#rules(part, value).filter((rule) => !rules.includes(rule));
      const nested = this.#alternatives(own, value, nesting + 1).slice(0, maxVariants);
      // The form's own title and description come first: they tell it from the others.
      return nested.map((each) => [...each, ...rules, ...settled]);
    });
  }

  #fits(schema: Schema, value: unknown): boolean {
    const { matches } = this.#options;
    return checkValue(this.document, schema, value, { matches, maxSteps: variantSteps }).problems.length === 0;
  }

  #byPattern(rules: readonly Rules[], name: string): Schema[] {
    return rules.flatMap(({ patternProperties }) =>
      mapOf(patternProperties).flatMap(([pattern, each]) =>
        this.#options.matches(pattern, name) === true ? [each] : [],
      ),
    );
  }
}

/** Several schemas as one. */
function together(schemas: readonly Schema[]): Schema {
  const [first = true] = schemas;
  return schemas.length < 2 ? first : { allOf: schemas };
}

/** A form for a value that fits none: it is shown as what it is. */
function foreign(value: unknown): FieldVariant {
  const kind = value === undefined ? 'string' : typeOf(value);
  return { label: `${typeLabels[kind]} (does not fit)`, kind, rules: [], options: [] };
}

function takesType({ kind, options }: FieldVariant, value: unknown): boolean {
  const type = typeOf(value);
  if (kind === 'choice' || kind === 'fixed') {
    // Something of the same type may be shown beside the options.
    return options.some((option) => isOfType(type, typeOf(option)) || isOfType(typeOf(option), type));
  }
  return isOfType(type, kind) || (kind === 'integer' && type === 'number');
}

function kindsOf(rules: readonly Rules[]): FieldVariant[] {
  const label = labelOf(rules);
  const fixed = rules.find((rule) => 'const' in rule);
  if (fixed) return [{ label, kind: 'fixed', rules, options: [fixed['const']] }];
  const lists = rules.flatMap((rule) => (Array.isArray(rule['enum']) ? [rule['enum'] as unknown[]] : []));
  const [first, ...others] = lists;
  if (first) {
    const options = first.filter((option) => others.every((list) => list.some((each) => isSameJson(each, option))));
    return [{ label, kind: 'choice', rules, options }];
  }
  const types = typesOfAll(rules);
  return types.map((kind) => ({
    label: types.length === 1 ? label : [label, typeLabels[kind]].filter(Boolean).join(', '),
    kind,
    rules,
    options: [],
  }));
}

/** The types that all rules allow. */
function typesOfAll(rules: readonly Rules[]): readonly TypeName[] {
  const given = rules.flatMap((rule) => {
    const types = typesIn(rule);
    return types ? [types] : [];
  });
  const [first, ...others] = given;
  if (first) {
    const allowed = first.filter((type) => others.every((types) => types.some((each) => isOfType(type, each))));
    const narrowed = others.flat().filter((type) => given.every((types) => types.some((each) => isOfType(type, each))));
    const all = [...new Set([...allowed, ...narrowed])];
    // `integer` says nothing beside `number`.
    const plain = all.includes('number') ? all.filter((type) => type !== 'integer') : all;
    return plain.length > 0 ? plain : first.slice(0, 1);
  }
  const hinted = typeHints.flatMap(([type, keywords]) =>
    rules.some((rule) => keywords.some((keyword) => keyword in rule)) ? [type] : [],
  );
  return hinted.length > 0 ? hinted : anyTypes;
}

/** What tells a form from others: its title, or a member that has one certain value. */
function labelOf(rules: readonly Rules[]): string {
  const [own] = rules;
  if (own && typeof own['title'] === 'string' && own['title'] !== '') return own['title'];
  if (own && 'const' in own) return short(own['const']);
  for (const [name, each] of mapOf(own?.['properties'])) {
    if (isRecord(each) && 'const' in each) return `${name}: ${short(each['const'])}`;
  }
  return '';
}

function withLabels(variants: readonly FieldVariant[]): FieldVariant[] {
  const labels = variants.map(({ label, kind, options }) => {
    if (label !== '') return label;
    if (kind === 'choice') return options.length === 1 ? short(options[0]) : `one of ${options.length}`;
    return kind === 'fixed' ? short(options[0]) : typeLabels[kind];
  });
  return variants.map((variant, index) => {
    const label = labels[index] ?? '';
    const isTwin = labels.some((other, at) => other === label && at !== index);
    return { ...variant, label: isTwin ? `${label} (${index + 1})` : label };
  });
}
