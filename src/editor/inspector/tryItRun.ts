import { messageOf, WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import { redactJson, redactText } from '../../core/redact';
import type { CallableServer, CallOutcome } from '../../mcp/caller/callableServer';
import type { TryItEnd, TryItHostMessage, TryItTarget } from '../../protocol/tryIt';

/** Longest answer that is sent to a page, in characters. */
const maxAnswerChars = 6 * 1024 * 1024;
/** Between two reports of progress, in milliseconds. */
const progressMs = 100;

type Progress = Extract<TryItHostMessage, { type: 'tryItProgress' }>;

/** One run of a tool, prompt or resource by hand. It is kept for a page that is loaded anew. */
export class TryItRun {
  readonly id: number;
  readonly #post: (message: TryItHostMessage) => void;
  readonly #abort = new AbortController();
  #seq: number | undefined;
  #progress: Progress | undefined;
  #progressTimer: NodeJS.Timeout | undefined;
  #end: TryItEnd | undefined;

  constructor(id: number, post: (message: TryItHostMessage) => void) {
    this.id = id;
    this.#post = post;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Makes the call. Never rejects. */
  async start(server: CallableServer | undefined, target: TryItTarget, input: string): Promise<void> {
    let end: TryItEnd;
    try {
      if (!server) {
        throw new WorkbenchError('NotFound', 'This server is no longer configured.', {
          remedy: 'Choose another one.',
        });
      }
      const { method, params } = await requestOf(target, readInput(input));
      const outcome = await server.request(method, params, {
        signal: this.#abort.signal,
        onSent: (seq) => this.#sent(seq),
        onProgress: ({ progress, total, message }) =>
          this.#report({
            type: 'tryItProgress',
            run: this.id,
            progress,
            ...(total === undefined ? {} : { total }),
            ...(message === undefined ? {} : { message: redactText(message).slice(0, 1000) }),
          }),
      });
      end = endOf(outcome);
    } catch (error) {
      end = {
        kind: 'failure',
        message: redactText(messageOf(error)),
        remedy: WorkbenchError.is(error) ? error.remedy : '',
        isCancelled: WorkbenchError.is(error, 'Cancelled') || this.#abort.signal.aborted,
      };
    }
    clearTimeout(this.#progressTimer);
    this.#end = end;
    this.tell();
  }

  cancel(): void {
    this.#abort.abort();
  }

  /** Says again how it stands. */
  tell(): void {
    if (this.#seq !== undefined) this.#post({ type: 'tryItSent', run: this.id, seq: this.#seq });
    if (this.#end) this.#post({ type: 'tryItEnd', run: this.id, end: this.#end });
    else if (this.#progress) this.#post(this.#progress);
  }

  #sent(seq: number): void {
    this.#seq = seq;
    this.#post({ type: 'tryItSent', run: this.id, seq });
  }

  #report(progress: Progress): void {
    const isFirst = this.#progress === undefined;
    this.#progress = progress;
    if (isFirst) this.#post(progress);
    else {
      this.#progressTimer ??= setTimeout(() => {
        this.#progressTimer = undefined;
        if (this.#progress && !this.#end) this.#post(this.#progress);
      }, progressMs);
    }
  }
}

function readInput(input: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(input) as unknown;
  } catch (cause) {
    throw new WorkbenchError('InvalidInput', `The input is no JSON: ${messageOf(cause)}`, {
      remedy: 'Correct it.',
      cause,
    });
  }
  if (isRecord(value) && !Array.isArray(value)) return value;
  throw new WorkbenchError('InvalidInput', 'The input must be a JSON object.', { remedy: 'Put it into braces.' });
}

async function requestOf(
  { kind, name }: TryItTarget,
  given: Record<string, unknown>,
): Promise<{ method: string; params: Record<string, unknown> }> {
  switch (kind) {
    case 'tools':
      return { method: 'tools/call', params: { name, arguments: given } };
    case 'prompts':
      return { method: 'prompts/get', params: { name, arguments: given } };
    case 'resourceTemplates':
      return { method: 'resources/read', params: { uri: await expand(name, given) } };
    case 'resources':
      break;
  }
  return { method: 'resources/read', params: { uri: name } };
}

/** The address that a template (RFC 6570) makes with certain values. */
async function expand(template: string, given: Record<string, unknown>): Promise<string> {
  const { UriTemplate } = await import('@modelcontextprotocol/client');
  try {
    const variables = Object.entries(given).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    return new UriTemplate(template).expand(Object.fromEntries(variables) as Record<string, string | string[]>);
  } catch (cause) {
    throw new WorkbenchError('InvalidInput', `The template cannot be filled in: ${messageOf(cause)}`, {
      remedy: 'Read the resource by its address, if it has one.',
      cause,
    });
  }
}

function endOf({ result, error, durationMs, seq }: CallOutcome): TryItEnd {
  const common = {
    kind: 'response',
    isProtocolError: error !== undefined,
    durationMs,
    ...(seq === undefined ? {} : { seq }),
  } as const;
  let text: string;
  try {
    text = JSON.stringify(redactJson(error ?? result));
  } catch (thrown) {
    return {
      kind: 'failure',
      message: `An answer came that cannot be shown: ${messageOf(thrown)}`,
      remedy: 'Look at it in the recorded exchange.',
      isCancelled: false,
    };
  }
  if (text.length <= maxAnswerChars) return { ...common, text };
  return { ...common, text: '', omittedChars: text.length };
}
