import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import type { HostLimits } from './hostLimits';

/** An HTTP server with the host's limits that can be stopped completely. */
export class Listener {
  readonly #server: Server;

  constructor(limits: HostLimits, onRequest: (message: IncomingMessage, response: ServerResponse) => void) {
    this.#server = createServer(
      {
        headersTimeout: limits.headersTimeoutMs,
        requestTimeout: limits.requestTimeoutMs,
        keepAliveTimeout: limits.keepAliveTimeoutMs,
        connectionsCheckingInterval: Math.max(50, Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs) / 4),
        maxHeaderSize: 16 * 1024,
        noDelay: true,
      },
      onRequest,
    );
    this.#server.maxConnections = limits.maxConnections;
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

  /** Breaks every connection there is. */
  breakConnections(): void {
    this.#server.closeAllConnections();
  }
}
