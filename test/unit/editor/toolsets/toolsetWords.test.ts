import assert from 'node:assert/strict';
import { costWords, detectionWords } from '../../../../src/editor/toolsets/toolsetWords';
import { toolsets } from '../../../../src/tools/tool';
import type { ToolCosts } from '../../../../src/tools/toolsets/toolCost';

function costs(changes: Partial<ToolCosts>): ToolCosts {
  return {
    tools: [{ name: 's3_list_buckets', toolset: 's3', tokens: 600 }],
    toolsets: [{ toolset: 's3', tools: 1, tokens: 600 }],
    tokens: 600,
    left: 9400,
    warnings: [],
    ...changes,
  };
}

describe('costWords', () => {
  it('says what a list costs of its budget', () => {
    assert.deepEqual(costWords(costs({}), 10_000), { description: '1 · ~600 of 10k tokens', warnings: [] });
    assert.equal(costWords(costs({ tokens: 6120 }), 12_500).description, '1 · ~6.1k of 12.5k tokens');
    assert.equal(costWords(costs({}), 500).description, '1 · ~600 of 500 tokens');
  });

  it('names what costs most where the budget is overdrawn', () => {
    const { warnings } = costWords(
      costs({
        warnings: [
          { kind: 'overBudget', tokens: 600, budget: 500, dearest: [{ toolset: 's3', tools: 1, tokens: 600 }] },
          { kind: 'nearToolLimit', tools: 110, limit: 128 },
          { kind: 'overToolLimit', tools: 130, limit: 128 },
        ],
      }),
      500,
    );
    assert.match(warnings[0] ?? '', /more than your budget of 500\. Most of it is s3\.$/);
    assert.match(warnings[1] ?? '', /110 .* 128/);
    assert.match(warnings[2] ?? '', /130 .* 128 .*Switch some off/);
  });
});

describe('detectionWords', () => {
  it('names the files that say so', () => {
    const signs = [
      { kind: 'cdk', file: '/work/infra/cdk.json' },
      { kind: 'terraform', file: 'C:\\work\\main.tf' },
    ] as const;
    assert.equal(
      detectionWords({ toolsets, signs }),
      'Found: a CDK app (cdk.json), a Terraform configuration (main.tf).',
    );
    assert.equal(detectionWords({ toolsets, signs: [] }), 'Nothing of AWS was found in it.');
    assert.equal(detectionWords(undefined), 'Nothing of AWS was found in it.');
  });
});
