import { WorkbenchError } from '../core/errors';
import { toWorkbenchError } from './awsErrors';
import type { AwsClientFactory } from './clients';
import type { ClientSettings } from './clientSettings';
import type { FoundCredentials } from './credentials';
import type { SsoSession } from './sso/ssoSession';
import type { SsoTokens } from './sso/ssoTokens';

/** A role that a sign-in to IAM Identity Center gives in an account. */
export interface SsoRole {
  session: SsoSession;
  /** 12-digit account id. */
  accountId: string;
  /** Name of the permission set. */
  roleName: string;
  /** The profile that asks for it. */
  profile: string;
  settings: ClientSettings;
}

/** Where the credentials of such roles come from. */
export interface SsoCredentialSource {
  /**
   * @throws WorkbenchError `SignInRequired` where nobody is signed in or the sign-in ended, `AccessDenied` where the
   * role is not assigned, `Timeout`, `Cancelled`
   */
  find(role: SsoRole, signal: AbortSignal): Promise<FoundCredentials>;
}

/** Exchanges the token that is in the cache shared with the AWS CLI for the credentials of a role. */
export class SsoCredentials implements SsoCredentialSource {
  readonly #clients: AwsClientFactory;
  readonly #tokens: SsoTokens;

  constructor(clients: AwsClientFactory, tokens: SsoTokens) {
    this.#clients = clients;
    this.#tokens = tokens;
  }

  async find(role: SsoRole, signal: AbortSignal): Promise<FoundCredentials> {
    const { session, accountId, roleName, profile, settings } = role;
    const { accessToken, endsAt } = await this.#tokens.access(role, signal);
    const portal = await this.#clients.create('sso', { region: session.region, settings, account: accountId });
    let found;
    try {
      const answer = await portal.getRoleCredentials({ accountId, roleName, accessToken }, { abortSignal: signal });
      found = answer.roleCredentials;
    } catch (error) {
      const errorName = error instanceof Error ? error.name : '';
      if (errorName === 'UnauthorizedException') throw this.#tokens.refused(role, error);
      if (errorName === 'ForbiddenException' || errorName === 'ResourceNotFoundException') {
        throw new WorkbenchError(
          'AccessDenied',
          `The sign-in to ${session.name} does not give the role ${roleName} in account ${accountId}.`,
          {
            remedy: `Correct sso_account_id and sso_role_name of profile ${profile}, or ask for that role.`,
            cause: error,
          },
        );
      }
      throw toWorkbenchError(error, { iamActions: ['sso:GetRoleCredentials'], profile });
    }
    if (!found?.accessKeyId || !found.secretAccessKey || !found.sessionToken || !found.expiration) {
      throw new WorkbenchError('Internal', 'IAM Identity Center answered without credentials.', {
        remedy: 'Try again in a moment.',
        retryable: true,
      });
    }
    return {
      credentials: {
        accessKeyId: found.accessKeyId,
        secretAccessKey: found.secretAccessKey,
        sessionToken: found.sessionToken,
        expiration: new Date(found.expiration),
        accountId,
      },
      ...(endsAt === undefined ? {} : { endsAt }),
    };
  }
}
