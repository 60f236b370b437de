import { BodySearch } from '../bodySearch';
import type { Query } from '../query';
import type { TrafficSource } from '../trafficSource';

/**
 * The records that a filter lets through, whole exchanges each: with its response and what belongs to it. Free texts are
 * looked for in all bodies first, which for a full memory takes some tenths of a second.
 */
export function pickExchanges(source: TrafficSource, query: Query): Set<number> {
  const search = new BodySearch(source, query.texts);
  while (!search.isDone) search.step(1000);
  const picked = new Set<number>();
  source.forEach((record) => {
    if (record.kind === 'response' && record.pair !== undefined) return;
    const response = record.pair === undefined ? undefined : source.summary(record.pair);
    if (!query.matches(record, response, search.has)) return;
    picked.add(record.seq);
    if (response) picked.add(response.seq);
    if (record.parent !== undefined) picked.add(record.parent);
  });
  // A request that is there for what belongs to it brings its response too.
  source.forEach(({ seq, kind, parent, pair }) => {
    if (parent !== undefined && picked.has(parent)) picked.add(seq);
    if (kind === 'request' && pair !== undefined && picked.has(seq)) picked.add(pair);
  });
  return picked;
}
