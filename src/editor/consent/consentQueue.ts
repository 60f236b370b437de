import { messageOf } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { ConsentAnswer, ConsentAsker, ConsentRequest } from '../../tools/consent';

/**
 * What a person can do about a question. `agreeForSession`: also for later calls of the session on the same resource;
 * `dismiss`: it went away without an answer.
 */
export type ConsentChoice = 'agree' | 'agreeForSession' | 'details' | 'decline' | 'dismiss';

/** How questions reach the person. */
export interface ConsentDialogs {
  /** Shows the question in front of everything else. Resolves when it has left the screen. */
  askFirst(request: ConsentRequest): Promise<ConsentChoice>;
  /** Shows the whole plan and asks again beside it. Resolves when the question has left the screen. */
  askWithDetails(request: ConsentRequest): Promise<ConsentChoice>;
  /** Says that a yes came too late to be one. */
  sayTooLate(): void;
}

export interface ConsentQueueOptions {
  dialogs: ConsentDialogs;
  /** Milliseconds for which a question waits for an answer; asked anew for each question. */
  timeoutMs(): number;
  logger: Logger;
}

const dismissed: ConsentAnswer = { kind: 'refused', reason: 'dismissed' };

/**
 * Puts consents to the person one at a time. No editor can be told to close a modal, so a question that ended
 * otherwise (time, cancelled call) may still be on screen: the next one waits until it has gone, and a yes to it does
 * nothing but say so.
 */
export class ConsentQueue implements ConsentAsker {
  readonly #options: ConsentQueueOptions;
  readonly #disposal = new AbortController();
  /** Settles when the question before has left the screen. */
  #screen: Promise<void> = Promise.resolve();

  constructor(options: ConsentQueueOptions) {
    this.#options = options;
  }

  async ask(request: ConsentRequest, signal: AbortSignal): Promise<ConsentAnswer> {
    const timeout = new AbortController();
    // From the moment of asking, not of showing: whoever is away must not keep the last of ten calls waiting for long.
    const timer = setTimeout(() => timeout.abort(), this.#options.timeoutMs());
    const ended = AbortSignal.any([signal, timeout.signal, this.#disposal.signal]);
    try {
      const answer = await Promise.race([this.#askInTurn(request, ended), whenAborted(ended)]);
      if (answer) return answer;
      return timeout.signal.aborted && !signal.aborted ? { kind: 'refused', reason: 'timedOut' } : dismissed;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends all questions as dismissed. */
  dispose(): void {
    this.#disposal.abort();
  }

  async #askInTurn(request: ConsentRequest, ended: AbortSignal): Promise<ConsentAnswer | undefined> {
    const before = this.#screen;
    let leave: () => void = () => undefined;
    this.#screen = new Promise((resolve) => (leave = resolve));
    try {
      await before;
      return ended.aborted ? undefined : await this.#askNow(request, ended);
    } catch (error) {
      // An editor that cannot show a question has not had a yes.
      this.#options.logger.warn(`A question could not be shown: ${messageOf(error)}`);
      return dismissed;
    } finally {
      leave();
    }
  }

  async #askNow(request: ConsentRequest, ended: AbortSignal): Promise<ConsentAnswer | undefined> {
    const { dialogs } = this.#options;
    let choice = await dialogs.askFirst(request);
    if (choice === 'details' && !ended.aborted) choice = await dialogs.askWithDetails(request);
    if (ended.aborted) {
      if (choice === 'agree' || choice === 'agreeForSession') dialogs.sayTooLate();
      return undefined;
    }
    if (choice === 'agree') return { kind: 'allowed', by: 'editor' };
    if (choice === 'agreeForSession' && request.offersGrant) return { kind: 'allowed', by: 'editor', grant: 'session' };
    return choice === 'decline' ? { kind: 'refused', reason: 'declined' } : dismissed;
  }
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
