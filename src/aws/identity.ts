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
  /** Name of the profile in the shared config files, or `environment` for environment variables. */
  profile: string;
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

/** Who the user picked to be, before AWS has been asked whether that is possible. */
export interface IdentitySelection {
  profile?: string | undefined;
  region?: string | undefined;
}

/** What is known of the current identity; each state says why it is so. */
export type IdentityState =
  | { kind: 'none'; reason: string }
  | { kind: 'unverified'; profile: string; region?: string | undefined }
  /** `expiresAt`: when a person must sign in again, in milliseconds since the epoch, where that is known. */
  | { kind: 'active'; identity: CallerIdentity; expiresAt?: number }
  | { kind: 'signInRequired'; profile: string; region?: string | undefined; reason: string }
  | { kind: 'failed'; profile: string; region?: string | undefined; reason: string };

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
  resolve(request: IdentityRequest, signal: AbortSignal): Promise<AwsSession>;
  /**
   * The profiles of the shared config files in file order, with what kind of credentials each has; then `environment`
   * where credentials come from environment variables.
   */
  listProfiles(): Promise<ProfileSummary[]>;
  /** Forgets all credentials and clients, so that the next call reads the files again. */
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
    | 'incomplete';
  ssoSession?: string;
  account?: string;
  role?: string;
}
