import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client, JsonSchemaValidator, jsonSchemaValidator } from '@modelcontextprotocol/client';
import { messageOf, WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { CallOptions, CallOutcome } from './callableServer';
import type { TransportTap } from './tapTransport';

/** Where the number of a recorded request is looked up. */
export type CallRecords = Pick<TrafficSource, 'extent' | 'summary'>;

/** A call by hand while it lasts: one request, or several where the server asks for input in between. */
interface TrackedCall {
  readonly method: string;
  readonly startedAt: number;
  readonly onSent: CallOptions['onSent'];
  readonly onProgress: CallOptions['onProgress'];
  /** Id of its latest request. */
  id?: string | number;
  progressToken?: unknown;
  /** Number of the record of its latest request. */
  seq?: number;
  /** The response to its latest request, as it came. */
  response?: Readonly<Record<string, unknown>>;
  endedAt?: number;
}

/** A person may think about a question as long as they like; they have a button to cancel. In milliseconds. */
const timeoutMs = 60 * 60 * 1000;
/** Records among which a request that was just sent is looked for. */
const maxLookBack = 2000;

/** What a server says is taken as it comes: whether it keeps to its own schemas is for the inspector to say. */
export const anyContent: jsonSchemaValidator = {
  getValidator<T>(): JsonSchemaValidator<T> {
    return (value) => ({ valid: true, data: value as T, errorMessage: undefined });
  },
};

const anyResult = {
  '~standard': {
    version: 1,
    vendor: 'mcp-workbench',
    validate: (value: unknown) => ({ value: value as Record<string, unknown> }),
  },
} as const;

/**
 * Makes requests of any method through an SDK client and says what came back, word for word. The SDK gives a checked
 * and rewritten result; the one that was on the wire is taken from the client's transport instead.
 */
export class CallTracker implements TransportTap {
  readonly #records: CallRecords | undefined;
  readonly #session: string;
  readonly #scope = new AsyncLocalStorage<TrackedCall>();
  readonly #byId = new Map<string | number, TrackedCall>();

  /**
   * @param records where the client's traffic is recorded
   * @param session label under which it is
   */
  constructor(records: CallRecords | undefined, session: string) {
    this.#records = records;
    this.#session = session;
  }

  /** Whether a call by hand is in progress now. */
  get isCalling(): boolean {
    return this.#byId.size > 0;
  }

  sent(message: object): void {
    const call = this.#scope.getStore();
    const { id, method } = message as { id?: unknown; method?: unknown };
    if (!call || method !== call.method || (typeof id !== 'string' && typeof id !== 'number')) return;
    if (call.id !== undefined) this.#byId.delete(call.id);
    call.id = id;
    call.progressToken = metaOf(message)['progressToken'];
    delete call.response;
    delete call.seq;
    this.#byId.set(id, call);
    // It may be recorded at the other end of the transport, which it has not reached yet.
    queueMicrotask(() => this.#lookUp(call, id));
  }

  received(message: object, deliver: (message: object) => void): void {
    if ((message as { method?: unknown }).method === 'notifications/progress') this.#report(message);
    const { id, method } = message as { id?: unknown; method?: unknown };
    const call = method === undefined ? this.#byId.get(id as string | number) : undefined;
    if (!call) {
      deliver(message);
      return;
    }
    call.response = message as Readonly<Record<string, unknown>>;
    call.endedAt = performance.now();
    // What the client does with it, such as sending the request again with an answer, belongs to the same call.
    this.#scope.run(call, () => deliver(understood(call.response!)));
  }

  /**
   * @throws WorkbenchError `Cancelled`, `Timeout`, `Unsupported` where the server asks for what nobody here can give,
   * `Internal` where no response comes
   */
  async request(
    client: Client,
    method: string,
    params: Readonly<Record<string, unknown>>,
    { signal, onProgress, onSent }: CallOptions,
  ): Promise<CallOutcome> {
    if (signal.aborted) throw cancelled();
    const call: TrackedCall = { method, startedAt: performance.now(), onSent, onProgress };
    const options = {
      signal,
      timeout: timeoutMs,
      resetTimeoutOnProgress: true,
      // Asks for progress. The SDK forgets what comes right before the response, so it is read from the wire, too.
      ...(onProgress ? { onprogress: () => undefined } : {}),
    };
    try {
      await this.#scope.run(call, () =>
        // A tool call may have to repeat arguments in headers, which only this form of it does.
        method === 'tools/call'
          ? client.callTool(params as { name: string }, options)
          : client.request({ method, params: { ...params } }, anyResult, options),
      );
    } catch (error) {
      await this.#rethrow(call, error, signal);
    } finally {
      if (call.id !== undefined) this.#byId.delete(call.id);
    }
    return this.#outcome(call);
  }

  #report(message: object): void {
    const { params } = message as { params?: unknown };
    if (!isRecord(params) || typeof params['progress'] !== 'number') return;
    const { progress, total, message: text, progressToken } = params;
    for (const call of this.#byId.values()) {
      if (call.progressToken === undefined || call.progressToken !== progressToken) continue;
      call.onProgress?.({
        progress,
        ...(typeof total === 'number' ? { total } : {}),
        ...(typeof text === 'string' ? { message: text } : {}),
      });
    }
  }

  /** Throws unless the server did answer, and only the SDK did not like the answer. */
  async #rethrow(call: TrackedCall, error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw cancelled(error);
    if (WorkbenchError.is(error)) throw error;
    const { response } = call;
    const asksForInput = isRecord(response?.['result']) && response['result']['resultType'] === 'input_required';
    if (response && !asksForInput) return;
    if (asksForInput) {
      throw new WorkbenchError(
        'Unsupported',
        `The server asks for something that it cannot have: ${messageOf(error)}`,
        {
          remedy: 'Look at its question in the traffic.',
          cause: error,
        },
      );
    }
    const { SdkError, SdkErrorCode } = await import('@modelcontextprotocol/client');
    const isLate = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
    throw new WorkbenchError(isLate ? 'Timeout' : 'Internal', `No answer came: ${messageOf(error)}`, {
      remedy: 'Read the log of the server, and restart it if it goes on.',
      cause: error,
    });
  }

  #outcome(call: TrackedCall): CallOutcome {
    const { response = {}, startedAt, endedAt = performance.now(), id } = call;
    if (id !== undefined) this.#lookUp(call, id);
    const { result, error } = response;
    if (!isRecord(result) && !isRecord(error)) {
      throw new WorkbenchError('Internal', 'The response of the server has neither a result nor an error.', {
        remedy: 'Look at it in the traffic.',
      });
    }
    return {
      ...(call.seq === undefined ? {} : { seq: call.seq }),
      ...(isRecord(result) ? { result } : {}),
      ...(isRecord(error) ? { error: readError(error) } : {}),
      durationMs: endedAt - startedAt,
    };
  }

  #lookUp(call: TrackedCall, id: string | number): void {
    if (call.seq !== undefined || call.id !== id || !this.#records) return;
    const text = String(id);
    const { firstSeq, nextSeq } = this.#records.extent;
    for (let seq = nextSeq - 1; seq >= Math.max(firstSeq, nextSeq - maxLookBack); seq--) {
      const summary = this.#records.summary(seq);
      if (summary?.session !== this.#session || summary.id !== text || summary.method !== call.method) continue;
      if (summary.kind !== 'request' || summary.direction !== 'clientToServer') continue;
      call.seq = seq;
      call.onSent?.(seq);
      return;
    }
  }
}

/** The response in a form that the SDK takes: one with members that it does not know it drops, and goes on waiting. */
function understood(response: Readonly<Record<string, unknown>>): object {
  const { id, result, error } = response;
  if (isRecord(result)) return { jsonrpc: '2.0', id, result };
  return { jsonrpc: '2.0', id, error: isRecord(error) ? readError(error) : { code: 0, message: 'No result' } };
}

function metaOf(message: object): Record<string, unknown> {
  const { params } = message as { params?: unknown };
  const meta = isRecord(params) ? params['_meta'] : undefined;
  return isRecord(meta) ? meta : {};
}

function readError(error: Record<string, unknown>): NonNullable<CallOutcome['error']> {
  const { code, message, data } = error;
  return {
    code: typeof code === 'number' ? code : 0,
    message: typeof message === 'string' ? message : '',
    ...(data === undefined ? {} : { data }),
  };
}

function cancelled(cause?: unknown): WorkbenchError {
  return new WorkbenchError('Cancelled', 'The call was cancelled.', {
    remedy: 'Run it again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
