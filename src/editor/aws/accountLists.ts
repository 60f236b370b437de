import type { AccountListProgress, SsoAccountRoles, SsoAccounts } from '../../aws/sso/accounts';
import type { SsoSession } from '../../aws/sso/ssoSession';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';

/** What is known of the accounts of a session so far. */
export interface AccountList {
  /** As they came in, so in no order. */
  accounts: readonly SsoAccountRoles[];
  status: 'loading' | 'complete' | 'stopped' | 'failed';
  progress: AccountListProgress;
  /** Why it failed, for people. */
  problem?: string;
}

interface Listing {
  list: AccountList;
  controller: AbortController;
  done: Promise<void>;
}

const nothingYet: AccountListProgress = { accountsFound: 0, accountsDone: 0, rolesFound: 0, isTotal: false };

/** The accounts and roles of sessions, listed when somebody wants to see them and kept until they sign out. */
export class AccountLists implements Disposable {
  readonly #accounts: SsoAccounts;
  readonly #onFound: (accounts: readonly SsoAccountRoles[]) => void;
  readonly #listings = new Map<string, Listing>();
  readonly #changed = new Emitter<void>();

  /** @param onFound told of the accounts of each listing when it ends. */
  constructor(accounts: SsoAccounts, onFound: (accounts: readonly SsoAccountRoles[]) => void) {
    this.#accounts = accounts;
    this.#onFound = onFound;
  }

  /** Fires whenever more is known. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** What is known now, without asking AWS. */
  get(session: string): AccountList | undefined {
    return this.#listings.get(session)?.list;
  }

  /**
   * Starts the listing of a session unless there is one, however it ended. Never throws; how it went is in the list.
   */
  load(session: SsoSession): Promise<void> {
    const { name } = session;
    const existing = this.#listings.get(name);
    if (existing) return existing.done;
    const controller = new AbortController();
    const listing: Listing = {
      list: { accounts: [], status: 'loading', progress: nothingYet },
      controller,
      done: Promise.resolve(),
    };
    this.#listings.set(name, listing);
    listing.done = this.#run(session, listing);
    return listing.done;
  }

  /** Stops what is under way; what was found stays. */
  stop(session: string): void {
    this.#listings.get(session)?.controller.abort();
  }

  /** Forgets a session's accounts, so that they are listed anew when they are next wanted. */
  forget(session: string): void {
    const listing = this.#listings.get(session);
    if (!listing) return;
    this.#listings.delete(session);
    listing.controller.abort();
    this.#changed.fire();
  }

  dispose(): void {
    for (const { controller } of this.#listings.values()) controller.abort();
    this.#listings.clear();
    this.#changed.dispose();
  }

  async #run(session: SsoSession, listing: Listing): Promise<void> {
    const { signal } = listing.controller;
    const found: SsoAccountRoles[] = [];
    const update = (change: Partial<AccountList>): void => {
      listing.list = { ...listing.list, ...change };
      if (this.#listings.get(session.name) === listing) this.#changed.fire();
    };
    try {
      const onProgress = (progress: AccountListProgress): void => update({ progress });
      for await (const account of this.#accounts.accountsAndRoles(session, { signal, onProgress })) {
        found.push(account);
        update({ accounts: [...found] });
      }
      update({ status: 'complete' });
    } catch (error) {
      if (signal.aborted) update({ status: 'stopped' });
      else {
        const problem = WorkbenchError.is(error) ? `${error.message} ${error.remedy}` : messageOf(error);
        update({ status: 'failed', problem });
      }
    }
    this.#onFound(found);
  }
}
