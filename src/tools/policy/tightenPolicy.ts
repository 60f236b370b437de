import { isRecord } from '../../core/json';
import type { PolicySettings, ToolOverride } from '../policy';
import { toolsets } from '../tool';
import type { ResourceRules } from './resourceRules';

/**
 * The values of one place where settings stand, as people wrote them; a member that is not there says nothing.
 * `allowResources` and `denyResources` are lists of ARN patterns.
 */
export type PolicyLayer = { readonly [K in PolicyLayerName]?: unknown };

type PolicyLayerName = Exclude<keyof PolicySettings, 'resources'> | 'allowResources' | 'denyResources';

/** From the strictest on; a tool of which nothing is said stands between `ask` and `allow`. */
const overrides: readonly (ToolOverride | undefined)[] = ['deny', 'ask', undefined, 'allow'];

/**
 * Makes the policy in force of what the user says and what workspaces say. The user's value is where all starts, and
 * each other layer can only take away from it: a repository that someone checks out must never decide what an agent may
 * do on their account. A value of a wrong type restricts as far as it can.
 * @param user the user's own settings, with defaults filled in.
 * @param workspaces those of the workspace and its folders.
 */
export function tightenPolicy(user: PolicyLayer, workspaces: readonly PolicyLayer[]): PolicySettings {
  const said = (name: PolicyLayerName): unknown[] =>
    workspaces.map((layer) => layer[name]).filter((value) => value !== undefined);
  const list = (name: PolicyLayerName): string[] =>
    strings(user[name]).filter((item) => said(name).every((value) => strings(value).includes(item)));
  const enabled = list('toolsets');
  return {
    access: [user.access, ...said('access')].every((value) => value === 'readWrite') ? 'readWrite' : 'readOnly',
    toolsets: toolsets.filter((toolset) => enabled.includes(toolset)),
    allowedProfiles: list('allowedProfiles'),
    allowedRegions: list('allowedRegions'),
    tools: tightenTools(user.tools, said('tools')),
    resources: [user, ...workspaces].map(rulesOf).filter(({ allow, deny }) => allow.length + deny.length > 0),
    productionAccounts: [...new Set([user, ...workspaces].flatMap((layer) => strings(layer.productionAccounts)))],
    productionWrites: list('productionWrites'),
  };
}

function tightenTools(user: unknown, workspaces: readonly unknown[]): Record<string, ToolOverride> {
  const tightened = new Map<string, ToolOverride>();
  const names = [user, ...workspaces].flatMap((value) => (isRecord(value) ? Object.keys(value) : []));
  for (const name of names) {
    const ranks = [rankOf(user, name), ...workspaces.map((value) => Math.min(rankOf(value, name), neutral))];
    // A layer that is silent leaves the user's own `allow` as it is.
    const spoken = ranks.filter((rank, index) => index === 0 || rank !== neutral);
    const override = overrides[Math.min(...spoken)];
    if (override !== undefined) tightened.set(name, override);
  }
  return Object.fromEntries(tightened);
}

const neutral = overrides.indexOf(undefined);

function rankOf(tools: unknown, name: string): number {
  if (!isRecord(tools) || !Object.hasOwn(tools, name)) return neutral;
  const rank = overrides.findIndex((override) => override !== undefined && override === tools[name]);
  return rank === -1 ? 0 : rank;
}

function rulesOf(layer: PolicyLayer): ResourceRules {
  return { allow: patternsOf(layer.allowResources, nothing), deny: patternsOf(layer.denyResources, everything) };
}

/** Matches no resource, so that a list which is none allows nothing. */
const nothing = 'none';
const everything = '*';

/** What is no list of texts restricts all: as a list of what is allowed it is `nothing`, of what is denied `everything`. */
function patternsOf(value: unknown, otherwise: string): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [otherwise];
  return value.map((item) => (typeof item === 'string' ? item : otherwise));
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
