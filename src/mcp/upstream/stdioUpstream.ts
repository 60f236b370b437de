import { existsSync } from 'node:fs';
import { WorkbenchError } from '../../core/errors';
import { redactText } from '../../core/redact';
import { LineSplitter, LineTooLong, onOneLine } from './lineSplitter';
import { parseMessage, type MessageUpstream, type UpstreamEnd, type UpstreamListener } from './messageUpstream';
import { forgetProcess, signalGroup, startProcess, type ProcessSpec, type ServerChild } from './serverProcess';
import { TextTail } from './textTail';

export interface StdioUpstreamOptions extends ProcessSpec {
  listener: UpstreamListener;
  /** Told of what the process writes to standard error, and of lines on standard output that are no messages. */
  readonly onLog: (text: string) => void;
  /** Bytes of one message; a longer one ends the process. Default 256 MB. */
  maxMessageBytes?: number;
}

const defaultMaxMessageBytes = 256 * 1024 * 1024;
/** Characters of standard error kept to explain an end. */
const keptErrorChars = 4096;
/** Milliseconds for a process to end by itself after its input was closed, as the stdio transport asks (2025-11-25). */
const politeMs = 1500;
const terminatedMs = 1500;
/** Milliseconds for what is left in the pipes after the process has ended. */
const drainMs = 250;
/** Milliseconds for a process to end after it closed its output: without it nothing can be answered any more. */
const withoutOutputMs = 500;

/**
 * Starts a server and speaks with it over stdio.
 * @throws WorkbenchError `NotFound` where the command or its folder does not exist, `Internal` where it cannot start.
 */
export async function startStdioUpstream(options: StdioUpstreamOptions): Promise<MessageUpstream> {
  const { command, cwd } = options;
  if (cwd !== undefined && !existsSync(cwd)) {
    throw new WorkbenchError('NotFound', `The folder ${cwd} in which the server is to start does not exist.`, {
      remedy: 'Correct `cwd` in the definition of the server.',
    });
  }
  let child: ServerChild;
  try {
    child = startProcess(options);
  } catch (cause) {
    throw startError(command, cause);
  }
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      forgetProcess(child);
      reject(startError(command, cause));
    });
  });
  return new StdioUpstream(child, options);
}

function startError(command: string, cause: unknown): WorkbenchError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    return new WorkbenchError('NotFound', `The command ${command} was not found.`, {
      remedy: 'Install it, or write its full path into the definition of the server.',
      cause,
    });
  }
  return new WorkbenchError('Internal', `The command ${command} could not be started: ${message}`, {
    remedy: 'Check that the file is a program that you may run.',
    cause,
  });
}

class StdioUpstream implements MessageUpstream {
  readonly #child: ServerChild;
  readonly #listener: UpstreamListener;
  readonly #onLog: (text: string) => void;
  readonly #splitter: LineSplitter;
  readonly #errors = new TextTail(keptErrorChars);
  readonly #exited: Promise<void>;
  #end: UpstreamEnd | undefined;
  /** What we already know to be the reason when the process ends. */
  #cause: UpstreamEnd | undefined;
  #closing: Promise<void> | undefined;
  #drain: Promise<void> | undefined;

  constructor(child: ServerChild, { listener, onLog, maxMessageBytes = defaultMaxMessageBytes }: StdioUpstreamOptions) {
    this.#child = child;
    this.#listener = listener;
    this.#onLog = onLog;
    this.#splitter = new LineSplitter(maxMessageBytes);
    child.on('error', () => undefined);
    // What is written after the process has gone is lost; its end tells so.
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      this.#errors.append(text);
      onLog(text);
    });
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stdout.once('end', () => this.#endWithoutOutput());
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        // Whatever it started and left behind ends with it.
        signalGroup(child, 'SIGKILL');
        const finish = (): void => {
          clearTimeout(timer);
          child.off('close', finish);
          this.#finish(code, signal);
          resolve();
        };
        const timer = setTimeout(finish, drainMs);
        child.once('close', finish);
        // A paused reader would never see the end.
        child.stdout.resume();
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isEnded(): boolean {
    return this.#end !== undefined || this.#closing !== undefined;
  }

  send(message: Buffer): Promise<void> | undefined {
    const { stdin } = this.#child;
    if (!stdin.writable) return undefined;
    // One write for both, so that a message is one packet in the pipe.
    const line = onOneLine(message);
    const framed = Buffer.allocUnsafe(line.length + 1);
    line.copy(framed);
    framed[line.length] = 0x0a;
    if (stdin.write(framed)) return undefined;
    this.#drain ??= new Promise<void>((resolve) => {
      const done = (): void => {
        stdin.off('drain', done);
        stdin.off('close', done);
        this.#drain = undefined;
        resolve();
      };
      stdin.once('drain', done);
      stdin.once('close', done);
    });
    return this.#drain;
  }

  pause(): void {
    if (!this.#end) this.#child.stdout.pause();
  }

  resume(): void {
    this.#child.stdout.resume();
  }

  close(): Promise<void> {
    this.#cause ??= { kind: 'stopped', message: 'The server was stopped.' };
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #stop(): Promise<void> {
    const child = this.#child;
    if (this.#end) return;
    child.stdout.resume();
    child.stdin.end();
    if (await endsWithin(this.#exited, politeMs)) return;
    signalGroup(child, 'SIGTERM');
    if (await endsWithin(this.#exited, terminatedMs)) return;
    signalGroup(child, 'SIGKILL');
    await this.#exited;
  }

  #read(chunk: Buffer): void {
    if (this.#end) return;
    let lines: Buffer[];
    try {
      lines = this.#splitter.push(chunk);
    } catch (error) {
      if (!(error instanceof LineTooLong)) throw error;
      this.#fail('The server sent a message that is too long.');
      return;
    }
    for (const raw of lines) {
      const parsed = parseMessage(raw);
      if (parsed) {
        this.#listener.onMessage({ raw, parsed });
        continue;
      }
      this.#listener.onUnreadable?.(raw);
      this.#onLog(`[not a message] ${raw.subarray(0, 2000).toString('utf8')}\n`);
    }
  }

  #endWithoutOutput(): void {
    const timer = setTimeout(() => this.#fail('The server closed its output.'), withoutOutputMs);
    void this.#exited.then(() => clearTimeout(timer));
  }

  #fail(message: string): void {
    if (this.#end || this.#cause) return;
    this.#cause = { kind: 'failed', message };
    this.#child.stdout.removeAllListeners('data').resume();
    this.#closing ??= this.#stop();
  }

  #finish(code: number | null, signal: NodeJS.Signals | null): void {
    const child = this.#child;
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
    forgetProcess(child);
    const lastLine = redactText(this.#errors.lastLine(300));
    const how = signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`;
    this.#end = this.#cause ?? {
      kind: 'exited',
      message: `The server ${how}${lastLine === '' ? '.' : `. Its last words: ${lastLine}`}`,
    };
    this.#listener.onEnd(this.#end);
  }
}

async function endsWithin(end: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([end.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
