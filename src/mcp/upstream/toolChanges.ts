import type { Tool } from '@modelcontextprotocol/client';
import { canonicalJson, isRecord } from '../../core/json';
import { estimateTokens } from '../../core/tokens';

/** What differs between two lists of tools. Each name stands in at most one of the lists. */
export interface ToolChanges {
  added: string[];
  removed: string[];
  changed: ToolChange[];
}

/** How one tool differs. What a model reads decides what it does, so a changed text is as much as a changed schema. */
export interface ToolChange {
  name: string;
  parts: ('title' | 'description' | 'inputSchema' | 'outputSchema' | 'annotations' | 'other')[];
  before: Tool;
  after: Tool;
}

/** How much of a model's context the lists of a server take, in estimated tokens. */
export interface ListSizes {
  tools: number;
  resources: number;
  resourceTemplates: number;
  prompts: number;
  /** The biggest tools first. */
  largestTools: { name: string; tokens: number }[];
}

const comparedParts = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;
const listedTools = 10;

/** Compares the tools of a server with those of an earlier time. The order of tools and members means nothing. */
export function compareTools(before: readonly Tool[], after: readonly Tool[]): ToolChanges {
  const known = new Map(before.map((tool) => [tool.name, tool]));
  const current = new Set(after.map(({ name }) => name));
  const changes: ToolChanges = { added: [], removed: [], changed: [] };
  for (const tool of after) {
    const earlier = known.get(tool.name);
    if (!earlier) changes.added.push(tool.name);
    else {
      const parts = changedParts(earlier, tool);
      if (parts.length > 0) changes.changed.push({ name: tool.name, parts, before: earlier, after: tool });
    }
  }
  for (const { name } of before) if (!current.has(name)) changes.removed.push(name);
  return changes;
}

/** Whether anything changed. */
export function hasToolChanges({ added, removed, changed }: ToolChanges): boolean {
  return added.length + removed.length + changed.length > 0;
}

/** Estimates what the lists of a server cost a model that is given all of them. */
export function listSizes(lists: {
  tools: readonly Tool[];
  resources?: readonly object[];
  resourceTemplates?: readonly object[];
  prompts?: readonly object[];
}): ListSizes {
  const largestTools = lists.tools
    .map((tool) => ({ name: tool.name, tokens: tokensOf(tool) }))
    .sort((left, right) => right.tokens - left.tokens)
    .slice(0, listedTools);
  return {
    tools: sum(lists.tools),
    resources: sum(lists.resources ?? []),
    resourceTemplates: sum(lists.resourceTemplates ?? []),
    prompts: sum(lists.prompts ?? []),
    largestTools,
  };
}

function changedParts(before: Tool, after: Tool): ToolChange['parts'] {
  const parts: ToolChange['parts'] = comparedParts.filter((part) => text(before[part]) !== text(after[part]));
  if (text(rest(before)) !== text(rest(after))) parts.push('other');
  return parts;
}

/** What is neither compared by name nor expected to change, as `_meta` may with every answer. */
function rest(tool: Tool): Record<string, unknown> {
  const { _meta: _ignored, ...members } = tool as Record<string, unknown>;
  for (const part of comparedParts) delete members[part];
  return members;
}

function text(value: unknown): string {
  return value === undefined
    ? ''
    : isRecord(value) || Array.isArray(value)
      ? canonicalJson(value)
      : JSON.stringify(value);
}

function sum(items: readonly object[]): number {
  return items.reduce((total, item) => total + tokensOf(item), 0);
}

function tokensOf(item: object): number {
  return estimateTokens(JSON.stringify(item));
}
