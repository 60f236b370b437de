import { isRecord } from '../../core/json';
import { resolvePointer } from '../../core/jsonPointer';
import { escapeUnseen } from '../../core/unseen';
import { joinPath, type Finding } from '../../traffic/finding';
import type { OfferedList } from './callableServer';

/** Something about a tool, prompt or resource that makes models or clients stumble, with its place in the item. */
export type SchemaFinding = Pick<Finding, 'severity' | 'path' | 'text'>;

/** Deeper schemas are refused by validators, and the looking must end. */
const maxDepth = 64;
/** Subschemas looked at, and findings kept, of one item. */
const maxSchemas = 20_000;
const maxFindings = 100;
/** Longest name or address that a sentence repeats. */
const maxNameChars = 100;

/** Looks for what clients refuse and what models cannot use. References into the network are never followed. */
export function lintItem(list: OfferedList, item: object): SchemaFinding[] {
  const report = new Report();
  const members = item as Record<string, unknown>;
  lintNames(members, report);
  switch (list) {
    case 'tools':
      lintTool(members, report);
      break;
    case 'prompts':
      lintPrompt(members, report);
      break;
    case 'resources':
      lintResource(members, report);
      break;
    case 'resourceTemplates':
      lintTemplate(members, report);
      break;
  }
  return report.findings;
}

/** The finding for an item whose name or address another one before it in the same list has. */
export function duplicateFinding(list: OfferedList): SchemaFinding {
  const [what, by] = duplicateWords[list];
  return { severity: 'error', text: `There is another ${what} of the same ${by}.` };
}

const duplicateWords: Readonly<Record<OfferedList, readonly [what: string, by: string]>> = {
  tools: ['tool', 'name'],
  prompts: ['prompt', 'name'],
  resources: ['resource', 'address'],
  resourceTemplates: ['resource template', 'address'],
};

/** Collects findings up to a number, and says that there are more. */
class Report {
  readonly findings: SchemaFinding[] = [];

  get isFull(): boolean {
    return this.findings.length > maxFindings;
  }

  add(severity: SchemaFinding['severity'], text: string, path?: string): void {
    if (this.isFull) return;
    if (this.findings.length === maxFindings) {
      this.findings.push({ severity: 'info', text: 'There is more of this kind that is not listed.' });
      return;
    }
    this.findings.push({ severity, text, ...(path === undefined ? {} : { path }) });
  }
}

function lintNames(item: Record<string, unknown>, report: Report): void {
  for (const name of ['name', 'title', 'description']) lintText(item[name], name, report);
  const { annotations } = item;
  if (isRecord(annotations)) lintText(annotations['title'], 'annotations.title', report);
}

/** Text without anything that could be escaped; most is of this kind, and quickly told. */
const plain = /^[\t\n -[\]-~]*$/;

function hasUnseen(text: unknown): boolean {
  return typeof text === 'string' && !plain.test(text) && escapeUnseen(text) !== text;
}

function lintText(text: unknown, path: string, report: Report): void {
  if (!hasUnseen(text)) return;
  const what = path.slice(path.lastIndexOf('.') + 1);
  report.add('warning', `The ${what} has characters that are not seen, which can hide instructions to a model.`, path);
}

function lintName(name: unknown, report: Report): void {
  if (typeof name !== 'string' || !/^[A-Za-z0-9_.-]{1,128}$/.test(name)) {
    report.add('warning', 'The name should have 1 to 128 letters, digits, underscores, hyphens and dots.', 'name');
  } else if (name.length > 64) report.add('warning', 'Some clients allow only 64 characters in a name.', 'name');
}

function lintTool(tool: Record<string, unknown>, report: Report): void {
  lintName(tool['name'], report);
  if (isBlank(tool['description'])) {
    report.add('warning', 'There is no description, so a model has only the name to go by.');
  }
  lintAnnotations(tool['annotations'], report);
  lintRoot(tool['inputSchema'], 'inputSchema', report);
  if (tool['outputSchema'] !== undefined) lintRoot(tool['outputSchema'], 'outputSchema', report);
}

function lintAnnotations(annotations: unknown, report: Report): void {
  if (!isRecord(annotations) || Object.keys(annotations).every((name) => name === 'title')) {
    report.add('info', 'There are no annotations, so clients must assume that it may destroy something.');
  } else if (annotations['readOnlyHint'] === true && annotations['destructiveHint'] === true) {
    report.add('warning', 'It says both that it only reads and that it may destroy.', 'annotations');
  }
}

