import { WorkbenchError } from '../../core/errors';
import type { SettingValue } from './managedServer';

/** Where secrets are kept: the editor's secret storage, or whatever the command line has. */
export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/**
 * The value of a setting, looked up where it is a secret.
 * @throws WorkbenchError `SignInRequired` where the secret is not there.
 */
export async function resolveSetting(setting: SettingValue, secrets: SecretStore): Promise<string> {
  if (typeof setting === 'string') return setting;
  const value = await secrets.get(setting.secret);
  if (value !== undefined) return value;
  throw new WorkbenchError('SignInRequired', `The secret ${setting.secret} is not stored.`, {
    remedy: 'Enter it once in the editor: run the sign-in action of the server.',
  });
}

/** Keeps secrets in memory only, for the command line and for tests. */
export class MemorySecretStore implements SecretStore {
  readonly #values: Map<string, string>;

  constructor(values: Readonly<Record<string, string>> = {}) {
    this.#values = new Map(Object.entries(values));
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#values.get(key));
  }

  set(key: string, value: string): Promise<void> {
    this.#values.set(key, value);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.#values.delete(key);
    return Promise.resolve();
  }
}
