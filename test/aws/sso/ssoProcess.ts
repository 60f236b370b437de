import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A process of its own that a test talks to by lines. */
export interface TestProcess {
  /** The next line it writes to standard output; fails with all its errors when it ended instead. */
  line(): Promise<string>;
  say(line: string): void;
  kill(): Promise<void>;
}

/** Runs a TypeScript file of this folder as a process. */
export function startScript(name: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): TestProcess {
  return startProcess(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, name), ...args], env);
}

/** Runs any program. It is killed with `kill`, or ends by itself when its standard input does. */
export function startProcess(command: string, args: readonly string[], env: NodeJS.ProcessEnv): TestProcess {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(command, args, {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => (errors += text));
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async line() {
      const next = await lines.next();
      if (next.done === true) throw new Error(`It ended without an answer.\n${errors}`);
      return next.value;
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
