import assert from 'node:assert/strict';
import * as z from 'zod';
import { WorkbenchError } from '../../../../src/core/errors';
import { awsPrompts } from '../../../../src/tools/prompts/awsPrompts';
import { definePrompt, type PromptDefinition } from '../../../../src/tools/prompts/prompt';
import { dataText } from '../../../../src/tools/prompts/promptData';
import { PromptRegistry } from '../../../../src/tools/prompts/promptRegistry';

const good = definePrompt({
  name: 'a-question',
  title: 'A question?',
  description: 'Asks.',
  arguments: [
    { name: 'what', title: 'What', description: 'What.', required: true, schema: z.string().regex(/^[a-z]+$/) },
    { name: 'how', title: 'How', description: 'How.', required: false, schema: z.string() },
  ],
  tools: [],
  parts: () => Promise.resolve([]),
});

function check(given: Record<string, string>): Record<string, string> {
  return new PromptRegistry([good]).all[0]?.check(given) ?? assert.fail();
}

describe('PromptRegistry', () => {
  it('refuses what breaks the contract', () => {
    const refuses = (change: Partial<PromptDefinition>, message: RegExp): void => {
      assert.throws(() => new PromptRegistry([{ ...good, ...change }]), message);
    };
    refuses({ name: 'A question' }, /kebab case/);
    refuses({ name: `a${'-b'.repeat(20)}` }, /at most 40/);
    refuses({ title: '' }, /title or description/);
    refuses({ description: 'x'.repeat(301) }, /over 300/);
    assert.throws(() => new PromptRegistry([good, good]), /Two prompts/);
  });

  it('checks arguments, and takes an empty one for one that is left out', () => {
    assert.deepEqual(check({ what: 'x', how: '' }), { what: 'x' });
    assert.deepEqual(check({ what: 'x', how: 'y' }), { what: 'x', how: 'y' });
    for (const given of [{}, { what: '' }, { what: 'X' }, { what: 'x', other: 'y' }]) {
      assert.throws(
        () => check(given as Record<string, string>),
        (error) => WorkbenchError.is(error, 'InvalidInput'),
      );
    }
    assert.throws(() => check({ what: 'x', ['\u202e']: 'y' }), /\\u\{202e\}/);
  });

  it('holds our prompts, whose first words quote nobody', async () => {
    for (const { prompt } of new PromptRegistry(awsPrompts).all) {
      const nothing = (tool: string, input: Record<string, unknown>) =>
        Promise.resolve({ tool, input, output: { stackSummaries: [{ stackId: 'quoted-name' }], stack: {} } });
      const input = Object.fromEntries(prompt.arguments.map(({ name }) => [name, 'quoted-name']));
      const context = { signal: new AbortController().signal, read: nothing, readLarge: nothing };
      const parts = await prompt.parts(input, context);
      const [first] = parts;
      assert.ok(first && 'text' in first && first.text.length > 100, prompt.name);
      for (const part of parts) assert.ok(!('text' in part) || !part.text.includes('quoted-name'), prompt.name);
      const tools = parts.flatMap((part) => ('data' in part ? [part.data.tool] : []));
      assert.ok(tools.length > 0 && tools.every((tool) => prompt.tools.includes(tool)), prompt.name);
    }
  });
});

describe('dataText', () => {
  it('leaves out what is too large and says how to get it', () => {
    const data = { tool: 's3_get_object', input: { key: 'k' }, output: { text: 'x'.repeat(1000) } };
    assert.match(dataText(data, 2000), /"output":\{"text":"x+"\}/);
    const cut = JSON.parse(dataText(data, 500)) as Record<string, unknown>;
    assert.deepEqual(Object.keys(cut), ['notice', 'tool', 'input', 'leftOut']);
  });
});
