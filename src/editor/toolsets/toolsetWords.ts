import type { ToolCosts } from '../../tools/toolsets/toolCost';
import type { Detection, ProjectKind } from '../../tools/toolsets/detectToolsets';
import { count, tokenWords } from '../servers/serverNodes';

/** What a list of tools costs, and what is wrong with that, for people. */
export interface CostWords {
  /** `24 · ~6.1k of 10k tokens` */
  description: string;
  /** A sentence each; none where all is well. */
  warnings: string[];
}

/** @param budget tokens that the list may cost. */
export function costWords(costs: ToolCosts, budget: number): CostWords {
  return {
    description: `${costs.tools.length} · ${tokenWords(costs.tokens).replace(' tokens', '')} of ${short(budget)} tokens`,
    warnings: costs.warnings.map((warning) => {
      switch (warning.kind) {
        case 'overBudget': {
          const [dearest] = warning.dearest;
          return `The list costs ${tokenWords(warning.tokens)}, more than your budget of ${short(warning.budget)}.${dearest ? ` Most of it is ${dearest.toolset}.` : ''}`;
        }
        case 'nearToolLimit':
          return `Chat has ${warning.tools} tools of all servers; with more than ${warning.limit} it uses none of them.`;
        case 'overToolLimit':
          return `Chat has ${warning.tools} tools of all servers, more than the ${warning.limit} it can use. Switch some off.`;
      }
    }),
  };
}

const kindWords: Record<ProjectKind, string> = {
  cdk: 'a CDK app',
  cloudformation: 'a CloudFormation template',
  sam: 'a SAM app',
  serverless: 'a Serverless service',
  terraform: 'a Terraform configuration',
};

/** What was found in the workspace, e.g. `Found: a CDK app (cdk.json).` */
export function detectionWords(detection: Detection | undefined): string {
  const signs = detection?.signs ?? [];
  if (signs.length === 0) return 'Nothing of AWS was found in it.';
  return `Found: ${signs.map(({ kind, file }) => `${kindWords[kind]} (${nameOf(file)})`).join(', ')}.`;
}

/** `7 tools · ~2.1k tokens` */
export function toolsetCostWords(tools: number, tokens: number): string {
  return `${count(tools, 'tool')} · ${tokenWords(tokens)}`;
}

function short(tokens: number): string {
  return tokens < 1000 ? String(tokens) : `${Number((tokens / 1000).toFixed(1))}k`;
}

function nameOf(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
