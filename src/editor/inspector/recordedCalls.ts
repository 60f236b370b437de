import { isRecord } from '../../core/json';
import type { CallableServer, CallableServers } from '../../mcp/caller/callableServer';
import type { ReplayCall, ToolEffect } from '../../protocol/replay';
import { maxReplayParams, maxReplaySteps } from '../../protocol/replayLimits';
import type { Reply } from '../../traffic/replay/comparable';
import { writeParams } from '../../traffic/replay/paramsText';
import { replayParams, whyNotReplayable } from '../../traffic/replay/replayable';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { WireRecord, WireSummary } from '../../traffic/wireRecord';
import type { FilterReading } from './inspectorBridge';

/** A recorded request as it can be sent again, or why it cannot, as a sentence. */
export type RecordedCall = { call: ReplayCall } | { reason: string };

/** Rounds of input that are followed to the result of a call. */
const maxRounds = 50;

const gone = 'This message is no longer kept: the memory for traffic was needed for newer ones.';

/** Reads recorded requests so that they can be sent again. */
export class RecordedCalls {
  readonly #source: TrafficSource;
  readonly #servers: CallableServers | undefined;

  constructor(source: TrafficSource, servers: CallableServers | undefined) {
    this.#source = source;
    this.#servers = servers;
  }

  /**
   * The request that a record is, or is the response to.
   * @param time when it was recorded, where the number is from before and may mean another record by now
   */
  read(seq: number, time?: number): RecordedCall {
    const record = this.#requestOf(seq);
    if (!record || (time !== undefined && record.time !== time)) return { reason: gone };
    const reason = whyNotReplayable(record);
    if (reason !== undefined) return { reason };
    const message = parsed(record);
    if (!message) return { reason: 'The message was recorded without its content.' };
    const params = writeParams(replayParams(message['params']));
    if (params.length > maxReplayParams) {
      return { reason: `The parameters are longer than ${maxReplayParams / 1000},000 characters.` };
    }
    return { call: this.#call(record, params) };
  }

  /** The requests that a filter shows, oldest first, and how many of what it shows are none or too many. */
  collect({ query, inBody }: FilterReading): { calls: ReplayCall[]; matched: number; skipped: number } {
    const calls: ReplayCall[] = [];
    let matched = 0;
    let skipped = 0;
    this.#source.forEach((summary) => {
      if (summary.kind !== 'request') return;
      const response = summary.pair === undefined ? undefined : this.#source.summary(summary.pair);
      if (!query.matches(summary, response, inBody)) return;
      matched += 1;
      // What goes on from an earlier round runs again with it.
      const isPossible = whyNotReplayable(summary) === undefined && summary.previousRound === undefined;
      const read = isPossible && calls.length < maxReplaySteps ? this.read(summary.seq) : undefined;
      if (read && 'call' in read) calls.push(read.call);
      else skipped += 1;
    });
    return { calls, matched, skipped };
  }

  /** What a recorded request came to, after all rounds of input. */
  reply(seq: number): { reply: Reply; isCut: boolean } | undefined {
    let record = this.#requestOf(seq);
    for (let round = 0; record?.nextRound !== undefined && round < maxRounds; round += 1) {
      const next = this.#source.get(record.nextRound);
      if (!next) break;
      record = next;
    }
    const response = record?.pair === undefined ? undefined : this.#source.get(record.pair);
    const message = response ? parsed(response) : undefined;
    if (!response || !message) return undefined;
    const { result, error } = message;
    return { reply: error === undefined ? { result } : { error }, isCut: response.isCut === true };
  }

  summary(seq: number): WireSummary | undefined {
    return this.#source.summary(seq);
  }

  /** Which revision the session of a record settled on. */
  protocolVersion(seq: number): string | undefined {
    return this.#source.factsOf?.(seq)?.session.protocolVersion;
  }

  #requestOf(seq: number): WireRecord | undefined {
    const record = this.#source.get(seq);
    if (record?.kind !== 'response') return record;
    return record.pair === undefined ? record : this.#source.get(record.pair);
  }

  #call(record: WireRecord, params: string): ReplayCall {
    const { seq, time, method, target, server, status, durationMs, isCut } = record;
    const servers = this.#servers?.all ?? [];
    const serverKey = servers.find(({ label }) => label === server)?.key;
    return {
      seq,
      time,
      method,
      ...(target === undefined ? {} : { target }),
      server,
      ...(serverKey === undefined ? {} : { serverKey }),
      params,
      ...(isCut ? { isCut } : {}),
      ...(status === undefined ? {} : { status }),
      ...(durationMs === undefined ? {} : { durationMs }),
      hasReply: this.reply(seq) !== undefined,
      effects: method === 'tools/call' && target !== undefined ? effectsOf(target, servers) : {},
    };
  }
}

function effectsOf(tool: string, servers: readonly CallableServer[]): Record<string, ToolEffect> {
  const effects: Record<string, ToolEffect> = {};
  for (const server of servers) {
    const effect = effectOf(server, tool);
    if (effect) effects[server.key] = effect;
  }
  return effects;
}

/** What a tool does, with the defaults that the specification gives to annotations that are left out. */
function effectOf(server: CallableServer, name: string): ToolEffect | undefined {
  const tool = server.lists.tools?.find((known) => known.name === name);
  if (!tool) return undefined;
  const { readOnlyHint = false, destructiveHint = true, idempotentHint = false } = tool.annotations ?? {};
  return {
    isReadOnly: readOnlyHint,
    isDestructive: !readOnlyHint && destructiveHint,
    isIdempotent: readOnlyHint || idempotentHint,
  };
}

function parsed({ body }: WireRecord): Record<string, unknown> | undefined {
  try {
    const message = JSON.parse(body) as unknown;
    return isRecord(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
