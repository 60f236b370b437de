import * as assert from 'node:assert/strict';
import type { Tool } from '@modelcontextprotocol/client';
import { newTools, toolsSeenBy, withSeen } from '../../../../src/mcp/upstream/seenTools';

const tool = (name: string, description = name): Tool => ({ name, description, inputSchema: { type: 'object' } });

describe('the tools that a person has seen', () => {
  const first = withSeen(undefined, 'own', [tool('a'), tool('b')]);

  it('do not differ because another client can do more', () => {
    const more = [tool('a'), tool('b'), tool('ask')];
    assert.equal(newTools(first, 'editor', more), undefined);
    const seen = withSeen(first, 'editor', more);
    assert.equal(newTools(seen, 'own', [tool('a'), tool('b')]), undefined);
    assert.deepEqual(
      toolsSeenBy(seen, 'own').map(({ name }) => name),
      ['a', 'b'],
    );
  });

  it('differ where a tool says something else, whoever lists it, and also at the first time', () => {
    for (const client of ['own', 'editor']) {
      const found = newTools(first, client, [tool('a', 'evil'), tool('b')]);
      assert.deepEqual(
        found?.changes.changed.map(({ name }) => name),
        ['a'],
        client,
      );
    }
    const accepted = withSeen(first, 'editor', [tool('a', 'evil'), tool('b')]);
    // Seen once is seen for all.
    assert.equal(newTools(accepted, 'own', [tool('a', 'evil'), tool('b')]), undefined);
  });

  it('differ where a client gets tools that it had not, or loses some', () => {
    const found = newTools(first, 'own', [tool('b'), tool('c')]);
    assert.deepEqual([found?.changes.added, found?.changes.removed], [['c'], ['a']]);
    const accepted = withSeen(first, 'own', [tool('b'), tool('c')]);
    assert.deepEqual(
      accepted.tools.map(({ name }) => name),
      ['b', 'c'],
    );
    assert.equal(newTools(accepted, 'own', [tool('b'), tool('c')]), undefined);
  });

  it('are kept whatever clients and tools are called', () => {
    const seen = withSeen(first, '__proto__', [tool('constructor')]);
    assert.equal(newTools(seen, 'toString', [tool('a')]), undefined);
    assert.deepEqual(
      toolsSeenBy(JSON.parse(JSON.stringify(seen)) as typeof seen, 'own').map(({ name }) => name),
      ['a', 'b'],
    );
  });
});
