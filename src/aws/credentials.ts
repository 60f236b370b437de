import * as fs from 'node:fs/promises';
import type { STS } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@smithy/types';
import { messageOf, WorkbenchError } from '../core/errors';
import { redactText } from '../core/redact';
import { toWorkbenchError } from './awsErrors';
import { nameOfArn } from './callerArn';
import type { AwsClientFactory } from './clients';
import { readClientSettings, type ClientSettings } from './clientSettings';
import { profileKind, type Profile, type SharedConfig } from './config/sharedConfig';
import { runCredentialProcess } from './credentialProcess';
import type { AwsEnvironment } from './environment';
import { SharedTasks } from './sharedTask';
import type { SsoRole } from './sso/roleCredentials';
import { findSsoCredentials } from './ssoCredentials';
import type { SsoSource } from './ssoSessions';
import { readSsoProfile } from './ssoTargets';

/** Credentials as they were found. */
export interface FoundCredentials {
  credentials: AwsCredentialIdentity;
  /**
   * When a person must act again to go on, in milliseconds since the epoch. Absent where that is not known, or where
   * the credentials renew themselves.
   */
  endsAt?: number;
}

/** Whose credentials are wanted, and where. */
export interface CredentialTarget {
  config: SharedConfig;
  /** `undefined`: from a role, or from the environment, a container or the instance, without any profile. */
  profile: string | undefined;
  /** A role of an SSO session that was picked without a profile. */
  sso?: SsoRole | undefined;
  region: string;
}

const roleSessionName = 'mcp-workbench';

/**
 * Finds the credentials of a profile.
 *
 * It follows the rules of the SDK's `fromIni`, which itself cannot be used: it drops the paths and the `ignoreCache`
 * that it is given on the way to SSO profiles, and it does not know profiles with a space or an accent in their name.
 * What talks to AWS goes through our own clients, so that endpoints hold for it and requests are recorded.
 */
export class CredentialFinder {
  readonly #environment: AwsEnvironment;
  readonly #clients: AwsClientFactory;
  readonly #sso: SsoSource;

  constructor(environment: AwsEnvironment, clients: AwsClientFactory, sso: SsoSource) {
    this.#environment = environment;
    this.#clients = clients;
    this.#sso = sso;
  }

