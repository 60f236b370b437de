import type { AwsIdentityService } from '../../aws/identityService';
import type { IdentityState, ProfileSummary } from '../../aws/identity';
import { isUsable, type KnownSession } from '../../aws/ssoSessions';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import type { AccountBook } from './accountBook';

/** Who tools act as, with what the config files say about it before AWS has been asked. */
export interface KnownIdentity {
  state: IdentityState;
  /** The profile that is meant, where the files have it. */
  profile?: ProfileSummary;
  /** Whether there is nothing at all to choose from: neither profile nor session. */
  hasNoProfiles: boolean;
  /** Whether there are sessions but no profiles, and whether one of them can be used now. */
  onlySessions?: 'signedIn' | 'signedOut' | undefined;
  /** What the account that is meant is called, where it has a name. */
  accountName?: string | undefined;
  /** Whether the user marked that account as production. */
  isProduction?: boolean | undefined;
}

/** What the shared config files offer, kept so that views can be drawn without reading files. */
export class ProfileCatalog implements Disposable {
  readonly #identity: AwsIdentityService;
  readonly #accounts: AccountBook;
  readonly #changed = new Emitter<void>();
  readonly #subscriptions: Disposable[];
  #profiles: ProfileSummary[] | undefined;

  constructor(identity: AwsIdentityService, accounts: AccountBook) {
    this.#identity = identity;
    this.#accounts = accounts;
    this.#subscriptions = [identity, identity.sessions, accounts].map((source) =>
      source.onDidChange(() => this.#changed.fire()),
    );
  }

  /** Fires when the files, the sessions or the identity changed. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** The profiles as of the last reading. */
  get profiles(): readonly ProfileSummary[] {
    return this.#profiles ?? [];
  }

  /** What is known now. Until the files were read nobody is told that there is no profile. */
  get current(): KnownIdentity {
    const { state, sessions } = this.#identity;
    const name = profileName(state);
    const profile = this.#profiles?.find((profile) => profile.name === name);
    const account = accountOf(state) ?? profile?.account;
    return {
      state,
      hasNoProfiles: this.#profiles?.length === 0 && sessions.all.length === 0,
      onlySessions: this.#profiles?.length === 0 ? sessionsWord(sessions.all) : undefined,
      accountName: account === undefined ? undefined : this.#accounts.nameOf(account),
      isProduction: account !== undefined && this.#accounts.setting(account).production === true,
      ...(profile ? { profile } : {}),
    };
  }

  /** Reads the files and the token cache again. */
  async reload(): Promise<void> {
    const [profiles] = await Promise.all([this.#identity.listProfiles(), this.#identity.refresh()]);
    this.#profiles = profiles;
    this.#changed.fire();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }
}

function sessionsWord(sessions: readonly KnownSession[]): 'signedIn' | 'signedOut' | undefined {
  if (sessions.length === 0) return undefined;
  return sessions.some(({ state }) => isUsable(state)) ? 'signedIn' : 'signedOut';
}

/** The profile that a state is about. */
export function profileName(state: IdentityState): string | undefined {
  return 'identity' in state ? state.identity.profile : state.profile;
}

/** The account that a state is about, as far as it says so. */
export function accountOf(state: IdentityState): string | undefined {
  return 'identity' in state ? state.identity.account : state.sso?.account;
}

/** The Region that a state is about. */
export function regionOf({ state, profile }: KnownIdentity): string | undefined {
  return 'identity' in state ? state.identity.region : (state.region ?? profile?.region);
}
