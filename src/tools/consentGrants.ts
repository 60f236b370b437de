import { randomUUID } from 'node:crypto';
import type { CallerIdentity } from '../aws/identity';
import { Emitter, type Event } from '../core/emitter';
import { canonicalJson } from '../core/json';
import type { Disposable } from '../core/disposable';
import type { ConsentSubject } from './consent';

/** A yes that holds for later calls too: of the same tool, for the same action, resource, identity and session. */
export interface ConsentGrant {
  readonly id: string;
  readonly tool: string;
  readonly action: string;
  readonly resource: string;
  readonly resourceArn?: string;
  readonly identity: CallerIdentity | undefined;
  readonly client: string;
  readonly sessionId: string;
  /** Who asked the person. */
  readonly by: 'editor' | 'client';
  /** Milliseconds since the epoch. */
  readonly givenAt: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** How many calls went ahead on it. */
  readonly uses: number;
}

export interface ConsentGrantsOptions {
  /** Milliseconds for which a grant lasts at most. Default one hour. */
  lifetimeMs?: number;
  /** How many are kept; the oldest go first. Default 100. */
  maxGrants?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/**
 * Remembers what a person agreed to "for this session and this resource". What is sent may differ from call to call,
 * nothing else may; `destructive` tools never get one. In memory only, so no grant outlives the process.
 */
export class ConsentGrants implements Disposable {
  readonly #grants = new Map<string, ConsentGrant>();
  readonly #changed = new Emitter<void>();
  readonly #lifetimeMs: number;
  readonly #maxGrants: number;
  readonly #now: () => number;

  constructor({ lifetimeMs = 60 * 60 * 1000, maxGrants = 100, now = Date.now }: ConsentGrantsOptions = {}) {
    this.#lifetimeMs = lifetimeMs;
    this.#maxGrants = maxGrants;
    this.#now = now;
  }

  /** Fires when a grant is given, used or taken back. One that only expired is gone from `list` without it. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Those that hold now, newest first. */
  get list(): readonly ConsentGrant[] {
    this.#dropExpired();
    return [...this.#grants.values()].toReversed();
  }

  /** Whether a yes for that may hold for later calls. */
  static mayCover(subject: ConsentSubject): boolean {
    return subject.access === 'write';
  }

  /** Remembers a yes; for what no grant can cover it does nothing. */
  give(subject: ConsentSubject, by: ConsentGrant['by']): void {
    if (!ConsentGrants.mayCover(subject)) return;
    const { plan, tool, identity, client, sessionId } = subject;
    const givenAt = this.#now();
    const key = keyOf(subject);
    this.#grants.delete(key);
    this.#grants.set(key, {
      id: randomUUID(),
      tool,
      action: plan.action,
      resource: plan.resource,
      ...(plan.resourceArn === undefined ? {} : { resourceArn: plan.resourceArn }),
      identity,
      client,
      sessionId,
      by,
      givenAt,
      expiresAt: givenAt + this.#lifetimeMs,
      uses: 0,
    });
    this.#dropExpired();
    for (const oldest of this.#grants.keys()) {
      if (this.#grants.size <= this.#maxGrants) break;
      this.#grants.delete(oldest);
    }
    this.#changed.fire();
  }

  /** The grant that covers it, counted as used. */
  use(subject: ConsentSubject): ConsentGrant | undefined {
    if (!ConsentGrants.mayCover(subject)) return undefined;
    this.#dropExpired();
    const key = keyOf(subject);
    const grant = this.#grants.get(key);
    if (!grant) return undefined;
    const used = { ...grant, uses: grant.uses + 1 };
    this.#grants.set(key, used);
    this.#changed.fire();
    return used;
  }

  /** Takes one back. */
  revoke(id: string): void {
    this.#revokeWhere((grant) => grant.id === id);
  }

  /** Takes back all of a session, as when it ends. */
  revokeSession(sessionId: string): void {
    this.#revokeWhere((grant) => grant.sessionId === sessionId);
  }

  /** Takes back all, as when the user signs out or picks another identity. */
  revokeAll(): void {
    this.#revokeWhere(() => true);
  }

  dispose(): void {
    this.#grants.clear();
    this.#changed.dispose();
  }

  #revokeWhere(isMeant: (grant: ConsentGrant) => boolean): void {
    const before = this.#grants.size;
    for (const [key, grant] of this.#grants) {
      if (isMeant(grant)) this.#grants.delete(key);
    }
    if (this.#grants.size !== before) this.#changed.fire();
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [key, grant] of this.#grants) {
      if (grant.expiresAt <= now) this.#grants.delete(key);
    }
  }
}

function keyOf({ plan, tool, access, client, sessionId, identity }: ConsentSubject): string {
  const { action, resource, resourceArn } = plan;
  const who = identity && [identity.account, identity.role, identity.region, identity.profile];
  return canonicalJson([tool, access, action, resource, resourceArn ?? null, who ?? null, client, sessionId]);
}
