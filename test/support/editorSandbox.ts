import * as fs from 'node:fs';
import * as path from 'node:path';
import { CloudFormation, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { makeTemporaryFolder, removeFolder } from '../../scripts/toolbox/cache';
import { startMinistack } from '../../scripts/toolbox/localAws';
import type { WorldProfile } from '../host/hostWorld';
import { sampleFunction } from './sampleFunction';

/** A local AWS with two accounts, the config file of a user who has both, and a folder to open. */
export interface EditorSandbox {
  endpoint: string;
  folder: string;
  workspace: string;
  configFile: string;
  dev: WorldProfile;
  other: WorldProfile;
  /** For the editor: the user's AWS files and a temporary folder of its own. */
  env: Record<string, string>;
  dispose(): Promise<void>;
}

export { sampleFunction };

const template = JSON.stringify({
  Description: 'Exists only in the local AWS of a test.',
  Resources: {
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: sampleFunction,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/any',
        Code: { ZipFile: 'exports.handler = async (event) => ({ refunded: event });' },
      },
    },
  },
});

/** Starts the local AWS and puts one stack in each account. */
export async function startEditorSandbox(): Promise<EditorSandbox> {
  const aws = await startMinistack();
  const folder = makeTemporaryFolder();
  const dispose = async (): Promise<void> => {
    await aws.dispose();
    await removeFolder(folder);
  };
  try {
    const unique = Date.now().toString(36);
    const dev = { name: 'acme-dev', account: '111122223333', region: 'us-east-1', stack: `orders-${unique}` };
    const other = { name: 'acme-prod', account: '444455556666', region: 'eu-west-1', stack: `billing-${unique}` };
    await Promise.all([dev, other].map((profile) => createStack(aws.endpoint, profile)));
    const workspace = path.join(folder, 'workspace');
    const temporary = path.join(folder, 'tmp');
    for (const made of [workspace, temporary]) fs.mkdirSync(made);
    const configFile = path.join(folder, 'config');
    const credentialsFile = path.join(folder, 'credentials');
    fs.writeFileSync(configFile, [dev, other].map((profile) => configSection(aws.endpoint, profile)).join('\n'));
    fs.writeFileSync(credentialsFile, [dev, other].map(credentialsSection).join('\n'), { mode: 0o600 });
    const env = {
      AWS_CONFIG_FILE: configFile,
      AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
      AWS_EC2_METADATA_DISABLED: 'true',
      TMPDIR: temporary,
    };
    return { endpoint: aws.endpoint, folder, workspace, configFile, dev, other, env, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Makes a stack with the sample function in an account of the local AWS. */
export async function createStack(
  endpoint: string,
  { account, region, stack }: Pick<WorldProfile, 'account' | 'region' | 'stack'>,
): Promise<void> {
  // The emulator takes a 12-digit access key id for the account.
  const client = new CloudFormation({
    endpoint,
    region,
    credentials: { accessKeyId: account, secretAccessKey: 'local' },
  });
  try {
    await client.createStack({ StackName: stack, TemplateBody: template });
    await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 2 }, { StackName: stack });
  } finally {
    client.destroy();
  }
}

function configSection(endpoint: string, { name, region }: WorldProfile): string {
  return `[profile ${name}]\nregion = ${region}\nendpoint_url = ${endpoint}\n`;
}

function credentialsSection({ name, account }: WorldProfile): string {
  return `[${name}]\naws_access_key_id = ${account}\naws_secret_access_key = local\n`;
}
