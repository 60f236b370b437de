import type * as vscode from 'vscode';
import type { SecretStore } from '../../mcp/upstream/secretSource';

/**
 * Secrets of managed servers. What a config file holds or names stays in memory, for the file or its owner keeps it;
 * what we were given ourselves (sign-ins, entered values) is in the editor's secret storage.
 */
export class ServerSecrets implements SecretStore {
  readonly #storage: vscode.SecretStorage;
  readonly #discovered = new Map<string, string>();

  constructor(storage: vscode.SecretStorage) {
    this.#storage = storage;
  }

  /** Takes the secrets of a definition, in place of those it had before. @param prefix that all its keys begin with */
  replace(prefix: string, secrets: ReadonlyMap<string, string>): void {
    for (const key of this.#discovered.keys()) if (key.startsWith(prefix)) this.#discovered.delete(key);
    for (const [key, value] of secrets) this.#discovered.set(key, value);
  }

  async get(key: string): Promise<string | undefined> {
    return this.#discovered.get(key) ?? (await this.#storage.get(key));
  }

  async set(key: string, value: string): Promise<void> {
    await this.#storage.store(key, value);
  }

  async delete(key: string): Promise<void> {
    this.#discovered.delete(key);
    await this.#storage.delete(key);
  }
}
