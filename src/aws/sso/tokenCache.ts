import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord } from '../../core/json';

/**
 * A sign-in as the AWS CLI and SDKs store it in `~/.aws/sso/cache`. Times are ISO 8601.
 * Members that we do not know are kept when it is written again.
 */
export interface SsoToken {
  accessToken: string;
  expiresAt: string;
  startUrl?: string;
  region?: string;
  refreshToken?: string;
  clientId?: string;
  clientSecret?: string;
  registrationExpiresAt?: string;
  [other: string]: unknown;
}

const readAttempts = 4;
const rereadAfterMs = 50;

/** The token files that are shared with the AWS CLI and SDKs. */
export class SsoTokenCache {
  readonly #folder: () => string;

  /** @param folder gives the folder, `~/.aws/sso/cache`, at each use */
  constructor(folder: () => string) {
    this.#folder = folder;
  }

  /**
   * The file of a sign-in: the SHA-1 of the name of the sso-session, or of the start URL where a profile has no
   * session, as they stand in the config file.
   */
  fileOf(key: string): string {
    return path.join(this.#folder(), `${createHash('sha1').update(key).digest('hex')}.json`);
  }

  /**
   * Reads a token, valid or expired. `undefined` where there is none, or what is there is none.
   * @throws the file system's error where the file is there and cannot be read
   */
  async read(key: string): Promise<SsoToken | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return asToken(JSON.parse(await fs.readFile(this.fileOf(key), 'utf8')));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        // The CLI and the SDKs write in place: what is not whole now may be so in a moment.
        if (attempt === readAttempts) {
          if (error instanceof SyntaxError) return undefined;
          throw error;
        }
        await sleep(rereadAfterMs);
      }
    }
  }

  /** Writes a token so that readers see the old or the new one, never a part, and only this user can read it. */
  async write(key: string, token: SsoToken): Promise<void> {
    const file = this.fileOf(key);
    await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${randomUUID()}.tmp`;
    try {
      await fs.writeFile(temporary, JSON.stringify(token, undefined, 2), { mode: 0o600 });
      await fs.rename(temporary, file);
    } catch (error) {
      await fs.rm(temporary, { force: true });
      throw error;
    }
  }
}

function asToken(value: unknown): SsoToken | undefined {
  if (!isRecord(value)) return undefined;
  const { accessToken, expiresAt } = value;
  if (typeof accessToken !== 'string' || accessToken === '') return undefined;
  if (typeof expiresAt !== 'string' || Number.isNaN(parseTime(expiresAt))) return undefined;
  const token: SsoToken = { ...value, accessToken, expiresAt };
  for (const name of ['startUrl', 'region', 'refreshToken', 'clientId', 'clientSecret', 'registrationExpiresAt']) {
    if (token[name] !== undefined && typeof token[name] !== 'string') delete token[name];
  }
  return token;
}

/** Milliseconds since the epoch, or NaN. Early CLI versions wrote `UTC` where ISO 8601 has `Z`. */
export function parseTime(text: string): number {
  return Date.parse(text.replace(/UTC$/, 'Z'));
}