  /**
   * @throws WorkbenchError `SignInRequired` where a person must act, `InvalidInput` for a profile that is incomplete
   * or contradicts itself, `AccessDenied`, `Timeout`, `Cancelled`
   */
  async find(target: CredentialTarget, signal: AbortSignal): Promise<FoundCredentials> {
    const settings = readClientSettings(this.#environment, target.config, target.profile);
    const search: Search = { ...target, settings, signal };
    if (target.sso) {
      const label = `sso-session ${target.sso.session.name}`;
      return findSsoCredentials(this.#sso, target.sso, label, this.#environment, signal);
    }
    if (target.profile === undefined) return this.#fromSurroundings(search);
    return this.#fromProfile(target.profile, [], search);
  }

  /** @param path the profiles that led here, outermost first */
  async #fromProfile(name: string, path: readonly string[], search: Search): Promise<FoundCredentials> {
    const profile = search.config.profiles.get(name);
    const by = path.at(-1);
    if (!profile) {
      throw invalid(
        by === undefined
          ? `There is no profile ${name}.`
          : `Profile ${by} builds on profile ${name}, which is missing.`,
        `Add profile ${name} to ${this.#environment.configFile}, or correct its name.`,
      );
    }
    const keys = staticCredentials(profile);
    // A profile may name itself as the source of its role when it has keys.
    if (by !== undefined && keys) return { credentials: keys };
    if (path.includes(name)) {
      throw invalid(
        `The source_profile settings of ${[...path, name].join(' → ')} go round in a circle.`,
        `Let one of them have credentials of its own.`,
      );
    }
    switch (profileKind(profile)) {
      case 'assume-role':
        return this.#assumeRole(profile, [...path, name], search);
      case 'static':
        return { credentials: keys! };
      case 'web-identity': {
        const { settings } = profile;
        const found = await this.#assumeRoleWithWebIdentity(
          {
            tokenFile: settings.get('web_identity_token_file')!,
            roleArn: settings.get('role_arn')!,
            sessionName: settings.get('role_session_name'),
          },
          search,
        );
        return { credentials: found };
      }
      case 'credential-process': {
        const command = profile.settings.get('credential_process')!;
        return { credentials: await runCredentialProcess(name, command, this.#environment.env, search.signal) };
      }
      case 'sso-session':
      case 'sso-legacy':
        return this.#fromSso(profile, search);
      case 'login-session':
        return this.#fromLogin(name);
      case 'environment':
      case 'container':
      case 'incomplete':
        break;
    }
    throw invalid(
      `Profile ${name} has no complete credentials.`,
      `Give it an sso_session, role_arn with source_profile, keys, or a credential_process in ${this.#environment.configFile}.`,
    );
  }

  async #assumeRole(profile: Profile, path: readonly string[], search: Search): Promise<FoundCredentials> {
    const { name, settings } = profile;
    const roleArn = settings.get('role_arn')!;
    const sourceProfile = settings.get('source_profile');
    const source = sourceProfile
      ? await this.#fromProfile(sourceProfile, path, search)
      : { credentials: await this.#fromCredentialSource(name, settings.get('credential_source')!, search) };
    const serialNumber = settings.get('mfa_serial') || undefined;
    const tokenCode = serialNumber && (await this.#mfaCode(name, serialNumber, search.signal));
    const duration = Number(settings.get('duration_seconds'));
    const externalId = settings.get('external_id');
    const sts = await this.#sts(search, source.credentials);
    let answer;
    try {
      answer = await sts.assumeRole(
        {
          RoleArn: roleArn,
          RoleSessionName: settings.get('role_session_name') || roleSessionName,
          ...(externalId ? { ExternalId: externalId } : {}),
          ...(Number.isInteger(duration) && duration > 0 ? { DurationSeconds: duration } : {}),
          ...(serialNumber ? { SerialNumber: serialNumber, TokenCode: tokenCode } : {}),
        },
        { abortSignal: search.signal },
      );
    } catch (error) {
      if (serialNumber && /MultiFactorAuthentication failed/i.test(messageOf(error))) {
        throw new WorkbenchError('SignInRequired', `AWS did not accept the MFA code for profile ${name}.`, {
          remedy: 'Call again and give the code that the device shows now.',
          cause: error,
        });
      }
      throw toWorkbenchError(error, { iamActions: ['sts:AssumeRole'], profile: sourceProfile ?? name });
    }
    const credentials = fromSts(answer.Credentials, roleArn);
    // With MFA a person is needed again when the role's credentials end.
    const ends = [source.endsAt, serialNumber ? credentials.expiration?.getTime() : undefined];
    const endsAt = Math.min(...ends.filter((end) => end !== undefined));
    return { credentials, ...(Number.isFinite(endsAt) ? { endsAt } : {}) };
  }

  async #mfaCode(profile: string, serialNumber: string, signal: AbortSignal): Promise<string> {
    const ask = this.#environment.mfaCodeProvider;
    const code = ask && (await ask({ profile, serialNumber }, signal));
    if (code?.trim()) return code.trim();
    throw new WorkbenchError('SignInRequired', `Profile ${profile} needs the current code of ${serialNumber}.`, {
      remedy: ask
        ? 'Call again and give the code when asked.'
        : 'Nobody can be asked for it here. Use the profile from the editor, or choose a profile without mfa_serial.',
    });
  }

  async #fromCredentialSource(profile: string, source: string, search: Search): Promise<AwsCredentialIdentity> {
    switch (source) {
      case 'Environment': {
        const keys = this.#environmentKeys();
        if (keys) return keys;
        throw invalid(
          `Profile ${profile} takes its credentials from the environment, where AWS_ACCESS_KEY_ID is not set.`,
          'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the profile a source_profile.',
        );
      }
      case 'EcsContainer':
        return this.#fromContainer();
      case 'Ec2InstanceMetadata':
        return this.#fromInstance(search);
      default:
        throw invalid(
          `credential_source of profile ${profile} is ${source}.`,
          'It can be Environment, EcsContainer or Ec2InstanceMetadata.',
        );
    }
  }

  async #assumeRoleWithWebIdentity(
    source: { tokenFile: string; roleArn: string; sessionName: string | undefined },
    search: Search,
  ): Promise<AwsCredentialIdentity> {
    const { tokenFile, roleArn, sessionName } = source;
    let token: string;
    try {
      token = (await fs.readFile(tokenFile, 'utf8')).trim();
    } catch (error) {
      throw invalid(
        `The web identity token for ${nameOfArn(roleArn)} cannot be read from ${tokenFile}.`,
        'Have the token written there, or correct web_identity_token_file.',
        error,
      );
    }
    const sts = await this.#sts(search);
    try {
      const answer = await sts.assumeRoleWithWebIdentity(
        { RoleArn: roleArn, RoleSessionName: sessionName || roleSessionName, WebIdentityToken: token },
        { abortSignal: search.signal },
      );
      return fromSts(answer.Credentials, roleArn);
    } catch (error) {
      throw toWorkbenchError(error, { iamActions: ['sts:AssumeRoleWithWebIdentity'], profile: search.profile });
    }
  }

