import { estimateTokens } from '../../core/tokens';
import type { RegisteredTool } from '../registry';
import type { Toolset } from '../tool';

/** Editors offer a model at most so many tools, those of all servers together. */
export const editorToolLimit = 128;

/** From so many tools on it is time to say that the limit is near. */
const nearToolLimit = 100;

/** What one tool's listing costs a model that is given it. */
export interface ToolCost {
  name: string;
  toolset: Toolset;
  /** Estimated. */
  tokens: number;
}

/** What a toolset costs. */
export interface ToolsetCost {
  toolset: Toolset;
  /** How many tools it has. */
  tools: number;
  tokens: number;
}

/** Something that a person should know about the list of tools. */
export type ToolCostWarning =
  | { kind: 'overBudget'; tokens: number; budget: number; dearest: readonly ToolsetCost[] }
  | { kind: 'nearToolLimit'; tools: number; limit: number }
  | { kind: 'overToolLimit'; tools: number; limit: number };

/** What a list of tools costs, in whole and in parts. */
export interface ToolCosts {
  /** In the order of the list. */
  tools: readonly ToolCost[];
  /** In the order in which they come in the list. */
  toolsets: readonly ToolsetCost[];
  tokens: number;
  /** What is left of the budget; below zero where it is overdrawn. */
  left: number;
  warnings: readonly ToolCostWarning[];
}

export interface ToolCostOptions {
  /** Tokens that the user wants to spend on the list. */
  budget: number;
  /** Tools that other servers offer to the same model, where that is known. */
  otherTools?: number;
}

/** Listings are made once, so their cost is too. */
const known = new WeakMap<object, number>();

/** Estimates what tools cost a model by the JSON of their listings. */
export function toolCost(tools: readonly RegisteredTool[], { budget, otherTools = 0 }: ToolCostOptions): ToolCosts {
  const costs = tools.map((tool) => ({ name: tool.tool.name, toolset: tool.tool.toolset, tokens: tokensOf(tool) }));
  const groups = new Map<Toolset, ToolsetCost>();
  for (const { toolset, tokens } of costs) {
    const group = groups.get(toolset) ?? { toolset, tools: 0, tokens: 0 };
    groups.set(toolset, { toolset, tools: group.tools + 1, tokens: group.tokens + tokens });
  }
  const tokens = costs.reduce((sum, cost) => sum + cost.tokens, 0);
  const toolsets = [...groups.values()];
  return {
    tools: costs,
    toolsets,
    tokens,
    left: budget - tokens,
    warnings: [
      ...(tokens > budget
        ? [{ kind: 'overBudget', tokens, budget, dearest: toolsets.toSorted((a, b) => b.tokens - a.tokens) } as const]
        : []),
      ...limitWarnings(tools.length + otherTools),
    ],
  };
}

function tokensOf({ listing }: RegisteredTool): number {
  const tokens = known.get(listing) ?? estimateTokens(JSON.stringify(listing));
  known.set(listing, tokens);
  return tokens;
}

function limitWarnings(tools: number): ToolCostWarning[] {
  if (tools > editorToolLimit) return [{ kind: 'overToolLimit', tools, limit: editorToolLimit }];
  return tools >= nearToolLimit ? [{ kind: 'nearToolLimit', tools, limit: editorToolLimit }] : [];
}
