import { isRecord } from '../../../src/core/json';
import { isSameJson, pointerOf, type JsonPath } from './jsonPath';
import {
  isOfType,
  isSchema,
  listOf,
  mapOf,
  numberOf,
  textsOf,
  typeNames,
  typeOf,
  type Schema,
  type SchemaDocument,
  type TypeName,
} from './jsonSchema';
import { stringFormat } from './stringFormats';

/** What is wrong with a value at a place. */
export interface SchemaProblem {
  /** JSON pointer to the value; for one that is missing, to where it should be. */
  pointer: string;
  /** To stand after the name of the field, e.g. `must be text`. */
  text: string;
  /** Which kind of rule was broken, as far as the choice between forms needs to know. */
  rule: 'type' | 'fixed' | 'missing' | 'other';
}

/**
 * Whether a text matches a pattern; `undefined` where that is not known. Patterns come from servers and may take for ever,
 * so the page does not run them itself.
 */
export type PatternMatcher = (pattern: string, text: string) => boolean | undefined;

export interface CheckOptions {
  matches: PatternMatcher;
  /** Where the value is in the whole, for the pointers of problems. */
  path?: JsonPath;
  /** Schemas applied at most; beyond it the check ends and says so. */
  maxSteps?: number;
}

export interface CheckReport {
  problems: SchemaProblem[];
  /** Whether everything was looked at. */
  isComplete: boolean;
}

const typeWords: Readonly<Record<TypeName, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

const defaultMaxSteps = 40_000;
const maxDepth = 300;
const maxProblems = 200;
const maxListed = 8;

/** Checks a value against a schema of revision 2020-12; what earlier drafts wrote otherwise is understood, too. */
export function checkValue(
  document: SchemaDocument,
  schema: Schema,
  value: unknown,
  { matches, path = [], maxSteps = defaultMaxSteps }: CheckOptions,
): CheckReport {
  const check = new SchemaCheck(document, matches, maxSteps);
  const { problems } = check.apply(schema, value, path, 0);
  return { problems: problems.slice(0, maxProblems), isComplete: check.isComplete };
}

/** What a schema says of a value, and what of the value it has spoken of. */
interface Outcome {
  problems: SchemaProblem[];
  names: Set<string>;
  items: Set<number>;
  hasAllNames: boolean;
  hasAllItems: boolean;
}

type Rules = Readonly<Record<string, unknown>>;

class SchemaCheck {
  readonly #document: SchemaDocument;
  readonly #matches: PatternMatcher;
  #steps: number;
  isComplete = true;

  constructor(document: SchemaDocument, matches: PatternMatcher, maxSteps: number) {
    this.#document = document;
    this.#matches = matches;
    this.#steps = maxSteps;
  }

  apply(schema: Schema, value: unknown, path: JsonPath, depth: number): Outcome {
    const outcome: Outcome = {
      problems: [],
      names: new Set(),
      items: new Set(),
      hasAllNames: false,
      hasAllItems: false,
    };
    if (schema === true) return outcome;
    if (schema === false) {
      outcome.problems.push(problem(path, 'must not be given'));
      return outcome;
    }
    this.#steps -= 1;
    if (this.#steps < 0 || depth > maxDepth) {
      this.isComplete = false;
      return outcome;
    }
    this.#references(schema, value, path, depth, outcome);
    this.#value(schema, value, path, outcome);
    if (typeof value === 'string') this.#text(schema, value, path, outcome);
    else if (typeof value === 'number') this.#number(schema, value, path, outcome);
    else if (Array.isArray(value)) this.#list(schema, value, path, depth, outcome);
    else if (isRecord(value)) this.#object(schema, value, path, depth, outcome);
    this.#combinations(schema, value, path, depth, outcome);
    if (Array.isArray(value)) this.#unevaluatedItems(schema, value, path, depth, outcome);
    else if (isRecord(value)) this.#unevaluatedNames(schema, value, path, depth, outcome);
    return outcome;
  }

