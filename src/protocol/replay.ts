import * as z from 'zod';
import type { JsonDiff } from '../traffic/replay/jsonDiff';
import type { ExchangeStatus, ProtocolEra } from '../traffic/wireRecord';
import { maxReplayParams, maxReplaySteps } from './replayLimits';

/** A server that a call can be sent to. */
export interface ReplayTarget {
  key: string;
  label: string;
  state: 'stopped' | 'starting' | 'ready' | 'failed' | 'needsSignIn';
  era?: ProtocolEra;
}

/** What a tool says of what it does (its annotations, with the defaults of the specification). */
export interface ToolEffect {
  isReadOnly: boolean;
  isDestructive: boolean;
  isIdempotent: boolean;
}

/** A recorded request, as it can be sent again. */
export interface ReplayCall {
  /** Number of the recorded request. */
  seq: number;
  /** When it was recorded; with the number it tells whether a record is still the same one. */
  time: number;
  method: string;
  target?: string;
  /** Label of the server that it was sent to. */
  server: string;
  /** The server with that label, where there is one. */
  serverKey?: string;
  /** Indented JSON of its parameters. */
  params: string;
  /** Whether parameters were longer than is recorded. */
  isCut?: true;
  status?: ExchangeStatus;
  durationMs?: number;
  /** Whether there is a result, or an error, that a new one can be compared with. */
  hasReply: boolean;
  /** By the keys of the servers of which it is known. */
  effects: Record<string, ToolEffect>;
}

/** How a new result compares with the recorded one; `done` where there was none to compare with. */
export type ReplayVerdict = 'same' | 'differs' | 'failed' | 'done' | 'cancelled';

export interface ReplayOutcome {
  verdict: ReplayVerdict;
  /** What went wrong, and what can be done. */
  failure?: { message: string; remedy?: string };
  durationMs?: number;
  /** What it took when it was recorded. */
  recordedMs?: number;
  /** Number of the new exchange, where it was recorded. */
  seq?: number;
  /** The recorded result beside the new one. */
  diff?: JsonDiff;
  /** The beginning of the new result as JSON, where there is nothing to compare it with. */
  result?: string;
  /** Which side is longer than is recorded. */
  cut?: ('recorded' | 'new')[];
  /** Set where results hold secrets, which are not shown and so not compared. */
  isRedacted?: true;
}

/** How a step of a run stands. */
export interface ReplayStepState {
  step: string;
  state: 'waiting' | 'running' | 'done' | 'skipped';
  progress?: { progress: number; total?: number; message?: string };
  outcome?: ReplayOutcome;
}

/** What the host sends to this view. */
export type ReplayHostMessage =
  /** `isLive` where new exchanges come to this page; `canOpen` where they can be shown at all. */
  | { type: 'replayTargets'; targets: ReplayTarget[]; isLive: boolean; canOpen: boolean }
  /** The answer to `watchReplay`, and again when something in it changed. */
  | { type: 'replayCalls'; calls: ReplayCall[]; refused: { seq: number; reason: string }[] }
  /** The answer to `collectReplay`. */
  | { type: 'replayCollected'; calls: ReplayCall[]; matched: number; skipped: number }
  | { type: 'replayRun'; run: string; isRunning: boolean; steps: ReplayStepState[] }
  | { type: 'replayStep'; run: string; step: ReplayStepState }
  /** What became of `generateReplay`, or another thing that was asked for. */
  | { type: 'replayNote'; text: string; remedy?: string; isProblem: boolean };

const seq = z.number().int().positive();
const recorded = z.object({ seq, time: z.number().optional() });
const run = z.string().min(1).max(100);

const step = z.object({
  step: z.string().min(1).max(100),
  /** What it was made of. */
  recorded: recorded.optional(),
  serverKey: z.string().max(500),
  method: z.string().min(1).max(500),
  target: z.string().max(2000).optional(),
  params: z.string().max(maxReplayParams),
  /** Values for what was redacted, by its path. Never kept. */
  fills: z.record(z.string().max(4000), z.string().max(maxReplayParams)),
});

export type ReplayStep = z.output<typeof step>;

const steps = z.array(step).min(1).max(maxReplaySteps);

/** What the view may send; every message is checked against this before it is acted on. */
export const replayWebviewMessage = z.discriminatedUnion('type', [
  /** Asks for servers and for what is known of recorded requests, and for keeping both up to date. */
  z.object({ type: z.literal('watchReplay'), calls: z.array(recorded).max(maxReplaySteps * 2) }),
  z.object({ type: z.literal('unwatchReplay') }),
  /** Asks for the requests that a filter shows. */
  z.object({ type: z.literal('collectReplay'), filter: z.string().max(1000) }),
  z.object({
    type: z.literal('runReplay'),
    run,
    steps,
    stopAtFailure: z.boolean(),
    /** Whether servers that do not run may be started. */
    mayStart: z.boolean(),
  }),
  z.object({ type: z.literal('cancelReplay'), run }),
  /** Shows an exchange where it was recorded, which from a trace file is another page. */
  z.object({ type: z.literal('openReplayed'), seq }),
  /** Shows both results of a step in the editor's own diff. */
  z.object({ type: z.literal('compareReplay'), run, step: z.string().max(100) }),
  z.object({
    type: z.literal('generateReplay'),
    as: z.enum(['mocha', 'curl']),
    action: z.enum(['copy', 'open']),
    run,
    steps,
  }),
  /** Saves recorded requests with their results as a trace. */
  z.object({ type: z.literal('saveReplay'), calls: z.array(recorded).min(1).max(maxReplaySteps) }),
]);

export type ReplayWebviewMessage = z.output<typeof replayWebviewMessage>;
