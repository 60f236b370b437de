import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { findJsonError } from '../../../../src/tools/cdk/jsonError';

describe('findJsonError', () => {
  it('finds nothing in anything that JSON.stringify writes, however it is laid out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2, '\t'), (value, indent) => {
        assert.equal(findJsonError(JSON.stringify(value, undefined, indent)), undefined);
      }),
    );
  });

  it('agrees with JSON.parse on whether a mangled text is JSON', () => {
    const text = '{"app": "node app.js", "context": {"a": [1, -2.5e3, true, null, "\\u00e9"]}}';
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(3),
        fc.constantFrom('', ',', '}', '"', 'x', '\n', '0'),
        (start, removed, added) => {
          const mangled = text.slice(0, start) + added + text.slice(start + removed);
          let isJson = true;
          try {
            JSON.parse(mangled);
          } catch {
            isJson = false;
          }
          assert.equal(findJsonError(mangled) === undefined, isJson, mangled);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('points at the line and column', () => {
    assert.deepEqual(findJsonError('{\n  "app": "node app.js",\n}'), { line: 3, column: 1 });
    assert.deepEqual(findJsonError('{\n  "app": node\n}'), { line: 2, column: 10 });
    assert.deepEqual(findJsonError('{"app": "a"'), { line: 1, column: 12 });
    assert.deepEqual(findJsonError(''), { line: 1, column: 1 });
  });
});