function lintPrompt(prompt: Record<string, unknown>, report: Report): void {
  lintName(prompt['name'], report);
  if (isBlank(prompt['description'])) report.add('warning', 'There is no description.');
  const given = prompt['arguments'];
  if (!Array.isArray(given)) return;
  const names = new Set<unknown>();
  for (const [index, argument] of (given as unknown[]).entries()) {
    if (!isRecord(argument)) continue;
    const path = joinPath('arguments', index);
    const name = String(argument['name']).slice(0, maxNameChars);
    if (names.has(name)) report.add('error', `There is another argument ${name}.`, path);
    names.add(name);
    if (isBlank(argument['description'])) report.add('info', `The argument ${name} has no description.`, path);
    else lintText(argument['description'], joinPath(path, 'description'), report);
  }
}

function lintResource(resource: Record<string, unknown>, report: Report): void {
  const { uri } = resource;
  if (typeof uri !== 'string' || !URL.canParse(uri)) report.add('error', 'The address is not a URI.', 'uri');
  if (isBlank(resource['name'])) report.add('warning', 'There is no name.');
  if (isBlank(resource['description'])) report.add('info', 'There is no description.');
  if (isBlank(resource['mimeType'])) {
    report.add('info', 'There is no MIME type, so clients learn only from reading what it is.');
  }
}

function lintTemplate(template: Record<string, unknown>, report: Report): void {
  const { uriTemplate } = template;
  if (typeof uriTemplate !== 'string' || !/^(?:[^{}]|\{[^{}]+\})+$/.test(uriTemplate)) {
    report.add('error', 'The address is not a URI template.', 'uriTemplate');
  } else if (!uriTemplate.includes('{')) {
    report.add('info', 'The template has no variables, so it is a resource rather than a template.', 'uriTemplate');
  }
  if (isBlank(template['name'])) report.add('warning', 'There is no name.');
  if (isBlank(template['description'])) report.add('info', 'There is no description.');
}

function lintRoot(schema: unknown, path: string, report: Report): void {
  if (!isRecord(schema) || schema['type'] !== 'object') {
    report.add('error', `${path} must have the type "object".`, path);
    if (!isRecord(schema)) return;
  } else if (path === 'inputSchema') {
    const union = ['anyOf', 'oneOf', 'allOf'].find((keyword) => schema[keyword] !== undefined);
    if (union !== undefined) report.add('info', `Some models refuse ${union} at the top of an input schema.`, path);
  }
  new SchemaWalk(schema, path, report).run();
}

interface Visit {
  node: unknown;
  /** What it is in, and the steps from there; its path is made only where something is found. */
  parent: Visit | undefined;
  steps: readonly (string | number)[];
  depth: number;
  /** The name, for a property of an object: those are what a model fills in. */
  property?: string;
}

function pathOf(visit: Visit): string {
  const visits: Visit[] = [];
  for (let at: Visit | undefined = visit; at; at = at.parent) visits.unshift(at);
  return visits.flatMap(({ steps }) => steps).reduce<string>(joinPath, '');
}

/** Keywords of JSON Schema 2020-12 whose values are schemas, lists of schemas and schemas by name. */
const schemaKeywords = [
  'items',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
] as const;
const listKeywords = ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items'] as const;
const mapKeywords = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'] as const;
/** Any of these says what a value may be. */
const typingKeywords = [
  'type',
  'enum',
  'const',
  '$ref',
  '$dynamicRef',
  'properties',
  'items',
  ...listKeywords,
  'not',
  'if',
] as const;

/** Visits every schema inside one, but not examples, defaults and other data. Takes no stack. */
class SchemaWalk {
  readonly #root: Record<string, unknown>;
  readonly #report: Report;
  readonly #pending: Visit[];

  constructor(root: Record<string, unknown>, path: string, report: Report) {
    this.#root = root;
    this.#report = report;
    this.#pending = [{ node: root, parent: undefined, steps: [path], depth: 0 }];
  }

  run(): void {
    let left = maxSchemas;
    for (let visit = this.#pending.pop(); visit && left > 0; visit = this.#pending.pop()) {
      left -= 1;
      if (visit.depth > maxDepth) this.#add('warning', `It nests deeper than ${maxDepth} levels.`, visit);
      else if (isRecord(visit.node)) this.#look(visit.node, visit);
    }
  }

  #add(severity: SchemaFinding['severity'], text: string, visit: Visit): void {
    if (!this.#report.isFull) this.#report.add(severity, text, pathOf(visit));
  }

