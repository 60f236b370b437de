import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { isDeepStrictEqual } from 'node:util';
import { DisposableStore, type Disposable } from '../core/disposable';
import { Emitter, type Event } from '../core/emitter';
import { messageOf, WorkbenchError } from '../core/errors';
import { toWorkbenchError } from './awsErrors';
import { nameOfArn } from './callerArn';
import { AwsClientFactory } from './clients';
import { readClientSettings, type ClientSettings } from './clientSettings';
import { profileKind, SharedConfigReader, summarizeProfile, type SharedConfig } from './config/sharedConfig';
import { CredentialFinder, hasContainerCredentials, RefreshingCredentials, type FoundCredentials } from './credentials';
import type { AwsEnvironment } from './environment';
import type {
  AwsServiceClients,
  AwsServiceName,
  AwsSession,
  CallerIdentity,
  IdentityRequest,
  IdentitySelection,
  IdentityService,
  IdentityState,
  ProfileSummary,
} from './identity';
import { cancelled } from './sharedTask';
import { openSharedSignIns, type SsoSource } from './ssoCredentials';

export interface AwsIdentityServiceOptions {
  /** How many pairs of profile and region are kept ready. Default 16. */
  maxIdentities?: number;
  /** Default: only reads and renews the sign-ins that other tools made. It stays its owner's to dispose of. */
  sso?: SsoSource;
}

const defaultMaxIdentities = 16;
/** The profile's name on results where credentials do not come from a profile. */
const environmentLabel = 'environment';

/** Which credentials are meant, and where. */
interface Target {
  config: SharedConfig;
  /** `undefined`: not from a profile. */
  profile: string | undefined;
  /** The profile's name, or `environment`. */
  label: string;
  region: string;
}

/** Credentials together with who STS said they are. */
interface VerifiedCredentials extends FoundCredentials {
  arn: string;
  account: string;
}

/**
 * Finds out who calls act as, and keeps credentials and clients for each profile and region that was used lately.
 *
 * Nothing is read from disk and nothing is sent before the first call of `resolve` or `listProfiles`. Edits of the
 * config files are seen by the next call in any case; `invalidate` is for what cannot be seen there, as a new sign-in.
 */
export class AwsIdentityService implements IdentityService, Disposable {
  readonly #owned = new DisposableStore();
  readonly #environment: AwsEnvironment;
  readonly #reader: SharedConfigReader;
  readonly #clients: AwsClientFactory;
  readonly #sso: SsoSource;
  readonly #finder: CredentialFinder;
  readonly #changed: Emitter<IdentityState>;
  readonly #maxIdentities: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #selection: IdentitySelection;
  #state: IdentityState;
  /** Counts what makes the outcome of an earlier resolve say nothing about the current identity. */
  #generation = 0;

