import type { Tool } from '@modelcontextprotocol/client';
import { messageOf } from '../../core/errors';
import type { OfferedLists } from '../../mcp/caller/callableServer';
import { offeredKinds, type OfferedKind } from '../../protocol/offeredKinds';
import type { ToolClaims, TryItHostMessage, TryItItem, TryItTarget } from '../../protocol/tryIt';

export type Definition = Omit<Extract<TryItHostMessage, { type: 'tryItDefinition' }>, 'type' | 'target' | 'saved'>;

/** Items of a server that are sent at most. */
export const maxTryItItems = 10_000;
/** Longest schema that is sent, in characters. */
const maxSchemaChars = 4 * 1024 * 1024;
const maxText = 20_000;

/** What can be tried on a server, as far as its lists are known. */
export function itemsOf(lists: Partial<OfferedLists>): TryItItem[] | undefined {
  const known = offeredKinds.filter((kind) => lists[kind] !== undefined);
  if (known.length === 0) return undefined;
  return known.flatMap((kind) =>
    (lists[kind] ?? []).map((item): TryItItem => {
      const title = 'title' in item && typeof item.title === 'string' ? item.title : undefined;
      // A resource has a name, too, but its address is what it is read by.
      const label = title ?? (kind === 'resources' || kind === 'resourceTemplates' ? item.name : undefined);
      return { kind, name: nameOf(kind, item), ...(label === undefined ? {} : { title: label }) };
    }),
  );
}

/** How an item is filled in; `undefined` where the server has none of that name. */
export function definitionOf(
  lists: Partial<OfferedLists>,
  { kind, name }: Pick<TryItTarget, 'kind' | 'name'>,
  variablesOf: (template: string) => readonly string[],
): Definition | undefined {
  const list: readonly object[] | undefined = lists[kind];
  const item = list?.find((each) => nameOf(kind, each) === name);
  if (!item) return undefined;
  const { title, description } = item as { title?: unknown; description?: unknown };
  return {
    ...(typeof title === 'string' ? { title: title.slice(0, maxText) } : {}),
    ...(typeof description === 'string' ? { description: description.slice(0, maxText) } : {}),
    completes: kind === 'prompts' || kind === 'resourceTemplates',
    ...(kind === 'tools' ? { claims: claimsOf(item as Tool) } : {}),
    ...schemaText(() => schemaOf(kind, item, variablesOf)),
  };
}

function nameOf(kind: OfferedKind, item: object): string {
  const { name, uri, uriTemplate } = item as { name?: unknown; uri?: unknown; uriTemplate?: unknown };
  const own = kind === 'resources' ? uri : kind === 'resourceTemplates' ? uriTemplate : name;
  return typeof own === 'string' ? own : '';
}

function schemaOf(kind: OfferedKind, item: object, variablesOf: (template: string) => readonly string[]): unknown {
  switch (kind) {
    case 'tools':
      return (item as Tool).inputSchema;
    case 'prompts': {
      const { arguments: given = [] } = item as {
        arguments?: { name: string; title?: string; description?: string; required?: boolean }[];
      };
      return objectOf(
        given.map(({ name, title, description }) => [name, { title, description }]),
        given.filter(({ required }) => required === true).map(({ name }) => name),
      );
    }
    case 'resourceTemplates': {
      const names = variablesOf(nameOf(kind, item));
      return objectOf(
        names.map((name) => [name, {}]),
        names,
      );
    }
    case 'resources':
      break;
  }
  return objectOf([], []);
}

/** The schema of an object whose members are texts: what prompts and templates take. */
function objectOf(members: readonly (readonly [string, object])[], required: readonly string[]): object {
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([name, about]) => [name, { type: 'string', ...about }])),
    required,
    additionalProperties: false,
  };
}

function schemaText(schema: () => unknown): { schema: string } | { problem: string } {
  try {
    const text = JSON.stringify(schema() ?? {});
    if (text.length <= maxSchemaChars) return { schema: text };
    return { problem: 'Its schema is too large for a form.' };
  } catch (error) {
    return { problem: `Its schema cannot be shown as a form: ${messageOf(error)}.` };
  }
}

function claimsOf({ annotations = {} }: Tool): ToolClaims {
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  const claims: [keyof ToolClaims, unknown][] = [
    ['readOnly', readOnlyHint],
    ['destructive', destructiveHint],
    ['idempotent', idempotentHint],
    ['openWorld', openWorldHint],
  ];
  return Object.fromEntries(claims.filter(([, value]) => typeof value === 'boolean')) as ToolClaims;
}
