import { toDisposable, type Disposable } from './disposable';

/** Subscribes `listener`; dispose the result to unsubscribe. Same shape as the editor's own `Event`. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** A typed event source without any editor dependency. A listener that throws never keeps the others from hearing. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onError: (error: unknown) => void;

  /** @param onError told about a listener that throws; by default such an error is dropped. */
  constructor(onError: (error: unknown) => void = () => undefined) {
    this.#onError = onError;
  }

  readonly event: Event<T> = (listener) => {
    // A wrapper, so that the same function subscribed twice is two subscriptions.
    const entry = (value: T): void => listener(value);
    this.#listeners.add(entry);
    return toDisposable(() => this.#listeners.delete(entry));
  };

  fire(value: T): void {
    // A copy: who subscribes while we fire hears the next one.
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