  #look(schema: Record<string, unknown>, visit: Visit): void {
    this.#lintReference(schema['$ref'], visit);
    this.#lintRequired(schema, visit);
    this.#lintValues(schema, visit);
    if (hasUnseen(schema['description'])) {
      lintText(schema['description'], joinPath(pathOf(visit), 'description'), this.#report);
    }
    if (visit.property !== undefined) this.#lintProperty(schema, visit, visit.property);
    // What is found first is to be listed first, so the last goes on the stack first.
    const found: Visit[] = [];
    const depth = visit.depth + 1;
    for (const keyword of mapKeywords) {
      const named = schema[keyword];
      if (!isRecord(named)) continue;
      for (const name of Object.keys(named)) {
        const inner: Visit = { node: named[name], parent: visit, steps: [keyword, name], depth };
        if (keyword === 'properties') inner.property = name;
        found.push(inner);
      }
    }
    for (const keyword of listKeywords) {
      const list = schema[keyword];
      if (!Array.isArray(list)) continue;
      for (const [index, node] of (list as unknown[]).entries()) {
        found.push({ node, parent: visit, steps: [keyword, index], depth });
      }
    }
    for (const keyword of schemaKeywords) {
      if (isRecord(schema[keyword])) found.push({ node: schema[keyword], parent: visit, steps: [keyword], depth });
    }
    for (let index = found.length - 1; index >= 0; index -= 1) this.#pending.push(found[index]!);
  }

  #lintProperty(schema: Record<string, unknown>, visit: Visit, property: string): void {
    const name = property.slice(0, maxNameChars);
    // Words can say what the schema does not.
    const severity = isBlank(schema['description']) ? 'warning' : 'info';
    if (!typingKeywords.some((keyword) => schema[keyword] !== undefined)) {
      this.#add(severity, `Nothing says of what type ${name} is.`, visit);
    } else if (schema['type'] === 'object' && !describesMembers(schema)) {
      this.#add(severity, `${name} is an object of which nothing is described.`, visit);
    } else if (schema['type'] === 'array' && schema['items'] === undefined && schema['prefixItems'] === undefined) {
      this.#add(severity, `${name} is a list, and nothing says of what.`, visit);
    }
    if (isBlank(schema['description']) && schema['$ref'] === undefined) {
      this.#add('info', `${name} has no description.`, visit);
    }
  }

  #lintReference(reference: unknown, visit: Visit): void {
    if (typeof reference !== 'string') return;
    if (!reference.startsWith('#')) {
      this.#add('error', `It refers to ${reference.slice(0, maxNameChars)}, which clients must not fetch.`, visit);
    } else if (reference === '#' || reference.startsWith('#/')) {
      if (resolvePointer(this.#root, reference) === undefined) {
        this.#add('error', `It refers to ${reference.slice(0, maxNameChars)}, which is not there.`, visit);
      }
    }
  }

  #lintRequired(schema: Record<string, unknown>, visit: Visit): void {
    const { required, properties } = schema;
    if (!Array.isArray(required)) return;
    // In a part of a schema the properties may stand beside it.
    if (properties === undefined && (schema['$ref'] !== undefined || isPart(visit))) return;
    for (const name of required as unknown[]) {
      if (typeof name === 'string' && !(isRecord(properties) && Object.hasOwn(properties, name))) {
        this.#add('warning', `It requires ${name.slice(0, maxNameChars)}, which it does not describe.`, visit);
      }
    }
  }

  #lintValues({ enum: values, default: preset }: Record<string, unknown>, visit: Visit): void {
    if (!Array.isArray(values)) return;
    if (values.length === 0) this.#add('error', 'No value is allowed: its enum is empty.', visit);
    else if (preset !== undefined && !isStructured(preset) && !(values as unknown[]).includes(preset)) {
      this.#add('warning', 'Its default is not one of the values that it allows.', visit);
    }
  }
}

const partKeywords: readonly unknown[] = ['anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else'];

/** Whether a schema says only a part of what holds for its place, directly or in another part. */
function isPart(visit: Visit): boolean {
  for (let at: Visit | undefined = visit; at; at = at.parent) if (partKeywords.includes(at.steps[0])) return true;
  return false;
}

function describesMembers(schema: Record<string, unknown>): boolean {
  return ['properties', 'patternProperties', 'additionalProperties', '$ref', 'anyOf', 'oneOf', 'allOf'].some(
    (keyword) => schema[keyword] !== undefined && schema[keyword] !== true,
  );
}

function isStructured(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isBlank(text: unknown): boolean {
  return typeof text !== 'string' || text.trim() === '';
}
