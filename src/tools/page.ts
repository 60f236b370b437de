import { createHash } from 'node:crypto';
import * as z from 'zod';
import { byteLength } from '../core/byteLength';
import { WorkbenchError } from '../core/errors';
import { canonicalJson } from '../core/json';
import { redactJson } from '../core/redact';

/** How a list tool asks for one page. */
export interface PageRequest<T> {
  /** The `cursor` argument as the client sent it. */
  cursor: string | undefined;
  /** How many items at the most. */
  limit: number;
  /**
   * Reads one page of the API. Called again while the limit is not reached and the API has more.
   * @param token the API's own continuation token, `undefined` for the first page.
   */
  fetch(token: string | undefined): Promise<{ items: T[]; nextToken: string | undefined }>;
}

/** One page of a list as a tool returns it. */
export interface Page<T> {
  items: T[];
  /** Present where there is more; continues exactly behind the last item returned. */
  nextCursor?: string;
  /** Set where the size limit, not `limit`, ended the page. */
  truncated?: true;
}

/** The input fields of every list tool. */
export const pageInput = {
  limit: z.number().int().min(1).max(200).default(50).describe('Items at most.'),
  cursor: z.string().max(8192).optional().describe('nextCursor of the page before.'),
};

/** The output fields of every list tool beside its items. */
export const pageOutput = {
  nextCursor: z.string().optional().describe('Pass as cursor for more; absent at the end.'),
};

/** Where a page starts: behind `skip` items of the API page that `token` fetches. */
const positionSchema = z.object({
  token: z.string().optional(),
  skip: z.number().int().min(0),
  /** Digest of the query that the position belongs to. */
  of: z.string(),
});
type Position = z.output<typeof positionSchema>;

/** At most this many API pages are read for one page of ours: filters can make API pages come back empty. */
const maxApiPages = 10;

/**
 * Reads API pages until `limit` items or `maxBytes` of JSON are together.
 * @param maxBytes UTF-8 bytes that the items, as they will be after redaction, and the cursor may take; the first item
 * is returned whatever its size.
 * @param query what else the list depends on (who asks, and for what): a cursor is good for an equal query only.
 * @param keepPartial asked about an error that came when there were items already: whether to return those, with a
 * cursor to where it happened, and not throw it. Default: never.
 * @throws WorkbenchError `InvalidInput` for a cursor that we did not make, or made for another query.
 */
export async function readPage<T>(
  request: PageRequest<T>,
  maxBytes: number,
  query: unknown = null,
  keepPartial: (error: unknown) => boolean = () => false,
): Promise<Page<T>> {
  const of = digestOf(query);
  let position: Position | undefined =
    request.cursor === undefined ? { skip: 0, of } : decodeCursor(request.cursor, of);
  const items: T[] = [];
  let bytes = 0;
  for (let apiPages = 0; position && apiPages < maxApiPages; apiPages++) {
    const start: Position = position;
    let answer: Awaited<ReturnType<typeof request.fetch>>;
    try {
      answer = await request.fetch(start.token);
    } catch (error) {
      if (items.length > 0 && keepPartial(error)) return { items, nextCursor: encodeCursor(start) };
      throw error;
    }
    const { items: fetched, nextToken } = answer;
    // A page read again can be shorter than it was (another limit, items gone): what is left to skip carries over.
    const next: Position | undefined =
      nextToken === undefined ? undefined : { token: nextToken, skip: Math.max(0, start.skip - fetched.length), of };
    const cursorBytes = Math.max(
      byteLength(encodeCursor({ ...start, skip: fetched.length })),
      next ? byteLength(encodeCursor(next)) : 0,
    );
    // The cursor behind this API page may be larger than the one before it.
    if (items.length > 0 && bytes + cursorBytes > maxBytes) {
      return { items, nextCursor: encodeCursor(start), truncated: true };
    }
    for (let index = start.skip; index < fetched.length; index++) {
      const item = fetched[index] as T;
      const size = byteLength(JSON.stringify(redactJson(item))) + 1;
      const here: Position = { ...start, skip: index };
      if (items.length >= request.limit) return { items, nextCursor: encodeCursor(here) };
      if (items.length > 0 && bytes + size + cursorBytes > maxBytes) {
        return { items, nextCursor: encodeCursor(here), truncated: true };
      }
      items.push(item);
      bytes += size;
    }
    position = next;
    if (items.length >= request.limit) break;
  }
  return position ? { items, nextCursor: encodeCursor(position) } : { items };
}

function digestOf(query: unknown): string {
  return createHash('sha256').update(canonicalJson(query)).digest('base64url').slice(0, 11);
}

function encodeCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decodeCursor(cursor: string, of: string): Position {
  let position: Position;
  try {
    position = positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new WorkbenchError('InvalidInput', 'The cursor is not one that this tool returned.', {
      remedy: 'Pass `nextCursor` of the page before unchanged, or leave `cursor` out to start again.',
      cause,
    });
  }
  if (position.of !== of) {
    throw new WorkbenchError('InvalidInput', 'The cursor belongs to another list.', {
      remedy: 'Pass the same arguments and act as the same identity as for the page before, or leave `cursor` out.',
    });
  }
  return position;
}
