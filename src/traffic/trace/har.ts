import type { AwsRequest } from '../../core/awsRequest';
import { byteLength } from '../../core/byteLength';
import type { TrafficSource } from '../trafficSource';
import type { WireRecord, WireSummary } from '../wireRecord';
import { RecordExporter } from './exportRecords';
import type { WriteTraceOptions } from './writeTrace';

/** An entry of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/); members of our own begin with `_`. */
export interface HarEntry {
  startedDateTime: string;
  time: number;
  request: {
    method: string;
    url: string;
    httpVersion: string;
    cookies: [];
    headers: { name: string; value: string }[];
    queryString: [];
    postData: { mimeType: string; params: []; text: string };
    headersSize: -1;
    bodySize: number;
  };
  response: {
    status: number;
    statusText: string;
    httpVersion: string;
    cookies: [];
    headers: { name: string; value: string }[];
    content: { size: number; mimeType: string; text?: string };
    redirectURL: '';
    headersSize: -1;
    bodySize: number;
  };
  cache: Record<string, never>;
  timings: { blocked: -1; dns: -1; connect: -1; send: 0; wait: number; receive: 0; ssl: -1 };
  connection: string;
  comment?: string;
  _mcp: {
    client: string;
    server: string;
    session: string;
    era: string;
    direction: string;
    method: string;
    target?: string;
    status: string;
    estimatedTokens: number;
    awsRequests?: AwsRequest[];
  };
}

const statusTexts = { ok: 'OK', error: 'MCP error', cancelled: 'Cancelled', pending: 'No response' } as const;

/**
 * The exchanges as a HAR 1.2 document in pieces, for the viewers of browsers and proxies. MCP need not go over HTTP, so
 * each exchange is told as a POST to `mcp://server/method/target`; what HAR has no place for stands in `_mcp`.
 * Notifications, which nobody answers, are left out.
 */
export function* harText(source: TrafficSource, options: WriteTraceOptions): Generator<string> {
  const [name, version] = splitCreator(options.creator);
  const log = { version: '1.2', creator: { name, version } };
  yield `{"log":${JSON.stringify(log).slice(0, -1)},"entries":[`;
  const exporter = new RecordExporter(source, options);
  let isFirst = true;
  for (const seq of exporter.picked()) {
    if (source.summary(seq)?.kind !== 'request') continue;
    const request = exporter.get(seq);
    if (!request) continue;
    const response = request.pair === undefined ? undefined : exporter.get(request.pair);
    yield (isFirst ? '\n' : ',\n') + JSON.stringify(harEntry(request, response));
    isFirst = false;
  }
  yield '\n]}}\n';
}

function harEntry(request: WireRecord, response: WireRecord | undefined): HarEntry {
  const status = request.status ?? 'pending';
  const time = request.durationMs ?? 0;
  const hasBody = response !== undefined && response.body !== '';
  return {
    startedDateTime: new Date(request.time).toISOString(),
    time,
    request: {
      method: 'POST',
      url: addressOf(request),
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: headersOf(request),
      queryString: [],
      postData: { mimeType: 'application/json', params: [], text: request.body },
      headersSize: -1,
      bodySize: request.bytes,
    },
    response: {
      // A JSON-RPC error is an answer; only what got none has the 0 by which viewers know that.
      status: response ? Number(response.headers?.[':status'] ?? 200) : 0,
      statusText: statusTexts[status],
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: response ? headersOf(response) : [],
      content: {
        size: hasBody ? byteLength(response.body) : (response?.bytes ?? 0),
        mimeType: response ? 'application/json' : 'x-unknown',
        ...(hasBody ? { text: response.body } : {}),
      },
      redirectURL: '',
      headersSize: -1,
      bodySize: response?.bytes ?? -1,
    },
    cache: {},
    timings: { blocked: -1, dns: -1, connect: -1, send: 0, wait: time, receive: 0, ssl: -1 },
    connection: request.session,
    ...(request.note === undefined ? {} : { comment: request.note }),
    _mcp: {
      client: request.client,
      server: request.server,
      session: request.session,
      era: request.era,
      direction: request.direction,
      method: request.method,
      ...(request.target === undefined ? {} : { target: request.target }),
      status,
      estimatedTokens: request.tokens + (response?.tokens ?? 0),
      ...(request.awsRequests ? { awsRequests: request.awsRequests } : {}),
    },
  };
}

function headersOf({ headers }: WireRecord): { name: string; value: string }[] {
  return Object.entries(headers ?? { 'content-type': 'application/json' })
    .filter(([name]) => !name.startsWith(':'))
    .map(([name, value]) => ({ name, value }));
}

function addressOf({ server, method, target }: WireSummary): string {
  const path = method.split('/').map(encodePart).join('/');
  return `mcp://${encodePart(server) || 'server'}/${path}${target === undefined ? '' : `/${encodePart(target)}`}`;
}

/** `encodeURIComponent`, which throws at half a character. */
function encodePart(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '\ufffd'));
}

function splitCreator(creator: string): [string, string] {
  const at = creator.lastIndexOf(' ');
  return at < 0 ? [creator, ''] : [creator.slice(0, at), creator.slice(at + 1)];
}
