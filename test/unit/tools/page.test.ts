import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { byteLength } from '../../../src/core/byteLength';
import { WorkbenchError } from '../../../src/core/errors';
import { redactJson } from '../../../src/core/redact';
import { readPage, type Page } from '../../../src/tools/page';

/** An API list of `items` in pages of these sizes, which tells positions by tokens as long as it likes. */
function apiList<T>(items: readonly T[], pageSizes: readonly number[], tokenPadding: number) {
  let requests = 0;
  const ends = new Map<string, { start: number; pageSize: number; page: number }>();
  return {
    get requests() {
      return requests;
    },
    fetch: async (token: string | undefined): Promise<{ items: T[]; nextToken: string | undefined }> => {
      requests++;
      const at = token === undefined ? { start: 0, page: 0 } : ends.get(token);
      assert.ok(at, 'the API was given a token that it did not make');
      const pageSize = pageSizes[at.page % pageSizes.length] ?? 1;
      const end = at.start + pageSize;
      const next = `${end}.${at.page + 1}.${'x'.repeat(tokenPadding)}`;
      if (end < items.length) ends.set(next, { start: end, pageSize, page: at.page + 1 });
      return { items: items.slice(at.start, end), nextToken: end < items.length ? next : undefined };
    },
  };
}

/** Follows `nextCursor` to the end, with another limit for each page. */
async function readAll<T>(
  fetch: (token: string | undefined) => Promise<{ items: T[]; nextToken: string | undefined }>,
  limits: readonly number[],
  maxBytes: number,
  onPage: (page: Page<T>, limit: number) => void = () => undefined,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  for (let number = 0; number < 10_000; number++) {
    const limit = limits[number % limits.length] ?? 1;
    const page = await readPage({ cursor, limit, fetch }, maxBytes);
    onPage(page, limit);
    all.push(...page.items);
    if (page.nextCursor === undefined) return all;
    cursor = page.nextCursor;
  }
  throw new Error('The pages never end');
}

const sizes = fc
  .array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 5 })
  .filter((list) => list.some((size) => size > 0));
const limits = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe('readPage', () => {
  it('loses and doubles no item, whatever the limits, the API pages, the sizes of items and the size cap', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(
        texts,
        sizes,
        limits,
        fc.integer({ min: 200, max: 20_000 }),
        fc.integer({ min: 0, max: 800 }),
        async (list, pageSizes, pageLimits, maxBytes, padding) => {
          const items = list.map((text, index) => ({ index, text }));
          const api = apiList(items, pageSizes, padding);
          assert.deepEqual(await readAll(api.fetch, pageLimits, maxBytes), items);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps every page within its limit and, but for a single huge item, within the size cap', async () => {
    // Made so that redaction makes the items longer.
    const texts = fc.array(fc.oneof(fc.string({ maxLength: 300 }), fc.constant('password=abcd '.repeat(20))), {
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(
        texts,
        sizes,
        limits,
        fc.integer({ min: 400, max: 8000 }),
        async (list, pageSizes, pageLimits, maxBytes) => {
          const api = apiList(list, pageSizes, 50);
          await readAll(api.fetch, pageLimits, maxBytes, (page, limit) => {
            assert.ok(page.items.length <= limit);
            const bytes = page.items.reduce((sum, item) => sum + byteLength(JSON.stringify(redactJson(item))) + 1, 0);
            assert.ok(page.items.length <= 1 || bytes + byteLength(page.nextCursor ?? '') <= maxBytes);
            if (page.truncated) assert.ok(page.nextCursor !== undefined && page.items.length < limit);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('loses and doubles no item when the API itself pages by the limit of the call', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 150 }),
        limits,
        fc.integer({ min: 150, max: 1000 }),
        async (count, pageLimits, maxBytes) => {
          const items = Array.from({ length: count }, (_, index) => `item-${index}-${'x'.repeat(index % 50)}`);
          let limit = 1;
          const all: string[] = [];
          let cursor: string | undefined;
          for (let number = 0; number < 1000; number++) {
            limit = pageLimits[number % pageLimits.length] ?? 1;
            const fetch = async (token: string | undefined) => {
              const start = Number(token ?? 0);
              const end = start + limit;
              return { items: items.slice(start, end), nextToken: end < count ? String(end) : undefined };
            };
            const page = await readPage({ cursor, limit, fetch }, maxBytes);
            all.push(...page.items);
            cursor = page.nextCursor;
            if (cursor === undefined) break;
          }
          assert.deepEqual(all, items);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('goes on behind API pages that a filter emptied, and never reads more than ten for one page', async () => {
    const api = apiList(
      Array.from({ length: 100 }, (_, index) => index),
      [2],
      0,
    );
    const fetch = async (token: string | undefined) => {
      const { items, nextToken } = await api.fetch(token);
      return { items: items.filter((item) => item >= 98), nextToken };
    };
    const first = await readPage({ cursor: undefined, limit: 5, fetch }, 1000);
    assert.deepEqual(first.items, []);
    assert.ok(first.nextCursor !== undefined);
    assert.equal(api.requests, 10);
    assert.deepEqual(await readAll(fetch, [5], 1000), [98, 99]);
  });

  it('reads no API page that the limit does not need', async () => {
    const api = apiList([1, 2, 3, 4], [2], 0);
    const page = await readPage({ cursor: undefined, limit: 2, fetch: api.fetch }, 1000);
    assert.deepEqual(page.items, [1, 2]);
    assert.equal(api.requests, 1);
  });

  it('has no cursor at the end, also where the limit falls just there', async () => {
    const page = await readPage({ cursor: undefined, limit: 4, fetch: apiList([1, 2, 3, 4], [4], 0).fetch }, 1000);
    assert.deepEqual(page, { items: [1, 2, 3, 4] });
  });

  it('passes on what the API throws', async () => {
    const broken = new Error('throttled');
    await assert.rejects(
      readPage({ cursor: undefined, limit: 4, fetch: () => Promise.reject(broken) }, 1000),
      (error) => error === broken,
    );
  });

  it('refuses cursors that it did not make', async () => {
    const fetch = () => Promise.reject(new Error('must not be asked'));
    const forged = [
      '',
      'x',
      'e30',
      Buffer.from('{"skip":-1,"of":"a"}').toString('base64url'),
      Buffer.from('{"skip":0.5,"of":"a"}').toString('base64url'),
      Buffer.from('{"token":7,"skip":0,"of":"a"}').toString('base64url'),
      Buffer.from('[]').toString('base64url'),
    ];
    for (const cursor of forged) {
      await assert.rejects(readPage({ cursor, limit: 1, fetch }, 1000), (error) =>
        WorkbenchError.is(error, 'InvalidInput'),
      );
    }
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), (cursor) =>
        assert.rejects(readPage({ cursor, limit: 1, fetch }, 1000), (error) =>
          WorkbenchError.is(error, 'InvalidInput'),
        ),
      ),
    );
  });

  it('refuses a cursor of another query, so that a list never goes on as a different one', async () => {
    const { fetch } = apiList([1, 2, 3], [1], 0);
    const { nextCursor: cursor } = await readPage({ cursor: undefined, limit: 1, fetch }, 1000, [
      'list',
      { prefix: 'a' },
    ]);
    await assert.rejects(readPage({ cursor, limit: 1, fetch }, 1000, ['list', { prefix: 'b' }]), (error) =>
      WorkbenchError.is(error, 'InvalidInput'),
    );
    const { items } = await readPage({ cursor, limit: 1, fetch }, 1000, ['list', { prefix: 'a' }]);
    assert.deepEqual(items, [2]);
  });
});
