import * as os from 'node:os';
import * as path from 'node:path';
import type { Logger } from '../core/logger';

/** Asked for the current code of an MFA device. Rejects, or gives `undefined`, when the person does not answer. */
export type MfaCodeProvider = (
  request: { profile: string; serialNumber: string },
  signal: AbortSignal,
) => Promise<string | undefined>;

/** How a person signs in again, for the remedy of `SignInRequired`. */
export type SignInRemedy = (target: { profile: string; ssoSession?: string | undefined }) => string;

/** All that the AWS rooms take from outside. Nothing in them reads `process.env` by itself. */
export interface AwsEnvironmentOptions {
  /** Default: `process.env`, read at each use. */
  env?: NodeJS.ProcessEnv;
  /** Default: what `HOME` or `USERPROFILE` of `env` says, else what the system says. */
  homeDirectory?: string;
  logger: Logger;
  /** Our own version, for the user agent. */
  version: string;
  /** Without it a profile that asks for an MFA code cannot be used. */
  mfaCodeProvider?: MfaCodeProvider;
  /** Default: names the AWS CLI's own command. */
  signInRemedy?: SignInRemedy;
}

/** The user's surroundings as the AWS SDKs and tools see them: variables, files, and whom to ask. */
export class AwsEnvironment {
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly version: string;
  readonly mfaCodeProvider: MfaCodeProvider | undefined;
  readonly signInRemedy: SignInRemedy;
  readonly #homeDirectory: string | undefined;

  constructor(options: AwsEnvironmentOptions) {
    this.env = options.env ?? process.env;
    this.logger = options.logger;
    this.version = options.version;
    this.mfaCodeProvider = options.mfaCodeProvider;
    this.signInRemedy = options.signInRemedy ?? cliRemedy;
    this.#homeDirectory = options.homeDirectory;
  }

  /** A variable's value; an empty one counts as unset, as in the AWS SDKs. */
  variable(name: string): string | undefined {
    return this.env[name] || undefined;
  }

  get homeDirectory(): string {
    return this.#homeDirectory ?? this.variable('HOME') ?? this.variable('USERPROFILE') ?? os.homedir();
  }

  /** `AWS_CONFIG_FILE`, else `~/.aws/config`. */
  get configFile(): string {
    return this.#expand(this.variable('AWS_CONFIG_FILE')) ?? path.join(this.homeDirectory, '.aws', 'config');
  }

  /** `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`. */
  get credentialsFile(): string {
    return (
      this.#expand(this.variable('AWS_SHARED_CREDENTIALS_FILE')) ?? path.join(this.homeDirectory, '.aws', 'credentials')
    );
  }

  /** Where the AWS CLI and SDKs keep IAM Identity Center tokens; no variable moves it. */
  get ssoCacheFolder(): string {
    return path.join(this.homeDirectory, '.aws', 'sso', 'cache');
  }

  #expand(file: string | undefined): string | undefined {
    return file !== undefined && /^~[\\/]/.test(file) ? path.join(this.homeDirectory, file.slice(2)) : file;
  }
}

function cliRemedy({ profile, ssoSession }: { profile: string; ssoSession?: string | undefined }): string {
  const option = ssoSession === undefined ? `--profile ${quoted(profile)}` : `--sso-session ${quoted(ssoSession)}`;
  return `Sign in with \`aws sso login ${option}\`, then call again; nothing needs a restart.`;
}

function quoted(name: string): string {
  return /^[\w.@%+:/-]+$/.test(name) ? name : `"${name.replaceAll(/["\\$`]/g, '\\$&')}"`;
}