  #references(schema: Rules, value: unknown, path: JsonPath, depth: number, outcome: Outcome): void {
    for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
      const reference = schema[keyword];
      if (typeof reference !== 'string') continue;
      const target = this.#document.resolve(reference);
      if (target === undefined) this.isComplete = false;
      else add(outcome, this.apply(target, value, path, depth + 1));
    }
  }

  #value(schema: Rules, value: unknown, path: JsonPath, { problems }: Outcome): void {
    const types = typesIn(schema);
    if (types && !types.some((type) => isOfType(typeOf(value), type))) {
      problems.push(problem(path, `must be ${oneOf(types.map((type) => typeWords[type]))}`, 'type'));
    }
    if ('const' in schema && !isSameJson(schema['const'], value)) {
      problems.push(problem(path, `must be ${short(schema['const'])}`, 'fixed'));
    }
    const { enum: allowed } = schema;
    if (!Array.isArray(allowed)) return;
    this.#steps -= allowed.length / 10;
    if (allowed.some((each) => isSameJson(each, value))) return;
    const listed = (allowed as unknown[]).slice(0, maxListed).map((each) => short(each));
    const more = allowed.length > maxListed ? ` or ${allowed.length - maxListed} others` : '';
    problems.push(
      problem(
        path,
        allowed.length === 0 ? 'cannot be given' : `must be ${more ? listed.join(', ') + more : oneOf(listed)}`,
        'fixed',
      ),
    );
  }

  #text(schema: Rules, value: string, path: JsonPath, { problems }: Outcome): void {
    const [min, max] = [numberOf(schema['minLength']), numberOf(schema['maxLength'])];
    if (min !== undefined || max !== undefined) {
      const length = characters(value);
      if (min !== undefined && length < min) {
        problems.push(
          problem(path, min === 1 ? 'must not be empty' : `must have at least ${counted(min, 'character')}`),
        );
      }
      if (max !== undefined && length > max) {
        problems.push(problem(path, `must have at most ${counted(max, 'character')}, and has ${length}`));
      }
    }
    const { pattern } = schema;
    if (typeof pattern === 'string') {
      const isMatch = this.#matches(pattern, value);
      if (isMatch === undefined) this.isComplete = false;
      else if (!isMatch) problems.push(problem(path, `must match ${pattern.slice(0, 200)}`));
    }
    const format = stringFormat(schema['format']);
    if (format && !format.isValid(value)) {
      problems.push(problem(path, `must be ${format.what}, such as ${format.example}`));
    }
  }

  #number(schema: Rules, value: number, path: JsonPath, { problems }: Outcome): void {
    const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below, multipleOf: step } = schema;
    // Draft 4 wrote `exclusiveMinimum: true` beside `minimum`.
    if (typeof minimum === 'number' && (above === true ? value <= minimum : value < minimum)) {
      problems.push(problem(path, above === true ? `must be more than ${minimum}` : `must be at least ${minimum}`));
    }
    if (typeof maximum === 'number' && (below === true ? value >= maximum : value > maximum)) {
      problems.push(problem(path, below === true ? `must be less than ${maximum}` : `must be at most ${maximum}`));
    }
    if (typeof above === 'number' && value <= above) problems.push(problem(path, `must be more than ${above}`));
    if (typeof below === 'number' && value >= below) problems.push(problem(path, `must be less than ${below}`));
    if (typeof step === 'number' && step > 0) {
      const times = value / step;
      const off = Math.abs(times - Math.round(times));
      if (off > 1e-9 * Math.max(1, Math.abs(times))) problems.push(problem(path, `must be a multiple of ${step}`));
    }
  }

  #list(schema: Rules, value: readonly unknown[], path: JsonPath, depth: number, outcome: Outcome): void {
    const { problems } = outcome;
    const [min, max] = [numberOf(schema['minItems']), numberOf(schema['maxItems'])];
    if (min !== undefined && value.length < min) {
      problems.push(problem(path, `must have at least ${counted(min, 'item')}`));
    }
    if (max !== undefined && value.length > max) {
      problems.push(problem(path, `must have at most ${counted(max, 'item')}, and has ${value.length}`));
    }
    if (schema['uniqueItems'] === true) {
      const twin = this.#firstTwin(value);
      if (twin !== undefined) problems.push(problem([...path, twin], 'must not be there twice'));
    }
    const prefix = prefixOf(schema);
    for (const [index, each] of prefix.entries()) {
      if (index >= value.length) break;
      outcome.items.add(index);
      problems.push(...this.apply(each, value[index], [...path, index], depth + 1).problems);
    }
    const rest = restOf(schema);
    if (rest !== undefined) {
      outcome.hasAllItems = true;
      for (let index = prefix.length; index < value.length && this.#steps >= 0; index += 1) {
        problems.push(...this.apply(rest, value[index], [...path, index], depth + 1).problems);
      }
    }
    this.#contains(schema, value, path, depth, outcome);
  }

  #contains(schema: Rules, value: readonly unknown[], path: JsonPath, depth: number, outcome: Outcome): void {
    const { contains } = schema;
    if (!isSchema(contains)) return;
    let found = 0;
    for (const [index, item] of value.entries()) {
      if (this.apply(contains, item, [...path, index], depth + 1).problems.length > 0) continue;
      found += 1;
      outcome.items.add(index);
    }
    const least = numberOf(schema['minContains']) ?? 1;
    const most = numberOf(schema['maxContains']);
    if (found < least)
      outcome.problems.push(problem(path, `must have at least ${counted(least, 'item')} of a certain kind`));
    if (most !== undefined && found > most) {
      outcome.problems.push(problem(path, `must have at most ${counted(most, 'item')} of a certain kind`));
    }
  }

  #firstTwin(value: readonly unknown[]): number | undefined {
    const seen = new Set<string>();
    for (const [index, item] of value.entries()) {
      const text = canonical(item);
      if (seen.has(text)) return index;
      seen.add(text);
    }
    return undefined;
  }

  #object(schema: Rules, value: Rules, path: JsonPath, depth: number, outcome: Outcome): void {
    const { problems, names } = outcome;
    for (const name of textsOf(schema['required'])) {
      if (!Object.hasOwn(value, name)) problems.push(problem([...path, name], 'must be given', 'missing'));
    }
    const given = Object.keys(value);
    const [min, max] = [numberOf(schema['minProperties']), numberOf(schema['maxProperties'])];
    if (min !== undefined && given.length < min) {
      problems.push(problem(path, `must have at least ${counted(min, 'member')}`));
    }
    if (max !== undefined && given.length > max) {
      problems.push(problem(path, `must have at most ${counted(max, 'member')}`));
    }
    const properties = isRecord(schema['properties']) ? schema['properties'] : {};
    const patterns = mapOf(schema['patternProperties']);
    const { additionalProperties: others, propertyNames } = schema;
    for (const name of given) {
      if (this.#steps < 0) break;
      const at = [...path, name];
      let isKnown = false;
      if (Object.hasOwn(properties, name) && isSchema(properties[name])) {
        isKnown = true;
        problems.push(...this.apply(properties[name], value[name], at, depth + 1).problems);
      }
      for (const [pattern, each] of patterns) {
        const isMatch = this.#matches(pattern, name);
        if (isMatch === undefined) this.isComplete = false;
        if (isMatch === false) continue;
        isKnown = true;
        if (isMatch) problems.push(...this.apply(each, value[name], at, depth + 1).problems);
      }
      if (!isKnown && isSchema(others)) {
        isKnown = true;
        if (others === false) problems.push(problem(at, 'is not known here'));
        else problems.push(...this.apply(others, value[name], at, depth + 1).problems);
      }
      if (isKnown) names.add(name);
      if (isSchema(propertyNames)) {
        const [wrong] = this.apply(propertyNames, name, at, depth + 1).problems;
        if (wrong) problems.push({ ...wrong, text: `has a name that ${wrong.text}` });
      }
    }
    this.#dependencies(schema, value, path, depth, outcome);
  }

  #dependencies(schema: Rules, value: Rules, path: JsonPath, depth: number, outcome: Outcome): void {
    for (const keyword of ['dependentRequired', 'dependencies']) {
      const needed = schema[keyword];
      if (!isRecord(needed)) continue;
      for (const [name, others] of Object.entries(needed)) {
        if (!Object.hasOwn(value, name)) continue;
        for (const other of textsOf(others)) {
          if (Object.hasOwn(value, other)) continue;
          outcome.problems.push(problem([...path, other], `must be given together with ${short(name)}`, 'missing'));
        }
      }
    }
    for (const keyword of ['dependentSchemas', 'dependencies']) {
      for (const [name, each] of mapOf(schema[keyword])) {
        if (Object.hasOwn(value, name)) add(outcome, this.apply(each, value, path, depth + 1));
      }
    }
  }

  #combinations(schema: Rules, value: unknown, path: JsonPath, depth: number, outcome: Outcome): void {
    for (const part of listOf(schema['allOf'])) add(outcome, this.apply(part, value, path, depth + 1));
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      if (!Array.isArray(schema[keyword])) continue;
      const branches = listOf(schema[keyword]).map((part) => this.apply(part, value, path, depth + 1));
      const fitting = branches.filter(({ problems }) => problems.length === 0);
      for (const branch of fitting) add(outcome, branch);
      if (fitting.length === 0) outcome.problems.push(...nearest(branches, path));
      else if (keyword === 'oneOf' && fitting.length > 1 && this.#steps >= 0) {
        outcome.problems.push(problem(path, `fits ${fitting.length} forms of which only one may fit`));
      }
    }
    const { not, if: condition } = schema;
    if (isSchema(not) && this.#steps >= 0 && this.apply(not, value, path, depth + 1).problems.length === 0) {
      if (this.#steps >= 0) outcome.problems.push(problem(path, 'has a form that is ruled out'));
    }
    if (!isSchema(condition)) return;
    const test = this.apply(condition, value, path, depth + 1);
    const holds = test.problems.length === 0;
    if (holds) add(outcome, test);
    const consequence = holds ? schema['then'] : schema['else'];
    if (isSchema(consequence)) add(outcome, this.apply(consequence, value, path, depth + 1));
  }

  #unevaluatedItems(schema: Rules, value: readonly unknown[], path: JsonPath, depth: number, outcome: Outcome): void {
    const { unevaluatedItems: rest } = schema;
    if (!isSchema(rest) || outcome.hasAllItems) return;
    for (const [index, item] of value.entries()) {
      if (outcome.items.has(index)) continue;
      if (rest === false) outcome.problems.push(problem([...path, index], 'is one item too many'));
      else outcome.problems.push(...this.apply(rest, item, [...path, index], depth + 1).problems);
    }
    outcome.hasAllItems = true;
  }

  #unevaluatedNames(schema: Rules, value: Rules, path: JsonPath, depth: number, outcome: Outcome): void {
    const { unevaluatedProperties: rest } = schema;
    if (!isSchema(rest) || outcome.hasAllNames) return;
    for (const name of Object.keys(value)) {
      if (outcome.names.has(name)) continue;
      if (rest === false) outcome.problems.push(problem([...path, name], 'is not known here'));
      else outcome.problems.push(...this.apply(rest, value[name], [...path, name], depth + 1).problems);
    }
    outcome.hasAllNames = true;
  }
}

