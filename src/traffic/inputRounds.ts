import { createHash } from 'node:crypto';
import { isRecord } from '../core/json';

/** Rounds that may wait for their next one; the oldest are forgotten beyond it. */
const maxWaiting = 1000;

/**
 * Finds the request that goes on where an earlier one was answered with a demand for input (2026-07-28, "input_required"):
 * by the state that the client gives back, or else by client, server and what it was about.
 */
export class InputRounds {
  readonly #waiting = new Map<string, number>();

  /** Notes that the request `seq` was answered with a demand for input. */
  asked(seq: number, about: string, result: Record<string, unknown>): void {
    if (this.#waiting.size >= maxWaiting * 2) this.#forgetOldest();
    this.#waiting.set(`about ${about}`, seq);
    const key = stateKey(result['requestState']);
    if (key !== undefined) this.#waiting.set(key, seq);
  }

  /** The request that one with these parameters goes on from. */
  previous(about: string, params: unknown): number | undefined {
    if (!isRecord(params)) return undefined;
    const key = stateKey(params['requestState']);
    if (key === undefined && !isRecord(params['inputResponses'])) return undefined;
    return this.#waiting.get(key ?? '') ?? this.#waiting.get(`about ${about}`);
  }

  clear(): void {
    this.#waiting.clear();
  }

  #forgetOldest(): void {
    let left = maxWaiting;
    for (const key of this.#waiting.keys()) {
      if (left-- === 0) return;
      this.#waiting.delete(key);
    }
  }
}

/** The state may be long and is the server's secret, so only what tells it from others is kept. */
function stateKey(state: unknown): string | undefined {
  return typeof state === 'string' ? createHash('sha256').update(state).digest('base64') : undefined;
}
