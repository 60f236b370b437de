import { isRecord } from '../../src/core/json';
import { redactJson, redactText } from '../../src/core/redact';
import type { ReplayCall } from '../../src/protocol/replay';
import { maxReplayParams, maxReplaySteps } from '../../src/protocol/replayLimits';
import { findGaps, type Gap } from '../../src/traffic/replay/gaps';
import { readParams, writeParams } from '../../src/traffic/replay/paramsText';

/** A call as somebody prepares it: what was recorded, and what they made of it. */
export interface ReplayDraft {
  id: string;
  recorded?: { seq: number; time: number };
  method: string;
  target?: string;
  /** Label of the server that it was recorded with. */
  server: string;
  /** The server that it goes to, once that is known or picked. */
  serverKey?: string;
  params: string;
  /** The parameters as they were recorded. */
  original: string;
  /** Whether recorded parameters were cut. */
  isCut: boolean;
  /** Values for what was redacted, by path. They live as long as the page and no longer. */
  fills: Record<string, string>;
}

/** What keeps a call from being sent. */
export interface DraftProblems {
  /** What is wrong with the JSON. */
  syntax?: string;
  /** Places whose values were not recorded, and are not filled in. */
  gaps: Gap[];
}

let draftCount = 0;

export function draftOf(call: ReplayCall): ReplayDraft {
  const { seq, time, method, target, server, serverKey, params, isCut } = call;
  return {
    id: `step-${Date.now().toString(36)}-${++draftCount}`,
    recorded: { seq, time },
    method,
    ...(target === undefined ? {} : { target }),
    server,
    ...(serverKey === undefined ? {} : { serverKey }),
    params,
    original: params,
    isCut: isCut === true,
    fills: {},
  };
}

/** What is known of parameters, so that those of a long sequence are not read anew with every key. */
const known = new WeakMap<ReplayDraft, { params: string; problems: DraftProblems; saved?: string }>();

export function problemsOfDraft(draft: ReplayDraft): DraftProblems {
  return knownOf(draft).problems;
}

function knownOf(draft: ReplayDraft): { params: string; problems: DraftProblems; saved?: string } {
  const kept = known.get(draft);
  if (kept?.params === draft.params) return kept;
  const read = readParams(draft.params);
  const problems =
    'problem' in read ? { syntax: read.problem, gaps: [] } : { gaps: findGaps(read.params, draft.isCut) };
  const entry = { params: draft.params, problems };
  known.set(draft, entry);
  return entry;
}

/** Whether a gap still has to be filled in. */
export function isOpenGap({ isWhole, kind, path }: Gap, { fills }: ReplayDraft): boolean {
  return kind === 'cut' || !isWhole || (fills[path] ?? '') === '';
}

/** Sequences as they are kept over reloads: never with a secret that somebody put in. */
export function savedDrafts(drafts: readonly ReplayDraft[]): unknown[] {
  return drafts.map((draft) => {
    const { fills: _fills, ...kept } = draft;
    const entry = knownOf(draft);
    return { ...kept, params: (entry.saved ??= withoutSecrets(draft.params)) };
  });
}

/** Reads what `savedDrafts` gave; what is not of that kind is left out. */
export function readDrafts(saved: unknown): ReplayDraft[] {
  if (!Array.isArray(saved)) return [];
  return (saved as unknown[]).slice(0, maxReplaySteps).flatMap((draft) => {
    if (!isRecord(draft)) return [];
    const { id, recorded, method, target, server, serverKey, params, original, isCut } = draft;
    const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= maxReplayParams;
    if (!isText(id) || !isText(method) || !isText(server) || !isText(params) || !isText(original)) return [];
    const { seq, time } = isRecord(recorded) ? recorded : {};
    return {
      id,
      ...(Number.isInteger(seq) && Number(seq) > 0 && typeof time === 'number'
        ? { recorded: { seq: Number(seq), time } }
        : {}),
      method,
      ...(isText(target) ? { target } : {}),
      server,
      ...(isText(serverKey) ? { serverKey } : {}),
      params,
      original,
      isCut: isCut === true,
      fills: {},
    };
  });
}

function withoutSecrets(params: string): string {
  const read = readParams(params);
  return 'problem' in read ? redactText(params) : writeParams(redactJson(read.params));
}