/** The types that a schema allows, where it says so. */
export function typesIn(schema: Rules): TypeName[] | undefined {
  const { type } = schema;
  const given = typeof type === 'string' ? [type] : Array.isArray(type) ? textsOf(type) : undefined;
  if (!given) return undefined;
  const known = typeNames.filter((name) => given.includes(name));
  // A type that does not exist says nothing that could be checked.
  return known.length === 0 ? undefined : known;
}

/** Schemas of the first items, by position; drafts before 2020-12 wrote them as a list in `items`. */
export function prefixOf(schema: Rules): Schema[] {
  return listOf(schema['prefixItems'] ?? (Array.isArray(schema['items']) ? schema['items'] : undefined));
}

/** The schema of the items after those. */
export function restOf(schema: Rules): Schema | undefined {
  const rest = Array.isArray(schema['items']) ? schema['additionalItems'] : schema['items'];
  return isSchema(rest) ? rest : undefined;
}

function problem(path: JsonPath, text: string, rule: SchemaProblem['rule'] = 'other'): SchemaProblem {
  return { pointer: pointerOf(path), text, rule };
}

function add(outcome: Outcome, part: Outcome): void {
  for (const each of part.problems) outcome.problems.push(each);
  for (const name of part.names) outcome.names.add(name);
  for (const item of part.items) outcome.items.add(item);
  outcome.hasAllNames ||= part.hasAllNames;
  outcome.hasAllItems ||= part.hasAllItems;
}

