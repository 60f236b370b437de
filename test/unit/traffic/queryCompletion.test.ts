import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseQuery, queryFields } from '../../../src/traffic/query';
import { completeQuery } from '../../../src/traffic/queryCompletion';

const vocabulary = { tool: ['lambda_list_functions', 's3_get_object'], server: ['AWS tools', 'file"system'] };

function texts(text: string, caret = text.length): string[] {
  return completeQuery(text, caret, vocabulary).map((completion) => completion.text);
}

function accepted(text: string, index = 0, caret = text.length): string {
  const { text: insert, start, end } = completeQuery(text, caret, vocabulary)[index]!;
  return text.slice(0, start) + insert + text.slice(end);
}

describe('completeQuery', () => {
  it('offers every field where nothing is written yet', () => {
    assert.deepEqual(
      texts(''),
      queryFields.map(({ name }) => `${name}:`),
    );
    assert.deepEqual(texts('tool:x '), texts(''));
  });

  it('offers the fields that begin so, and tools that have the word in them', () => {
    assert.deepEqual(texts('st'), ['status:', 'tool:lambda_list_functions']);
    assert.deepEqual(texts('lambda'), ['tool:lambda_list_functions']);
    assert.deepEqual(texts('-s3'), ['tool:s3_get_object']);
    assert.equal(accepted('-s3'), '-tool:s3_get_object');
  });

  it('offers the values of a field, those that begin so first, quoted where needed', () => {
    assert.deepEqual(texts('status:'), ['ok', 'error', 'pending', 'cancelled']);
    assert.deepEqual(texts('status:error|p'), ['pending', 'ok'].slice(0, 1));
    assert.equal(accepted('a status:err b', 0, 12), 'a status:error b');
    assert.equal(accepted('server:aws'), 'server:"AWS tools"');
    assert.equal(accepted('server:"aws t'), 'server:"AWS tools"');
    assert.equal(accepted('server:file'), String.raw`server:file"system`.replace('file"system', '"file\\"system"'));
    assert.deepEqual(texts('dur:'), ['>500', '>1s', '100..500']);
    assert.deepEqual(texts('tool:get'), ['s3_get_object']);
  });

  it('offers nothing for what is there already, nor inside a quoted text', () => {
    assert.deepEqual(texts('status:ok'), []);
    assert.deepEqual(texts('"stat'), []);
  });

  it('offers only what a filter understands, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.nat(30), (text, at) => {
        const caret = Math.min(at, text.length);
        for (const { text: insert, start, end } of completeQuery(text, caret, vocabulary)) {
          assert.ok(start <= caret && caret <= end);
          // In the middle of a word it may make something that is none; at the end never.
          const { problems } = parseQuery(text.slice(0, start) + insert);
          if (caret === text.length) assert.ok(problems.length <= parseQuery(text).problems.length);
        }
      }),
    );
  });
});
