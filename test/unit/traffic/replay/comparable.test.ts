import * as assert from 'node:assert/strict';
import { comparable, isFailure } from '../../../../src/traffic/replay/comparable';
import { diffJson } from '../../../../src/traffic/replay/jsonDiff';

describe('comparable', () => {
  it('redacts as records are redacted, so that a secret is no difference', () => {
    const recorded = comparable({ result: { apiKey: '[redacted]', a: 1 } });
    const now = comparable({ result: { apiKey: 'a-planted-secret', a: 1 } });
    assert.deepEqual(now, recorded);
    assert.ok(!JSON.stringify(now).includes('planted'));
  });

  it('bounds what servers send: length, depth, and what JSON cannot carry', () => {
    const long = comparable({ result: { text: 'word '.repeat(1_000_000) } });
    assert.ok(long.isCut && JSON.stringify(long.value).length < 1_200_000);
    let deep: unknown = 'bottom';
    for (let level = 0; level < 15_000; level += 1) deep = [deep];
    const nested = comparable({ result: { deep } });
    const diff = diffJson(nested.value, comparable({ result: { deep: [] } }).value);
    assert.equal(diff.changed + diff.added + diff.removed > 0, true);
    assert.deepEqual(comparable({}), { value: null, isCut: false });
    assert.deepEqual(comparable({ result: 'text' }), { value: 'text', isCut: false });
  });

  it('tells failures of both kinds from results', () => {
    assert.ok(isFailure({ error: { code: 1, message: 'x' } }));
    assert.ok(isFailure({ result: { isError: true } }));
    assert.ok(!isFailure({ result: { isError: false } }));
    assert.ok(!isFailure({ result: null }));
  });
});
