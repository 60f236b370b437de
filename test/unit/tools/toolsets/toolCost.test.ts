import assert from 'node:assert/strict';
import * as z from 'zod';
import { awsTools } from '../../../../src/tools/awsTools';
import { cdkTools } from '../../../../src/tools/cdk/cdkTools';
import { ToolRegistry, type RegisteredTool } from '../../../../src/tools/registry';
import { defineWorkspaceTool } from '../../../../src/tools/tool';
import { toolCost } from '../../../../src/tools/toolsets/toolCost';

const all = new ToolRegistry([...awsTools, ...cdkTools]).all;

function manyTools(count: number): readonly RegisteredTool[] {
  return new ToolRegistry(
    Array.from({ length: count }, (_, index) =>
      defineWorkspaceTool({
        name: `test_tool_${index}`,
        title: 'Tool',
        description: 'A tool.',
        toolset: 'cdk',
        access: 'read',
        openWorld: false,
        iamActions: [],
        input: z.object({}),
        output: z.object({}),
        run: () => Promise.resolve({}),
      }),
    ),
  ).all;
}

describe('The cost of tools', () => {
  it('adds up by tool and toolset', () => {
    const costs = toolCost(all, { budget: 10_000 });
    assert.equal(costs.tools.length, all.length);
    assert.ok(costs.tools.every(({ tokens }) => tokens > 50));
    const sum = (parts: readonly { tokens: number }[]): number =>
      parts.reduce((total, { tokens }) => total + tokens, 0);
    assert.equal(sum(costs.tools), costs.tokens);
    assert.equal(sum(costs.toolsets), costs.tokens);
    assert.equal(costs.left, 10_000 - costs.tokens);
    assert.deepEqual(costs.warnings, []);
    for (const { toolset, tools } of costs.toolsets) {
      assert.equal(tools, all.filter(({ tool }) => tool.toolset === toolset).length);
    }
    assert.deepEqual(toolCost(all, { budget: 10_000 }), costs);
  });

  it('warns over the budget, and names what costs most first', () => {
    const { warnings, tokens, left } = toolCost(all, { budget: 1000 });
    assert.equal(left, 1000 - tokens);
    const [warning] = warnings;
    assert.ok(warning?.kind === 'overBudget');
    assert.equal(warning.budget, 1000);
    const dearest = warning.dearest.map((cost) => cost.tokens);
    assert.deepEqual(
      dearest,
      dearest.toSorted((a, b) => b - a),
    );
  });

  it('warns before the limit of editors and over it, with the tools of other servers', () => {
    const kinds = (count: number, otherTools?: number): string[] =>
      toolCost(manyTools(count), { budget: 1e9, ...(otherTools === undefined ? {} : { otherTools }) }).warnings.map(
        ({ kind }) => kind,
      );
    assert.deepEqual(kinds(99), []);
    assert.deepEqual(kinds(100), ['nearToolLimit']);
    assert.deepEqual(kinds(128), ['nearToolLimit']);
    assert.deepEqual(kinds(129), ['overToolLimit']);
    assert.deepEqual(kinds(40, 89), ['overToolLimit']);
  });

  it('of no tools is nothing', () => {
    assert.deepEqual(toolCost([], { budget: 0 }), { tools: [], toolsets: [], tokens: 0, left: 0, warnings: [] });
  });
});
