/** Every way in which a call can fail that a person or a model can act on. */
export const errorCodes = [
  'SignInRequired',
  'AccessDenied',
  'NotFound',
  'InvalidInput',
  'Throttled',
  'Timeout',
  'Cancelled',
  'PolicyDenied',
  'ConsentRefused',
  'Unsupported',
  'Internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface WorkbenchErrorOptions {
  /** What to do next, as one plain sentence. */
  remedy: string;
  /** Whether the same call may succeed later with nothing changed. Default: only `Throttled` and `Timeout`. */
  retryable?: boolean;
  /** The request id AWS answered with, if it answered. */
  awsRequestId?: string;
  cause?: unknown;
}

/** The part of an error that crosses the wire to a client. */
export interface ErrorReport {
  code: ErrorCode;
  message: string;
  remedy: string;
  retryable: boolean;
  awsRequestId?: string;
}

/** An error with a code, a sentence that says what happened and one that says what to do. */
export class WorkbenchError extends Error {
  override readonly name = 'WorkbenchError';
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly retryable: boolean;
  readonly awsRequestId: string | undefined;

  constructor(code: ErrorCode, message: string, options: WorkbenchErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.retryable = options.retryable ?? (code === 'Throttled' || code === 'Timeout');
    this.awsRequestId = options.awsRequestId;
  }

  /** Whether `error` is ours, optionally with that very code. */
  static is(error: unknown, code?: ErrorCode): error is WorkbenchError {
    return error instanceof WorkbenchError && (code === undefined || error.code === code);
  }

  /** The report for the wire: no stack, no cause. */
  toReport(): ErrorReport {
    return {
      code: this.code,
      message: this.message,
      remedy: this.remedy,
      retryable: this.retryable,
      ...(this.awsRequestId === undefined ? {} : { awsRequestId: this.awsRequestId }),
    };
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
