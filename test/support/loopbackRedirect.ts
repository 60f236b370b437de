import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands where the editor in a browser expects a proxy to ports of its machine. */
export interface LoopbackRedirect {
  /** Makes the editor send the browser here, for `startVsCodeServer`. */
  env: Record<string, string>;
  dispose(): Promise<void>;
}

/**
 * An editor whose window is a web page does not open `http://127.0.0.1:<port>` as it is, because its server may be on
 * another machine: it goes through a proxy. Here the browser is on the same machine, so a redirect back is enough.
 */
export async function startLoopbackRedirect(): Promise<LoopbackRedirect> {
  const server = createServer((request, response) => {
    const [, port, rest] = /^\/(\d{1,5})(\/.*)?$/.exec(request.url ?? '') ?? [];
    if (port === undefined) response.writeHead(404).end();
    else response.writeHead(302, { location: `http://127.0.0.1:${port}${rest ?? '/'}` }).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    env: { VSCODE_PROXY_URI: `http://127.0.0.1:${port}/{{port}}/` },
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
