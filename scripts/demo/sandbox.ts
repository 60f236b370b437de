import * as fs from 'node:fs';
import * as path from 'node:path';
import { demoAccounts, startIdentityCenter, type IdentityCenter } from '../../test/fakes/identityCenter';
import { startCallerIdentity } from '../../test/support/callerIdentity';
import { copyCdkSample } from '../../test/support/cdkSample';
import { startLoopbackRedirect } from '../../test/support/loopbackRedirect';
import { seedAws } from '../../test/support/seedAws';
import { makeTemporaryFolder, removeFolder } from '../toolbox/cache';
import { startMinistack } from '../toolbox/localAws';

/** Where the demo works: the stand-in for IAM Identity Center is at home there, too. */
const region = 'us-east-1';

/** A local AWS with something in it, a sign-in in front of it, and a workspace with a CDK app. */
export interface Sandbox {
  endpoint: string;
  center: IdentityCenter;
  /** The folder to open in the editor. */
  workspace: string;
  /** For `startVsCodeServer`: has the settings of the machine in it. */
  dataFolder: string;
  /** What the user's settings must say about the stand-in. */
  settings: Record<string, unknown>;
  /** Gives the editor a home of its own, and points the AWS SDKs and tools at the sandbox. */
  env: Record<string, string>;
  dispose(): Promise<void>;
}

/** Starts the local AWS, fills two accounts, and makes the home of a user who has never signed in. */
export async function startSandbox(): Promise<Sandbox> {
  const closing: (() => Promise<void>)[] = [];
  const dispose = async (): Promise<void> => {
    for (let close = closing.pop(); close; close = closing.pop()) await close();
  };
  try {
    const dataFolder = makeTemporaryFolder();
    closing.push(() => removeFolder(dataFolder));
    const aws = await startMinistack();
    closing.push(() => aws.dispose());
    const center = await startIdentityCenter({ region });
    closing.push(() => center.dispose());
    const sts = await startCallerIdentity(center);
    closing.push(() => sts.dispose());
    const redirect = await startLoopbackRedirect();
    closing.push(() => redirect.dispose());
    for (const { accountId } of demoAccounts) await seedAws({ endpoint: aws.endpoint, account: accountId, region });

    const workspace = path.join(dataFolder, 'sample-app');
    await copyCdkSample(workspace);
    const home = path.join(dataFolder, 'home');
    const settings = { 'mcpWorkbench.sso.endpoints': center.endpoints };
    writeFile(
      path.join(home, '.aws', 'config'),
      [
        '[sso-session acme]',
        `sso_start_url = ${center.startUrl}`,
        `sso_region = ${region}`,
        'sso_registration_scopes = sso:account:access',
        '',
      ].join('\n'),
    );
    writeFile(path.join(dataFolder, 'server', 'data', 'Machine', 'settings.json'), JSON.stringify(settings));
    const env = {
      ...redirect.env,
      HOME: home,
      USERPROFILE: home,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ENDPOINT_URL_STS: sts.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    return { endpoint: aws.endpoint, center, workspace, dataFolder, settings, env, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function writeFile(file: string, content: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content, { mode: 0o600 });
}
