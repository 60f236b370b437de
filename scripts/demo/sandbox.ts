import * as fs from 'node:fs';
import * as path from 'node:path';
import { copyCdkSample } from '../../test/support/cdkSample';
import { seedAws } from '../../test/support/seedAws';
import { makeTemporaryFolder, removeFolder } from '../toolbox/cache';
import { startMinistack } from '../toolbox/localAws';

/** The accounts that the sandbox plays: the emulator takes a 12-digit access key id for the account. */
const accounts = [
  { profile: 'sandbox-dev', account: '000000000000', region: 'us-east-1' },
  { profile: 'sandbox-prod', account: '111122223333', region: 'eu-west-1' },
] as const;

/** A local AWS with something in it, and a workspace with a CDK app. */
export interface Sandbox {
  endpoint: string;
  /** The folder to open in the editor. */
  workspace: string;
  /** Points the AWS SDKs and tools at the sandbox's own config files. */
  env: Record<string, string>;
  dispose(): Promise<void>;
}

/** Starts the local AWS, fills it, and writes AWS config files with a profile for each account. */
export async function startSandbox(): Promise<Sandbox> {
  const aws = await startMinistack();
  const folder = makeTemporaryFolder();
  const dispose = async (): Promise<void> => {
    await aws.dispose();
    await removeFolder(folder);
  };
  try {
    for (const { account, region } of accounts) await seedAws({ endpoint: aws.endpoint, account, region });
    const workspace = path.join(folder, 'sample-app');
    await copyCdkSample(workspace);
    const config = path.join(folder, 'config');
    const credentials = path.join(folder, 'credentials');
    const section = (profile: string, lines: readonly string[]): string => `[${profile}]\n${lines.join('\n')}\n`;
    fs.writeFileSync(
      config,
      accounts
        .map(({ profile, region }) =>
          section(`profile ${profile}`, [`region = ${region}`, `endpoint_url = ${aws.endpoint}`]),
        )
        .join('\n'),
    );
    fs.writeFileSync(
      credentials,
      accounts
        .map(({ profile, account }) =>
          section(profile, [`aws_access_key_id = ${account}`, 'aws_secret_access_key = sandbox']),
        )
        .join('\n'),
      { mode: 0o600 },
    );
    const env = {
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
      AWS_PROFILE: accounts[0].profile,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    return { endpoint: aws.endpoint, workspace, env, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
