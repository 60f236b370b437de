import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that adds what the suites cannot send. */
export interface AuthorizingProxy {
  /** Its own address. */
  url: string;
  /** Values of `Origin` that a page served by it would have. */
  origins: string[];
  /** Says where to forward to; must be called before the first request. */
  forwardTo(target: { url: string; token: string }): void;
  close(): Promise<void>;
}

/**
 * Starts a proxy on loopback that adds a bearer token, since the conformance suites cannot send headers. It changes
 * nothing else but its own name in `Host`, so that what the suites try with `Host` and `Origin` reaches the host.
 */
export async function startAuthorizingProxy(): Promise<AuthorizingProxy> {
  let target: { url: URL; token: string } | undefined;
  const server = createServer((incoming, outgoing) => {
    if (!target) {
      outgoing.writeHead(502).end();
      return;
    }
    const names = [`127.0.0.1:${port}`, `localhost:${port}`];
    const { host = '' } = incoming.headers;
    const upstream = forward(
      target.url,
      {
        method: incoming.method,
        headers: {
          ...incoming.headers,
          host: names.includes(host) ? target.url.host : host,
          authorization: `Bearer ${target.token}`,
        },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
      },
    );
    upstream.on('error', () => outgoing.destroy());
    outgoing.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    origins: [`http://127.0.0.1:${port}`, `http://localhost:${port}`],
    forwardTo: ({ url, token }) => {
      target = { url: new URL(url), token };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
