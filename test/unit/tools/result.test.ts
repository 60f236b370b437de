import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { byteLength } from '../../../src/core/byteLength';
import type { JsonObject } from '../../../src/core/json';
import { errorResult, successResult } from '../../../src/tools/result';
import { ResultStore } from '../../../src/tools/resultStore';

const accessKey = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');

function textOf(result: { content: { type: string; text?: string }[] }): string {
  const [part] = result.content;
  assert.equal(part?.type, 'text');
  return part.text ?? '';
}

/** Values far larger than any cap: long texts, wide objects, long lists, deep nesting, long names. */
const anyOutput = fc
  .tuple(
    fc.jsonValue({ maxDepth: 6 }),
    fc.integer({ min: 0, max: 40_000 }),
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ min: 0, max: 300 }),
    fc.string({ unit: 'binary', maxLength: 5 }),
  )
  .map(([value, textLength, listLength, width, depth, piece]) => {
    let nested: unknown = piece;
    for (let level = 0; level < depth; level++) nested = level % 2 === 0 ? [nested] : { nested };
    return {
      value,
      text: piece.repeat(textLength),
      list: Array.from({ length: listLength }, (_, index) => ({ index, piece })),
      map: Object.fromEntries(Array.from({ length: width }, (_, index) => [`${piece}${index}`, piece.repeat(9)])),
      nested,
    };
  });

describe('successResult', () => {
  it('holds the cap and stays JSON for any output', () => {
    fc.assert(
      fc.property(anyOutput, fc.integer({ min: 2048, max: 32_768 }), (value, maxBytes) => {
        const result = successResult(value, new ResultStore(), maxBytes);
        const text = textOf(result);
        assert.ok(byteLength(text) <= maxBytes, `${byteLength(text)} > ${maxBytes}`);
        if (result.isError) return;
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(result.structuredContent)));
        assert.deepEqual(Object.keys(result.structuredContent ?? {}).slice(0, 5), Object.keys(value));
      }),
      { numRuns: 100 },
    );
  });

  it('gives what fits unchanged and keeps nothing for it', () => {
    const value = { stacks: [{ stackName: 'orders' }], nextCursor: 'abc' };
    const store = new ResultStore();
    const result = successResult(value, store, 1000);
    assert.deepEqual(result, { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value });
  });

  it('keeps the whole of what it cut, and links to it', () => {
    const store = new ResultStore();
    const value = { payload: { notice: 'n', text: 'ä'.repeat(20_000) }, statusCode: 200 };
    const result = successResult(value, store, 4096);
    const cut = result.structuredContent as { truncated: boolean; fullResult: string; payload: { text: string } };
    assert.equal(cut.truncated, true);
    assert.match(cut.payload.text, /^ä+… \[\d+ more characters\]$/);
    assert.deepEqual(JSON.parse(store.read(cut.fullResult) ?? ''), value);
    assert.deepEqual(result.content[1], {
      type: 'resource_link',
      uri: cut.fullResult,
      name: 'The whole result',
      mimeType: 'application/json',
    });
  });

  it('uses most of the room that there is', () => {
    const result = successResult({ text: 'x'.repeat(100_000) }, new ResultStore(), 8192);
    assert.ok(byteLength(textOf(result)) > 8192 * 0.7);
  });

  it('never shortens a cursor, an identity or bytes, nor takes a part of them for a secret', () => {
    const opaque = `/aoaA${'A'.repeat(80)} ${accessKey}`;
    const identity = { account: '123456789012', role: 'R'.repeat(100), region: 'eu-west-1', profile: 'p' };
    const cut = successResult(
      { items: [{ text: 'x'.repeat(50_000) }], nextCursor: opaque, base64: opaque, identity },
      new ResultStore(),
      2048,
    ).structuredContent;
    assert.equal(cut?.['nextCursor'], opaque);
    assert.equal(cut['base64'], opaque);
    assert.deepEqual(cut['identity'], identity);
  });

  it('never cuts between the halves of a surrogate pair', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), (offset) => {
        const { structuredContent } = successResult(
          { text: `${'a'.repeat(offset)}${'🚀'.repeat(9000)}` },
          new ResultStore(),
          3000,
        );
        assert.doesNotMatch(JSON.stringify(structuredContent?.['text']), /\p{Cs}|\\ud[89a-f]/u);
      }),
    );
  });

  it('says so where nothing is left to shorten, and still links to the whole', () => {
    const wide = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}${'n'.repeat(200)}`, index]));
    const store = new ResultStore();
    const result = successResult({ wide }, store, 2048);
    assert.equal(result.isError, true);
    const { code, remedy } = JSON.parse(textOf(result)) as { code: string; remedy: string };
    assert.equal(code, 'Unsupported');
    const uri = /workbench:\/\/results\/[\w-]+/.exec(remedy)?.[0] ?? '';
    assert.deepEqual(JSON.parse(store.read(uri) ?? ''), { wide });
  });

  it('keeps no secret in the result, nor in the whole of it that is kept', () => {
    const store = new ResultStore();
    const { structuredContent, content } = successResult(
      { lines: Array.from({ length: 2000 }, () => `key ${accessKey}`), password: 'hunter22' },
      store,
      4096,
    );
    const whole = store.read(structuredContent?.['fullResult'] as string) ?? '';
    for (const text of [JSON.stringify(structuredContent), JSON.stringify(content), whole]) {
      assert.ok(!text.includes(accessKey) && !text.includes('hunter22'));
      assert.ok(text.includes('[redacted]'));
    }
  });
});

describe('errorResult', () => {
  it('has no structured part, no secret, nothing unseen, and a bounded length', () => {
    const message = `Denied \u202e ${accessKey} ${'x'.repeat(50_000)}`;
    const result = errorResult({ code: 'AccessDenied', message, remedy: 'Ask for it.', retryable: false });
    assert.equal(result.isError, true);
    assert.equal(result.structuredContent, undefined);
    const report = JSON.parse(textOf(result)) as JsonObject;
    assert.equal(report['code'], 'AccessDenied');
    assert.match(report['message'] as string, /^Denied \\u\{202e\} \[redacted\] x+… \[\d+ more characters\]$/);
    assert.ok(textOf(result).length < 3000);
  });
});
