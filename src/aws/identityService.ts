import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { isDeepStrictEqual } from 'node:util';
import { DisposableStore, type Disposable } from '../core/disposable';
import { Emitter, type Event } from '../core/emitter';
import { messageOf, WorkbenchError } from '../core/errors';
import { toWorkbenchError } from './awsErrors';
import { nameOfArn } from './callerArn';
import { AwsClientFactory } from './clients';
import { configExcerpt } from './config/configExcerpt';
import { readClientSettings, type ClientSettings } from './clientSettings';
import { profileKind, SharedConfigReader, summarizeProfile, type SharedConfig } from './config/sharedConfig';
import { CredentialFinder, hasContainerCredentials, RefreshingCredentials, type FoundCredentials } from './credentials';
import type { AwsEnvironment } from './environment';
import type {
  AccountLabel,
  AwsServiceClients,
  AwsServiceName,
  AwsSession,
  CallerIdentity,
  IdentityRequest,
  IdentitySelection,
  IdentityService,
  IdentityState,
  IdentityTarget,
  ProfileSummary,
} from './identity';
import { endedState, liveState } from './identityStates';
import { cancelled } from './sharedTask';
import type { SsoRole } from './sso/roleCredentials';
import { tokenCacheKey, type SsoSession, type SsoSessionState } from './sso/ssoSession';
import { announceBeforeMs } from './sso/tokenRefresh';
import { openSharedSignIns } from './ssoCredentials';
import { isUsable, SsoSessions, type SsoSource } from './ssoSessions';
import { findSession, isSameSession, rootSession } from './ssoTargets';

export interface AwsIdentityServiceOptions {
  /** How many pairs of profile and region are kept ready. Default 16. */
  maxIdentities?: number;
  /** Default: only reads and renews the sign-ins that other tools made. It stays its owner's to dispose of. */
  sso?: SsoSource;
  /** What the user calls an account, asked at each use. */
  describeAccount?: (account: string) => AccountLabel | undefined;
}

const defaultMaxIdentities = 16;
/** The profile's name on results where credentials do not come from a profile. */
const environmentLabel = 'environment';

/** Which credentials are meant, and where. */
interface Target {
  config: SharedConfig;
  /** `undefined`: not from a profile. */
  profile: string | undefined;
  /** A role that was picked without a profile. */
  sso: SsoRole | undefined;
  /** The profile's name, `environment`, or `sso-session <name>`. */
  label: string;
  region: string;
  /** The SSO session that everything hangs on, if there is one. */
  session: SsoSession | undefined;
}

/** Credentials together with who STS said they are. */
interface VerifiedCredentials extends FoundCredentials {
  arn: string;
  account: string;
}

/** A failure that is remembered until something changes that it may have come from. */
interface Failure {
  state: IdentityState;
  config: SharedConfig;
  /** Access token of the session at that time. */
  token: string | undefined;
}

/**
 * Finds out who calls act as, and keeps credentials and clients for each profile and region that was used lately.
 *
 * Nothing is sent before the first call of `resolve`. Edits of the config files are seen by the next call in any case;
 * `refresh` is for the state that is shown meanwhile. Credentials are kept while they are good: neither an edit that
 * does not concern them nor a renewed token makes anybody ask again who we are.
 */
export class AwsIdentityService implements IdentityService, Disposable {
  /** The sessions of IAM Identity Center behind all this. */
  readonly sessions: SsoSessions;
  readonly #owned = new DisposableStore();
  readonly #environment: AwsEnvironment;
  readonly #reader: SharedConfigReader;
  readonly #clients: AwsClientFactory;
  readonly #sso: SsoSource;
  readonly #finder: CredentialFinder;
  readonly #changed: Emitter<IdentityState>;
  readonly #options: AwsIdentityServiceOptions;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #selection: IdentitySelection;
  #state: IdentityState;
  #failure: Failure | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Counts what makes the outcome of an earlier resolve say nothing about the current identity. */
  #generation = 0;

