import type * as z from 'zod';
import { toWorkbenchError } from '../aws/awsErrors';
import { WorkbenchError } from '../core/errors';
import type { Tool } from './tool';

/** What is known of a call that went wrong. */
export interface FailedCall {
  tool: Tool;
  /** Fired where the client cancelled or went away. */
  cancelled: AbortSignal;
  /** Fired where its time was up. */
  timedOut: AbortSignal;
  /** Its time limit. */
  seconds: number;
  /** Whether the tool's own code had begun to run. */
  hasBegun: boolean;
}

/** Makes of whatever was thrown the one error that the call ends with. */
export function toCallError(thrown: unknown, call: FailedCall): WorkbenchError {
  const { tool, cancelled, timedOut, seconds } = call;
  // Once a write runs, nobody knows how far it came: calling again could do it twice.
  const isHarmless = tool.access === 'read' || !call.hasBegun;
  const findOut = 'Find out whether it took effect before calling again.';
  if (cancelled.aborted) {
    return new WorkbenchError('Cancelled', 'The call was cancelled.', {
      remedy: isHarmless ? 'Call again if it is still wanted.' : findOut,
    });
  }
  if (timedOut.aborted) {
    return new WorkbenchError('Timeout', `${tool.title} did not finish within ${seconds} seconds.`, {
      remedy: isHarmless ? 'Try again, or ask for less at once.' : findOut,
      retryable: isHarmless,
      cause: thrown,
    });
  }
  if (thrown instanceof WorkbenchError) return thrown;
  const error = toWorkbenchError(thrown, { iamActions: tool.iamActions });
  if (isHarmless || (error.code !== 'Internal' && error.code !== 'Timeout')) return error;
  const { code, message, awsRequestId } = error;
  return new WorkbenchError(code, message, {
    remedy: findOut,
    retryable: false,
    cause: thrown,
    ...(awsRequestId === undefined ? {} : { awsRequestId }),
  });
}

/**
 * Checks arguments against the tool's schema.
 * @throws WorkbenchError `InvalidInput` that names what is wrong.
 */
export function validateInput(schema: z.ZodObject, given: unknown): Record<string, unknown> {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 5).map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  throw new WorkbenchError('InvalidInput', `The arguments are not valid. ${problems.join('; ')}.`, {
    remedy: 'Correct the named arguments; the schema of the tool says what each takes.',
  });
}

/** The outcome of `running`; a tool that does not listen to `signal` keeps nobody waiting for longer than the grace. */
export async function withinGrace<T>(running: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    onAbort = () => (timer = setTimeout(() => reject(signal.reason as Error), graceMs));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([running, tooLate]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
