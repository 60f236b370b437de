import { stripVTControlCharacters } from 'node:util';
import type { IIoHost, IoMessage } from '@aws-cdk/toolkit-lib';
import { redactText } from '../../core/redact';
import { escapeUnseen } from '../../core/unseen';
import type { ToolContext } from '../tool';

const maxMessageCharacters = 300;
/** An app can print thousands of lines; a client needs to see that it lives, not each of them. */
const minIntervalMs = 200;

/** Passes what the toolkit and the app say on as progress of the call. It answers no question. */
export class ProgressIoHost implements IIoHost {
  readonly #report: ToolContext['reportProgress'];
  readonly #signal: AbortSignal;
  #progress = 0;
  #lastLineAt = 0;

  constructor(context: Pick<ToolContext, 'reportProgress' | 'signal'>) {
    this.#report = (progress) => context.reportProgress(progress);
    this.#signal = context.signal;
  }

  async notify(message: IoMessage<unknown>): Promise<void> {
    if (message.level === 'debug' || message.level === 'trace') return;
    this.line(message.message);
  }

  /** The toolkit asks before it changes something. Nothing here may change anything, so a question is a fault. */
  async requestResponse<T>(request: IoMessage<unknown>): Promise<T> {
    throw new Error(`The CDK toolkit asked a question that nobody is there to answer: ${request.message}`);
  }

  /** A step of the call; always reported. */
  step(message: string): void {
    // While an app is being ended it may still write, but the client has its answer by then.
    if (this.#signal.aborted) return;
    this.#progress++;
    this.#report({ progress: this.#progress, message });
  }

  /** One of possibly many lines; those that come fast are left out. */
  line(raw: string): void {
    const now = Date.now();
    const text = stripVTControlCharacters(raw).trim();
    if (text === '' || now - this.#lastLineAt < minIntervalMs) return;
    this.#lastLineAt = now;
    this.step(redactText(escapeUnseen(text)).slice(0, maxMessageCharacters));
  }
}
