import type { IdentityService, IdentityState, ProfileSummary } from '../../aws/identity';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';

/** Who tools act as, with what the config files say about it before AWS has been asked. */
export interface KnownIdentity {
  state: IdentityState;
  /** The profile that is meant, where the files have it. */
  profile?: ProfileSummary;
  /** Whether there is no profile at all to choose from. */
  hasNoProfiles: boolean;
}

/** What the shared config files offer, kept so that views can be drawn without reading files. */
export class ProfileCatalog implements Disposable {
  readonly #identity: IdentityService;
  readonly #changed = new Emitter<void>();
  readonly #subscription: Disposable;
  #profiles: ProfileSummary[] | undefined;

  constructor(identity: IdentityService) {
    this.#identity = identity;
    this.#subscription = identity.onDidChange(() => this.#changed.fire());
  }

  /** Fires when the files or the identity changed. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** What is known now. Until the files were read nobody is told that there is no profile. */
  get current(): KnownIdentity {
    const { state } = this.#identity;
    const name = profileName(state) ?? 'default';
    const profile = this.#profiles?.find((profile) => profile.name === name);
    const hasNoProfiles = this.#profiles?.length === 0;
    if (state.kind === 'none' && profile && profile.kind !== 'incomplete') {
      // Calls act as the default profile where nobody chose another.
      const region = profile.region === undefined ? {} : { region: profile.region };
      return { state: { kind: 'unverified', profile: profile.name, ...region }, profile, hasNoProfiles };
    }
    return profile ? { state, profile, hasNoProfiles } : { state, hasNoProfiles };
  }

  /** Reads the files again. */
  async reload(): Promise<void> {
    this.#profiles = await this.#identity.listProfiles();
    this.#changed.fire();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}

/** The profile that a state is about. */
export function profileName(state: IdentityState): string | undefined {
  if (state.kind === 'active') return state.identity.profile;
  return state.kind === 'none' ? undefined : state.profile;
}

/** The Region that a state is about. */
export function regionOf({ state, profile }: KnownIdentity): string | undefined {
  if (state.kind === 'active') return state.identity.region;
  return state.kind === 'none' ? undefined : (state.region ?? profile?.region);
}
