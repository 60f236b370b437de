import { byteLength } from '../../core/byteLength';
import { errorCodes, WorkbenchError, type ErrorCode } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { ToolCall, ToolPipeline } from '../pipeline';
import type { ToolResult } from '../result';
import type { ResultStore } from '../resultStore';

/** Who reads, and how to reach them while it takes, as the protocol layer knows it. */
export type ReadRequest = Pick<ToolCall, 'caller' | 'signal' | 'reportProgress' | 'onAwsRequest'>;

/** Output of a tool that went well. */
export type ToolOutput = Readonly<Record<string, unknown>>;

/**
 * Runs read-only tools for what is no tool call to the client: resources, prompts and completion. Each run goes through
 * the pipeline, so policy, time limits, redaction and audit are those of tool calls.
 */
export class ToolReads {
  readonly #pipeline: ToolPipeline;
  readonly #results: ResultStore;

  constructor(pipeline: ToolPipeline, results: ResultStore) {
    this.#pipeline = pipeline;
    this.#results = results;
  }

  /** Names of the tools that policy allows now. */
  allowedTools(): ReadonlySet<string> {
    return new Set(this.#pipeline.list().map(({ name }) => name));
  }

  /**
   * The output of one run. Where it was over the size limit of the pipeline, it is the whole if that takes no more than
   * `maxBytes` of UTF-8 and is kept, else the cut one.
   * @throws WorkbenchError with the code that the tool failed with.
   */
  async output(name: string, input: Record<string, unknown>, request: ReadRequest, maxBytes = 0): Promise<ToolOutput> {
    // Where a read must be agreed to, the editor asks: requests other than tool calls have no way to ask their client.
    const result = await this.#pipeline.call({ ...request, name, arguments: input, clientAsker: undefined });
    if (!result) {
      throw new WorkbenchError('Unsupported', `There is no tool ${name} here.`, { remedy: 'Use another tool.' });
    }
    const cut = result.structuredContent;
    const whole = this.#wholeOf(result, maxBytes);
    if (whole) return whole;
    if (result.isError || !cut) throw errorOf(result);
    return cut;
  }

  #wholeOf({ content }: ToolResult, maxBytes: number): ToolOutput | undefined {
    const link = content.find((part) => part.type === 'resource_link');
    const text = link && this.#results.read(link.uri);
    if (text === undefined || byteLength(text) > maxBytes) return undefined;
    const whole: unknown = JSON.parse(text);
    return isRecord(whole) ? whole : undefined;
  }
}

/** The error whose report an error result carries. */
function errorOf({ content }: ToolResult): WorkbenchError {
  const [first] = content;
  const report: unknown = first?.type === 'text' ? JSON.parse(first.text) : undefined;
  const { code, message, remedy, retryable, awsRequestId } = isRecord(report) ? report : {};
  return new WorkbenchError(isErrorCode(code) ? code : 'Internal', String(message), {
    remedy: typeof remedy === 'string' ? remedy : '',
    retryable: retryable === true,
    ...(typeof awsRequestId === 'string' ? { awsRequestId } : {}),
  });
}

function isErrorCode(code: unknown): code is ErrorCode {
  return (errorCodes as readonly unknown[]).includes(code);
}
