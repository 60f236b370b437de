import * as assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { findValues, replaceValues } from '../../../../src/mcp/upstream/jsonSplice';

describe('findValues', () => {
  const textAt = (text: string, ...path: string[]): string | undefined => {
    const [range] = findValues(text, [path]);
    return range && text.slice(range.start, range.end);
  };

  it('finds values as they are written', () => {
    const text = '\n{ "a" : {"id":1, "b":[{"id":2}]} , "id" :\t12345678901234567890.0 }';
    assert.equal(textAt(text, 'id'), '12345678901234567890.0');
    assert.equal(textAt(text, 'a', 'id'), '1');
    assert.equal(textAt(text, 'a', 'b'), '[{"id":2}]');
    assert.equal(textAt(text, 'b'), undefined);
    assert.equal(textAt('[{"id":1}]', 'id'), undefined);
  });

  it('takes the last of several members of a name, as JSON.parse does', () => {
    assert.equal(textAt('{"id":1,"id":2}', 'id'), '2');
    assert.equal(textAt('{"p":{"t":1},"p":{}}', 'p', 't'), undefined);
    assert.equal(textAt('{"p":{"t":1},"p":5}', 'p', 't'), undefined);
  });

  it('reads names with escapes, and is not misled by quotes and braces in strings', () => {
    assert.equal(textAt('{"x":"\\"}{\\\\","\\u0069d":"\\\\\\"id"}', 'id'), '"\\\\\\"id"');
  });

  it('finds in any JSON what JSON.parse has there', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        for (const [name, member] of Object.entries(parsed)) {
          assert.equal(JSON.stringify(JSON.parse(textAt(text, name) ?? '"missing"')), JSON.stringify(member));
        }
      }),
    );
  });

  it('leaves everything but the replaced values as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), fc.jsonValue(), (value, id, token) => {
        const message = { ...value, id, params: { ...value, token } };
        const text = JSON.stringify(message);
        const [idRange, tokenRange] = findValues(text, [['id'], ['params', 'token']]);
        assert.ok(idRange && tokenRange);
        const changed = replaceValues(text, [
          { ...tokenRange, text: '"T"' },
          { ...idRange, text: '7' },
        ]);
        assert.deepEqual(
          JSON.parse(changed),
          JSON.parse(JSON.stringify({ ...message, id: 7, params: { ...value, token: 'T' } })),
        );
      }),
    );
  });
});
