import { spawn, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

/** How a command line of the user's project is run. */
export interface CommandLineOptions {
  cwd: string;
  /** The whole environment, not an addition to ours. */
  env: NodeJS.ProcessEnv;
  /** Ends the command and everything it started. */
  signal: AbortSignal;
  /** Told each line of standard output and standard error, without colours. */
  onLine: (line: string) => void;
}

/** A command line that ended by itself, but not well. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
  readonly commandLine: string;
  /** `null` where a signal ended it. */
  readonly exitCode: number | null;
  readonly exitSignal: NodeJS.Signals | null;
  /** The end of what it wrote to standard error, or to standard output where it wrote no error. */
  readonly output: string;

  constructor(
    commandLine: string,
    exit: { code: number | null; signal: NodeJS.Signals | null; output: string; cause?: unknown },
  ) {
    const how = exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
    super(`${commandLine} ${how}`, { cause: exit.cause });
    this.commandLine = commandLine;
    this.exitCode = exit.code;
    this.exitSignal = exit.signal;
    this.output = exit.output;
  }
}

const keptCharacters = 16 * 1024;
const maxLineCharacters = 4096;
/** What stops on SIGTERM, such as a Docker client that stops its container, gets this long before SIGKILL. */
const politeMs = 2000;
/** A process that the command left behind may hold its output open; it is read no longer than this. */
const drainMs = 500;
const pollMs = 20;

const running = new Set<ChildProcess>();

/** Without this an app outlives a host that exits while a call is running. */
function killAllAtExit(): void {
  for (const child of running) signalTree(child, 'SIGKILL');
}

/**
 * Runs a command line in the system's shell, as CDK itself runs `app` and `build` of `cdk.json`, in a process group of
 * its own. When it resolves or rejects, the command and what is left of its group have ended.
 *
 * The toolkit can run the app as well, but has no way to stop it, and runs `.js` files by `process.execPath`, which in an
 * editor is the editor.
 * @throws CommandLineError when it could not be started or failed; the reason of `signal` when that fired.
 */
export async function runCommandLine(commandLine: string, options: CommandLineOptions): Promise<void> {
  const { cwd, env, signal, onLine } = options;
  signal.throwIfAborted();
  const child = spawn(commandLine, {
    cwd,
    env,
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own on POSIX; on Windows the tree is ended by its root, and `detached` would open a console.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  if (running.size === 0) process.on('exit', killAllAtExit);
  running.add(child);
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    readLines(child[name], (line) => {
      written[name] = `${written[name]}${line}\n`.slice(-keptCharacters);
      onLine(line);
    });
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; cause?: unknown }>((resolve) => {
    child.once('error', (cause) => resolve({ code: null, signal: null, cause }));
    child.once('exit', (code, exitSignal) => resolve({ code, signal: exitSignal }));
  });
  let ending: Promise<void> | undefined;
  const onAbort = (): void => {
    ending ??= endTree(child, ended);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const exit = await ended;
    await settledWithin(closed, drainMs);
    await (ending ??= endTree(child, ended));
    signal.throwIfAborted();
    if (exit.code === 0) return;
    throw new CommandLineError(commandLine, { ...exit, output: (written.stderr.trim() || written.stdout).trim() });
  } finally {
    signal.removeEventListener('abort', onAbort);
    running.delete(child);
    if (running.size === 0) process.off('exit', killAllAtExit);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Lines longer than the limit come in pieces: what never ends a line must not fill the memory. */
function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (bytes: Buffer) => {
    const lines = (rest + decoder.write(bytes)).split(/\r?\n/);
    rest = lines.pop() ?? '';
    while (rest.length > maxLineCharacters) {
      lines.push(rest.slice(0, maxLineCharacters));
      rest = rest.slice(maxLineCharacters);
    }
    for (const line of lines) onLine(stripVTControlCharacters(line).slice(0, maxLineCharacters));
  });
  stream.on('end', () => {
    if (rest !== '') onLine(stripVTControlCharacters(rest));
  });
}

/** Ends the command and its group: politely, and after a while by force. */
async function endTree(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode === null) await killWindowsTree(child.pid);
    await ended;
    return;
  }
  if (!signalTree(child, 'SIGTERM')) return;
  const deadline = Date.now() + politeMs;
  while (signalTree(child, 0) && Date.now() < deadline) await delay(pollMs);
  signalTree(child, 'SIGKILL');
  await ended;
}

/** @returns whether the group still had members. */
function signalTree(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  if (process.platform === 'win32') return child.kill('SIGKILL');
  try {
    process.kill(-child.pid, signal);
    return true;
  } catch {
    return false;
  }
}

function killWindowsTree(pid: number): Promise<void> {
  const taskkill = path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
  return new Promise((resolve) => {
    const killer = spawn(taskkill, ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    killer.once('error', () => resolve());
    killer.once('exit', () => resolve());
  });
}

async function settledWithin(promise: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
