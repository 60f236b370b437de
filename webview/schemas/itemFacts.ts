import { isRecord } from '../../src/core/json';
import { joinPath } from '../../src/traffic/finding';
import type { OfferedKind } from '../../src/protocol/offeredKinds';
import { size } from '../format';
import { places } from './effectiveSchema';

/** A word about what a tool does, and whether it is one to be careful about. */
export interface EffectWord {
  word: string;
  isGrave?: boolean;
}

/** What a tool says of its effects, in words (MCP specification, `ToolAnnotations`). Only what it says; none is a promise. */
export function effectWords(annotations: unknown): EffectWord[] {
  if (!isRecord(annotations)) return [];
  const words: EffectWord[] = [];
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  if (readOnlyHint === true) words.push({ word: 'Only reads' });
  else if (destructiveHint === true) words.push({ word: 'May destroy', isGrave: true });
  else if (destructiveHint === false) words.push({ word: 'Adds, but destroys nothing' });
  else if (readOnlyHint === false) words.push({ word: 'May change things', isGrave: true });
  if (idempotentHint === true && readOnlyHint !== true) words.push({ word: 'The same again changes nothing more' });
  if (openWorldHint === true) words.push({ word: 'Reaches outside systems' });
  else if (openWorldHint === false) words.push({ word: 'Stays within its own system' });
  return words;
}

/** What a resource or template says of itself besides its description: names and values. */
export function resourceFacts(kind: OfferedKind, item: Record<string, unknown>): [name: string, value: string][] {
  if (kind !== 'resources' && kind !== 'resourceTemplates') return [];
  const facts: [string, string][] = [];
  const { name, mimeType, size: bytes, annotations } = item;
  if (typeof name === 'string' && typeof item['title'] === 'string') facts.push(['Name', name]);
  if (typeof mimeType === 'string') facts.push(['MIME type', mimeType]);
  if (typeof bytes === 'number' && bytes >= 0) facts.push(['Size', size(bytes)]);
  if (isRecord(annotations)) {
    const { audience, priority, lastModified } = annotations;
    if (Array.isArray(audience)) facts.push(['For', (audience as unknown[]).map(String).join(', ')]);
    if (typeof priority === 'number') facts.push(['Priority', `${priority} of 1`]);
    if (typeof lastModified === 'string') facts.push(['Changed', lastModified]);
  }
  return facts;
}

/** What a prompt or a resource template takes, as the schema that a tool would have for it. */
export function takenSchema(kind: OfferedKind, item: Record<string, unknown>): object | undefined {
  if (kind === 'prompts') return argumentSchema(item['arguments']);
  return kind === 'resourceTemplates' ? variableSchema(item['uriTemplate']) : undefined;
}

function argumentSchema(given: unknown): object {
  const properties = new Map<string, unknown>();
  const from = new Map<string, string>();
  const required: string[] = [];
  for (const [index, argument] of (Array.isArray(given) ? (given as unknown[]) : []).entries()) {
    if (!isRecord(argument) || typeof argument['name'] !== 'string') continue;
    const { name, title, description } = argument;
    properties.set(name, { type: 'string', title, description });
    from.set(name, joinPath('arguments', index));
    if (argument['required'] === true) required.push(name);
  }
  return { type: 'object', properties: Object.fromEntries(properties), required, [places]: from };
}

/** Variables of a URI template (RFC 6570), each once. */
function variableSchema(template: unknown): object {
  const names = new Set<string>();
  for (const [, expression = ''] of (typeof template === 'string' ? template : '').matchAll(/\{([^{}]*)\}/g)) {
    for (const part of expression.replace(/^[+#./;?&=,!@|]/, '').split(',')) {
      const name = part.replace(/(?:\*|:\d+)$/, '').trim();
      if (name !== '') names.add(name);
    }
  }
  return {
    type: 'object',
    properties: Object.fromEntries([...names].map((name) => [name, { type: 'string' }])),
    [places]: new Map([...names].map((name) => [name, 'uriTemplate'])),
  };
}
