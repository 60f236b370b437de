import { isRecord } from '../../core/json';
import { ServerTools } from '../serverTools';
import { keptCapabilities, type SessionFacts } from '../sessionFacts';
import type { ExchangeFacts } from '../trafficSource';
import type { WireSummary } from '../wireRecord';
import type { TraceRecord } from './traceSource';

/** Longest body that is read for what it says of a session or a server. */
const maxReadChars = 8 * 1024 * 1024;

/**
 * What the messages of a trace say of their sessions and servers, for checks of the others. Unlike the recorder, which
 * knows what held when a message came, it knows what was said last.
 */
export class TraceFacts {
  readonly #tools = new ServerTools();
  readonly #sessions = new Map<string, SessionFacts>();
  /** What modern servers say of themselves, in answers to `server/discover`. */
  readonly #discovered = new Map<string, SessionFacts>();

  /** @param at the record with a number; by default they are numbered from 1 without gaps. */
  constructor(
    records: readonly TraceRecord[],
    at: (seq: number) => TraceRecord | undefined = (seq) => records[seq - 1],
  ) {
    for (const record of records) {
      const { summary } = record;
      const { method, kind, pair, status } = summary;
      if (method === 'notifications/initialized') this.#session(summary).handshake = 'done';
      if (kind === 'request') {
        if (method === 'initialize') this.#readInitialize(record);
      } else if (kind === 'response' && status === 'ok' && pair !== undefined) {
        if (method === 'tools/list') {
          const { body } = record;
          if (body.length > maxReadChars) continue;
          const { params } = parse(at(pair)?.body ?? '');
          const isFirst = !isRecord(params) || (params['cursor'] ?? undefined) === undefined;
          if (summary.isCut !== true) this.#tools.noteList(summary.server, isFirst, body);
        } else if (method === 'initialize' || method === 'server/discover') {
          this.#readCapabilities(record);
        }
      }
    }
  }

  /** What is known around the exchange of a record. */
  of(summary: WireSummary): ExchangeFacts {
    const { era, server, method, target } = summary;
    const session = this.#sessions.get(keyOf(summary)) ?? { handshake: 'unseen' };
    const discovered = era === 'modern' ? this.#discovered.get(server) : undefined;
    const schemas = method === 'tools/call' && target !== undefined ? this.#tools.find(server, target) : undefined;
    return { session: discovered ? { ...discovered, ...session } : session, ...(schemas ? { schemas } : {}) };
  }

  #readInitialize({ summary, body }: TraceRecord): void {
    const facts = this.#session(summary);
    facts.handshake = 'asked';
    const { params } = parse(body);
    const capabilities = isRecord(params) ? keptCapabilities(params['capabilities']) : undefined;
    if (capabilities) facts.clientCapabilities = capabilities;
  }

  #readCapabilities({ summary, body }: TraceRecord): void {
    const { result } = parse(body);
    if (!isRecord(result)) return;
    const serverCapabilities = keptCapabilities(result['capabilities']);
    if (summary.method === 'server/discover') {
      if (serverCapabilities) this.#discovered.set(summary.server, { serverCapabilities, handshake: 'unseen' });
      return;
    }
    const facts = this.#session(summary);
    facts.handshake = 'answered';
    if (typeof result['protocolVersion'] === 'string') facts.protocolVersion = result['protocolVersion'];
    if (serverCapabilities) facts.serverCapabilities = serverCapabilities;
  }

  #session(summary: WireSummary): SessionFacts {
    const key = keyOf(summary);
    let facts = this.#sessions.get(key);
    if (!facts) this.#sessions.set(key, (facts = { handshake: 'unseen' }));
    return facts;
  }
}

function keyOf({ server, client, session }: WireSummary): string {
  return JSON.stringify([server, client, session]);
}

function parse(body: string): Record<string, unknown> {
  if (body.length > maxReadChars) return {};
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
