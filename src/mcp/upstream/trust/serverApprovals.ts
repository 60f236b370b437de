import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { Emitter, type Event } from '../../../core/emitter';
import { WorkbenchError } from '../../../core/errors';
import { canonicalJson } from '../../../core/json';
import { quoteName } from '../discovery/configProblem';
import { ownerLabels } from '../discovery/configOwner';
import type { ServerEntry } from '../discovery/serverEntry';

/** Where answers are kept: the editor's global state, a file, or memory in tests. */
export interface ApprovalStorage {
  get(key: string): unknown;
  /** `undefined` removes the key. */
  set(key: string, value: unknown): Promise<void>;
  keys(): readonly string[];
}

/**
 * Whether a server may start.
 * - `notNeeded`: the person configured it for this editor, outside of any workspace.
 * - `approved`, `refused`: the person answered for exactly this definition.
 * - `unknown`: nobody was asked.
 * - `changed`: the person agreed to another definition of the same entry.
 * - `untrustedWorkspace`: it comes from a workspace that is not trusted, so nobody is asked.
 */
export type ApprovalState = 'notNeeded' | 'approved' | 'refused' | 'unknown' | 'changed' | 'untrustedWorkspace';

/** What a person is asked, bound to the definition that was shown. */
export interface ApprovalRequest {
  entry: ServerEntry;
  /** Hash of the definition as it was when the question was made. */
  fingerprint: string;
  /** Whether the person agreed to an earlier definition, so that the change is to be pointed out. */
  isChange: boolean;
}

export interface ServerApprovalsOptions {
  /** Whether the editor trusts the workspace; asked at every check. */
  isWorkspaceTrusted: () => boolean;
}

const keyPrefix = 'mcpServerApproval/';

const recordSchema = z.strictObject({
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  isApproved: z.boolean(),
});

/**
 * Remembers to which server definitions a person agreed. A server that came with a folder, or from another program's
 * configuration, never starts before that.
 *
 * What VS Code does decided the defaults (`microsoft/vscode`, `mcpRegistry.ts` and the discovery classes): servers of its
 * own user configuration are trusted, while those found in workspaces and in the files of other programs are asked for
 * once and again when their definition changes (`McpServerTrust.Kind.TrustedOnNonce`). We also ask for VS Code's own
 * `.vscode/mcp.json`, since there we would run it where the editor's question was never shown. Servers behind a URL are
 * asked for like commands: they receive headers with secrets, and their tools reach the model.
 *
 * The answer covers the definition as it is written: transport, command, arguments, names and values of variables, working
 * folder, variable file, URL, headers, and the file it stands in. Values are part of it because some (`NODE_OPTIONS`,
 * `PATH`) decide what runs. It covers neither the content of the files that a command names nor what a variable
 * resolves to on this machine; that is what trusting the workspace means.
 */
export class ServerApprovals {
  readonly #storage: ApprovalStorage;
  readonly #isWorkspaceTrusted: () => boolean;
  readonly #changes = new Emitter<ServerEntry | undefined>();

  constructor(storage: ApprovalStorage, options: ServerApprovalsOptions) {
    this.#storage = storage;
    this.#isWorkspaceTrusted = options.isWorkspaceTrusted;
  }

  /** Fires after an answer was given or taken back; without an entry it is about all of them. */
  readonly onDidChange: Event<ServerEntry | undefined> = (listener) => this.#changes.event(listener);

  /** Whether the server of an entry may start. */
  check(entry: ServerEntry): ApprovalState {
    if (!needsApproval(entry)) return 'notNeeded';
    if (entry.scope !== 'user' && !this.#isWorkspaceTrusted()) return 'untrustedWorkspace';
    const record = this.#record(entry);
    if (!record) return 'unknown';
    if (!isSame(record.hash, fingerprintOf(entry, record.salt))) return record.isApproved ? 'changed' : 'unknown';
    return record.isApproved ? 'approved' : 'refused';
  }

  /**
   * To be called right before a server starts.
   * @throws WorkbenchError `PolicyDenied` or `ConsentRefused` where it must not.
   */
  assertMayStart(entry: ServerEntry): void {
    const state = this.check(entry);
    if (state === 'notNeeded' || state === 'approved') return;
    const name = quoteName(entry.name);
    if (state === 'untrustedWorkspace') {
      throw new WorkbenchError('PolicyDenied', `The server ${name} belongs to a workspace that is not trusted.`, {
        remedy: 'Trust the workspace, then start the server again.',
      });
    }
    const reasons = {
      unknown: `Nobody agreed to start the server ${name}, which ${ownerLabels[entry.owner]} has configured.`,
      changed: `The definition of the server ${name} changed since a person agreed to it.`,
      refused: `A person refused to start the server ${name}.`,
    };
    throw new WorkbenchError('ConsentRefused', reasons[state], {
      remedy: 'Start it from the list of servers, and agree to its command or address.',
    });
  }

  /** The question to show; give it back with the answer. */
  request(entry: ServerEntry): ApprovalRequest {
    return { entry, fingerprint: fingerprintOf(entry, ''), isChange: this.check(entry) === 'changed' };
  }

  /**
   * Stores the answer to a question.
   * @param entry the entry as it is now: it may have changed while the question was on screen
   * @returns whether the answer counts; if not, the person must be asked about the new definition
   */
  async answer(request: ApprovalRequest, entry: ServerEntry, isApproved: boolean): Promise<boolean> {
    if (!isSame(request.fingerprint, fingerprintOf(entry, ''))) return false;
    // With a salt of its own, so that the stored hash tells nothing about short secrets in a definition.
    const salt = randomBytes(16).toString('hex');
    await this.#storage.set(keyOf(entry), { salt, hash: fingerprintOf(entry, salt), isApproved });
    this.#changes.fire(entry);
    return true;
  }

  /** Forgets the answer for an entry, so that it is asked again. */
  async forget(entry: ServerEntry): Promise<void> {
    await this.#storage.set(keyOf(entry), undefined);
    this.#changes.fire(entry);
  }

  /** Forgets all answers. */
  async forgetAll(): Promise<void> {
    for (const key of this.#storage.keys()) {
      if (key.startsWith(keyPrefix)) await this.#storage.set(key, undefined);
    }
    this.#changes.fire(undefined);
  }

  dispose(): void {
    this.#changes.dispose();
  }

  #record(entry: ServerEntry): z.output<typeof recordSchema> | undefined {
    const parsed = recordSchema.safeParse(this.#storage.get(keyOf(entry)));
    return parsed.success ? parsed.data : undefined;
  }
}

/** Whether a person must agree before the server of an entry starts. */
export function needsApproval(entry: ServerEntry): boolean {
  return entry.scope !== 'user' || (entry.owner !== 'vscode' && entry.owner !== 'workbench');
}

/** One answer for each entry of each file; names and paths of the user are not put into the key as they are. */
function keyOf(entry: ServerEntry): string {
  const place = canonicalJson([entry.owner, entry.scope, entry.file.path, entry.path]);
  return keyPrefix + createHash('sha256').update(place).digest('hex');
}

function fingerprintOf(entry: ServerEntry, salt: string): string {
  const { owner, scope, file, path, folder, template } = entry;
  // Inputs that run a command of the editor are part of what starts.
  const commands = [...entry.inputs.values()].filter(({ type }) => type === 'command');
  const definition = canonicalJson([owner, scope, file.path, path, folder?.path ?? null, template, commands]);
  return createHash('sha256').update(`${salt}\n${definition}`).digest('hex');
}

function isSame(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
