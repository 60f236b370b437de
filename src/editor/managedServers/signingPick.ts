import * as vscode from 'vscode';
import { regionPattern } from '../../aws/regionPattern';
import { signedServices, type SignedService } from '../../mcp/upstream/signedService';
import { signedEndpointOf, type RequestSigning } from '../../mcp/upstream/requestSigning';

const serviceNames: Record<SignedService, string> = {
  lambda: 'AWS Lambda',
  'execute-api': 'Amazon API Gateway',
  'bedrock-agentcore': 'Amazon Bedrock AgentCore',
};

/** Service and Region in a few words. */
export function signingWords({ service, region, profile }: Partial<RequestSigning>): string {
  return [service, region, profile].filter((word) => word !== undefined).join(' · ');
}

/**
 * Asks whether requests to an address are signed, where its host is one that AWS serves MCP at behind IAM.
 * @returns how, `null` for a no, `undefined` where the question was closed
 */
export async function offerSigning(title: string, url: string): Promise<RequestSigning | null | undefined> {
  const known = signedEndpointOf(url);
  if (!known) return null;
  const sign: vscode.QuickPickItem = {
    label: vscode.l10n.t('Sign requests with AWS credentials'),
    description: signingWords(known),
    detail: vscode.l10n.t('As the role that is picked at the time of the request, for a server behind IAM.'),
  };
  const leave: vscode.QuickPickItem = {
    label: vscode.l10n.t('Do not sign'),
    detail: vscode.l10n.t('For a server that is open to all, or that asks you to sign in by itself.'),
  };
  const picked = await vscode.window.showQuickPick([sign, leave], {
    title,
    placeHolder: vscode.l10n.t('The address is one of {0}', serviceNames[known.service]),
    ignoreFocusOut: true,
  });
  return picked && (picked === sign ? known : null);
}

/**
 * Lets a person say how requests to a server are signed.
 * @param now how they are
 * @returns how, `null` for not at all, `undefined` where the question was closed
 */
export async function pickSigning(
  url: string,
  now: Partial<RequestSigning> | undefined,
): Promise<Partial<RequestSigning> | null | undefined> {
  const title = vscode.l10n.t('Sign Requests with AWS Credentials');
  const known = signedEndpointOf(url);
  const off = vscode.l10n.t('Do not sign');
  const choices: (vscode.QuickPickItem & { signing: Partial<RequestSigning> | null })[] = [
    ...(now ? [{ label: off, signing: null }] : []),
    ...(known
      ? [{ label: serviceNames[known.service], description: signingWords(known), signing: known }]
      : signedServices.map((service) => ({
          label: serviceNames[service],
          description: service,
          signing: { service },
        }))),
  ];
  const placeHolder = known ? vscode.l10n.t('As its host says') : vscode.l10n.t('Which service is behind the address?');
  const picked = await vscode.window.showQuickPick(choices, { title, placeHolder });
  if (!picked?.signing) return picked?.signing;
  if (picked.signing.region !== undefined) return picked.signing;
  const region = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('The Region that it runs in'),
    value: now?.region ?? '',
    placeHolder: 'eu-west-1',
    validateInput: (value) =>
      regionPattern.test(value) ? undefined : vscode.l10n.t('Enter the name of a Region, such as eu-west-1.'),
  });
  return region === undefined ? undefined : { ...picked.signing, region };
}