  /** @param selection who the user picked last time */
  constructor(environment: AwsEnvironment, selection: IdentitySelection = {}, options: AwsIdentityServiceOptions = {}) {
    this.#environment = environment;
    this.#options = options;
    this.#reader = new SharedConfigReader(this.#environment);
    this.#clients = this.#owned.add(new AwsClientFactory(environment.version));
    this.#sso = options.sso ?? this.#owned.add(openSharedSignIns(environment));
    this.#finder = new CredentialFinder(environment, this.#clients, this.#sso);
    this.sessions = this.#owned.add(new SsoSessions(this.#sso, environment.logger));
    this.#owned.add(
      this.#sso.tokens.onDidChange(({ session, what }) => {
        // Another person may have signed in, or the same one with other rights.
        if (what === 'signedIn' || what === 'signedOut') this.#forgetSession(session);
        if (what === 'signedIn') this.#failure = undefined;
      }),
    );
    this.#owned.add(this.sessions.onDidChange(() => this.#reconsiderSoon()));
    this.#changed = new Emitter((error) => this.#environment.logger.error(messageOf(error)));
    this.#selection = { ...selection };
    this.#state = this.#unverified();
  }

  get selection(): IdentitySelection {
    return this.#selection;
  }

  get state(): IdentityState {
    return this.#state;
  }

  get onDidChange(): Event<IdentityState> {
    return this.#changed.event;
  }

  select(selection: IdentitySelection): void {
    if (isDeepStrictEqual(normalized(selection), normalized(this.#selection))) return;
    this.#selection = { ...selection };
    this.#generation++;
    this.#failure = undefined;
    this.#state = this.#unverified();
    // Fired even where the state looks the same, because those who listen may want to know the selection.
    this.#changed.fire(this.#state);
    this.#reconsiderSoon();
  }

  invalidate(): void {
    this.#generation++;
    this.#failure = undefined;
    this.#entries.clear();
    this.#reader.forget();
    this.#sso.roleCredentials.invalidate();
    this.#setState(this.#unverified());
    this.#reconsiderSoon();
  }

  /**
   * Takes up what changed in the config files and in the token cache, without asking anybody outside. Never throws.
   */
  async refresh(): Promise<void> {
    const config = await this.#reader.load();
    await this.sessions.reload(config);
    await this.#reconsider();
  }

  async resolve(request: IdentityRequest, signal: AbortSignal): Promise<AwsSession> {
    if (signal.aborted) throw cancelled(signal.reason);
    const generation = this.#generation;
    // Taken before anything is waited for: a call acts as who was picked when it was made.
    const selection = this.#selection;
    const config = await this.#reader.load();
    let isCurrent = request.profile === undefined && request.region === undefined;
    let target: Target | undefined;
    try {
      target = this.#target(request, selection, config);
      isCurrent ||= this.#isCurrent(target);
      const entry = this.#entry(target);
      const verified = await entry.credentials.get(signal);
      const session = entry.sessionFor(verified);
      if (isCurrent && generation === this.#generation) {
        this.#failure = undefined;
        await this.#reconsider();
      }
      return session;
    } catch (error) {
      if (isCurrent && generation === this.#generation) await this.#noteFailure(error, config, target, generation);
      throw error;
    }
  }

  /**
   * The SSO session that a call with this request hangs on, if it is one.
   * @throws WorkbenchError `InvalidInput` as `resolve`
   */
  async sessionOf(request: IdentityRequest): Promise<SsoSession | undefined> {
    const config = await this.#reader.load();
    return this.#target(request, this.#selection, config).session;
  }

  /**
   * The session that somebody must sign in to before a call with this request can work. `undefined` where none is
   * behind it, or where it is usable and something else is missing, as the code of an MFA device.
   */
  async sessionToSignIn(request: IdentityRequest): Promise<SsoSession | undefined> {
    const session = await this.sessionOf(request).catch(() => undefined);
    return session && !isUsable(await this.sessions.state(session)) ? session : undefined;
  }

  async listProfiles(): Promise<ProfileSummary[]> {
    const { profiles } = await this.#reader.load();
    const summaries = [...profiles.values()].map(summarizeProfile);
    const variable = (name: string): string | undefined => this.#environment.variable(name);
    const hasEnvironment =
      variable('AWS_ACCESS_KEY_ID') !== undefined ||
      (variable('AWS_WEB_IDENTITY_TOKEN_FILE') !== undefined && variable('AWS_ROLE_ARN') !== undefined);
    const kind = hasEnvironment ? 'environment' : hasContainerCredentials(this.#environment) ? 'container' : undefined;
    if (kind && !profiles.has(environmentLabel)) {
      const region = this.#environmentRegion();
      summaries.push({ name: environmentLabel, kind, ...(region ? { region } : {}) });
    }
    return summaries;
  }

  /** Profiles, sso-sessions and problems of the shared files as they are now. */
  readConfig(): Promise<SharedConfig> {
    return this.#reader.load();
  }

  /** Closes all connections; calls in flight fail. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#generation++;
    this.#entries.clear();
    this.#owned.dispose();
    this.#changed.dispose();
  }

  /** Profile: request, selection, `AWS_PROFILE`, keys in the environment, `default`, other surroundings. */
  #target(request: IdentityRequest, selection: IdentitySelection, config: SharedConfig): Target {
    const sso = request.profile === undefined ? this.#pickedRole(selection, config) : undefined;
    const { profile, label } = sso
      ? { profile: undefined, label: ssoLabel(sso.session.name) }
      : this.#profileOf(request.profile ?? selection.profile, config);
    const configured = profile === undefined ? undefined : config.profiles.get(profile)?.settings.get('region');
    const region =
      (request.region ?? selection.region ?? (configured || undefined)) ||
      this.#environmentRegion() ||
      config.profiles.get(profile ?? 'default')?.settings.get('region') ||
      sso?.session.region;
    if (!region) {
      throw new WorkbenchError('InvalidInput', `No region is set for ${describeLabel(label, profile)}.`, {
        remedy: `Give a region with the call, choose one, or add "region = …" to the profile in ${this.#environment.configFile}.`,
      });
    }
    // It becomes part of host names.
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(region)) {
      throw new WorkbenchError('InvalidInput', `${JSON.stringify(region.slice(0, 80))} is not the name of a region.`, {
        remedy: 'Give a region such as us-east-1.',
      });
    }
    const session = sso?.session ?? (profile === undefined ? undefined : rootSession(config, profile));
    return { config, profile, sso, label, region, session };
  }

  #pickedRole({ profile, sso }: IdentitySelection, config: SharedConfig): SsoRole | undefined {
    if (!sso || profile !== undefined) return undefined;
    const session = findSession(config, sso.session);
    if (session) return { session, accountId: sso.account, roleName: sso.role };
    throw new WorkbenchError('InvalidInput', `There is no SSO session ${sso.session} any more.`, {
      remedy: `Pick another role, or add [sso-session ${sso.session}] to ${this.#environment.configFile}.`,
    });
  }

  #profileOf(picked: string | undefined, config: SharedConfig): { profile: string | undefined; label: string } {
    const chosen = picked ?? this.#environment.variable('AWS_PROFILE');
    if (chosen !== undefined) {
      if (config.profiles.has(chosen)) return { profile: chosen, label: chosen };
      if (chosen === environmentLabel) return { profile: undefined, label: environmentLabel };
      throw this.#unknownProfile(chosen, config);
    }
    const fallback = config.profiles.get('default');
    if (this.#environment.variable('AWS_ACCESS_KEY_ID') === undefined && fallback) {
      if (profileKind(fallback) !== 'incomplete') return { profile: 'default', label: 'default' };
    }
    return { profile: undefined, label: environmentLabel };
  }

  #unknownProfile(name: string, { problems }: SharedConfig): WorkbenchError {
    const { configFile } = this.#environment;
    const [problem] = problems;
    const hint = problem
      ? ` ${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}: ${problem.message}`
      : '';
    return new WorkbenchError('InvalidInput', `There is no AWS profile named ${name}.${hint}`, {
      remedy: `Choose a profile that exists, or add it to ${configFile}.`,
    });
  }

  #environmentRegion(): string | undefined {
    return this.#environment.variable('AWS_REGION') ?? this.#environment.variable('AWS_DEFAULT_REGION');
  }

  /** Whether a call that names its identity names the one that is picked anyway. */
  #isCurrent(target: Target): boolean {
    const current = this.#currentTarget(target.config);
    return current !== undefined && keyOf(current) === keyOf(target);
  }

  #currentTarget(config: SharedConfig): Target | undefined {
    try {
      return this.#target({}, this.#selection, config);
    } catch {
      return undefined;
    }
  }

  #entry(target: Target): Entry {
    const key = keyOf(target);
    let entry = this.#entries.get(key);
    const excerpt = excerptOf(target);
    if (entry?.excerpt !== excerpt) {
      const settings = readClientSettings(this.#environment, target.config, target.profile);
      entry = new Entry({
        target,
        excerpt,
        finder: this.#finder,
        clients: this.#clients,
        settings,
        describeAccount: (account) => this.#options.describeAccount?.(account),
        onLate: (error) => {
          this.#environment.logger.warn(`Refreshing the credentials of ${target.label} failed: ${messageOf(error)}`);
        },
        // Whatever AWS no longer accepts must not be offered to the next call.
        onRefused: (refused) => {
          if (this.#entries.get(key) === refused) this.#entries.delete(key);
        },
      });
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const maximum = this.#options.maxIdentities ?? defaultMaxIdentities;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maximum) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }

  /** Credentials and clients of a session go with it, those of the roles behind it included. */
  #forgetSession(session: SsoSession): void {
    for (const [name, { session: own }] of this.#entries) {
      if (own === undefined || !isSameSession(own, session)) continue;
      this.#entries.delete(name);
      this.#generation++;
    }
  }

  /** Who is meant, as far as can be said without AWS; `undefined` where nobody was picked. */
  #meant(config?: SharedConfig): IdentityTarget | undefined {
    const { profile: picked, sso } = this.#selection;
    const region = this.#selection.region ?? this.#environmentRegion();
    const where = region === undefined ? {} : { region };
    if (picked === undefined && sso) return { profile: ssoLabel(sso.session), ...where, session: sso.session, sso };
    const variable = (name: string): string | undefined => this.#environment.variable(name);
    const profile =
      picked ??
      variable('AWS_PROFILE') ??
      (variable('AWS_ACCESS_KEY_ID') === undefined ? undefined : environmentLabel) ??
      usableDefault(config);
    if (profile === undefined) return undefined;
    const session = config && rootSession(config, profile)?.name;
    return { profile, ...where, ...(session === undefined ? {} : { session }) };
  }

  /** What can be said without asking anybody. */
  #unverified(config?: SharedConfig): IdentityState {
    const meant = this.#meant(config);
    if (meant) return { kind: 'unverified', ...meant };
    const signingIn = this.sessions.signingIn;
    if (signingIn?.state.kind === 'signingIn') {
      return { kind: 'signingIn', session: signingIn.session.name, reason: signingIn.state.reason };
    }
    return { kind: 'signedOut', reason: 'No AWS profile has been chosen.' };
  }

  #reconsiderSoon(): void {
    this.#reconsider().catch((error: unknown) => this.#environment.logger.error(messageOf(error)));
  }

  /** Brings the state up to date with files, tokens and the time, without asking anybody outside. */
  async #reconsider(): Promise<void> {
    const generation = this.#generation;
    const config = await this.#reader.load();
    const target = this.#currentTarget(config);
    const session = target?.session;
    const sessionState = session && (await this.sessions.state(session));
    const token = session && (await this.#sso.tokens.peek(session))?.accessToken;
    // Nothing is waited for from here on, so that what is seen now still holds when it is told.
    if (generation !== this.#generation) return;
    if (sessionState?.kind === 'signedOut' && session) {
      this.#forgetSession(session);
      this.#sso.roleCredentials.invalidate(session);
    }
    this.#setState(this.#judge(config, target, sessionState, token));
  }

  #judge(
    config: SharedConfig,
    target: Target | undefined,
    session: SsoSessionState | undefined,
    token: string | undefined,
  ): IdentityState {
    const meant = this.#meant(config);
    if (!meant) return this.#unverified(config);
    if (session?.kind === 'signedOut' || session?.kind === 'signingIn') {
      return { kind: session.kind, ...meant, reason: session.reason };
    }
    const now = Date.now();
    const entry = target && this.#entries.get(keyOf(target));
    const verified = target && entry?.excerpt === excerptOf(target) ? entry.credentials.last : undefined;
    const isOver = session?.kind === 'expired' && !session.renewable;
    if (!isOver && this.#failure?.config === config && this.#failure.token === token) return this.#failure.state;
    if (entry && verified) {
      const sessionEnd =
        session?.kind === 'expiring' || (session?.kind === 'active' && !session.renewable)
          ? session.expiresAt
          : undefined;
      // Credentials outlive the session that they came from.
      const end = isOver ? (verified.credentials.expiration?.getTime() ?? 0) : session ? sessionEnd : verified.endsAt;
      const { identity } = entry.sessionFor(verified);
      if (end === undefined || end > now) return liveState(identity, target.session?.name, end, now);
      return endedState(meant, session, end, now);
    }
    return isOver ? { kind: 'expired', ...meant, reason: session.reason } : { kind: 'unverified', ...meant };
  }

  async #noteFailure(
    error: unknown,
    config: SharedConfig,
    target: Target | undefined,
    generation: number,
  ): Promise<void> {
    if (WorkbenchError.is(error, 'Cancelled')) return;
    const isLive = this.#state.kind === 'active' || this.#state.kind === 'expiring';
    // What may pass by itself, as a network that is down, signs nobody out.
    if (error instanceof WorkbenchError && error.retryable && isLive) return;
    const session = target?.session;
    const sessionState = session && (await this.sessions.state(session));
    const token = session && (await this.#sso.tokens.peek(session))?.accessToken;
    if (generation !== this.#generation) return;
    const reason = messageOf(error);
    const meant = this.#meant(config);
    let state: IdentityState;
    if (!meant) state = { kind: 'signedOut', reason };
    else if (!WorkbenchError.is(error, 'SignInRequired')) state = { kind: 'failed', ...meant, reason };
    else if (sessionState?.kind === 'signingIn') state = { kind: 'signingIn', ...meant, reason: sessionState.reason };
    else state = { kind: sessionState?.kind === 'signedOut' ? 'signedOut' : 'expired', ...meant, reason };
    this.#failure = { state, config, token };
    this.#setState(state);
  }

  #setState(state: IdentityState): void {
    this.#wakeUp(state);
    if (isDeepStrictEqual(state, this.#state)) return;
    this.#state = state;
    this.#changed.fire(state);
  }

  /** The state changes by itself when the end is near and when it has come. */
  #wakeUp(state: IdentityState): void {
    clearTimeout(this.#timer);
    const expiresAt = 'expiresAt' in state ? state.expiresAt : undefined;
    if (expiresAt === undefined) return;
    const now = Date.now();
    const next = [expiresAt - announceBeforeMs, expiresAt].find((time) => time > now);
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#reconsiderSoon(), Math.min(next - now + 500, 2 ** 31 - 1));
    this.#timer.unref();
  }
}

function keyOf({ profile, sso, region }: Target): string {
  const role = sso && [tokenCacheKey(sso.session), sso.session.region, sso.accountId, sso.roleName];
  return JSON.stringify([profile ?? null, role ?? null, region]);
}

function excerptOf({ config, profile, sso }: Target): string {
  return configExcerpt(config, profile, sso?.session.name);
}

function ssoLabel(session: string): string {
  return `sso-session ${session}`;
}

function normalized({ profile, region, sso }: IdentitySelection): unknown {
  return [profile, region, sso && [sso.session, sso.account, sso.role]];
}

function usableDefault(config: SharedConfig | undefined): string | undefined {
  const profile = config?.profiles.get('default');
  return profile && profileKind(profile) !== 'incomplete' ? 'default' : undefined;
}

function describeLabel(label: string, profile: string | undefined): string {
  return profile === undefined ? 'the credentials of the environment' : `profile ${label}`;
}

interface EntryOptions {
  target: Target;
  excerpt: string;
  finder: CredentialFinder;
  clients: AwsClientFactory;
  settings: ClientSettings;
  describeAccount: (account: string) => AccountLabel | undefined;
  onLate: (error: unknown) => void;
  onRefused: (entry: Entry) => void;
}

/** Credentials and clients of one profile in one region, from one reading of the config files. */
class Entry {
  readonly credentials: RefreshingCredentials<VerifiedCredentials>;
  readonly #options: EntryOptions;
  #session: Session | undefined;

  constructor(options: EntryOptions) {
    this.#options = options;
    this.credentials = new RefreshingCredentials((signal) => this.#load(signal), options.onLate);
  }

  /** What the files said about it when it was made. */
  get excerpt(): string {
    return this.#options.excerpt;
  }

  get session(): SsoSession | undefined {
    return this.#options.target.session;
  }

  /** The session for who the credentials belong to now: the same one as before, unless that changed. */
  sessionFor({ arn, account }: VerifiedCredentials): Session {
    const { target, settings, clients, onRefused } = this.#options;
    const { label, production } = this.#options.describeAccount(account) ?? {};
    const identity: CallerIdentity = {
      account,
      role: nameOfArn(arn),
      region: target.region,
      profile: target.label,
      ...(label ? { label } : {}),
      ...(production === true ? { production } : {}),
    };
    if (!this.#session || !isDeepStrictEqual(this.#session.identity, identity)) {
      this.#session = new Session(identity, arn, this.credentials, (service, credentials) =>
        clients.create(service, {
          region: target.region,
          settings,
          credentials,
          account,
          onCredentialsRefused: () => onRefused(this),
        }),
      );
    }
    return this.#session;
  }

  /** Every load asks STS, so that a receipt never names another account than the one that was called. */
  async #load(signal: AbortSignal): Promise<VerifiedCredentials> {
    const { target, finder, clients, settings } = this.#options;
    try {
      const found = await finder.find(target, signal);
      const sts = await clients.create('sts', {
        region: target.region,
        settings,
        credentials: async () => found.credentials,
        account: found.credentials.accountId,
      });
      const { Account: account, Arn: arn } = await sts.getCallerIdentity({}, { abortSignal: signal });
      if (!account || !arn) {
        throw new WorkbenchError('Internal', 'STS answered without saying who we are.', {
          remedy: 'If an endpoint_url is configured, check that it points to AWS or to an emulator that has STS.',
        });
      }
      return { ...found, account, arn };
    } catch (error) {
      throw toWorkbenchError(error, { iamActions: ['sts:GetCallerIdentity'], profile: target.profile });
    }
  }
}

type ClientMaker = <K extends AwsServiceName>(
  service: K,
  credentials: AwsCredentialIdentityProvider,
) => Promise<AwsServiceClients[K]>;

class Session implements AwsSession {
  readonly identity: CallerIdentity;
  readonly arn: string;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly #make: ClientMaker;
  readonly #clients = new Map<AwsServiceName, Promise<unknown>>();

  constructor(
    identity: CallerIdentity,
    arn: string,
    source: RefreshingCredentials<VerifiedCredentials>,
    make: ClientMaker,
  ) {
    this.identity = Object.freeze(identity);
    this.arn = arn;
    this.#make = make;
    this.credentials = async () => {
      const now = await source.get();
      // A program behind credential_process may change its mind in the middle of a long call.
      if (now.account !== identity.account || nameOfArn(now.arn) !== identity.role) {
        throw new WorkbenchError('SignInRequired', `Profile ${identity.profile} now belongs to another identity.`, {
          remedy: 'Call again to act as that identity.',
        });
      }
      return now.credentials;
    };
  }

  client<K extends AwsServiceName>(service: K): Promise<AwsServiceClients[K]> {
    let client = this.#clients.get(service) as Promise<AwsServiceClients[K]> | undefined;
    if (!client) {
      client = this.#make(service, this.credentials);
      this.#clients.set(service, client);
      client.catch(() => this.#clients.delete(service));
    }
    return client;
  }
}