/** What is wrong with the form that was most likely meant. */
function nearest(branches: readonly Outcome[], path: JsonPath): SchemaProblem[] {
  const here = pointerOf(path);
  const wrongTypes = (outcome: Outcome): SchemaProblem[] =>
    outcome.problems.filter(({ pointer, rule }) => rule === 'type' && pointer === here);
  const ofType = branches.filter((branch) => wrongTypes(branch).length === 0);
  if (ofType.length === 0) {
    const words = branches.flatMap((branch) => wrongTypes(branch).map(({ text }) => text.replace(/^must be /, '')));
    return [problem(path, words.length === 0 ? 'cannot be given' : `must be ${oneOf([...new Set(words)])}`, 'type')];
  }
  const fixed = ofType.map((branch) => branch.problems.filter(({ pointer }) => pointer === here));
  if (
    ofType.length > 1 &&
    fixed.every((problems) => problems.length > 0 && problems.every(({ rule }) => rule === 'fixed'))
  ) {
    const words = fixed.flat().map(({ text }) => text.replace(/^must be /, ''));
    return [problem(path, `must be ${oneOf([...new Set(words)].slice(0, maxListed))}`, 'fixed')];
  }
  const weight = ({ problems }: Outcome): number =>
    problems.reduce((sum, { rule }) => sum + (rule === 'fixed' ? 100 : 1), 0);
  return ofType.reduce((best, each) => (weight(each) < weight(best) ? each : best)).problems;
}

/** `a`, `a or b`, `a, b or c`. */
function oneOf(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** JSON Schema counts characters, not UTF-16 units. */
function characters(text: string): number {
  let pairs = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit < 0xdc00 && text.charCodeAt(index + 1) >= 0xdc00 && text.charCodeAt(index + 1) < 0xe000)
      pairs += 1;
  }
  return text.length - pairs;
}

/** A value in a sentence. */
export function short(value: unknown): string {
  const text = value === undefined ? '' : canonical(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** JSON text with members in order, so that equal values have equal texts. */
function canonical(value: unknown): string {
  try {
    return JSON.stringify(value, (_name, member: unknown) =>
      isRecord(member) && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
        : member,
    );
  } catch {
    // Too deep.
    return '…';
  }
}