  /** @param selection who the user picked last time */
  constructor(environment: AwsEnvironment, selection: IdentitySelection = {}, options: AwsIdentityServiceOptions = {}) {
    this.#environment = environment;
    this.#reader = new SharedConfigReader(this.#environment);
    this.#clients = this.#owned.add(new AwsClientFactory(environment.version));
    this.#sso = options.sso ?? this.#owned.add(openSharedSignIns(environment));
    this.#finder = new CredentialFinder(environment, this.#clients, this.#sso);
    this.#owned.add(
      this.#sso.tokens.onDidChange(({ what }) => {
        if (what === 'signedIn' || what === 'signedOut') this.invalidate();
      }),
    );
    this.#changed = new Emitter((error) => this.#environment.logger.error(messageOf(error)));
    this.#maxIdentities = options.maxIdentities ?? defaultMaxIdentities;
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
    const { profile, region } = this.#selection;
    if (selection.profile === profile && selection.region === region) return;
    this.#selection = { ...selection };
    this.#generation++;
    this.#state = this.#unverified();
    // Fired even where the state looks the same, because those who listen may want to know the selection.
    this.#changed.fire(this.#state);
  }

  invalidate(): void {
    this.#generation++;
    this.#entries.clear();
    this.#reader.forget();
    this.#sso.roleCredentials.invalidate();
    this.#setState(this.#unverified());
  }

  async resolve(request: IdentityRequest, signal: AbortSignal): Promise<AwsSession> {
    if (signal.aborted) throw cancelled(signal.reason);
    const generation = this.#generation;
    // Taken before anything is waited for: a call acts as who was picked when it was made.
    const selection = this.#selection;
    const config = await this.#reader.load();
    let isCurrent = request.profile === undefined && request.region === undefined;
    try {
      const target = this.#target(request, selection, config);
      isCurrent ||= this.#isCurrent(target);
      const entry = this.#entry(target);
      const verified = await entry.credentials.get(signal);
      const session = entry.sessionFor(verified);
      if (isCurrent && generation === this.#generation) {
        this.#setState({
          kind: 'active',
          identity: session.identity,
          ...(verified.endsAt === undefined ? {} : { expiresAt: verified.endsAt }),
        });
      }
      return session;
    } catch (error) {
      if (isCurrent && generation === this.#generation) this.#noteFailure(error);
      throw error;
    }
  }

  async listProfiles(): Promise<ProfileSummary[]> {
    const { profiles } = await this.#reader.load();
    const summaries = [...profiles.values()].map(summarizeProfile);
    const variable = (name: string): string | undefined => this.#environment.variable(name);
    const hasEnvironment =
      variable('AWS_ACCESS_KEY_ID') !== undefined ||
      (variable('AWS_WEB_IDENTITY_TOKEN_FILE') !== undefined && variable('AWS_ROLE_ARN') !== undefined) ||
      hasContainerCredentials(this.#environment);
    if (hasEnvironment && !profiles.has(environmentLabel)) {
      const region = this.#environmentRegion();
      summaries.push({ name: environmentLabel, kind: 'environment', ...(region ? { region } : {}) });
    }
    return summaries;
  }

  /** Profiles, sso-sessions and problems of the shared files as they are now. */
  readConfig(): Promise<SharedConfig> {
    return this.#reader.load();
  }

  /** Closes all connections; calls in flight fail. */
  dispose(): void {
    this.#generation++;
    this.#entries.clear();
    this.#owned.dispose();
    this.#changed.dispose();
  }

  /** Profile: request, selection, `AWS_PROFILE`, keys in the environment, `default`, other surroundings. */
  #target(request: IdentityRequest, selection: IdentitySelection, config: SharedConfig): Target {
    const { profile, label } = this.#profileOf(request.profile ?? selection.profile, config);
    const configured = profile === undefined ? undefined : config.profiles.get(profile)?.settings.get('region');
    const region =
      (request.region ?? selection.region ?? (configured || undefined)) ||
      this.#environmentRegion() ||
      config.profiles.get(label === environmentLabel ? 'default' : label)?.settings.get('region');
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
    return { config, profile, label, region };
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
  #isCurrent({ config, label, region }: Target): boolean {
    try {
      const current = this.#target({}, this.#selection, config);
      return current.label === label && current.region === region;
    } catch {
      return false;
    }
  }

  #entry(target: Target): Entry {
    const key = JSON.stringify([target.profile ?? null, target.region]);
    let entry = this.#entries.get(key);
    // The reader gives the same object as long as the files are the same.
    if (entry?.config !== target.config) {
      entry = new Entry({
        target,
        finder: this.#finder,
        clients: this.#clients,
        settings: readClientSettings(this.#environment, target.config, target.profile),
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
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxIdentities) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }

  /** What can be said without asking anybody. */
  #unverified(): IdentityState {
    const variable = (name: string): string | undefined => this.#environment.variable(name);
    const profile =
      this.#selection.profile ??
      variable('AWS_PROFILE') ??
      (variable('AWS_ACCESS_KEY_ID') === undefined ? undefined : environmentLabel);
    if (profile === undefined) return { kind: 'none', reason: 'No AWS profile has been chosen.' };
    const region = this.#selection.region ?? this.#environmentRegion();
    return { kind: 'unverified', profile, ...(region === undefined ? {} : { region }) };
  }

  #noteFailure(error: unknown): void {
    if (WorkbenchError.is(error, 'Cancelled')) return;
    // What may pass by itself, as a network that is down, signs nobody out.
    if (error instanceof WorkbenchError && error.retryable && this.#state.kind === 'active') return;
    const known = this.#unverified();
    const reason = messageOf(error);
    if (known.kind === 'none') {
      this.#setState({ kind: 'none', reason });
      return;
    }
    const { profile, region } = known as { profile: string; region?: string };
    const kind = WorkbenchError.is(error, 'SignInRequired') ? 'signInRequired' : 'failed';
    this.#setState({ kind, profile, reason, ...(region === undefined ? {} : { region }) });
  }

  #setState(state: IdentityState): void {
    if (isDeepStrictEqual(state, this.#state)) return;
    this.#state = state;
    this.#changed.fire(state);
  }
}

function describeLabel(label: string, profile: string | undefined): string {
  return profile === undefined ? 'the credentials of the environment' : `profile ${label}`;
}

interface EntryOptions {
  target: Target;
  finder: CredentialFinder;
  clients: AwsClientFactory;
  settings: ClientSettings;
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

  get config(): SharedConfig {
    return this.#options.target.config;
  }

  /** The session for who the credentials belong to now: the same one as before, unless that changed. */
  sessionFor({ arn, account }: VerifiedCredentials): Session {
    const { target, settings, clients, onRefused } = this.#options;
    const identity = { account, role: nameOfArn(arn), region: target.region, profile: target.label };
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