  async #fromSso(profile: Profile, search: Search): Promise<FoundCredentials> {
    const role = readSsoProfile(profile, search.config, this.#environment.configFile);
    return findSsoCredentials(this.#sso, role, profile.name, this.#environment, search.signal);
  }

  /** Credentials of `aws login`; the SDK reads, renews and saves them. */
  async #fromLogin(profile: string): Promise<FoundCredentials> {
    const { fromLoginCredentials } = await import('@aws-sdk/credential-providers');
    const { configFile, credentialsFile } = this.#environment;
    try {
      const provide = fromLoginCredentials({
        profile,
        configFilepath: configFile,
        filepath: credentialsFile,
        ignoreCache: true,
      });
      return { credentials: await provide() };
    } catch (error) {
      throw new WorkbenchError('SignInRequired', `The console sign-in of profile ${profile} cannot be used.`, {
        remedy: `Sign in with \`aws login --profile ${profile}\`, then call again.`,
        cause: error,
      });
    }
  }

  /** The SDK's default chain without its profile part: keys, web identity, container, instance. */
  async #fromSurroundings(search: Search): Promise<FoundCredentials> {
    const keys = this.#environmentKeys();
    if (keys) return { credentials: keys };
    const tokenFile = this.#environment.variable('AWS_WEB_IDENTITY_TOKEN_FILE');
    const roleArn = this.#environment.variable('AWS_ROLE_ARN');
    if (tokenFile && roleArn) {
      const sessionName = this.#environment.variable('AWS_ROLE_SESSION_NAME');
      return { credentials: await this.#assumeRoleWithWebIdentity({ tokenFile, roleArn, sessionName }, search) };
    }
    if (hasContainerCredentials(this.#environment)) return { credentials: await this.#fromContainer() };
    try {
      return { credentials: await this.#fromInstance(search) };
    } catch (error) {
      throw new WorkbenchError('SignInRequired', 'There is no AWS profile yet, and no other AWS credentials.', {
        remedy: `Sign in with IAM Identity Center, or add a profile to ${this.#environment.configFile}.`,
        cause: error,
      });
    }
  }

  #environmentKeys(): AwsCredentialIdentity | undefined {
    const variable = (name: string): string | undefined => this.#environment.variable(name);
    const accessKeyId = variable('AWS_ACCESS_KEY_ID');
    if (accessKeyId === undefined) return undefined;
    const secretAccessKey = variable('AWS_SECRET_ACCESS_KEY');
    if (secretAccessKey === undefined) {
      throw invalid('AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not.', 'Set both, or choose a profile.');
    }
    const sessionToken = variable('AWS_SESSION_TOKEN');
    const accountId = variable('AWS_ACCOUNT_ID');
    const expiration = new Date(variable('AWS_CREDENTIAL_EXPIRATION') ?? Number.NaN);
    if (expiration.getTime() <= Date.now()) {
      throw new WorkbenchError('SignInRequired', 'The credentials in the environment variables have expired.', {
        remedy: 'Set new ones and start this program again, or choose a profile.',
      });
    }
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken ? { sessionToken } : {}),
      ...(accountId ? { accountId } : {}),
      ...(Number.isNaN(expiration.getTime()) ? {} : { expiration }),
    };
  }

