import type { Prompt, Resource, ResourceTemplateType, Tool } from '@modelcontextprotocol/client';
import type { Event } from '../../core/emitter';
import type { ProtocolEra } from '../../traffic/wireRecord';

/** What a server offers, list by list. */
export interface OfferedLists {
  tools: readonly Tool[];
  resources: readonly Resource[];
  resourceTemplates: readonly ResourceTemplateType[];
  prompts: readonly Prompt[];
}

export type OfferedList = keyof OfferedLists;

/** How a call by hand is made. */
export interface CallOptions {
  signal: AbortSignal;
  /** Told of every progress that the server reports. */
  onProgress?: (progress: { progress: number; total?: number | undefined; message?: string | undefined }) => void;
  /** Told of the number of the recorded request, as soon as it was sent. */
  onSent?: (seq: number) => void;
}

/** What became of a call by hand: the response as it came, be it a result or an error of the protocol. */
export interface CallOutcome {
  /** Number of the recorded request; left out where nothing was recorded, because recording is paused. */
  seq?: number;
  result?: Readonly<Record<string, unknown>>;
  error?: { code: number; message: string; data?: unknown };
  /** From sending to the response. */
  durationMs: number;
}

/**
 * A server that a person can look at and call by hand: ours in this window, or one of their own. Calls go the way that
 * the calls of agents go, with policy, consent, audit and recording; nothing is started before something is asked of it.
 */
export interface CallableServer {
  /** Names it across reloads. */
  readonly key: string;
  /** Set for our own server, which runs in this window: asking it starts nothing else. */
  readonly isOwn?: true;
  /** As traffic records name it, and as people see it. */
  readonly label: string;
  readonly state: 'stopped' | 'starting' | 'ready' | 'failed' | 'needsSignIn';
  /** Known once somebody talked to it. */
  readonly era: ProtocolEra | undefined;
  /** What is known of its lists without asking. */
  readonly lists: Partial<OfferedLists>;
  /** The lists as a person last saw them, those that differ from what there is now. */
  readonly before: Partial<OfferedLists>;
  /** Says that a person has seen what changed. */
  accept(): Promise<void>;
  /**
   * Reads one of its lists over all pages, starting the server where needed; the person may be asked to agree to that.
   * @param isFresh whether the server is asked although the list is known: not every server says when a list changed
   * @throws WorkbenchError where it cannot be had
   */
  list<K extends OfferedList>(kind: K, signal: AbortSignal, isFresh?: boolean): Promise<OfferedLists[K]>;
  /**
   * Sends any request and waits for its response, with whatever questions the server asks in between.
   * @param method e.g. `tools/call`
   * @throws WorkbenchError where no response comes: `Cancelled`, `Timeout`, `SignInRequired`, or what keeps it from starting
   */
  request(method: string, params: Readonly<Record<string, unknown>>, options: CallOptions): Promise<CallOutcome>;
}

/** All servers that can be called by hand. */
export interface CallableServers {
  readonly all: readonly CallableServer[];
  get(key: string): CallableServer | undefined;
  /** Fires when servers came or went, or something that is shown of one changed. */
  readonly onDidChange: Event<void>;
}
