import * as vscode from 'vscode';
import type { IdentityRequest, IdentityService } from '../../aws/identity';
import type { SsoSession } from '../../aws/sso/ssoSession';
import type { UpstreamContext } from '../../mcp/upstream/managedServerSupervisor';

/** Who requests to servers behind IAM are signed as. */
export interface SigningIdentity extends Pick<IdentityService, 'state' | 'onDidChange' | 'resolve'> {
  /** The session that somebody must sign in to before a request can work. */
  sessionToSignIn(request: IdentityRequest): Promise<SsoSession | undefined>;
}

/** Milliseconds for which a request that cannot be given up waits for a person, where the user lets calls wait. */
const patienceMs = 5 * 60 * 1000;

/** Credentials for signing, asked for with every request: they renew themselves and change with who is picked. */
export function signingCredentials(identity: SigningIdentity): NonNullable<UpstreamContext['awsCredentials']> {
  return async ({ profile, region }, signal = AbortSignal.timeout(patienceMs)) => {
    const client = vscode.l10n.t('A request to an MCP server');
    const session = await identity.resolve({ profile, region }, signal, { client });
    return session.credentials();
  };
}

/** Lets a person sign in to what a profile, or who is picked, needs; where that is no session, they pick another one. */
export async function signInForSigning(identity: SigningIdentity, profile: string | undefined): Promise<void> {
  const session = await identity.sessionToSignIn({ profile });
  if (session) await vscode.commands.executeCommand('mcpWorkbench.sso.signIn', session.name);
  else if (profile === undefined) await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile');
}
