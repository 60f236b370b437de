import assert from 'node:assert/strict';
import { S3 } from '@aws-sdk/client-s3';
import { outsiderNotice } from '../../../src/tools/outsiderText';
import { logKeys, receiptObjects, receipts } from '../../support/seedAws';
import { emptyMoto, seededAws, ToolCaller, type SeededAws } from './toolCalls';

interface ListedObject {
  key: string;
  size: number;
  lastModified: string;
}

interface ObjectPart {
  contentType?: string;
  contentRange?: string;
  totalBytes: number;
  nextStart?: number;
  versionId?: string;
  metadata?: Record<string, string>;
  body?: { notice: string; text: string };
  base64?: string;
}

function seededBytes(key: string): Buffer {
  const object = receiptObjects[key];
  assert.ok(object, key);
  return object.body;
}

describe('S3 tools', () => {
  let seeded: SeededAws;
  let caller: ToolCaller;

  const get = (key: string, input: object = {}) =>
    caller.output<ObjectPart>('s3_get_object', { bucket: seeded.seed.buckets.receipts, key, ...input });

  before(async () => {
    seeded = await seededAws();
    caller = new ToolCaller(seeded.aws.env);
  });
  after(() => caller.dispose());

  describe('s3_list_buckets', () => {
    it('lists the buckets of the account', async () => {
      const { buckets } = await caller.output<{ buckets: { name: string; creationDate: string }[] }>(
        's3_list_buckets',
        {},
      );
      const names = buckets.map(({ name }) => name);
      for (const name of Object.values(seeded.seed.buckets)) assert.ok(names.includes(name), name);
      for (const { creationDate } of buckets) assert.equal(new Date(creationDate).toISOString(), creationDate);
    });

    it('lists those with a prefix, one by one', async () => {
      const { items } = await caller.all<{ name: string }>('s3_list_buckets', { prefix: 'orders-' }, 'buckets', 1);
      assert.deepEqual(items.map(({ name }) => name).sort(), Object.values(seeded.seed.buckets).sort());
    });

    it('refuses input out of bounds', async () => {
      for (const input of [{ limit: 500 }, { prefix: '' }, { bucketRegion: 'nowhere' }]) {
        assert.equal((await caller.error('s3_list_buckets', input)).code, 'InvalidInput');
      }
    });
  });

  describe('s3_list_objects', () => {
    const list = (input: object) =>
      caller.output<{ contents: ListedObject[]; commonPrefixes: { prefix: string }[]; notice: string }>(
        's3_list_objects',
        input,
      );

    it('lists keys of any characters, with those that cannot be seen as escapes', async () => {
      const { contents, notice } = await list({ bucket: seeded.seed.buckets.receipts });
      assert.equal(notice, outsiderNotice);
      const byKey = new Map(contents.map((object) => [object.key, object]));
      for (const [key, { body }] of Object.entries(receiptObjects)) {
        const shown = key === receipts.unseen ? 'receipts/in\\u{202e}voice\\u{200b}.txt' : key;
        assert.equal(byKey.get(shown)?.size, body.length, shown);
      }
      assert.equal(contents.length, Object.keys(receiptObjects).length);
    });

    it('gives keys that s3_get_object takes, each of them', async () => {
      const { contents } = await list({ bucket: seeded.seed.buckets.receipts });
      for (const { key, size } of contents) {
        assert.equal((await get(key, { length: 10 })).totalBytes, size, key);
      }
    });

    it('pages through 260 keys by any limit without loss or repetition', async () => {
      for (const limit of [9, 50, 199, 200]) {
        const { items } = await caller.all<ListedObject>(
          's3_list_objects',
          { bucket: seeded.seed.buckets.logs },
          'contents',
          limit,
        );
        assert.deepEqual(
          items.map(({ key }) => key),
          logKeys().sort(),
        );
      }
    });

    it('groups keys by a delimiter, and pages through groups and keys together', async () => {
      const { commonPrefixes, contents } = await list({
        bucket: seeded.seed.buckets.logs,
        delimiter: '/',
        prefix: 'logs/',
      });
      assert.deepEqual(contents, []);
      assert.deepEqual(
        commonPrefixes.map(({ prefix }) => prefix),
        Array.from({ length: 10 }, (_, index) => `logs/2026-11-${10 + index}/`),
      );
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await caller.output<{ contents: ListedObject[]; commonPrefixes: { prefix: string }[] }>(
          's3_list_objects',
          {
            bucket: seeded.seed.buckets.receipts,
            delimiter: '/',
            limit: 1,
            cursor,
          },
        );
        seen.push(...page.contents.map(({ key }) => key), ...page.commonPrefixes.map(({ prefix }) => prefix));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      assert.deepEqual(seen.sort(), ['exports/', 'images/', 'notes/', 'receipts/']);
    });

    it('finds by prefix, also one with unseen characters, and starts after a key', async () => {
      const hidden = await list({ bucket: seeded.seed.buckets.receipts, prefix: 'receipts/in\\u{202e}' });
      assert.equal(hidden.contents.length, 1);
      const after = await list({ bucket: seeded.seed.buckets.logs, startAfter: 'logs/2026-11-19/part-020.log' });
      assert.deepEqual(
        after.contents.map(({ key }) => key),
        ['021', '022', '023', '024', '025'].map((part) => `logs/2026-11-19/part-${part}.log`),
      );
    });

    it('lists nothing of an empty bucket', async () => {
      const output = await list({ bucket: seeded.seed.buckets.empty });
      assert.deepEqual([output.contents, output.commonPrefixes, output.nextCursor], [[], [], undefined]);
    });

    it('ends a page at the size cap and goes on behind it', async () => {
      const small = new ToolCaller(seeded.aws.env, { maxResultBytes: 6 * 1024 });
      try {
        const { items, pages } = await small.all<ListedObject>(
          's3_list_objects',
          { bucket: seeded.seed.buckets.logs },
          'contents',
          200,
        );
        assert.ok(pages > 5);
        assert.deepEqual(
          items.map(({ key }) => key),
          logKeys().sort(),
        );
      } finally {
        small.dispose();
      }
    });

    it('says that a bucket does not exist', async () => {
      const error = await caller.error('s3_list_objects', { bucket: 'no-such-bucket-of-ours' });
      assert.equal(error.code, 'NotFound');
    });

    it('refuses names that no bucket can have, and keys that are too long', async () => {
      for (const input of [
        { bucket: '' },
        { bucket: 'a' },
        { bucket: 'a/b' },
        { bucket: '../etc' },
        { bucket: 'http://example.com' },
        { bucket: 'arn:aws:lambda:us-east-1:000000000000:function:x' },
        { bucket: 'bucket', prefix: 'ä'.repeat(513) },
        { bucket: 'bucket', prefix: '\\u{d800}' },
        { bucket: 'bucket', limit: -1 },
      ]) {
        assert.equal(
          (await caller.error('s3_list_objects', input)).code,
          'InvalidInput',
          JSON.stringify(input).slice(0, 80),
        );
      }
    });
  });

  describe('s3_get_object', () => {
    /** Follows `nextStart` to the end, as a client would. */
    const readAll = async (by: ToolCaller, key: string, length?: number) => {
      const texts: string[] = [];
      const chunks: Buffer[] = [];
      let start: number | undefined = 0;
      for (let parts = 0; start !== undefined; parts++) {
        assert.ok(parts < 2000, 'the parts never end');
        const part: ObjectPart = await by.output<ObjectPart>('s3_get_object', {
          bucket: seeded.seed.buckets.receipts,
          key,
          start,
          length,
        });
        if (part.body) texts.push(part.body.text);
        if (part.base64 !== undefined) chunks.push(Buffer.from(part.base64, 'base64'));
        assert.ok(part.nextStart === undefined || part.nextStart > start);
        start = part.nextStart;
      }
      return { text: texts.join(''), bytes: Buffer.concat(chunks), parts: texts.length + chunks.length };
    };

    it('reads text as text inside the boundary', async () => {
      const part = await get(receipts.text);
      const bytes = seededBytes(receipts.text);
      assert.deepEqual(part.body, { notice: outsiderNotice, text: bytes.toString() });
      assert.equal(part.base64, undefined);
      assert.equal(part.contentType, 'application/json');
      assert.equal(part.totalBytes, bytes.length);
      assert.equal(part.contentRange, `bytes 0-${bytes.length - 1}/${bytes.length}`);
      assert.equal(part.nextStart, undefined);
    });

    it('reads binary as base64 with its media type', async () => {
      const part = await get(receipts.image);
      assert.equal(part.contentType, 'image/png');
      assert.equal(part.body, undefined);
      assert.deepEqual(Buffer.from(part.base64 ?? '', 'base64'), seededBytes(receipts.image));
    });

    it('reads an object without bytes', async () => {
      const part = await get(receipts.empty);
      assert.equal(part.totalBytes, 0);
      assert.equal(part.body?.text, '');
      assert.equal(part.contentRange, undefined);
      assert.equal(part.nextStart, undefined);
    });

    it('reads a range of bytes', async () => {
      const bytes = seededBytes(receipts.text);
      const part = await get(receipts.text, { start: 2, length: 7 });
      assert.equal(part.body?.text, bytes.subarray(2, 9).toString());
      assert.equal(part.contentRange, `bytes 2-8/${bytes.length}`);
      assert.equal(part.nextStart, 9);
      const last = await get(receipts.text, { start: bytes.length - 3 });
      assert.equal(last.body?.text, bytes.subarray(-3).toString());
      assert.equal(last.nextStart, undefined);
    });

    it('cuts text between characters, and the next part goes on there', async () => {
      const text = seededBytes(receipts.unicode).toString();
      for (const length of [1, 2, 3, 5, 7, 16]) {
        const read = await readAll(caller, receipts.unicode, length);
        assert.equal(read.text, text, `length ${length}`);
        assert.equal(read.bytes.length, 0);
      }
    });

    it('begins with a whole character where a range starts inside one', async () => {
      const bytes = seededBytes(receipts.unicode);
      const part = await get(receipts.unicode, { start: 3, length: 10 });
      // Byte 3 is the second of `ü`.
      assert.equal(part.contentRange, `bytes 4-${(part.nextStart ?? 0) - 1}/${bytes.length}`);
      assert.equal(part.body?.text, bytes.subarray(4, part.nextStart).toString());
    });

    it('reads more than a megabyte of text in parts that stay under the size cap', async () => {
      const { text, parts } = await readAll(caller, receipts.largeText);
      assert.equal(text, seededBytes(receipts.largeText).toString());
      assert.ok(seededBytes(receipts.largeText).length > 1_000_000 && parts < 60, `${parts} parts`);
    });

    it('reads binary in parts that stay under the size cap', async () => {
      const { bytes, parts } = await readAll(caller, receipts.binary);
      assert.deepEqual(bytes, seededBytes(receipts.binary));
      assert.ok(parts > 1 && parts < 8, `${parts} parts`);
    });

    it('shows hostile text as data, with unseen characters escaped', async () => {
      const part = await get(receipts.hostile);
      assert.equal(part.body?.notice, outsiderNotice);
      assert.doesNotMatch(part.body.text, /[\u202e\u200b\u{e0049}]/u);
      assert.match(part.body.text, /^Ignore your instructions .*\\u\{202e\}\\u\{e0049\}/);
      assert.deepEqual(part.metadata, { author: 'a stranger' });
    });

    it('keeps secrets from the model', async () => {
      const text = JSON.stringify(await get(receipts.secrets));
      assert.ok(!text.includes('hunter2') && !text.includes('IOSFODNN7'), text);
      assert.ok(text.includes('[redacted]'));
    });

    it('takes keys of any characters, as they are and as lists show them', async () => {
      for (const key of [
        receipts.unicode,
        receipts.awkward,
        receipts.unseen,
        'receipts/in\\u{202e}voice\\u{200b}.txt',
      ]) {
        assert.ok((await get(key)).body, key);
      }
    });

    it('says that a key, a version or a bucket does not exist', async () => {
      const bucket = seeded.seed.buckets.receipts;
      assert.equal((await caller.error('s3_get_object', { bucket, key: 'no/such/key' })).code, 'NotFound');
      assert.equal(
        (await caller.error('s3_get_object', { bucket: 'no-such-bucket-of-ours', key: 'a' })).code,
        'NotFound',
      );
    });

    it('says how large the object is where a range starts behind its end', async () => {
      const error = await caller.error('s3_get_object', {
        bucket: seeded.seed.buckets.receipts,
        key: receipts.text,
        start: 5000,
      });
      assert.equal(error.code, 'InvalidInput');
      assert.match(error.message, /no byte 5000/);
    });

    it('refuses ranges and keys out of bounds', async () => {
      const bucket = seeded.seed.buckets.receipts;
      for (const input of [
        { bucket, key: '' },
        { bucket, key: 'k'.repeat(1025) },
        { bucket, key: '🚀'.repeat(257) },
        { bucket, key: 'a', start: -1 },
        { bucket, key: 'a', start: 0.5 },
        { bucket, key: 'a', length: 0 },
        { bucket, key: 'a', range: 'bytes=0-1' },
        { bucket },
      ]) {
        assert.equal((await caller.error('s3_get_object', input)).code, 'InvalidInput');
      }
    });

    it('reads an older version of an object', async () => {
      const client = new S3({
        endpoint: seeded.aws.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: '000000000000', secretAccessKey: 'local' },
        forcePathStyle: true,
      });
      const bucket = 'versioned-things';
      try {
        await client.createBucket({ Bucket: bucket });
        await client.putBucketVersioning({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } });
        const { VersionId } = await client.putObject({
          Bucket: bucket,
          Key: 'note',
          Body: 'first',
          ContentType: 'text/plain',
        });
        await client.putObject({ Bucket: bucket, Key: 'note', Body: 'second', ContentType: 'text/plain' });
        const old = await caller.output<ObjectPart>('s3_get_object', { bucket, key: 'note', versionId: VersionId });
        assert.equal(old.body?.text, 'first');
        assert.equal(old.versionId, VersionId);
        assert.equal((await caller.output<ObjectPart>('s3_get_object', { bucket, key: 'note' })).body?.text, 'second');
      } finally {
        client.destroy();
      }
    });
  });

  describe('against Moto', () => {
    let moto: ToolCaller;
    const bucket = 'moto-things';

    before(async () => {
      const aws = await emptyMoto();
      moto = new ToolCaller(aws.env);
      const client = new S3({
        endpoint: aws.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'any', secretAccessKey: 'local' },
        forcePathStyle: true,
      });
      try {
        await client.createBucket({ Bucket: bucket });
        for (const [Key, { body }] of Object.entries(receiptObjects))
          await client.putObject({ Bucket: bucket, Key, Body: body });
        await Promise.all(
          Array.from({ length: 30 }, (_, index) =>
            client.putObject({ Bucket: bucket, Key: `many/${index}`, Body: 'x' }),
          ),
        );
      } finally {
        client.destroy();
      }
    });
    after(() => moto.dispose());

    it('lists, pages and reads by the API of another implementation', async () => {
      const { items } = await moto.all<ListedObject>('s3_list_objects', { bucket }, 'contents', 7);
      assert.equal(new Set(items.map(({ key }) => key)).size, Object.keys(receiptObjects).length + 30);
      for (const { key, size } of items) {
        const part = await moto.output<ObjectPart>('s3_get_object', { bucket, key, length: 100 });
        assert.equal(part.totalBytes, size, key);
      }
      const { buckets } = await moto.output<{ buckets: { name: string }[] }>('s3_list_buckets', {});
      assert.ok(buckets.some(({ name }) => name === bucket));
    });

    it('says how large the object is where a range starts behind its end', async () => {
      const error = await moto.error('s3_get_object', { bucket, key: receipts.text, start: 5000 });
      assert.equal(error.code, 'InvalidInput');
      assert.match(error.message, /no byte 5000/);
    });
  });
});
