import { WorkbenchError } from '../../core/errors';
import { portalRequest, type PortalOptions } from './portalRequest';
import { listRetries } from './retry';
import { toSsoError } from './ssoError';
import type { SsoSession } from './ssoSession';

/** An account the signed-in person is assigned to. */
export interface SsoAccount {
  /** 12 digits. */
  accountId: string;
  accountName?: string | undefined;
  emailAddress?: string | undefined;
}

/** An account with the names of the permission sets a person has in it. */
export interface SsoAccountRoles extends SsoAccount {
  roles: readonly string[];
  /** Why the roles could not be listed, where they could not. */
  problem?: string;
}

/** How far a listing is. */
export interface AccountListProgress {
  accountsFound: number;
  /** Accounts whose roles are known. */
  accountsDone: number;
  rolesFound: number;
  /** Whether all accounts are found, so that `accountsFound` is the total. */
  isTotal: boolean;
}

/** The largest page the portal gives. */
const pageSize = 100;

/** Requests at a time: enough to hide the distance to AWS, few enough not to be throttled at once. */
const defaultConcurrency = 8;

/** What a person may use, as the access portal lists it. */
export class SsoAccounts {
  readonly #options: PortalOptions;

  constructor(options: PortalOptions) {
    this.#options = options;
  }

  /**
   * Accounts, page by page, in the portal's order.
   * @throws WorkbenchError as {@link toSsoError} makes it.
   */
  async *accounts(session: SsoSession, signal?: AbortSignal): AsyncGenerator<SsoAccount, void, undefined> {
    let nextToken: string | undefined;
    do {
      const page = await this.#request(
        session,
        `Listing the accounts of ${session.name}`,
        signal,
        (client, common, send) =>
          client.listAccounts({ ...common, maxResults: pageSize, ...(nextToken ? { nextToken } : {}) }, send),
      );
      for (const { accountId, accountName, emailAddress } of page.accountList ?? []) {
        if (accountId !== undefined) yield { accountId, accountName, emailAddress };
      }
      nextToken = page.nextToken || undefined;
    } while (nextToken !== undefined);
  }

  /**
   * Names of a person's permission sets in an account, sorted.
   * @throws WorkbenchError as {@link toSsoError} makes it.
   */
  async roles(session: SsoSession, accountId: string, signal?: AbortSignal): Promise<string[]> {
    const roles: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#request(session, `Listing the roles in ${accountId}`, signal, (client, common, send) =>
        client.listAccountRoles(
          { ...common, accountId, maxResults: pageSize, ...(nextToken ? { nextToken } : {}) },
          send,
        ),
      );
      for (const { roleName } of page.roleList ?? []) if (roleName !== undefined) roles.push(roleName);
      nextToken = page.nextToken || undefined;
    } while (nextToken !== undefined);
    return roles.sort((left, right) => left.localeCompare(right));
  }

  /**
   * All accounts with their roles, each as soon as it is known, so not in the portal's order. Leaving the loop cancels
   * what is under way. An account whose roles cannot be listed is given with the problem; only what concerns the
   * whole session ends the listing.
   * @throws WorkbenchError as {@link toSsoError} makes it.
   */
  async *accountsAndRoles(
    session: SsoSession,
    options: {
      signal?: AbortSignal | undefined;
      onProgress?: (progress: AccountListProgress) => void;
      concurrency?: number;
    } = {},
  ): AsyncGenerator<SsoAccountRoles, void, undefined> {
    const { onProgress, concurrency = defaultConcurrency } = options;
    const controller = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
    const progress: AccountListProgress = { accountsFound: 0, accountsDone: 0, rolesFound: 0, isTotal: false };
    const found = this.accounts(session, signal);
    const take = async (): Promise<Step> => ({ kind: 'account', next: await found.next() });
    const listing = new Map<string, Promise<Step>>();
    let pending: Promise<Step> | undefined = take();
    try {
      while (pending !== undefined || listing.size > 0) {
        const contenders = [...listing.values()];
        if (pending !== undefined && listing.size < concurrency) contenders.push(pending);
        const step = await Promise.race(contenders);
        if (step.kind === 'account') {
          if (step.next.done === true) {
            pending = undefined;
            progress.isTotal = true;
          } else {
            const account = step.next.value;
            progress.accountsFound++;
            pending = take();
            listing.set(account.accountId, this.#rolesOf(session, account, signal));
          }
          onProgress?.({ ...progress });
        } else {
          listing.delete(step.account.accountId);
          progress.accountsDone++;
          progress.rolesFound += step.account.roles.length;
          onProgress?.({ ...progress });
          yield step.account;
        }
      }
    } finally {
      controller.abort();
      await Promise.allSettled([...listing.values(), ...(pending === undefined ? [] : [pending])]);
    }
  }

  async #rolesOf(session: SsoSession, account: SsoAccount, signal: AbortSignal): Promise<Step> {
    try {
      return { kind: 'roles', account: { ...account, roles: await this.roles(session, account.accountId, signal) } };
    } catch (error) {
      const isOfThisAccount = WorkbenchError.is(error, 'AccessDenied') || WorkbenchError.is(error, 'InvalidInput');
      if (!isOfThisAccount) throw error;
      return { kind: 'roles', account: { ...account, roles: [], problem: error.message } };
    }
  }

  async #request<T>(
    session: SsoSession,
    what: string,
    signal: AbortSignal | undefined,
    request: (
      client: Parameters<Parameters<typeof portalRequest<T>>[2]>[0],
      common: { accessToken: string },
      send: { abortSignal?: AbortSignal },
    ) => Promise<T>,
  ): Promise<T> {
    try {
      return await portalRequest(
        this.#options,
        session,
        (client, accessToken, send) => request(client, { accessToken }, send),
        { what, policy: listRetries, signal },
      );
    } catch (error) {
      throw toSsoError(error, session, 'listed');
    }
  }
}

type Step = { kind: 'account'; next: IteratorResult<SsoAccount, void> } | { kind: 'roles'; account: SsoAccountRoles };
