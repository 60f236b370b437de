import type {
  AwsSession,
  IdentityRequest,
  IdentitySelection,
  IdentityService,
  IdentityState,
  ProfileSummary,
  ResolveOptions,
} from '../../aws/identity';
import type { AwsIdentityService } from '../../aws/identityService';
import type { SsoSession } from '../../aws/sso/ssoSession';
import type { Event } from '../../core/emitter';
import { WorkbenchError } from '../../core/errors';
import { profileName, regionOf, type ProfileCatalog } from '../identity/profileCatalog';
import type { SignInNotices } from './signInNotices';
import type { SignInWait } from './signInWait';

export interface ToolIdentityOptions {
  identity: AwsIdentityService;
  profiles: ProfileCatalog;
  notices: SignInNotices;
  wait: SignInWait;
  /** Whether calls wait for a sign-in; asked at each call that needs one. */
  waits: () => boolean;
}

/** The identity as tool calls see it: where a call needs a person, the person is told, once. */
export class ToolIdentity implements IdentityService {
  readonly #options: ToolIdentityOptions;

  constructor(options: ToolIdentityOptions) {
    this.#options = options;
  }

  /** With the profile and the Region in force, chosen or not, since a call may name what holds anyway. */
  get selection(): IdentitySelection {
    const { identity, profiles } = this.#options;
    const known = profiles.current;
    const profile = identity.selection.sso ? undefined : (identity.selection.profile ?? profileName(known.state));
    return { ...identity.selection, profile, region: identity.selection.region ?? regionOf(known) };
  }

  get state(): IdentityState {
    return this.#options.identity.state;
  }

  get onDidChange(): Event<IdentityState> {
    return this.#options.identity.onDidChange;
  }

  select(selection: IdentitySelection): void {
    this.#options.identity.select(selection);
  }

  async resolve(request: IdentityRequest, signal: AbortSignal, options: ResolveOptions = {}): Promise<AwsSession> {
    const { identity, notices, wait, waits } = this.#options;
    try {
      return await identity.resolve(request, signal);
    } catch (error) {
      if (!WorkbenchError.is(error, 'SignInRequired')) throw error;
      const session = await identity.sessionToSignIn(request);
      if (!session) {
        notices.personNeeded(request.profile ?? profileName(identity.state) ?? 'environment', error);
        throw error;
      }
      notices.sessionNeeded(session, error);
      if (!waits() || !(await this.#wait(wait, session, signal, options))) throw error;
      return identity.resolve(request, signal);
    }
  }

  /** The session that somebody must sign in to before a call can work. */
  sessionToSignIn(request: IdentityRequest): Promise<SsoSession | undefined> {
    return this.#options.identity.sessionToSignIn(request);
  }

  listProfiles(): Promise<ProfileSummary[]> {
    return this.#options.identity.listProfiles();
  }

  invalidate(): void {
    this.#options.identity.invalidate();
  }

  async #wait(
    wait: SignInWait,
    session: SsoSession,
    signal: AbortSignal,
    { whileWaiting = (work) => work(), onWaiting, client = 'A tool call' }: ResolveOptions,
  ): Promise<boolean> {
    const tell = (): void => onWaiting?.(`Waiting for the user to sign in to ${session.name}`);
    tell();
    // Clients that give a silent call up see that it lives.
    const timer = setInterval(tell, 10_000);
    try {
      return await whileWaiting(() => wait.until(session, client, signal));
    } finally {
      clearInterval(timer);
    }
  }
}
