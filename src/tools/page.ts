import * as z from 'zod';
import { byteLength } from '../core/byteLength';
import { WorkbenchError } from '../core/errors';

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
  limit: z.number().int().min(1).max(200).default(50).describe('How many items at the most.'),
  cursor: z.string().max(8192).optional().describe('`nextCursor` of the page before.'),
};

/** The output fields of every list tool beside its items. */
export const pageOutput = {
  nextCursor: z.string().optional().describe('Pass as `cursor` for what comes next; absent at the end.'),
  truncated: z.boolean().optional().describe('True where the size limit cut the page short.'),
};

/** Where a page starts: behind `skip` items of the API page that `token` fetches. */
const positionSchema = z.object({ token: z.string().optional(), skip: z.number().int().min(0) });
type Position = z.output<typeof positionSchema>;

/** At most this many API pages are read for one page of ours: filters can make API pages come back empty. */
const maxApiPages = 10;

/**
 * Reads API pages until `limit` items or `maxBytes` of JSON are together.
 * @param maxBytes UTF-8 bytes that the items may take; the first item is returned whatever its size.
 * @throws WorkbenchError `InvalidInput` for a cursor that we did not make.
 */
export async function readPage<T>(request: PageRequest<T>, maxBytes: number): Promise<Page<T>> {
  let position: Position | undefined = request.cursor === undefined ? { skip: 0 } : decodeCursor(request.cursor);
  const items: T[] = [];
  let bytes = 0;
  for (let apiPages = 0; position && apiPages < maxApiPages; apiPages++) {
    const start: Position = position;
    const { items: fetched, nextToken } = await request.fetch(start.token);
    for (let index = start.skip; index < fetched.length; index++) {
      const item = fetched[index] as T;
      const size = byteLength(JSON.stringify(item)) + 1;
      const here: Position = { ...start, skip: index };
      if (items.length >= request.limit) return { items, nextCursor: encodeCursor(here) };
      if (items.length > 0 && bytes + size > maxBytes) {
        return { items, nextCursor: encodeCursor(here), truncated: true };
      }
      items.push(item);
      bytes += size;
    }
    // A page read again can be shorter than it was (another limit, items gone): what is left to skip carries over.
    const skip = Math.max(0, start.skip - fetched.length);
    position = nextToken === undefined ? undefined : { token: nextToken, skip };
    if (items.length >= request.limit) break;
  }
  return position ? { items, nextCursor: encodeCursor(position) } : { items };
}

function encodeCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decodeCursor(cursor: string): Position {
  try {
    return positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new WorkbenchError('InvalidInput', 'The cursor is not one that this tool returned.', {
      remedy: 'Pass `nextCursor` of the page before unchanged, or leave `cursor` out to start again.',
      cause,
    });
  }
}
