import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeTemporaryFolder, removeFolder } from '../../scripts/toolbox/cache';
import { startMinistack } from '../../scripts/toolbox/localAws';
import { startIdentityCenter, type IdentityCenter, type IdentityCenterOptions } from '../fakes/identityCenter';
import { startCallerIdentity } from './callerIdentity';
import { createStack } from './editorSandbox';
import { startLoopbackRedirect } from './loopbackRedirect';

/** A local AWS, a stand-in for IAM Identity Center in front of it, and the folders of a user who is new to both. */
export interface SignInSandbox {
  /** Endpoint of the local AWS, for every service but sign-in. */
  endpoint: string;
  center: IdentityCenter;
  workspace: string;
  configFile: string;
  /** For `startVsCodeServer`: has the user's home in it. */
  dataFolder: string;
  home: string;
  /** For the editor. */
  env: Record<string, string>;
  /** Writes settings of the machine, where those stand that no workspace may give. Before the editor starts. */
  writeMachineSettings(settings: Record<string, unknown>): void;
  dispose(): Promise<void>;
}

/** An `[sso-session]` section for the stand-in. */
export function sessionSection(center: IdentityCenter, name = 'acme'): string {
  return [
    `[sso-session ${name}]`,
    `sso_start_url = ${center.startUrl}`,
    `sso_region = ${center.region}`,
    'sso_registration_scopes = sso:account:access',
    '',
  ].join('\n');
}

/**
 * Starts everything.
 * @param config content of the AWS config file, made when the addresses are known; none: there is no file.
 */
export async function startSignInSandbox(
  config?: (center: IdentityCenter) => string,
  options: IdentityCenterOptions = {},
): Promise<SignInSandbox> {
  const [aws, center, redirect] = await Promise.all([
    startMinistack(),
    startIdentityCenter(options),
    startLoopbackRedirect(),
  ]);
  const sts = await startCallerIdentity(center);
  await createStack(aws.endpoint, { account: '111122223333', region: center.region, stack: 'orders-dev' });
  const dataFolder = makeTemporaryFolder();
  const home = path.join(dataFolder, 'home');
  const workspace = path.join(dataFolder, 'workspace');
  const configFile = path.join(home, '.aws', 'config');
  for (const folder of [path.dirname(configFile), workspace]) fs.mkdirSync(folder, { recursive: true });
  if (config) fs.writeFileSync(configFile, config(center));
  const writeMachineSettings = (settings: Record<string, unknown>): void => {
    const folder = path.join(dataFolder, 'server', 'data', 'Machine');
    fs.mkdirSync(folder, { recursive: true });
    const all = { 'mcpWorkbench.sso.endpoints': center.endpoints, ...settings };
    fs.writeFileSync(path.join(folder, 'settings.json'), JSON.stringify(all, undefined, 2));
  };
  writeMachineSettings({});
  return {
    endpoint: aws.endpoint,
    center,
    workspace,
    configFile,
    dataFolder,
    home,
    env: {
      ...redirect.env,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ENDPOINT_URL_STS: sts.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    writeMachineSettings,
    dispose: async () => {
      await Promise.all([aws.dispose(), center.dispose(), redirect.dispose(), sts.dispose()]);
      await removeFolder(dataFolder);
    },
  };
}
