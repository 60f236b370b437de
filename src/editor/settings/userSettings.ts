import { isRecord } from '../../core/json';
import type { SettingLayers } from './settings';
import { accountColors, type AccountColor, type FlowSetting } from './settingValues';

// What is here counts only where the user set it themselves: a repository must decide neither where tokens are sent
// nor what a production account is called.

/** What the user says about one account. */
export interface AccountSetting {
  label?: string;
  color?: AccountColor;
  production?: boolean;
}

const maxLabelLength = 40;

/** How to sign in. */
export function readFlow({ globalValue, defaultValue }: SettingLayers<unknown>): FlowSetting {
  const value = globalValue ?? defaultValue;
  return value === 'browser' || value === 'deviceCode' ? value : 'auto';
}

/** Addresses of the services behind a sign-in, where the user gave any. What is no text counts as not set. */
export function readSsoEndpoints({ globalValue }: SettingLayers<unknown>): { oidc?: string; portal?: string } {
  if (!isRecord(globalValue)) return {};
  const { oidc, portal } = globalValue;
  return {
    ...(typeof oidc === 'string' && oidc !== '' ? { oidc } : {}),
    ...(typeof portal === 'string' && portal !== '' ? { portal } : {}),
  };
}

/** What the user says about accounts, by account id. */
export function readAccounts({ globalValue }: SettingLayers<unknown>): Map<string, AccountSetting> {
  const accounts = new Map<string, AccountSetting>();
  if (!isRecord(globalValue)) return accounts;
  for (const [id, said] of Object.entries(globalValue)) {
    if (!/^\d{12}$/.test(id) || !isRecord(said)) continue;
    const label = typeof said['label'] === 'string' ? said['label'].trim().slice(0, maxLabelLength) : '';
    const color = accountColors.find((name) => name === said['color']);
    accounts.set(id, {
      ...(label === '' ? {} : { label }),
      ...(color === undefined ? {} : { color }),
      ...(said['production'] === true ? { production: true } : {}),
    });
  }
  return accounts;
}
