import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { Lambda } from '@aws-sdk/client-lambda';
import type { S3 } from '@aws-sdk/client-s3';
import type { STS } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import type { Event } from '../core/emitter';

/** Who a call acts as. It is the receipt on every result and the first thing a consent names. */
export interface CallerIdentity {
  /** 12-digit account id. */
  account: string;
  /** The role, user or `root`, without account and session name, e.g. `Developer`. */
  role: string;
  region: string;
  /**
   * Name of the profile in the shared config files; `environment` for environment variables; `sso-session <name>` for
   * a role that was picked from that session without a profile.
   */
  profile: string;
  /** What the user calls the account. */
  label?: string;
  /** Set where the user marked the account as one to be careful with. */
  production?: true;
}

/** What the user says about an account. */
export interface AccountLabel {
  label?: string | undefined;
  production?: boolean | undefined;
}

/** A role of an SSO session, as it is picked from what the access portal lists. No profile needs to exist for it. */
export interface SsoRoleChoice {
  /** Name of the `[sso-session]` section; for a session without one, its start URL. */
  session: string;
  /** 12 digits. */
  account: string;
  /** Name of the permission set. */
  role: string;
}

/** The aggregated SDK clients we can make, by the name of their package after `client-`. */
export interface AwsServiceClients {
  cloudformation: CloudFormation;
  lambda: Lambda;
  s3: S3;
  sts: STS;
}

export type AwsServiceName = keyof AwsServiceClients;

/** Clients and credentials bound to one identity for as long as one call runs. */
export interface AwsSession {
  readonly identity: CallerIdentity;
  /** The ARN that STS answered with. */
  readonly arn: string;
  readonly credentials: AwsCredentialIdentityProvider;
  /**
   * The client of a service for this identity and region. Its package is loaded at first use; clients are shared
   * between calls of the same identity, so callers never destroy one.
   */
  client<K extends AwsServiceName>(service: K): Promise<AwsServiceClients[K]>;
}

/** What a call may say about who it wants to be. Empty means: who the user picked. */
export interface IdentityRequest {
  profile?: string | undefined;
  region?: string | undefined;
}

/** Who the user picked to be, before AWS has been asked whether that is possible. A profile wins over a role. */
export interface IdentitySelection {
  profile?: string | undefined;
  region?: string | undefined;
  sso?: SsoRoleChoice | undefined;
}

/** Who is meant, before AWS has said who that is. */
export interface IdentityTarget {
  /** As `CallerIdentity.profile`. */
  profile: string;
  region?: string | undefined;
  /** Name of the SSO session that its credentials come from, where they do and the files were read. */
  session?: string | undefined;
  /** Set where a role was picked without a profile. */
  sso?: SsoRoleChoice | undefined;
}

/** What a call can do while it waits for a person. */
export interface ResolveOptions {
  /** Runs `work` with the call's own time standing still. */
  whileWaiting?: <T>(work: () => Promise<T>) => Promise<T>;
  /** Tells the client what is being waited for. */
  onWaiting?: (message: string) => void;
  /** Name of the client that made the call. */
  client?: string;
}

/** What is known of the current identity; each state says why it is so. */
export type IdentityState =
  /** Nobody was picked, or nobody is signed in to the session of who was picked. */
  | ({ kind: 'signedOut'; reason: string } & Partial<IdentityTarget>)
  /** A person is being waited for. */
  | ({ kind: 'signingIn'; reason: string } & Partial<IdentityTarget>)
  /** Somebody was picked, and AWS has not been asked yet who that is. */
  | ({ kind: 'unverified' } & IdentityTarget)
  /** `expiresAt`: when a person must act again, in milliseconds since the epoch, where that is known. */
  | { kind: 'active'; identity: CallerIdentity; session?: string; expiresAt?: number }
  | { kind: 'expiring'; identity: CallerIdentity; session?: string; expiresAt: number; reason: string }
  | ({ kind: 'expired'; reason: string } & IdentityTarget)
  | ({ kind: 'failed'; reason: string } & IdentityTarget);

/** The one place that knows who we are on AWS. */
export interface IdentityService {
  readonly selection: IdentitySelection;
  readonly state: IdentityState;
  readonly onDidChange: Event<IdentityState>;
  /** Changes who later calls act as; calls in flight finish as who they started as. */
  select(selection: IdentitySelection): void;
  /**
   * Finds credentials and asks STS who they are (answers are cached while the credentials last).
   * @throws WorkbenchError `SignInRequired` where a person must sign in, `InvalidInput` for an unknown profile,
   * `AccessDenied`, `Timeout`, `Cancelled`.
   */
  resolve(request: IdentityRequest, signal: AbortSignal, options?: ResolveOptions): Promise<AwsSession>;
  /**
   * The profiles of the shared config files in file order, with what kind of credentials each has; then `environment`
   * where credentials come from environment variables or from the role of a container.
   */
  listProfiles(): Promise<ProfileSummary[]>;
  /** Forgets all credentials and clients, so that the next call asks for all of them again. */
  invalidate(): void;
}

/** One profile of `~/.aws/config` or `~/.aws/credentials`. */
export interface ProfileSummary {
  name: string;
  region?: string;
  /** What its credentials come from, named as the AWS documentation does. */
  kind:
    | 'sso-session'
    | 'sso-legacy'
    | 'assume-role'
    | 'web-identity'
    | 'static'
    | 'credential-process'
    | 'login-session'
    | 'environment'
    | 'container'
    | 'incomplete';
  ssoSession?: string;
  /** Start URL of a profile that names its own. */
  startUrl?: string;
  account?: string;
  role?: string;
  /** Name of the profile that a role is assumed from. */
  sourceProfile?: string;
  /** Where a role is assumed from instead, as in the file: `Environment`, `EcsContainer` or `Ec2InstanceMetadata`. */
  credentialSource?: string;
  /** Set where assuming the role needs the code of an MFA device. */
  needsMfa?: true;
}
