import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../core/logger';
import { renderCallbackPage, type CallbackPage } from './callbackPage';

const callbackPath = '/oauth/callback';

/** What the browser came back with. */
export type CallbackOutcome =
  /** `issuer`: who the answer says it is from (RFC 9207), where it says so. */
  { kind: 'code'; code: string; issuer?: string } | { kind: 'error'; error: string };

/** The server's first acceptable callback, and the browser that waits for what became of it. */
export interface Callback {
  outcome: CallbackOutcome;
  /** Answers the waiting browser. Resolves when the page is sent or the browser is gone. */
  answer: (page: CallbackPage) => Promise<void>;
}

export interface CallbackServer {
  /** E.g. `http://127.0.0.1:49152/oauth/callback`. */
  readonly redirectUri: string;
  /** Never rejects; stays pending when the server is closed first. */
  readonly callback: Promise<Callback>;
  /**
   * Takes requests that name another host, too: the one under which a browser on another machine reaches the port.
   * @param authority host and port as in a Host header
   */
  alsoKnownAs(authority: string): void;
  /** Closes the port and every connection. */
  close(): void;
}

/**
 * Listens on a free loopback port for the redirect at the end of a sign-in (RFC 8252, section 7.3). A request that
 * does not carry our `state` is answered and otherwise ignored: it may come from an old tab, or from somebody who would
 * like this sign-in to fail.
 * @throws the system's error where no port can be opened.
 */
export async function startCallbackServer(options: {
  state: string;
  logger: Logger;
  /** Default: any free port. */
  port?: number;
}): Promise<CallbackServer> {
  const { state, logger, port = 0 } = options;
  let accept!: (callback: Callback) => void;
  const callback = new Promise<Callback>((resolve) => (accept = resolve));
  let isTaken = false;
  let authority = '';
  const authorities = new Set<string>();

  const server: Server = createServer((request, response) => {
    const verdict = judge(request, authorities, state);
    if ('refuse' in verdict) {
      logger.warn(`A request to the sign-in callback was refused: ${verdict.reason}.`);
      send(response, verdict.refuse, {
        title: 'This page does not belong to a sign-in',
        message: 'The request was not made by the sign-in that is waiting. Start again in the editor.',
        isSuccess: false,
      });
      return;
    }
    if (isTaken) {
      send(response, 200, {
        title: 'This sign-in is already on its way',
        message: 'Go back to the editor; this tab can be closed.',
        isSuccess: true,
      });
      return;
    }
    isTaken = true;
    accept({
      outcome: verdict.outcome,
      answer: (page) =>
        new Promise<void>((resolve) => {
          response.once('close', resolve);
          // A browser that does not read its page keeps nobody from being signed in.
          response.once('finish', () => setTimeout(resolve, 1_000).unref());
          if (response.destroyed) resolve();
          else send(response, page.isSuccess ? 200 : 400, page);
        }),
    });
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  // The browser waits for us while the code is exchanged; it must not be cut off.
  server.timeout = 0;

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => logger.warn(`The sign-in callback server failed: ${error.message}`));
  authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  authorities.add(authority);
  return {
    alsoKnownAs: (other) => void authorities.add(other),
    redirectUri: `http://${authority}${callbackPath}`,
    callback,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Verdict = { outcome: CallbackOutcome } | { refuse: number; reason: string };

function judge(request: IncomingMessage, authorities: ReadonlySet<string>, state: string): Verdict {
  // Any web page can point a name of its own at 127.0.0.1; then the Host header still says that name.
  const { host = '' } = request.headers;
  if (!authorities.has(host)) return { refuse: 400, reason: 'it names another host' };
  const target = `http://${host}${request.url ?? ''}`;
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url?.pathname !== callbackPath) return { refuse: 404, reason: 'it asks for another path' };
  if (request.method !== 'GET') return { refuse: 405, reason: 'it is no GET' };
  const parameters = url.searchParams;
  for (const name of ['error', 'code', 'state', 'iss']) {
    if (parameters.getAll(name).length > 1) return { refuse: 400, reason: `it has ${name} twice` };
  }
  const givenState = parameters.get('state');
  const error = parameters.get('error');
  if (error !== null) {
    // An error may come without the state (RFC 6749, section 4.1.2.1 sends it "if present").
    if (givenState !== null && !isEqual(givenState, state)) return { refuse: 400, reason: 'its state is another one' };
    return { outcome: { kind: 'error', error: /^[\w.-]{1,60}$/.test(error) ? error : 'unknown_error' } };
  }
  const code = parameters.get('code');
  if (code === null || code === '') return { refuse: 400, reason: 'it has no code' };
  if (givenState === null || !isEqual(givenState, state)) return { refuse: 400, reason: 'its state is another one' };
  const issuer = parameters.get('iss');
  return { outcome: { kind: 'code', code, ...(issuer === null ? {} : { issuer }) } };
}

/** Equal in a time that does not tell how much of it is. */
function isEqual(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function send(response: ServerResponse, status: number, page: CallbackPage): void {
  const { headers, body } = renderCallbackPage(page);
  response.writeHead(status, headers);
  response.end(body);
}
