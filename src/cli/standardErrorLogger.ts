import { redactText } from '../core/redact';
import type { Logger } from '../core/logger';

/** Logs to standard error, which is the only place: standard output belongs to results and to the protocol. */
export function standardErrorLogger(isVerbose: boolean): Logger {
  const write = (level: string, message: string): void => {
    process.stderr.write(`${level}: ${redactText(message)}\n`);
  };
  const drop = (): void => undefined;
  return {
    debug: isVerbose ? (message) => write('debug', message) : drop,
    info: isVerbose ? (message) => write('info', message) : drop,
    warn: (message) => write('warning', message),
    error: (message) =>
      write('error', message instanceof Error ? ((isVerbose ? message.stack : undefined) ?? message.message) : message),
  };
}
