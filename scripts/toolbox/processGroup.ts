import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';

/** Where and with what environment a command runs. */
export interface GroupOptions {
  cwd?: string;
  /** The whole environment of the command, not an addition to ours. */
  env?: NodeJS.ProcessEnv;
  /** Called with each piece of standard output and standard error as it arrives. */
  onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

/** A running command together with everything that it started. */
export interface ProcessGroup {
  readonly pid: number;
  /** The exit code of the command; does not wait for what it left behind. */
  readonly exited: Promise<number>;
  /** The last 64 K characters that it wrote, for error messages. */
  output(): string;
  /** Ends the whole group, politely first. Safe to call more than once. */
  dispose(): Promise<void>;
}

/** What a finished command left. */
export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

const OUTPUT_KEPT = 64 * 1024;
const POLITE_MS = 3_000;
const KILLED_MS = 2_000;

function spawnGuarded(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; withInput: boolean },
): ChildProcess {
  const guard = path.join(import.meta.dirname, 'groupGuard.mjs');
  return spawn(process.execPath, [guard, command, ...args], {
    cwd: options.cwd,
    // NODE_OPTIONS is dropped because the guard must not load the hooks (tsx, coverage) of the process that starts it.
    env: { ...(options.env ?? process.env), NODE_OPTIONS: '' },
    stdio: [options.withInput ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
}

function groupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has already ended.
  }
}

async function endGroup(pid: number, exited: Promise<number>): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  await settlesWithin(exited, POLITE_MS);
  signalGroup(pid, 'SIGKILL');
  await settlesWithin(exited, KILLED_MS);
  const until = Date.now() + KILLED_MS;
  while (process.platform !== 'win32' && groupAlive(pid) && Date.now() < until) await delay(10);
}

/** Resolves after the given time. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for a promise, but no longer than the given time; tells which of the two came first. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts a long-running command in its own process group, which ends with this process at the latest. */
export function startProcessGroup(command: string, args: readonly string[], options: GroupOptions = {}): ProcessGroup {
  const child = spawnGuarded(command, args, { cwd: options.cwd, env: options.env, withInput: false });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Could not start ${command}.`);

  let kept = '';
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]!.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-OUTPUT_KEPT);
      options.onOutput?.(text, stream);
    });
  }
  const exited = new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 1));
  });
  let ending: Promise<void> | undefined;
  return {
    pid,
    exited,
    output: () => kept,
    dispose: () => (ending ??= endGroup(pid, exited)),
  };
}

/** Runs a command to its end, or to the end of its time, and then ends whatever it left running. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: GroupOptions & { input?: string; timeoutMs?: number } = {},
): Promise<CommandResult> {
  const child = spawnGuarded(command, args, {
    cwd: options.cwd,
    env: options.env,
    withInput: options.input !== undefined,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Could not start ${command}.`);

  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]!.setEncoding('utf8').on('data', (text: string) => {
      written[stream] += text;
      options.onOutput?.(text, stream);
    });
  }
  const exited = new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 1));
  });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  child.stdin?.on('error', () => {}).end(options.input);

  let timedOut = false;
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          void endGroup(pid, exited);
        }, options.timeoutMs);
  const exitCode = await exited;
  clearTimeout(timer);
  // Something left behind may hold the pipes open, so it is ended before their last words are awaited.
  signalGroup(pid, 'SIGKILL');
  await settlesWithin(closed, KILLED_MS);
  return { exitCode, ...written, timedOut };
}

/** Like `runCommand`, but throws with the end of the command's output unless it exits with 0. */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: GroupOptions & { input?: string; timeoutMs?: number } = {},
): Promise<CommandResult> {
  const result = await runCommand(command, args, options);
  if (result.exitCode !== 0) {
    const said = `${result.stdout}\n${result.stderr}`.trim().slice(-2_000);
    const how = result.timedOut ? 'took too long' : `exited with ${result.exitCode}`;
    throw new Error(`${path.basename(command)} ${args.slice(0, 3).join(' ')} … ${how}:\n${said}`);
  }
  return result;
}
