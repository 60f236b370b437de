import type * as vscode from 'vscode';
import type { Logger } from '../core/logger';
import { redactText } from '../core/redact';

/** Writes to the editor's log channel, whose level the user sets. Nothing reaches it unredacted. */
export function logChannelLogger(channel: vscode.LogOutputChannel): Logger {
  return {
    debug: (message) => channel.debug(redactText(message)),
    info: (message) => channel.info(redactText(message)),
    warn: (message) => channel.warn(redactText(message)),
    error: (message) => channel.error(redactText(typeof message === 'string' ? message : describe(message))),
  };
}

/** The stack of an error and of all that caused it. */
function describe(error: Error): string {
  const text = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${text}\ncaused by: ${describe(error.cause)}` : text;
}
