import { devNull } from 'node:os';
import { makeTemporaryFolder, removeFolder } from './cache';
import { freePort } from './freePort';
import { delay, startProcessGroup } from './processGroup';
import { ensureEmulatorPython } from './python';

const HEALTH_MS = 60_000;
const MINISTACK_ACCOUNT = '000000000000';
const MOTO_ACCOUNT = '123456789012';
// MiniStack stops every container that carries its label when it starts, even one of the person's own.
const NO_DOCKER = 'unix:///nonexistent';
const REGION = 'us-east-1';

/** An AWS emulator listening on the loopback address. */
export interface LocalAws {
  /** Such as `http://127.0.0.1:40123`. */
  endpoint: string;
  /** Environment variables that point the AWS SDKs and tools at it, and at nothing else. */
  env: Record<string, string>;
  /** What it last wrote, for error messages. */
  output: () => string;
  /** Ends it and its Lambda workers and removes all that it stored. */
  dispose: () => Promise<void>;
}

/** MiniStack, where a 12-digit access key id is the account, so one emulator plays many. */
export interface Ministack extends LocalAws {
  /** Like `env`, for another account. */
  envFor: (account: string) => Record<string, string>;
}

function environmentFor(endpoint: string, account: string): Record<string, string> {
  if (!/^\d{12}$/.test(account)) throw new Error(`An AWS account id has 12 digits: ${account}`);
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    // Nothing of the person's own AWS set-up may leak into a test.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** Only what a child needs to run: a proxy or an AWS profile of the person's must not reach the emulator. */
function bareEnvironment(folder: string): NodeJS.ProcessEnv {
  const kept = ['PATH', 'SystemRoot', 'PATHEXT', 'COMSPEC', 'LANG', 'LC_ALL'];
  const env: NodeJS.ProcessEnv = {};
  for (const name of kept) if (process.env[name] !== undefined) env[name] = process.env[name];
  return {
    ...env,
    HOME: folder,
    USERPROFILE: folder,
    TMPDIR: folder,
    TEMP: folder,
    TMP: folder,
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

interface Emulator {
  name: string;
  args: readonly string[];
  port: number;
  healthPath: string;
  account: string;
  env: Record<string, string>;
}

async function start(emulator: Emulator): Promise<LocalAws> {
  const python = await ensureEmulatorPython();
  const endpoint = `http://127.0.0.1:${emulator.port}`;
  const env = environmentFor(endpoint, emulator.account);
  const folder = makeTemporaryFolder();
  const group = startProcessGroup(python, emulator.args, {
    cwd: folder,
    env: { ...bareEnvironment(folder), ...emulator.env },
  });
  const dispose = async () => {
    await group.dispose();
    await removeFolder(folder);
  };
  let ended = false;
  void group.exited.then(() => (ended = true));

  const until = Date.now() + HEALTH_MS;
  while (!(await answers(endpoint + emulator.healthPath))) {
    if (ended || Date.now() > until) {
      await dispose();
      throw new Error(`${emulator.name} ${ended ? 'ended while starting' : 'did not get ready'}:\n${group.output()}`);
    }
    await delay(100);
  }
  return { endpoint, env, output: () => group.output(), dispose };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Starts MiniStack, the emulator that deploys stacks and runs Lambda functions without Docker.
 *
 * `env` of the result acts as the first of `accounts`, or as 000000000000, which CDK bootstrapping expects there.
 */
export async function startMinistack(
  options: { accounts?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Ministack> {
  const account = options.accounts?.[0] ?? MINISTACK_ACCOUNT;
  const port = await freePort();
  const aws = await start({
    name: 'MiniStack',
    args: ['-m', 'ministack'],
    port,
    healthPath: '/_ministack/health',
    account,
    env: {
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      CLOUDTRAIL_RECORDING: '1',
      MINISTACK_ACCOUNT_ID: account,
      MINISTACK_REGION: REGION,
      LOG_LEVEL: 'WARNING',
      // These two would listen on fixed ports, and on every interface.
      SFTP_ENABLED: '0',
      IOT_MTLS_ENABLED: '0',
      DOCKER_HOST: NO_DOCKER,
      ...options.env,
    },
  });
  return { ...aws, envFor: (other) => environmentFor(aws.endpoint, other) };
}

/** Starts Moto's server, the wider emulator: a second opinion on services that MiniStack plays too. */
export async function startMoto(options: { env?: Record<string, string> } = {}): Promise<LocalAws> {
  const port = await freePort();
  return start({
    name: 'Moto',
    args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    port,
    healthPath: '/moto-api/',
    account: MOTO_ACCOUNT,
    env: { MOTO_PORT: String(port), DOCKER_HOST: NO_DOCKER, ...options.env },
  });
}
