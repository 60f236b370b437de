import { isRecord, type JsonObject } from '../core/json';
import { redactJson } from '../core/redact';

/** What both ends of a session agreed on, as far as it was seen; what checks of its messages go by. */
export interface SessionFacts {
  /** Revision that `initialize` settled on, or that a modern request names. */
  protocolVersion?: string;
  clientCapabilities?: JsonObject;
  serverCapabilities?: JsonObject;
  /** How far `initialize` is; `unseen` where the session began before we looked, or has no such thing. */
  handshake: 'unseen' | 'asked' | 'answered' | 'done';
}

/** Capabilities are small; larger ones are somebody's attempt to fill the memory. */
const maxCapabilityChars = 16_384;

/** Capabilities as they may be kept; `undefined` for what is none. */
export function keptCapabilities(value: unknown): JsonObject | undefined {
  if (!isRecord(value)) return undefined;
  const copy = redactJson(value);
  return isRecord(copy) && JSON.stringify(copy).length <= maxCapabilityChars ? copy : undefined;
}
