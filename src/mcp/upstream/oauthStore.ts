import { createHash } from 'node:crypto';
import type {
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { isRecord } from '../../core/json';
import type { SecretStore } from './secretSource';

/** What is known of one server's sign-in. Everything that an authorization server issued is kept under its issuer. */
export interface OAuthRecord {
  clients: Record<string, StoredOAuthClientInformation>;
  tokens: Record<string, StoredOAuthTokens>;
  /** Issuer of the tokens in use. */
  issuer?: string;
  /** The redirect address that the clients were registered with, and the port behind it. */
  redirectUri?: string;
  redirectPort?: number;
  discovery?: OAuthDiscoveryState;
}

/** Keeps the sign-in of one server in the secret storage. */
export class OAuthStore {
  readonly #secrets: SecretStore;
  readonly #key: string;
  #record: Promise<OAuthRecord> | undefined;
  /** Writes happen one after another, so that the last one wins. */
  #writing: Promise<void> = Promise.resolve();

  /** @param serverUrl address of the MCP server: a sign-in is good for that address and no other */
  constructor(secrets: SecretStore, serverUrl: string) {
    this.#secrets = secrets;
    this.#key = `mcp.oauth.${createHash('sha256').update(serverUrl).digest('hex').slice(0, 32)}`;
  }

  read(): Promise<OAuthRecord> {
    this.#record ??= this.#load();
    return this.#record;
  }

  async change(change: (record: OAuthRecord) => void): Promise<void> {
    const record = await this.read();
    change(record);
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(() => this.#secrets.set(this.#key, JSON.stringify(record)));
    await this.#writing;
  }

  async forget(): Promise<void> {
    this.#record = undefined;
    await this.#writing.catch(() => undefined);
    await this.#secrets.delete(this.#key);
  }

  async #load(): Promise<OAuthRecord> {
    const empty: OAuthRecord = { clients: {}, tokens: {} };
    try {
      const stored = JSON.parse((await this.#secrets.get(this.#key)) ?? '{}') as unknown;
      return isRecord(stored) && isRecord(stored['clients']) && isRecord(stored['tokens'])
        ? (stored as unknown as OAuthRecord)
        : empty;
    } catch {
      // What cannot be read is as good as nothing: a person signs in again.
      return empty;
    }
  }
}
