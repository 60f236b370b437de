import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { windowsTarget } from './windowsCommand';

/** What to start. */
export interface ProcessSpec {
  command: string;
  args: readonly string[];
  /** The whole environment. */
  env: NodeJS.ProcessEnv;
  cwd: string | undefined;
}

export type ServerChild = ChildProcessByStdio<Writable, Readable, Readable>;

/** Processes that live now; they must not outlive us whatever way we end. */
const living = new Set<ServerChild>();

function killAllNow(): void {
  for (const child of living) signalGroup(child, 'SIGKILL');
}

/** Starts a process as the leader of a group of its own, so that it can be ended with everything it starts. */
export function startProcess({ command, args, env, cwd }: ProcessSpec): ServerChild {
  const isWindows = process.platform === 'win32';
  const target = isWindows ? windowsTarget(command, args, env) : { command, args: [...args] };
  const child = spawn(target.command, target.args, {
    env,
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: !isWindows,
    windowsHide: true,
    windowsVerbatimArguments: 'windowsVerbatimArguments' in target,
  });
  if (child.pid !== undefined) {
    if (living.size === 0) process.on('exit', killAllNow);
    living.add(child);
  }
  return child;
}

/** Says that nothing of the process is left. */
export function forgetProcess(child: ServerChild): void {
  if (living.delete(child) && living.size === 0) process.off('exit', killAllNow);
}

/** Sends a signal to a process and everything that it started. Nothing happens where none of it is left. */
export function signalGroup({ pid }: ServerChild, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on(
      'error',
      () => undefined,
    );
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has already ended.
  }
}

/**
 * The environment of a managed server: the editor's own without what belongs to the editor alone, and what the
 * definition adds or, with `null`, takes away.
 */
export function serverEnvironment(
  own: NodeJS.ProcessEnv,
  changes: Readonly<Record<string, string | null>>,
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(own)) {
    if (!/^(?:VSCODE_|ELECTRON_|MCP_WORKBENCH_)/i.test(name)) env[name] = value;
  }
  for (const [name, value] of Object.entries(changes)) {
    if (process.platform === 'win32') {
      // Windows knows no case in these names; two that differ only in it would fight.
      for (const known of Object.keys(env)) if (known.toUpperCase() === name.toUpperCase()) delete env[known];
    }
    if (value === null) delete env[name];
    else env[name] = value;
  }
  return env;
}
