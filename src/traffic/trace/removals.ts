import { redactedMark } from '../../core/redact';
import type { TrafficSource } from '../trafficSource';

/** What kind of secret stood where a mark stands now. */
export const removalKinds = [
  'awsKeys',
  'headers',
  'passwords',
  'tokens',
  'apiKeys',
  'privateKeys',
  'signatures',
  'other',
] as const;

export type RemovalKind = (typeof removalKinds)[number];

/** How many secrets of each kind were taken out of what is about to be saved. */
export interface Removals {
  counts: Partial<Record<RemovalKind, number>>;
  total: number;
  /** Messages that at least one was taken out of. */
  messages: number;
}

/** By the name or the word that stands before a mark, without `-` and `_`, in lower case. */
const kindsByName: readonly (readonly [RemovalKind, RegExp])[] = [
  ['awsKeys', /secretaccesskey|sessiontoken|securitytoken|accesskey|xamzcredential/],
  ['signatures', /signature$/],
  ['privateKeys', /privatekey$/],
  ['apiKeys', /apikey$/],
  ['passwords', /passw(?:or)?d$|passphrase$/],
  ['headers', /authorization$|cookie$|^bearer$|^basic$|mcpsessionid/],
  ['tokens', /token$|secret$|verifier$|devicecode$|secretkey$|^code$/],
];

const longestName = 80;

/**
 * Counts the marks that stand for secrets in the records `picks` lets through. The secrets themselves were never
 * kept, so their kinds are told by what stands before the marks: a member's name, a word such as `Bearer`. What stands
 * alone was known by its look and counts as `other`.
 */
export function countRemovals(source: TrafficSource, picks: (seq: number) => boolean = () => true): Removals {
  const counts: Partial<Record<RemovalKind, number>> = {};
  let total = 0;
  let messages = 0;
  source.forEach(({ seq }) => {
    if (!picks(seq)) return;
    const record = source.get(seq);
    if (!record) return;
    let found = 0;
    for (const text of [record.body, record.original ?? '', JSON.stringify(record.headers ?? {})]) {
      for (let at = text.indexOf(redactedMark); at >= 0; at = text.indexOf(redactedMark, at + redactedMark.length)) {
        const kind = kindBefore(text.slice(Math.max(0, at - longestName), at));
        counts[kind] = (counts[kind] ?? 0) + 1;
        found += 1;
      }
    }
    total += found;
    if (found > 0) messages += 1;
  });
  return { counts, total, messages };
}

function kindBefore(before: string): RemovalKind {
  const name = /([\w.-]+)(?:\\{0,8}["'])?(?:\s{0,9}[:=]\s{0,9}|\s)(?:\[\s*)?(?:\\{0,8}["'])?$/.exec(before)?.[1];
  if (name === undefined) return 'other';
  const plain = name.toLowerCase().replaceAll(/[-_.]/g, '');
  return kindsByName.find(([, pattern]) => pattern.test(plain))?.[0] ?? 'other';
}
