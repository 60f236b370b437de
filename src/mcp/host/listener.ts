import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { HostLimits } from './hostLimits';

/** An HTTP server with the host's limits that can be stopped completely. */
export class Listener {
  readonly #server: Server;
  readonly #unfinished = new Set<ServerResponse>();

  /** @param onError told of what goes wrong with the listening socket itself, which must not end the process. */
  constructor(
    limits: HostLimits,
    onRequest: (message: IncomingMessage, response: ServerResponse) => void,
    onError: (error: Error) => void,
  ) {
    this.#server = createServer(
      {
        headersTimeout: limits.headersTimeoutMs,
        requestTimeout: limits.requestTimeoutMs,
        keepAliveTimeout: limits.keepAliveTimeoutMs,
        connectionsCheckingInterval: Math.max(50, Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs) / 4),
        maxHeaderSize: 16 * 1024,
        noDelay: true,
      },
      (message, response) => {
        this.#unfinished.add(response);
        response.once('close', () => this.#unfinished.delete(response));
        onRequest(message, response);
      },
    );
    this.#server.maxConnections = limits.maxConnections;
    this.#server.on('error', onError);
  }

  /** The port, once it listens on TCP. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** @throws NodeJS.ErrnoException where the address cannot be had. */
  listen(where: ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(where, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** Takes no more connections. */
  stopAccepting(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /**
   * Breaks every connection there is.
   * @param graceMs milliseconds for which answers that are on their way may still arrive.
   */
  async breakConnections(graceMs: number): Promise<void> {
    const finished = [...this.#unfinished].map((response) => once(response, 'close'));
    if (finished.length > 0) {
      const patience = new AbortController();
      await Promise.race([
        Promise.all(finished),
        setTimeout(graceMs, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
    }
    this.#server.closeAllConnections();
  }
}
