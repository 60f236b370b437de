import type { IncomingHttpHeaders } from 'node:http';

/** A request to a server before it is sent. Header names are lower case. */
export interface OutgoingRequest {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** Ends the wait for whoever must be asked first. */
  signal?: AbortSignal | undefined;
}

/** A refusal of a server that has to do with who asks. */
export interface AuthorizationRefusal {
  /** 401 or 403. */
  status: number;
  headers: IncomingHttpHeaders;
  /** What the refused request said of who asks. */
  authorization?: string | undefined;
}

/** Says to a server who asks, request by request. */
export interface RequestAuthorizer {
  /**
   * Headers to add, lower case.
   * @throws WorkbenchError `SignInRequired` where a person must sign in first.
   */
  authorize(request: OutgoingRequest): Promise<Readonly<Record<string, string>>>;
  /**
   * Told of a refusal; tries to get something better without a person.
   * @returns whether the request should be sent once more.
   * @throws WorkbenchError `SignInRequired` where a person must sign in.
   */
  onRefusal(refusal: AuthorizationRefusal): Promise<boolean>;
}

/** For servers that want nothing but the headers of their definition. */
export const noAuthorizer: RequestAuthorizer = {
  authorize: () => Promise.resolve({}),
  onRefusal: () => Promise.resolve(false),
};
