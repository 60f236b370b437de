import * as z from 'zod';
import type { ProtocolEra } from '../traffic/wireRecord';
import { offeredKinds, type OfferedKind } from './offeredKinds';

/** A server that something can be tried on. */
export interface TryItServer {
  key: string;
  label: string;
  state: 'stopped' | 'starting' | 'ready' | 'failed' | 'needsSignIn';
  era?: ProtocolEra;
  /** Whether it is our own, which starts nothing outside this window. */
  isOwn?: true;
}

/** An item of a server, as it stands in the list of what can be tried. */
export interface TryItItem {
  kind: OfferedKind;
  /** The name of a tool or prompt, the address of a resource or template. */
  name: string;
  title?: string;
}

/** Names an item. */
export interface TryItTarget {
  server: string;
  kind: OfferedKind;
  name: string;
}

/** What a tool says of itself besides its schema (MCP, `ToolAnnotations`); its own claim. */
export interface ToolClaims {
  readOnly?: boolean;
  destructive?: boolean;
  idempotent?: boolean;
  openWorld?: boolean;
}

/** An input that was saved under a name. */
export interface SavedInput {
  name: string;
  /** JSON text, without what was secret in it. */
  text: string;
}

/** How a run ended. */
export type TryItEnd =
  | {
      kind: 'response';
      /** JSON text of the result or of the protocol's error. */
      text: string;
      isProtocolError: boolean;
      /** Set where the text is too long for the page; the recorded exchange has it. */
      omittedChars?: number;
      durationMs: number;
      /** Number of the recorded request. */
      seq?: number;
    }
  | { kind: 'failure'; message: string; remedy: string; isCancelled: boolean };

/** What the host sends to this view. */
export type TryItHostMessage =
  | { type: 'tryItServers'; servers: TryItServer[] }
  /** What a server offers, as far as it is known. */
  | {
      type: 'tryItItems';
      server: string;
      /** Absent while nothing is known. */
      items?: TryItItem[];
      /** Items left out beyond a limit. */
      omitted: number;
      isListing: boolean;
      failure?: { message: string; remedy: string };
    }
  /** The definition of the item that was asked for, and again when it changed. */
  | {
      type: 'tryItDefinition';
      target: TryItTarget;
      title?: string;
      description?: string;
      /** JSON text of the schema of its input; absent where it cannot be sent, with the reason in `problem`. */
      schema?: string;
      problem?: string;
      claims?: ToolClaims;
      /** Arguments whose values the server may complete. */
      completes: boolean;
      saved: SavedInput[];
    }
  /** There is no such item, or not any more. */
  | { type: 'tryItGone'; target: TryItTarget }
  | { type: 'tryItSaved'; target: TryItTarget; saved: SavedInput[] }
  | { type: 'tryItSent'; run: number; seq: number }
  | { type: 'tryItProgress'; run: number; progress: number; total?: number; message?: string }
  | { type: 'tryItEnd'; run: number; end: TryItEnd }
  | { type: 'tryItCompletion'; id: number; values: string[] }
  /** Whether texts match patterns; without `isMatch` the pattern cannot be used, or takes too long. */
  | { type: 'tryItPatterns'; results: { pattern: string; text: string; isMatch?: boolean }[] }
  /** Go to a server, or to an item with an input where one is given. */
  | { type: 'showTryIt'; server: string; kind?: OfferedKind; name?: string; input?: string };

const key = z.string().max(1000);
const name = z.string().max(10_000);
/** Longest input, in characters; hosts take no larger bodies. */
const inputText = z.string().max(8 * 1024 * 1024);
const target = { server: key, kind: z.enum(offeredKinds), name };
const run = z.number().int().nonnegative();

/** What the view may send; every message is checked against this before it is acted on. */
export const tryItWebviewMessage = z.discriminatedUnion('type', [
  /** Send the servers and keep them up to date, until `unwatchTryIt`. */
  z.object({ type: z.literal('watchTryIt') }),
  z.object({ type: z.literal('unwatchTryIt') }),
  /** Send what that server offers and keep it up to date. Starts nothing. */
  z.object({ type: z.literal('chooseTryItServer'), server: key }),
  /** Read its lists, starting it where needed: a person asked for that. */
  z.object({ type: z.literal('startTryIt'), server: key }),
  z.object({ type: z.literal('openTryIt'), ...target }),
  z.object({ type: z.literal('closeTryIt') }),
  /** @see TryItEnd */
  z.object({ type: z.literal('runTryIt'), run, ...target, input: inputText }),
  z.object({ type: z.literal('cancelTryIt'), run }),
  z.object({ type: z.literal('saveTryIt'), ...target, label: z.string().min(1).max(100), text: inputText }),
  z.object({ type: z.literal('forgetTryIt'), ...target, label: z.string().max(100) }),
  z.object({
    type: z.literal('completeTryIt'),
    id: z.number().int().nonnegative(),
    ...target,
    argument: z.string().max(1000),
    value: z.string().max(10_000),
    others: z.record(z.string().max(1000), z.string().max(10_000)),
  }),
  z.object({
    type: z.literal('matchTryIt'),
    tests: z.array(z.object({ pattern: z.string().max(10_000), text: z.string().max(100_000) })).max(1000),
  }),
  /** Show the recorded exchange where the traffic of this window is, which the page itself may not have. */
  z.object({ type: z.literal('showTryItRecord'), seq: z.number().int().positive() }),
]);

export type TryItWebviewMessage = z.output<typeof tryItWebviewMessage>;
