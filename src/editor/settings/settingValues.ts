import type { ToolOverride } from '../../tools/policy';

/** Every setting of ours: its name after `mcpWorkbench.` and the type of its value. */
export interface SettingValues {
  access: 'readOnly' | 'readWrite';
  toolsets: string[];
  tools: Record<string, ToolOverride>;
  allowedProfiles: string[];
  allowedRegions: string[];
  'resources.allow': string[];
  'resources.deny': string[];
  productionWrites: string[];
  tokenBudget: number;
  'results.maxBytes': number;
  'consent.timeoutSeconds': number;
  'externalAccess.enabled': boolean;
  'externalAccess.port': number;
  'traffic.memoryLimitMb': number;
  'traffic.record': boolean;
  'traffic.recordLimitMb': number;
  'sso.flow': FlowSetting;
  'sso.waitForSignIn': boolean;
  'sso.endpoints': { oidc?: string; portal?: string };
  accounts: Record<string, { label?: string; color?: AccountColor; production?: boolean }>;
}

/** How people sign in: `auto` takes a device code where the browser cannot come back to the extension host. */
export type FlowSetting = 'auto' | 'browser' | 'deviceCode';

/** Colours of an account's icon, each a colour of the theme's charts. */
export const accountColors = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const;

export type AccountColor = (typeof accountColors)[number];

export type SettingName = keyof SettingValues;

/** Settings that are decided by one value, whoever set it; what a workspace may not decide is read by layers. */
export type PlainSettingName = Exclude<
  SettingName,
  | 'access'
  | 'toolsets'
  | 'tools'
  | 'allowedProfiles'
  | 'allowedRegions'
  | 'resources.allow'
  | 'resources.deny'
  | 'productionWrites'
  | 'sso.flow'
  | 'sso.endpoints'
  | 'accounts'
>;

/** Whole numbers with what the manifest says about them, which the editor shows but does not enforce. */
export const numberSettings = {
  tokenBudget: { default: 10_000, minimum: 500, maximum: 200_000 },
  'results.maxBytes': { default: 32_768, minimum: 4_096, maximum: 1_048_576 },
  'consent.timeoutSeconds': { default: 120, minimum: 5, maximum: 600 },
  'externalAccess.port': { default: 0, minimum: 0, maximum: 65_535 },
  'traffic.memoryLimitMb': { default: 64, minimum: 1, maximum: 1_024 },
  'traffic.recordLimitMb': { default: 100, minimum: 1, maximum: 4_096 },
} as const satisfies Partial<Record<PlainSettingName, { default: number; minimum: number; maximum: number }>>;

/**
 * Makes a usable value of what stands in a file that people edit by hand: numbers are brought into their range, what
 * has the wrong type counts as not set.
 */
export function toSettingValue<K extends PlainSettingName>(name: K, value: unknown): SettingValues[K] {
  return (
    name in numberSettings ? toNumber(name as keyof typeof numberSettings, value) : value === true
  ) as SettingValues[K];
}

function toNumber(name: keyof typeof numberSettings, value: unknown): number {
  const { default: usual, minimum, maximum } = numberSettings[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) return usual;
  return Math.min(Math.max(Math.round(value), minimum), maximum);
}
