import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isRecord } from '../../core/json';
import { removeAbandonedTemporaries, writeFileAtomically } from './atomicFile';
import { acquireProcessLock, type ProcessLock, type ProcessLockOptions } from './processLock';
import { errnoOf } from './ssoError';
import { tokenCacheKey, type SsoSession } from './ssoSession';

/** A signed-in session with what renews it. Every member but the times, the address and the region is a secret. */
export interface SsoToken {
  accessToken: string;
  /** When the access token runs out, in milliseconds since the epoch on this machine's clock. */
  expiresAt: number;
  startUrl: string;
  region: string;
  refreshToken?: string | undefined;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  /** When `clientSecret` runs out, in milliseconds since the epoch. */
  registrationExpiresAt?: number | undefined;
}

/** What a look at the cache found. Only `absent` means that nobody is signed in. */
export type TokenRead =
  | { kind: 'token'; token: SsoToken }
  | { kind: 'absent' }
  /** There is a file, and it cannot be read now: half written, locked by a scanner, or owned by somebody else. */
  | { kind: 'unreadable'; reason: string };

/** Pauses before further looks at a file that cannot be read: other tools write in place, for some milliseconds. */
const patience = [20, 60, 170];

/** Fields of the file that are ours to set; whatever else another tool put there stays. */
const knownFields = [
  'startUrl',
  'region',
  'accessToken',
  'expiresAt',
  'clientId',
  'clientSecret',
  'registrationExpiresAt',
  'refreshToken',
];

/** The SSO token files that the AWS CLI, all AWS SDKs and we share, in `~/.aws/sso/cache`. */
export class SharedTokenCache {
  readonly folder: string;
  readonly #lockOptions: ProcessLockOptions;

  /** @param lockOptions for tests. */
  constructor(homeDirectory: string, lockOptions: ProcessLockOptions = {}) {
    this.folder = path.join(homeDirectory, '.aws', 'sso', 'cache');
    this.#lockOptions = lockOptions;
  }

  /** Where a session's token is: SHA-1 of the raw name or start URL in UTF-8, as in botocore and the SDKs. */
  fileOf(session: SsoSession): string {
    return path.join(this.folder, `${createHash('sha1').update(tokenCacheKey(session), 'utf8').digest('hex')}.json`);
  }

  /**
   * Reads a session's token. Never throws.
   * @param isExpected whether there was one a moment ago. Some tools delete a file and write it anew, so its absence is
   * believed only after a second look.
   */
  async read(session: SsoSession, isExpected = false): Promise<TokenRead> {
    let found = await readJson(this.fileOf(session));
    if (found.kind === 'absent' && isExpected) {
      await wait(150);
      found = await readJson(this.fileOf(session));
    }
    if (found.kind !== 'content') return found;
    const token = parseToken(found.content, session);
    return token ?? { kind: 'unreadable', reason: 'it holds no access token with a time' };
  }

  /**
   * Stores a token for all tools on this machine.
   * @throws the file system's error; the old file is untouched then.
   */
  async write(session: SsoSession, token: SsoToken): Promise<void> {
    const file = this.fileOf(session);
    await fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
    const found = await readJson(file, []);
    const foreign = found.kind === 'content' && isRecord(found.content) ? { ...found.content } : {};
    for (const field of knownFields) delete foreign[field];
    const fields = {
      startUrl: token.startUrl,
      region: token.region,
      accessToken: token.accessToken,
      expiresAt: formatTime(token.expiresAt),
      clientId: token.clientId,
      clientSecret: token.clientSecret,
      registrationExpiresAt:
        token.registrationExpiresAt === undefined ? undefined : formatTime(token.registrationExpiresAt),
      refreshToken: token.refreshToken,
    };
    await writeFileAtomically(file, `${JSON.stringify({ ...fields, ...foreign }, null, 2)}\n`, 0o600);
    await removeAbandonedTemporaries(file, 60_000);
  }

  /**
   * Deletes a session's token.
   * @throws the file system's error, but not where there is none.
   */
  async remove(session: SsoSession): Promise<void> {
    const file = this.fileOf(session);
    await fs.rm(file, { force: true });
    await removeAbandonedTemporaries(file, 0);
  }

  /**
   * Keeps other processes of ours from changing a session's token. Tools of others do not know this lock.
   * @throws as {@link acquireProcessLock} does.
   */
  async lock(session: SsoSession, timeoutMs?: number): Promise<ProcessLock> {
    await fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
    return acquireProcessLock(`${this.fileOf(session)}.lock`, {
      ...this.#lockOptions,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }
}

type JsonRead = { kind: 'content'; content: unknown } | { kind: 'absent' } | { kind: 'unreadable'; reason: string };

/** Reads a JSON file that others may be writing. The parser's own message is dropped, because it quotes the file. */
export async function readJson(file: string, pauses: readonly number[] = patience): Promise<JsonRead> {
  for (let look = 0; ; look++) {
    let reason: string;
    try {
      return {
        kind: 'content',
        content: JSON.parse((await fs.readFile(file, 'utf8')).replace(/^\uFEFF/, '')) as unknown,
      };
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
      reason = code === undefined ? 'it is not complete' : `the file system answered ${code}`;
    }
    const pause = pauses[look];
    if (pause === undefined) return { kind: 'unreadable', reason };
    await wait(pause);
  }
}

function parseToken(content: unknown, session: SsoSession): TokenRead | undefined {
  if (!isRecord(content)) return undefined;
  const accessToken = content['accessToken'];
  const expiresAt = parseTime(content['expiresAt']);
  if (typeof accessToken !== 'string' || accessToken === '' || expiresAt === undefined) return undefined;
  const text = (name: string): string | undefined => {
    const value = content[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    kind: 'token',
    token: {
      accessToken,
      expiresAt,
      startUrl: text('startUrl') ?? session.startUrl,
      region: text('region') ?? session.region,
      refreshToken: text('refreshToken'),
      clientId: text('clientId'),
      clientSecret: text('clientSecret'),
      registrationExpiresAt: parseTime(content['registrationExpiresAt']),
    },
  };
}

/** Times as all tools write them: ISO 8601, with `Z`, an offset, or the letters `UTC` that old botocore wrote. */
function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const time = Date.parse(value.replace(/UTC$/, 'Z'));
  return Number.isNaN(time) ? undefined : time;
}

/** Without milliseconds, as the AWS CLI writes it; some readers know no other form. */
function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
