import { canonicalJson, isRecord } from '../../core/json';
import { redactJson, redactText } from '../../core/redact';
import { estimateTokens } from '../../core/tokens';
import type { OfferedList } from '../../mcp/caller/callableServer';
import { lintItem, type SchemaFinding } from '../../mcp/caller/schemaLint';
import type { SchemaServer } from '../../protocol/schemas';

/** The lists of a server, whoever read them. */
export type ListedItems = Partial<Record<OfferedList, readonly object[]>>;

/** A server whose lists can be looked at: one that can be called, or one that traffic tells of. */
export interface ListedServer {
  readonly key: string;
  readonly label: string;
  readonly state: SchemaServer['state'];
  readonly era: SchemaServer['era'] | undefined;
  readonly lists: ListedItems;
  /** What was seen last, where that is something else. */
  readonly before: ListedItems;
  readonly note?: string;
}

/** What is known of an item without looking at others. */
export interface ItemFacts {
  /** Its name or address as the server wrote it. */
  name: string;
  title: string | undefined;
  words: string;
  tokens: number;
  findings: readonly SchemaFinding[];
}

const maxIdChars = 200;
const maxNameChars = 256;
const maxWordsChars = 400;
/** Longest JSON text of one item that the page takes apart. */
export const maxItemChars = 4 * 1024 * 1024;

const addressMembers: Readonly<Record<OfferedList, string>> = {
  tools: 'name',
  prompts: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
};

const known = new WeakMap<object, ItemFacts>();

/** The facts of an item; an item that was seen before is not looked at again. */
export function factsOf(kind: OfferedList, item: object): ItemFacts {
  const remembered = known.get(item);
  if (remembered) return remembered;
  const members = item as Record<string, unknown>;
  const facts = {
    name: addressOf(kind, item),
    title: titleOf(kind, members),
    words: wordsOf(members),
    tokens: estimateTokens(lengthOf(item)),
    findings: lintItem(kind, item),
  };
  known.set(item, facts);
  return facts;
}

/** Whether the facts of an item are known, so that asking for them takes no time. */
export function hasFacts(item: object): boolean {
  return known.has(item);
}

/** The name of a tool or prompt, the address of a resource or template. */
export function addressOf(kind: OfferedList, item: object): string {
  const address = (item as Record<string, unknown>)[addressMembers[kind]];
  return typeof address === 'string' ? address : '';
}

/** Gives each item of a list an id: its name where that is short and nobody's else. */
export function idsOf(kind: OfferedList, items: readonly object[]): string[] {
  const seen = new Map<string, number>();
  return items.map((item) => {
    const name = addressOf(kind, item);
    const short = name.length <= maxIdChars ? name : `${name.slice(0, maxIdChars)}…${name.length}`;
    const times = (seen.get(short) ?? 0) + 1;
    seen.set(short, times);
    return times === 1 ? short : `${short}#${times}`;
  });
}

/** A name or title as it may stand in a list. */
export function shortName(name: string): string {
  const safe = redactText(name.slice(0, maxNameChars * 2));
  return safe.length > maxNameChars ? `${safe.slice(0, maxNameChars)}…` : safe;
}

/** The JSON text of an item with secrets redacted, and how much of it was left out. */
export function itemText(item: object): { text: string; omittedChars?: number } {
  const text = JSON.stringify(redactJson(item));
  return text.length <= maxItemChars
    ? { text }
    : { text: text.slice(0, maxItemChars), omittedChars: text.length - maxItemChars };
}

/** Members of two versions of an item that differ; `_meta` may differ with every answer and means nothing here. */
export function changedMembers(before: object, after: object): string[] {
  const old = before as Record<string, unknown>;
  const now = after as Record<string, unknown>;
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  names.delete('_meta');
  return [...names].filter((name) => comparable(old[name]) !== comparable(now[name]));
}

function comparable(value: unknown): string {
  try {
    return value === undefined ? '' : canonicalJson(value);
  } catch {
    // Nested so deep that the stack does not hold; the part that can be shown decides.
    return canonicalJson(redactJson(value));
  }
}

function lengthOf(item: object): number {
  try {
    return JSON.stringify(item).length;
  } catch {
    return JSON.stringify(redactJson(item)).length;
  }
}

function titleOf(kind: OfferedList, item: Record<string, unknown>): string | undefined {
  const { title, name, annotations } = item;
  if (typeof title === 'string' && title !== '') return title;
  // Before 2025-06-18 the title of a tool stood among its annotations.
  if (isRecord(annotations) && typeof annotations['title'] === 'string') return annotations['title'];
  const isNamed = kind === 'resources' || kind === 'resourceTemplates';
  return isNamed && typeof name === 'string' && name !== '' ? name : undefined;
}

function wordsOf({ description, inputSchema, arguments: given }: Record<string, unknown>): string {
  const properties = isRecord(inputSchema) ? inputSchema['properties'] : undefined;
  const names: string[] = [];
  if (isRecord(properties)) names.push(...Object.keys(properties).slice(0, 50));
  if (Array.isArray(given)) {
    for (const argument of (given as unknown[]).slice(0, 50)) {
      if (isRecord(argument) && typeof argument['name'] === 'string') names.push(argument['name']);
    }
  }
  const about = typeof description === 'string' ? description.slice(0, maxWordsChars) : '';
  return redactText(`${names.join(' ').slice(0, maxWordsChars)} ${about}`.trim());
}
