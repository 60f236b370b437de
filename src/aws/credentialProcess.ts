import { spawn } from 'node:child_process';
import type { AwsCredentialIdentity } from '@smithy/types';
import { WorkbenchError } from '../core/errors';
import { isRecord } from '../core/json';
import { redactText } from '../core/redact';
import { cancelled } from './sharedTask';

const timeoutMs = 60_000;
/** What shells answer where there is no such program. */
const commandNotFound = 127;
const drainMs = 1_000;
const maxOutputBytes = 256 * 1024;

/**
 * Runs the `credential_process` of a profile in the user's shell and reads the credentials that it prints.
 * @param env the whole environment of the process
 * @throws WorkbenchError `SignInRequired` where it fails, since most such programs fail because a person has to sign
 * in; `InvalidInput` where it prints no credentials; `Timeout` after a minute; `Cancelled`. No message holds the
 * command or what it printed, which may hold secrets; the last line of its standard error is quoted, redacted.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 */
export async function runCredentialProcess(
  profile: string,
  command: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<AwsCredentialIdentity> {
  const { exitCode, stdout, stderr, stoppedBy } = await runInShell(command, env, signal);
  const what = `The credential_process of profile ${profile}`;
  const remedy = `Run the command of credential_process in a terminal and put right what it says.`;
  if (stoppedBy === 'signal') throw cancelled();
  if (stoppedBy === 'timeout') {
    throw new WorkbenchError('Timeout', `${what} did not finish within ${timeoutMs / 1000} seconds.`, { remedy });
  }
  const invalid = (why: string): WorkbenchError => new WorkbenchError('InvalidInput', `${what} ${why}.`, { remedy });
  if (stoppedBy === 'size') throw invalid('printed too much');
  if (exitCode !== 0) {
    const said = redactText(stderr.trim().split(/\r?\n/).at(-1)?.trim().slice(0, 300) ?? '');
    const detail = said === '' ? '.' : `: ${said}`;
    const code = exitCode === commandNotFound ? 'InvalidInput' : 'SignInRequired';
    throw new WorkbenchError(code, `${what} failed with exit code ${exitCode}${detail}`, { remedy });
  }
  let output: unknown;
  try {
    output = JSON.parse(stdout);
  } catch {
    throw invalid('did not print JSON');
  }
  if (!isRecord(output) || output['Version'] !== 1) throw invalid('did not print credentials of Version 1');
  const text = (key: string): string | undefined => {
    const value = output[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const accessKeyId = text('AccessKeyId');
  const secretAccessKey = text('SecretAccessKey');
  if (!accessKeyId || !secretAccessKey) throw invalid('printed no AccessKeyId or SecretAccessKey');
  const sessionToken = text('SessionToken');
  const expirationText = text('Expiration');
  const expiration = expirationText === undefined ? undefined : new Date(expirationText);
  if (expiration && Number.isNaN(expiration.getTime())) throw invalid('printed an Expiration that is no date');
  if (expiration && expiration.getTime() <= Date.now()) {
    throw new WorkbenchError('SignInRequired', `${what} gave credentials that have expired.`, { remedy });
  }
  const accountId = text('AccountId');
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
    ...(expiration ? { expiration } : {}),
    ...(accountId ? { accountId } : {}),
  };
}

interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
  stoppedBy?: 'signal' | 'timeout' | 'size' | undefined;
}

function runInShell(command: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const isWindows = process.platform === 'win32';
    const child = spawn(command, {
      shell: true,
      env,
      windowsHide: true,
      // A group of its own, so that what the shell started ends together with the shell.
      detached: !isWindows,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let stoppedBy: Outcome['stoppedBy'];
    const stop = (reason: NonNullable<Outcome['stoppedBy']>): void => {
      stoppedBy ??= reason;
      if (child.pid === undefined) return;
      if (isWindows) {
        const killer = spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], {
          stdio: 'ignore',
          windowsHide: true,
        });
        killer.on('error', () => child.kill());
        return;
      }
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself in the meantime.
      }
    };
    const onAbort = (): void => stop('signal');
    const timer = setTimeout(() => stop('timeout'), timeoutMs);
    let drain: NodeJS.Timeout | undefined;
    const done = (exitCode: number): void => {
      clearTimeout(timer);
      clearTimeout(drain);
      signal.removeEventListener('abort', onAbort);
      resolve({ exitCode, stdout, stderr, stoppedBy });
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > maxOutputBytes) stop('size');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4096);
    });
    child.once('error', (error) => {
      stderr += error.message;
      done(127);
    });
    child.once('exit', () => {
      // A daemon that it left behind may hold the pipes open for ever; what it printed itself is here by then.
      drain = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, drainMs);
    });
    child.once('close', (code) => done(code ?? 1));
    if (signal.aborted) stop('signal');
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
