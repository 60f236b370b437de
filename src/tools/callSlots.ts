import { WorkbenchError } from '../core/errors';

/** A place to run in; given back once. */
export interface CallSlot {
  /** Gives the place to others while `body` runs, as when a person is waited for, then waits for one again. */
  yieldDuring<T>(body: () => Promise<T>): Promise<T>;
  release(): void;
}

export interface CallSlotsOptions {
  /** Calls of one client that run at a time. Default 8. */
  maxPerClient?: number;
  /** Calls of all clients that run at a time. Default 32. */
  maxTotal?: number;
  /** Calls of one client that wait at a time; more are refused. Default 256. */
  maxWaiting?: number;
}

interface Waiting {
  /** Runs the call that waits. */
  admit(): void;
}

interface Client {
  running: number;
  readonly waiting: Waiting[];
}

/**
 * Limits how many calls run at the same time. A client's calls wait in the order in which they came; clients that wait
 * take turns, so that one which sends a thousand calls does not keep another waiting for more than its place in turn.
 */
export class CallSlots {
  readonly #maxPerClient: number;
  readonly #maxTotal: number;
  readonly #maxWaiting: number;
  /** In the order of turns. */
  readonly #clients = new Map<string, Client>();
  #running = 0;

  constructor({ maxPerClient = 8, maxTotal = 32, maxWaiting = 256 }: CallSlotsOptions = {}) {
    this.#maxPerClient = maxPerClient;
    this.#maxTotal = maxTotal;
    this.#maxWaiting = maxWaiting;
  }

  /** How many run and wait now. */
  get load(): { running: number; waiting: number } {
    const waiting = [...this.#clients.values()].reduce((sum, client) => sum + client.waiting.length, 0);
    return { running: this.#running, waiting };
  }

  /**
   * Waits for a place.
   * @param key what tells clients apart.
   * @throws WorkbenchError `Throttled` where too many wait already; the reason of `signal` when it fires first.
   */
  async acquire(key: string, signal: AbortSignal): Promise<CallSlot> {
    await this.#enter(key, signal, false);
    let holds = true;
    const leave = (): void => {
      if (holds) this.#leave(key);
      holds = false;
    };
    return {
      release: leave,
      yieldDuring: async (body) => {
        if (!holds) return body();
        leave();
        try {
          return await body();
        } finally {
          // Ahead of those that have not begun: what is under way should come to its end.
          await this.#enter(key, signal, true).then(
            () => (holds = true),
            // The signal fired: the call ends, and needs no place for that.
            () => undefined,
          );
        }
      },
    };
  }

  async #enter(key: string, signal: AbortSignal, isReturning: boolean): Promise<void> {
    signal.throwIfAborted();
    const client = this.#clientOf(key);
    if (this.#canRun(client) && (isReturning || client.waiting.length === 0)) {
      this.#run(client);
      return;
    }
    if (!isReturning && client.waiting.length >= this.#maxWaiting) {
      throw new WorkbenchError('Throttled', `${this.#maxWaiting} calls of this client are waiting already.`, {
        remedy: 'Wait for the calls that are under way before making more.',
      });
    }
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        admit: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        client.waiting.splice(client.waiting.indexOf(waiting), 1);
        this.#forgetIdle(key, client);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (isReturning) client.waiting.unshift(waiting);
      else client.waiting.push(waiting);
    });
  }

  #leave(key: string): void {
    const client = this.#clientOf(key);
    client.running--;
    this.#running--;
    this.#forgetIdle(key, client);
    this.#admitNext();
  }

  #admitNext(): void {
    for (const [key, client] of this.#clients) {
      if (this.#running >= this.#maxTotal) return;
      if (client.waiting.length === 0 || !this.#canRun(client)) continue;
      const next = client.waiting.shift();
      this.#run(client);
      // To the end of the turns.
      this.#clients.delete(key);
      this.#clients.set(key, client);
      next?.admit();
      return;
    }
  }

  #canRun(client: Client): boolean {
    return client.running < this.#maxPerClient && this.#running < this.#maxTotal;
  }

  #run(client: Client): void {
    client.running++;
    this.#running++;
  }

  #clientOf(key: string): Client {
    const known = this.#clients.get(key);
    if (known) return known;
    const client: Client = { running: 0, waiting: [] };
    this.#clients.set(key, client);
    return client;
  }

  #forgetIdle(key: string, client: Client): void {
    if (client.running === 0 && client.waiting.length === 0) this.#clients.delete(key);
  }
}
