import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  matchesAllFrom,
  matchesGlob,
  matchesSomeFrom,
  patternContains,
  patternProblem,
  patternsMeet,
} from '../../../../src/tools/policy/arnPattern';

const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });

/** The same by a regular expression, as an independent opinion. */
function asExpression(glob: string): RegExp {
  const source = glob.replaceAll(/[*?/]/g, (character) => (character === '*' ? '.*' : character === '?' ? '.' : '/'));
  return new RegExp(`^${source}$`, 's');
}

/** Every text of at most that length. */
function textsUpTo(length: number): string[] {
  const texts = [''];
  for (let last = [''], round = 0; round < length; round++) {
    last = last.flatMap((start) => ['a', 'b', '/'].map((end) => start + end));
    texts.push(...last);
  }
  return texts;
}

describe('ARN patterns', () => {
  it('match as wildcards do', () => {
    fc.assert(
      fc.property(pattern, text, (glob, given) => {
        assert.equal(matchesGlob(glob, given), asExpression(glob).test(given));
      }),
      { numRuns: 2000 },
    );
  });

  it('take no time over patterns that are made to be slow', () => {
    assert.equal(matchesGlob(`${'*a'.repeat(500)}b`, 'a'.repeat(2000)), false);
    assert.equal(patternsMeet(`${'*a'.repeat(100)}b`, `${'a*'.repeat(100)}c`), false);
  });

  it('know whether they match all or some of what begins with a text', () => {
    const ends = textsUpTo(4);
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 4 });
    fc.assert(
      fc.property(short, fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 3 }), (glob, prefix) => {
        const matched = ends.map((end) => matchesGlob(glob, prefix + end));
        // Four characters more than the pattern is long are enough to tell.
        assert.equal(matchesSomeFrom(glob, prefix), matched.includes(true));
        if (matchesAllFrom(glob, prefix)) assert.ok(!matched.includes(false));
        else assert.ok(matched.includes(false) || glob.length > 0);
      }),
      { numRuns: 1000 },
    );
    assert.equal(matchesAllFrom('a/*', 'a/'), true);
    assert.equal(matchesAllFrom('a/*', 'a'), false);
    assert.equal(matchesAllFrom('a/b', 'a/b'), false);
  });

  it('know whether two of them have a text in common, and whether one covers the other', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 });
    const texts = textsUpTo(6).filter((each) => !each.includes('/'));
    fc.assert(
      fc.property(short, short, (left, right) => {
        const isCommon = texts.some((each) => matchesGlob(left, each) && matchesGlob(right, each));
        assert.equal(patternsMeet(left, right), isCommon, `${left} and ${right}`);
        if (patternContains(left, right)) {
          assert.ok(
            texts.every((each) => !matchesGlob(right, each) || matchesGlob(left, each)),
            `${left} over ${right}`,
          );
        }
      }),
      { numRuns: 1000 },
    );
    assert.equal(patternContains('a*', 'ab*'), true);
    assert.equal(patternContains('a?', 'a*'), false);
    assert.equal(patternContains('?a', 'ba'), true);
  });

  it('are checked before they are used', () => {
    for (const good of ['*', 'arn:aws:s3:::data', 'arn:aws:lambda:*:*:function:orders-*', 'arn:*:*:*:*:*']) {
      assert.equal(patternProblem(good), undefined, good);
    }
    for (const bad of ['', 'orders', 'data/*', 'arn:aws:s3', 'arn:aws:s3::', 'arn:aws:s3:::', 'arn::s3:::x', 's3:*']) {
      assert.equal(typeof patternProblem(bad), 'string', bad);
    }
    assert.equal(typeof patternProblem(`arn:aws:s3:::${'x'.repeat(3000)}`), 'string');
  });
});
