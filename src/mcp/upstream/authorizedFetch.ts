import type { FetchLike } from '@modelcontextprotocol/client';
import type { RequestAuthorizer } from './requestAuthorizer';

export interface AuthorizedFetchOptions {
  authorizer: RequestAuthorizer;
  /** Headers of the definition, lower case; sent to the server itself and to nobody else. */
  headers: Readonly<Record<string, string>>;
  /** What sends the requests. Default: the platform's own. */
  readonly send?: FetchLike;
  /** Told why a request was not sent. */
  readonly onError: (error: unknown) => void;
}

/** A `fetch` that says who asks, and asks once more where the server refused and something better was found. */
export function authorizedFetch({
  authorizer,
  headers,
  send: fetchIt = fetch,
  onError,
}: AuthorizedFetchOptions): FetchLike {
  return async (url, init = {}) => {
    const target = new URL(url);
    const plain = { ...Object.fromEntries(new Headers(init.headers)), ...headers };
    const body = typeof init.body === 'string' ? Buffer.from(init.body) : Buffer.alloc(0);
    let authorization: string | undefined;
    const send = async (): Promise<Response> => {
      const method = init.method ?? 'GET';
      const added = await authorizer.authorize({
        method,
        url: target,
        headers: plain,
        body,
        signal: init.signal ?? undefined,
      });
      authorization = added['authorization'];
      return fetchIt(target, { ...init, headers: { ...plain, ...added } });
    };
    try {
      const answer = await send();
      if (answer.status !== 401 && answer.status !== 403) return answer;
      const isBetter = await authorizer.onRefusal({
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        authorization,
      });
      if (!isBetter) return answer;
      await answer.body?.cancel();
      return await send();
    } catch (error) {
      onError(error);
      throw error;
    }
  };
}
