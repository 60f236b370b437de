import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { choiceOf, fittingChecks, type ToolsetName } from '../../../../src/editor/toolsets/toolsetPick';
import { toolsets, type Toolset } from '../../../../src/tools/tool';
import { chosenToolsets } from '../../../../src/tools/toolsets/toolsetChoice';

const names = fc.subarray<ToolsetName>(['auto', ...toolsets]);
const detected = fc.subarray<Toolset>([...toolsets]);

describe('fittingChecks', () => {
  it('checks what the workspace has a use for together with auto', () => {
    const checked = fittingChecks(new Set(['auto', 'aws']), new Set(['aws']), ['cdk']);
    assert.deepEqual([...checked], ['auto', 'aws', 'cdk']);
  });

  it('unchecks auto where something is switched off that it would bring back', () => {
    const checked = fittingChecks(new Set(['auto', 'aws']), new Set(['auto', 'aws', 's3']), ['s3']);
    assert.deepEqual([...checked], ['aws']);
  });

  it('leaves all else as it was clicked', () => {
    assert.deepEqual([...fittingChecks(new Set(['aws']), new Set(['auto', 'aws']), ['s3'])], ['aws']);
  });
});

describe('choiceOf', () => {
  it('does not write down what is on by itself', () => {
    assert.deepEqual(choiceOf(new Set(['auto', 'aws', 'cdk']), ['auto', 'aws'], ['cdk']), ['auto', 'aws']);
    assert.deepEqual(choiceOf(new Set(['auto', 'aws', 'cdk']), ['auto', 'aws', 'cdk'], ['cdk']), [
      'auto',
      'aws',
      'cdk',
    ]);
    assert.deepEqual(choiceOf(new Set(['aws', 'cdk']), ['auto', 'aws'], ['cdk']), ['aws', 'cdk']);
  });

  it('always switches on exactly what is checked', () => {
    fc.assert(
      fc.property(names, names, names, detected, (clicked, before, pinned, found) => {
        // What is on by itself is checked at first, so that it stays so while auto is.
        const shown = new Set([...before, ...(before.includes('auto') ? found : [])]);
        const checked = fittingChecks(new Set(clicked), shown, found);
        const on = chosenToolsets(choiceOf(checked, pinned, found), [], found);
        assert.deepEqual(
          on,
          toolsets.filter((toolset) => checked.has(toolset)),
        );
      }),
    );
  });
});
