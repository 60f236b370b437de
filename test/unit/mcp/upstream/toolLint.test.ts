import assert from 'node:assert/strict';
import { lintTools } from '../../../../src/mcp/upstream/toolLint';

const tool = {
  name: 'a',
  description: 'Does a.',
  inputSchema: { type: 'object' as const, properties: { x: { type: 'string' }, y: { type: 'number' } } },
};

describe('lintTools', () => {
  it('finds nothing wrong with a plain tool', () => assert.deepEqual(lintTools([tool]), []));

  it('finds what clients refuse, and characters that hide', () => {
    const problems = lintTools([
      tool,
      { ...tool, description: 'a\u200bb' },
      {
        name: 'has space',
        inputSchema: { type: 'object', required: ['z'], properties: { q: { $ref: 'https://example.com/s.json' } } },
      },
    ]);
    assert.deepEqual(
      problems.map(({ tool: name, message }) => `${name}: ${message}`),
      [
        'a: There is another tool of the same name.',
        'a: The description has characters that are not seen, which can hide instructions to a model.',
        'has space: The name should have 1 to 128 letters, digits, underscores, hyphens and dots.',
        'has space: There is no description, so a model has only the name to go by.',
        'has space: It requires z, which it does not describe. (inputSchema)',
        'has space: It refers to https://example.com/s.json, which clients must not fetch. (inputSchema.properties.q)',
      ],
    );
  });
});
