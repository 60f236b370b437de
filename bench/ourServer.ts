import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { delay } from '../scripts/toolbox/processGroup';
import { EchoClient, type EchoEndpoint } from './echoClient';

/** What a server of ours uses of the machine. */
export interface ServerUsage {
  memory: NodeJS.MemoryUsage;
  /** Processor time since its start, all threads, in microseconds. */
  cpu: NodeJS.CpuUsage;
}

/** A server of ours in a process of its own. */
export interface OurServer {
  client: EchoClient;
  /** What it uses, with garbage collected first where `isClean`. */
  usage(isClean?: boolean): Promise<ServerUsage>;
  stop(): Promise<void>;
}

/**
 * Starts a script of this folder that prints where it serves as one line of JSON and answers lines with its usage.
 * @param node the Node.js that runs it
 */
export async function startOurServer(node: string, script: string, args: readonly string[]): Promise<OurServer> {
  const child: ChildProcess = spawn(
    node,
    ['--expose-gc', '--require', 'tsx/cjs', path.join(import.meta.dirname, script), ...args],
    { stdio: ['pipe', 'pipe', 'inherit'], cwd: path.join(import.meta.dirname, '..') },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout! });
  const next = async (): Promise<string> => {
    const answer = await Promise.race([once(lines, 'line'), exited.then(() => [])]);
    if (answer.length === 0) throw new Error(`${script} has ended`);
    return String(answer[0]);
  };
  const client = new EchoClient(JSON.parse(await next()) as EchoEndpoint);
  return {
    client,
    async usage(isClean = false) {
      child.stdin!.write(isClean ? 'clean\n' : 'usage\n');
      return JSON.parse(await next()) as ServerUsage;
    },
    async stop() {
      client.close();
      child.stdin!.end();
      await Promise.race([exited, delay(5000)]);
      child.kill('SIGKILL');
    },
  };
}
