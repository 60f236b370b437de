import * as assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isDeeperThan } from '../../../../src/mcp/host/requestBody';

/** How deep objects and lists are nested in a value. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('isDeeperThan', () => {
  it('agrees with the parsed value, whatever its strings hold', () => {
    const brackets = fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', '\\', 'x') });
    const value = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 8 }, brackets, fc.array(tie('node')), fc.dictionary(brackets, tie('node'))),
    })).node;
    fc.assert(
      fc.property(value, fc.nat(8), (json, limit) => {
        assert.equal(isDeeperThan(JSON.stringify(json), limit), depthOf(json) > limit);
      }),
    );
  });
});
