/** A service that is made when it is first asked for and closed only if it was made. */
export class LazyService<T extends { dispose(): void | Promise<void> }> {
  readonly #make: () => Promise<T>;
  #service: Promise<T> | undefined;
  #ready: T | undefined;
  #isDisposed = false;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  /** The service if it is ready, without making it. */
  get ready(): T | undefined {
    return this.#ready;
  }

  /**
   * The service, made at the first call. A failure is not kept: the next call tries again.
   * @throws Error after disposal, or what making it throws.
   */
  get(): Promise<T> {
    if (this.#isDisposed) return Promise.reject(new Error('MCP Workbench is shutting down.'));
    this.#service ??= this.#make().then(
      (service) => (this.#ready = service),
      (error: unknown) => {
        this.#service = undefined;
        throw error;
      },
    );
    return this.#service;
  }

  /** Closes the service, also one that is still being made. Safe to call twice. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const service = await this.#service?.catch(() => undefined);
    this.#ready = undefined;
    await service?.dispose();
  }
}
