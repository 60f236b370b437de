import assert from 'node:assert/strict';
import type { SchemaItem, SchemaServer } from '../../../src/protocol/schemas';
import { effectWords, takenSchema } from '../../../webview/schemas/itemFacts';
import { readSavedSchemas } from '../../../webview/schemas/savedSchemas';
import { schemaLines, SchemaNode } from '../../../webview/schemas/schemaNode';
import { schemaRows, searched, type RowsAsked } from '../../../webview/schemas/schemaRows';

function server(key: string): SchemaServer {
  return {
    key,
    label: `server ${key}`,
    state: 'ready',
    lists: {},
    problems: 0,
    changes: 0,
    canAccept: false,
    omitted: 0,
  };
}

function item(name: string, rest: Partial<SchemaItem> = {}): SchemaItem {
  return { id: name, kind: 'tools', name, words: '', tokens: 1, ...rest };
}

describe('schemaRows', () => {
  const items = new Map([
    ['a', [item('read_file', { words: 'path encoding' }), item('write_file', { worst: 'warning' })].map(searched)],
    ['b', [item('list_issues', { title: 'Issues', change: 'added' })].map(searched)],
    ['c', []],
  ]);

  function listed(asked: Partial<RowsAsked>): string {
    const rows = schemaRows({
      servers: ['a', 'b', 'c'].map(server),
      itemsOf: (key) => items.get(key) ?? [],
      search: '',
      isNotable: false,
      isOpen: () => true,
      ...asked,
    });
    return rows.map((row) => (row.kind === 'server' ? `${row.server.key}(${row.found})` : row.item.name)).join(' ');
  }

  it('lists servers, and their items where they are unfolded', () => {
    assert.equal(listed({}), 'a(2) read_file write_file b(1) list_issues c(0)');
    assert.equal(listed({ isOpen: ({ key }) => key === 'b' }), 'a(2) b(1) list_issues c(0)');
  });

  it('finds all words in names, titles, parameters and the name of the server', () => {
    assert.equal(listed({ search: 'FILE encoding' }), 'a(1) read_file');
    assert.equal(listed({ search: 'issues' }), 'b(1) list_issues');
    assert.equal(listed({ search: 'server write' }), 'a(1) write_file');
    assert.equal(listed({ search: 'server' }), 'a(2) read_file write_file b(1) list_issues c(0)');
    assert.equal(listed({ search: 'nothing' }), '');
  });

  it('narrows to what has findings or changed', () => {
    assert.equal(listed({ isNotable: true }), 'a(1) write_file b(1) list_issues');
    assert.equal(listed({ isNotable: true, search: 'server a' }), 'a(1) write_file');
  });
});

describe('readSavedSchemas', () => {
  it('gives a state to start with, whatever was saved', () => {
    const fresh = { search: '', isNotable: false, tab: 'schema', folded: {}, split: 0.66 };
    for (const saved of [
      undefined,
      null,
      3,
      [],
      { search: 3, selected: { server: 1 }, tab: 'x', folded: [true], split: 2 },
    ]) {
      assert.deepEqual({ ...readSavedSchemas(saved), folded: {} }, fresh);
    }
  });

  it('keeps what was saved', () => {
    const state = {
      search: 'x',
      isNotable: true,
      selected: { server: 's', kind: 'prompts' as const, id: 'p' },
      tab: 'raw' as const,
      folded: { s: false },
      split: 0.5,
    };
    assert.deepEqual(readSavedSchemas(state), state);
  });
});

describe('itemFacts', () => {
  it('says in words what a tool says of its effects, and nothing that it does not say', () => {
    const words = (annotations: unknown): string[] => effectWords(annotations).map(({ word }) => word);
    assert.deepEqual(words(undefined), []);
    assert.deepEqual(words({ readOnlyHint: true, idempotentHint: true, openWorldHint: false }), [
      'Only reads',
      'Stays within its own system',
    ]);
    assert.deepEqual(words({ destructiveHint: true, idempotentHint: true }), [
      'May destroy',
      'The same again changes nothing more',
    ]);
    assert.deepEqual(words({ readOnlyHint: 'yes' }), []);
  });

  it('reads arguments of prompts and variables of templates as a schema', () => {
    const lines = (schema: object | undefined): string[] =>
      schemaLines(SchemaNode.of(schema, '')).map(
        ({ node }) => `${node.name}${node.isRequired ? '!' : ''} ${node.path}`,
      );
    const prompt = { arguments: [{ name: 'a', required: true }, null, { name: '__proto__' }] };
    assert.deepEqual(lines(takenSchema('prompts', prompt)), ['a! arguments[0]', '__proto__ arguments[2]']);
    const template = { uriTemplate: 'x://{host}/{+path*}{?a,b:3}{host}{' };
    assert.deepEqual(
      lines(takenSchema('resourceTemplates', template)).map((line) => line.split(' ')[0]),
      ['host', 'path', 'a', 'b'],
    );
    assert.equal(takenSchema('tools', {}), undefined);
  });
});
