import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { HttpServerDefinition } from './managedServer';
import type { RequestAuthorizer } from './requestAuthorizer';
import { resolveSetting, type SecretStore } from './secretSource';
import { addressOf } from './serverAddress';

export interface HttpUpstreamOptions {
  server: HttpServerDefinition;
  secrets: SecretStore;
  authorizer: RequestAuthorizer;
}

/** A request of a client, on its way to the server. */
export interface HttpUpstreamRequest {
  method: string;
  /** Lower case; what the definition and the authorizer say wins over these. */
  headers: Readonly<Record<string, string>>;
  /** Empty where the method carries none. */
  body: Buffer;
  signal: AbortSignal;
  /** Whether it may be sent again where nobody can tell if the server has read it. */
  isRepeatable: boolean;
  /** Another address of the same server, as the HTTP+SSE transport names one. Default: the address of the definition. */
  url?: URL;
}

const maxRedirects = 3;

/** Milliseconds for which an unused connection is kept: less than servers commonly do, so that we are first to close. */
const keptConnectionMs = 4000;

/**
 * Sends requests to a server over HTTP and hands back its answers as they come, without reading them. Connections are
 * kept open between requests.
 */
export class HttpUpstream {
  readonly #options: HttpUpstreamOptions;
  readonly #http = new HttpAgent({ keepAlive: true, timeout: keptConnectionMs });
  readonly #https = new HttpsAgent({ keepAlive: true, timeout: keptConnectionMs });
  /** Where the server said that it is, on its own origin. */
  #url: URL;
  readonly #socketPath: string | undefined;
  #headers: Promise<Record<string, string>> | undefined;

  constructor(options: HttpUpstreamOptions) {
    this.#options = options;
    const { url, socketPath } = addressOf(options.server.url);
    this.#url = url;
    this.#socketPath = socketPath;
  }

  /** Address that requests go to. */
  get url(): URL {
    return this.#url;
  }

  /**
   * @returns the head of the answer; its body must be read or destroyed.
   * @throws WorkbenchError `SignInRequired` where a person must sign in; `Timeout` where the server cannot be reached;
   * `Cancelled`.
   */
  async send(request: HttpUpstreamRequest): Promise<IncomingMessage> {
    let hasAskedAgain = false;
    let redirects = 0;
    for (;;) {
      const url = request.url ?? this.#url;
      const { answer, authorization } = await this.#sendOnce(request, url);
      const status = answer.statusCode ?? 0;
      const target = status === 307 || status === 308 ? redirectTarget(answer, url) : undefined;
      if (target && redirects++ < maxRedirects) {
        answer.resume();
        if (request.url === undefined) this.#url = target;
        continue;
      }
      if ((status === 401 || status === 403) && !hasAskedAgain) {
        hasAskedAgain = true;
        let isBetter: boolean;
        try {
          isBetter = await this.#options.authorizer.onRefusal({ status, headers: answer.headers, authorization });
        } catch (error) {
          answer.resume();
          throw error;
        }
        if (isBetter) {
          answer.resume();
          continue;
        }
        // The secrets may have been corrected since they were read.
        this.#headers = undefined;
      }
      return answer;
    }
  }

  /** Closes the connections that nothing uses. Requests under way end by their signals. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #sendOnce(
    request: HttpUpstreamRequest,
    url: URL,
  ): Promise<{ answer: IncomingMessage; authorization: string | undefined }> {
    this.#headers ??= this.#resolveHeaders();
    let own: Record<string, string>;
    try {
      own = await this.#headers;
    } catch (error) {
      this.#headers = undefined;
      throw error;
    }
    const headers: Record<string, string> = { ...request.headers, ...own };
    if (request.body.length > 0 || request.method === 'POST') headers['content-length'] = String(request.body.length);
    const { authorizer, server } = this.#options;
    if (server.auth.kind !== 'none') {
      Object.assign(headers, await authorizer.authorize({ ...request, url, headers }));
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return { answer: await this.#exchange(request, url, headers), authorization: headers['authorization'] };
      } catch (error) {
        if (request.signal.aborted) throw cancelled(error);
        // A kept connection that the server was just closing, most likely; for a tool call that is not sure enough.
        if (error instanceof StaleConnection && request.isRepeatable && attempt < 3) continue;
        throw unreachable(
          server.name,
          this.#socketPath ?? url.origin,
          error instanceof StaleConnection ? error.cause : error,
        );
      }
    }
  }

  #exchange(
    { method, body, signal }: HttpUpstreamRequest,
    url: URL,
    headers: Record<string, string>,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const isSecure = url.protocol === 'https:';
      const options = {
        method,
        headers,
        signal,
        ...(this.#socketPath === undefined ? {} : { socketPath: this.#socketPath }),
      };
      const outgoing: ClientRequest = isSecure
        ? httpsRequest(url, { ...options, agent: this.#https })
        : httpRequest(url, { ...options, agent: this.#http });
      outgoing.once('response', resolve);
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        reject(isStale ? new StaleConnection(error) : error);
      });
      outgoing.end(body.length > 0 ? body : undefined);
    });
  }

  async #resolveHeaders(): Promise<Record<string, string>> {
    const { server, secrets } = this.#options;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(server.headers)) {
      headers[name.toLowerCase()] = await resolveSetting(value, secrets);
    }
    return headers;
  }
}

class StaleConnection extends Error {
  override readonly name = 'StaleConnection';

  constructor(cause: unknown) {
    super('The connection had been closed', { cause });
  }
}

/** Only within the origin: a redirect must not carry the headers of one server to another. */
function redirectTarget({ headers }: IncomingMessage, from: URL): URL | undefined {
  if (headers.location === undefined || !URL.canParse(headers.location, from.href)) return undefined;
  const target = new URL(headers.location, from);
  return target.origin === from.origin ? target : undefined;
}

function cancelled(cause: unknown): WorkbenchError {
  return new WorkbenchError('Cancelled', 'The request was cancelled.', { remedy: 'Send it again.', cause });
}

function unreachable(name: string, place: string, cause: unknown): WorkbenchError {
  return new WorkbenchError('Timeout', `The server ${name} at ${place} cannot be reached: ${messageOf(cause)}`, {
    remedy: 'Check that it is running and that its address is right.',
    cause,
  });
}