  async #fromContainer(): Promise<AwsCredentialIdentity> {
    const { fromHttp } = await import('@aws-sdk/credential-providers');
    const given = Object.entries({
      awsContainerCredentialsFullUri: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      awsContainerCredentialsRelativeUri: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
      awsContainerAuthorizationToken: 'AWS_CONTAINER_AUTHORIZATION_TOKEN',
      awsContainerAuthorizationTokenFile: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    }).flatMap(([option, name]) => {
      const value = this.#environment.variable(name);
      return value === undefined ? [] : [[option, value] as const];
    });
    try {
      return await fromHttp(Object.fromEntries(given))();
    } catch (error) {
      throw new WorkbenchError('SignInRequired', 'The container gives no AWS credentials.', {
        remedy: 'Give the container or task a role, or choose a profile.',
        cause: error,
      });
    }
  }

  async #fromInstance({ profile }: Search): Promise<AwsCredentialIdentity> {
    const disabled = this.#environment.variable('AWS_EC2_METADATA_DISABLED');
    if (disabled !== undefined && disabled.toLowerCase() !== 'false') {
      throw new WorkbenchError('SignInRequired', 'The instance metadata service is switched off.', {
        remedy: 'Choose another profile, or unset AWS_EC2_METADATA_DISABLED.',
      });
    }
    const { fromInstanceMetadata } = await import('@aws-sdk/credential-providers');
    try {
      return await fromInstanceMetadata(profile === undefined ? {} : { profile })();
    } catch (error) {
      throw new WorkbenchError('SignInRequired', 'The instance metadata service gives no AWS credentials.', {
        remedy: 'Give the instance a role, or choose another profile.',
        cause: error,
      });
    }
  }

  #sts({ region, settings }: Search, credentials?: AwsCredentialIdentity): Promise<STS> {
    return this.#clients.create('sts', {
      region,
      settings,
      ...(credentials ? { credentials: async () => credentials } : {}),
    });
  }
}

interface Search extends CredentialTarget {
  settings: ClientSettings;
  signal: AbortSignal;
}

/** Whether the environment points to a credentials endpoint of a container. */
export function hasContainerCredentials(environment: AwsEnvironment): boolean {
  return ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'].some(
    (name) => environment.variable(name) !== undefined,
  );
}

function invalid(message: string, remedy: string, cause?: unknown): WorkbenchError {
  return new WorkbenchError('InvalidInput', message, { remedy, cause });
}

function staticCredentials({ settings }: Profile): AwsCredentialIdentity | undefined {
  const accessKeyId = settings.get('aws_access_key_id');
  const secretAccessKey = settings.get('aws_secret_access_key');
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = settings.get('aws_session_token');
  const accountId = settings.get('aws_account_id');
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
    ...(accountId ? { accountId } : {}),
  };
}

function fromSts(
  answer: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string; Expiration?: Date } | undefined,
  roleArn: string,
): AwsCredentialIdentity {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer ?? {};
  if (!AccessKeyId || !SecretAccessKey) {
    throw new WorkbenchError('Internal', `STS answered without credentials for ${redactText(roleArn)}.`, {
      remedy: 'Try again in a moment.',
      retryable: true,
    });
  }
  const accountId = roleArn.split(':')[4];
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken ? { sessionToken: SessionToken } : {}),
    ...(Expiration ? { expiration: Expiration } : {}),
    ...(accountId ? { accountId } : {}),
  };
}

const refreshBeforeMs = 5 * 60_000;
const retryAfterMs = 10_000;

/**
 * Keeps what was loaded with credentials until five minutes before they expire (or half their life, where that is
 * shorter), with at most one load under way.
 */
export class RefreshingCredentials<T extends FoundCredentials> {
  readonly #load: (signal: AbortSignal) => Promise<T>;
  readonly #onLate: (error: unknown) => void;
  readonly #now: () => number;
  readonly #tasks = new SharedTasks<T>();
  #value: T | undefined;
  #refreshAt = 0;

  /**
   * @param onLate told of a refresh that failed while the old credentials are still good and stay in use
   * @param now the clock, in milliseconds since the epoch
   */
  constructor(
    load: (signal: AbortSignal) => Promise<T>,
    onLate: (error: unknown) => void,
    now: () => number = Date.now,
  ) {
    this.#load = load;
    this.#onLate = onLate;
    this.#now = now;
  }

  /** What was loaded last, however old. */
  get last(): T | undefined {
    return this.#value;
  }

  /** @throws WorkbenchError `Cancelled` as soon as `signal` fires, else whatever loading threw */
  async get(signal?: AbortSignal): Promise<T> {
    if (this.#value && this.#now() < this.#refreshAt) return this.#value;
    try {
      return await this.#tasks.run('', (shared) => this.#refresh(shared), signal);
    } catch (error) {
      const expiration = this.#value?.credentials.expiration?.getTime() ?? 0;
      if (!this.#value || expiration <= this.#now() || signal?.aborted) throw error;
      this.#refreshAt = Math.min(expiration, this.#now() + retryAfterMs);
      this.#onLate(error);
      return this.#value;
    }
  }

  async #refresh(signal: AbortSignal): Promise<T> {
    const loadedAt = this.#now();
    const value = await this.#load(signal);
    const expiration = value.credentials.expiration?.getTime();
    this.#value = value;
    this.#refreshAt =
      expiration === undefined ? Infinity : expiration - Math.min(refreshBeforeMs, (expiration - loadedAt) / 2);
    return value;
  }
}
