import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it reached AWS's door. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
  /** The 12-digit access key id it was signed with, if it was signed. */
  accessKeyId: string | undefined;
  region: string | undefined;
}

/** `forward`: on to the real thing; `hang`: never answered; else that answer. */
export type Verdict = 'forward' | 'hang' | { status: number; headers?: http.OutgoingHttpHeaders; body: string };

/** A door in front of a local AWS, which sees all requests and can answer in its place. */
export interface AwsFront {
  endpoint: string;
  seen: SeenRequest[];
  /** Decides on each request; forwards all by default. */
  decide: (request: SeenRequest) => Verdict;
  dispose(): Promise<void>;
}

/** @param target endpoint of the AWS behind it; without one everything must be answered by `decide` */
export async function startAwsFront(target?: string): Promise<AwsFront> {
  const seen: SeenRequest[] = [];
  const server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const credential = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(incoming.headers.authorization ?? '');
      const request: SeenRequest = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: body.toString('utf8'),
        accessKeyId: credential?.[1],
        region: credential?.[2],
      };
      seen.push(request);
      const verdict = front.decide(request);
      if (verdict === 'hang') return;
      if (verdict === 'forward') {
        forward(incoming, body, outgoing, target);
        return;
      }
      outgoing.writeHead(verdict.status, { 'x-amzn-requestid': 'front-request', ...verdict.headers });
      outgoing.end(verdict.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const front: AwsFront = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    decide: () => 'forward',
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return front;
}

function forward(
  incoming: http.IncomingMessage,
  body: Buffer,
  outgoing: http.ServerResponse,
  target: string | undefined,
): void {
  if (target === undefined) {
    outgoing.writeHead(599).end();
    return;
  }
  const { method, headers, url } = incoming;
  const request = http.request(new URL(url ?? '/', target), { method, headers }, (response) => {
    outgoing.writeHead(response.statusCode ?? 599, response.headers);
    response.pipe(outgoing);
  });
  request.on('error', () => outgoing.destroy());
  request.end(body);
}

/** An error of an AWS query API. */
export function queryError(status: number, code: string, message: string): Verdict {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>front-request</RequestId></ErrorResponse>`,
  };
}

/** An answer of a REST-JSON API. */
export function json(body: object, status = 200, headers: http.OutgoingHttpHeaders = {}): Verdict {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
