import * as vscode from 'vscode';
import type { IdentityState } from '../../aws/identity';
import { partitionOf } from '../../aws/sso/ssoEndpoints';
import { WorkbenchError } from '../../core/errors';
import type { Policy } from '../../tools/policy';
import { iamPolicyFor, type IamPolicyDocument } from '../../tools/policy/iamPolicy';
import { readTools } from '../../tools/resources/readTools';
import type { ToolRegistry } from '../../tools/registry';
import { say } from '../commands/say';
import { count } from '../servers/serverNodes';

export interface CopyIamPolicyOptions {
  registry: ToolRegistry;
  policy: Policy;
  identity: { readonly state: IdentityState };
}

/** Copies the least that a role must allow for the tools that are switched on, limited to the resources they may touch. */
export async function copyIamPolicy({ registry, policy, identity }: CopyIamPolicyOptions): Promise<void> {
  const tools = registry.all.map(({ tool }) => tool).filter((tool) => policy.allows(tool));
  const { state } = identity;
  const region = 'identity' in state ? state.identity.region : (state.region ?? 'us-east-1');
  // Resources and prompts need what these do.
  const hidden = readTools.filter((tool) => policy.allows(tool));
  const documents = iamPolicyFor([...tools, ...hidden], policy.settings.resources ?? [], partitionOf(region));
  const picked = documents.length > 1 ? await pick(documents) : documents[0];
  if (!picked) {
    if (documents.length > 1) return;
    throw new WorkbenchError('NotFound', 'No tool that is switched on needs a permission.', {
      remedy: 'Switch a toolset on with "MCP Workbench: Choose Toolsets".',
    });
  }
  await vscode.env.clipboard.writeText(`${JSON.stringify(picked, undefined, 2)}\n`);
  say(
    vscode.l10n.t(
      'The IAM policy for {0} is on the clipboard: {1}. Attach it to the role that tools act as.',
      count(tools.length, 'tool'),
      count(actionsOf(picked).length, 'action'),
    ),
  );
}

async function pick(documents: readonly IamPolicyDocument[]): Promise<IamPolicyDocument | undefined> {
  const items = documents.map((document, index) => ({
    label: vscode.l10n.t('Policy {0} of {1}', index + 1, documents.length),
    description: count(actionsOf(document).length, 'action'),
    detail: actionsOf(document).slice(0, 6).join(', '),
    document,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Copy IAM Policy'),
    placeHolder: vscode.l10n.t('One policy has not room for all patterns. Attach all of these.'),
  });
  return picked?.document;
}

function actionsOf({ Statement }: IamPolicyDocument): string[] {
  return [...new Set(Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action))];
}
