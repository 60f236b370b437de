import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { WorkbenchError } from '../../../../src/core/errors';
import { readConfigText } from '../../../../src/mcp/upstream/discovery/configContents';
import type { ConfigFile } from '../../../../src/mcp/upstream/discovery/configFile';
import { configOwners, type ConfigOwner } from '../../../../src/mcp/upstream/discovery/configOwner';
import {
  addServer,
  removeServer,
  switchServer,
  switchServerAgain,
  undoServerEdit,
  type ServerEdit,
} from '../../../../src/mcp/upstream/discovery/edits/serverEdits';
import { applyEdits } from '../../../../src/mcp/upstream/discovery/edits/textEdit';
import type { ServerEntry } from '../../../../src/mcp/upstream/discovery/serverEntry';
import type { ServerTemplate } from '../../../../src/mcp/upstream/discovery/serverTemplate';
import { configFile, fixture } from './configFixtures';

const relay: ServerTemplate = {
  transport: 'http',
  url: 'http://127.0.0.1:4711/servers/orders/mcp',
  headers: { Authorization: 'Bearer relay-token' },
};
const bridge: ServerTemplate = { transport: 'stdio', command: 'node', args: ['/ext/dist/cli.js', 'bridge'], env: {} };

const fixtures: readonly [string, ConfigOwner, ConfigFile['scope']][] = [
  ['vscode-mcp.json', 'vscode', 'workspace'],
  ['claude-project.mcp.json', 'claudeCode', 'workspace'],
  ['claude.json', 'claudeCode', 'user'],
  ['claude_desktop_config.json', 'claudeDesktop', 'user'],
  ['cursor-mcp.json', 'cursor', 'user'],
  ['windsurf-mcp_config.json', 'windsurf', 'user'],
  ['codex-config.toml', 'codex', 'user'],
  ['gemini-settings.json', 'gemini', 'user'],
];

/** Every comment of a text, to see that none is lost. */
function commentsOf(text: string): string[] {
  return text.match(/\/\/ .*|\/\*.*?\*\/|# .*/g) ?? [];
}

describe('edits of config files', () => {
  for (const [name, owner, scope] of fixtures) {
    describe(name, () => {
      const file = configFile(owner, scope);
      const original = fixture(name);
      const target = owner === 'claudeDesktop' ? bridge : relay;
      const movedTarget: ServerTemplate =
        target.transport === 'stdio' ? { ...target, args: ['moved'] } : { ...target, url: `${target.url}?moved` };

      for (const [ending, text] of [
        ['LF', original],
        ['CRLF', original.replaceAll('\n', '\r\n')],
      ] as const) {
        it(`switches every server to the relay and back, character by character (${ending})`, () => {
          const { entries } = readConfigText(file, text);
          assert.ok(entries.length > 1);
          for (const { path, template } of entries) {
            const switched = switchServer(file, text, path, target);
            assert.equal(applyEdits(text, switched.edits), switched.text);
            const now = readConfigText(file, switched.text).entries;
            assert.equal(now.length, entries.length);
            const changed = now.find((entry) => entry.path.join('/') === path.join('/'))!;
            assert.deepEqual(changed.template, target);
            assert.equal(undoServerEdit(file, switched.text, switched.undo).text, text);
            // Also when the file was edited since: the entry is as before, and the edit stays.
            const edited: string = addServer(file, switched.text, 'since', bridge).text;
            const undone: string = undoServerEdit(file, edited, switched.undo).text;
            const after: readonly ServerEntry[] = readConfigText(file, undone).entries;
            assert.deepEqual(after.find((entry) => entry.path.join('/') === path.join('/'))?.template, template);
            assert.ok(after.some((entry) => entry.name === 'since'));
            if (ending === 'CRLF') assert.doesNotMatch(switched.text, /[^\r]\n/);
            // A new address later: back from there leads to what it said at first.
            const moved: ServerEdit = switchServerAgain(file, switched.text, switched.undo, movedTarget);
            assert.equal(applyEdits(switched.text, moved.edits), moved.text);
            assert.ok(moved.text.includes('moved'));
            assert.equal(undoServerEdit(file, moved.text, moved.undo).text, text);
          }
        });

        it(`removes every server and puts it back (${ending})`, () => {
          const { entries } = readConfigText(file, text);
          for (const { path } of entries) {
            const removed = removeServer(file, text, path);
            const rest = readConfigText(file, removed.text);
            assert.equal(rest.isBroken, false);
            assert.equal(rest.entries.length, entries.length - 1);
            assert.equal(undoServerEdit(file, removed.text, removed.undo).text, text);
          }
          // One after another until none is left.
          let left = text;
          for (const { path } of entries) left = removeServer(file, left, path).text;
          assert.equal(readConfigText(file, left).entries.length, 0);
        });

        it(`adds a server without touching a character of the rest (${ending})`, () => {
          const added = addServer(file, text, 'new one', target);
          const rest = added.edits.reduce((sum, edit) => sum + edit.length, 0);
          assert.equal(rest, 0);
          assert.deepEqual(commentsOf(added.text), commentsOf(text));
          assert.deepEqual(undoServerEdit(file, added.text, added.undo).text, text);
          const contents = readConfigText(file, added.text);
          assert.deepEqual(contents.entries.find((entry) => entry.name === 'new one')?.template, target);
        });
      }
    });
  }

  it('keeps what says nothing about how a server is reached', () => {
    const gemini = switchServer(configFile('gemini'), fixture('gemini-settings.json'), ['mcpServers', 'python'], relay);
    assert.match(gemini.text, /"includeTools": \[\n\s+"safe_tool"\n\s+\]/);
    assert.match(gemini.text, /"timeout": 15000/);
    assert.doesNotMatch(gemini.text, /DB_URL/);
    const codex = switchServer(configFile('codex'), fixture('codex-config.toml'), ['mcp_servers', 'context'], relay);
    assert.match(codex.text, /startup_timeout_sec = 20/);
    assert.match(codex.text, /# looks things up/);
    assert.match(codex.text, /# Variables of the context server\./);
    assert.doesNotMatch(codex.text, /env_vars|LOG\.LEVEL/);
  });

  it('begins a file that does not exist yet', () => {
    for (const owner of configOwners) {
      for (const scope of ['user', 'workspace'] as const) {
        const file = configFile(owner, scope);
        const { text } = addServer(file, '', 'first', bridge);
        const { entries, problems } = readConfigText(file, text);
        assert.deepEqual(problems, []);
        assert.deepEqual(
          entries.map(({ name }) => name),
          ['first'],
        );
        assert.ok(text.endsWith('\n'));
        const second: string = addServer(file, text, 'second', bridge).text;
        assert.deepEqual(
          readConfigText(file, second).entries.map(({ name }) => name),
          ['first', 'second'],
        );
      }
    }
  });

  it('writes as the file is written: one line, tabs, comments in empty objects, trailing commas', () => {
    const file = configFile('windsurf');
    const add = (text: string): string => addServer(file, text, 'b', { ...bridge, args: [] }).text;
    assert.equal(
      add('{"mcpServers": {"a": {"command": "x"}}}'),
      '{"mcpServers": {"a": {"command": "x"}, "b": { "command": "node" }}}',
    );
    assert.equal(
      add('{\n\t"mcpServers": {\n\t\t"a": { "command": "x" }, // first\n\t},\n}\n'),
      '{\n\t"mcpServers": {\n\t\t"a": { "command": "x" }, // first\n\t\t"b": {\n\t\t\t"command": "node"\n\t\t},\n\t},\n}\n',
    );
    assert.equal(
      add('{\n  "mcpServers": {\n    "a": { "command": "x" } // first\n  }\n}\n'),
      '{\n  "mcpServers": {\n    "a": { "command": "x" }, // first\n    "b": {\n      "command": "node"\n    }\n  }\n}\n',
    );
    assert.equal(
      add('{\n  "mcpServers": {\n    // none yet\n  }\n}\n'),
      '{\n  "mcpServers": {\n    "b": {\n      "command": "node"\n    }\n    // none yet\n  }\n}\n',
    );
    assert.equal(add('{}'), '{\n  "mcpServers": {\n    "b": {\n      "command": "node"\n    }\n  }\n}');
    assert.equal(
      add('{\n  "other": 1\n}\n'),
      '{\n  "other": 1,\n  "mcpServers": {\n    "b": {\n      "command": "node"\n    }\n  }\n}\n',
    );
  });

  it('adds the inputs that a server of VS Code needs, once', () => {
    const file = configFile('vscode');
    const inputs = [
      { id: 'key', type: 'promptString', isPassword: true, description: 'Key' },
      { id: 'github-token', type: 'promptString', isPassword: true },
    ] as const;
    const template: ServerTemplate = { ...bridge, env: { KEY: '${input:key}' } };
    const { text, undo } = addServer(file, fixture('vscode-mcp.json'), 'keyed', template, { inputs });
    const entry = readConfigText(file, text).entries.find(({ name }) => name === 'keyed');
    assert.deepEqual(entry?.inputs.get('key'), {
      id: 'key',
      type: 'promptString',
      description: 'Key',
      isPassword: true,
    });
    assert.equal(text.match(/github-token"/g)?.length, fixture('vscode-mcp.json').match(/github-token"/g)?.length);
    assert.equal(undoServerEdit(file, text, undo).text, fixture('vscode-mcp.json'));
    const fresh = addServer(file, '', 'keyed', template, { inputs }).text;
    assert.equal(readConfigText(file, fresh).entries[0]?.inputs.size, 2);
  });

  it('refuses what it cannot do, and says why', () => {
    const vscode = configFile('vscode');
    const throwsCode = (code: Parameters<typeof WorkbenchError.is>[1], act: () => unknown): void => {
      assert.throws(act, (error: unknown) => WorkbenchError.is(error, code));
    };
    throwsCode('InvalidInput', () => addServer(vscode, '{"servers": {', 'a', relay));
    throwsCode('InvalidInput', () => addServer(vscode, '{"servers": {"a": {}}}', 'a', relay));
    throwsCode('NotFound', () => removeServer(vscode, '{}', ['servers', 'a']));
    throwsCode('NotFound', () => switchServer(vscode, '{}', ['servers', 'a'], relay));
    throwsCode('Unsupported', () => addServer(configFile('claudeDesktop'), '{}', 'a', relay));
    throwsCode('Unsupported', () => addServer(configFile('codex'), '', 'a', { ...relay, transport: 'sse' }));
    throwsCode('Unsupported', () =>
      addServer(configFile('codex'), 'mcp_servers = { b = { command = "x" } }\n', 'a', bridge),
    );
    throwsCode('Unsupported', () => addServer(vscode, '{"servers": []}', 'a', relay));
  });

  it('does not undo over what a person wrote since', () => {
    const file = configFile('vscode');
    const text = '{"servers": {"a": {"command": "x"}}}';
    const { text: switched, undo } = switchServer(file, text, ['servers', 'a'], relay);
    const edited = switched.replace('relay-token', 'mine');
    assert.throws(
      () => undoServerEdit(file, edited, undo),
      (error: unknown) => WorkbenchError.is(error, 'InvalidInput'),
    );
    const gone = removeServer(file, switched, ['servers', 'a']).text;
    assert.throws(
      () => undoServerEdit(file, gone, undo),
      (error: unknown) => WorkbenchError.is(error, 'NotFound'),
    );
  });

  it('holds for any names, texts and layouts of JSON', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const server = fc.record({ command: text.map((value) => `c${value}`), args: fc.array(text, { maxLength: 3 }) });
    const document = fc.record({
      before: fc.jsonValue({ maxDepth: 2 }),
      servers: fc.dictionary(text, server, { maxKeys: 4, noNullPrototype: true }),
      after: fc.jsonValue({ maxDepth: 2 }),
    });
    const layout = fc.constantFrom('', '  ', '\t', '    ');
    const file = configFile('cursor');
    fc.assert(
      fc.property(document, layout, text, fc.boolean(), (value, indent, name, hasCommas) => {
        let json = JSON.stringify(
          { before: value.before, mcpServers: value.servers, after: value.after },
          null,
          indent,
        );
        if (hasCommas && indent !== '') json = json.replaceAll(/([^{[,\s])\n(\s*[}\]])/g, '$1, // end\n$2');
        roundTrip(file, json, name);
      }),
      { numRuns: 300 },
    );
  });

  it('holds for any names and texts of TOML, in tables and inline', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !/[\uD800-\uDFFF]/u.test(value));
    const key = (name: string): string => JSON.stringify(name).replaceAll('\u007F', '\\u007F');
    const table = fc.tuple(text, text, fc.constantFrom('table', 'split', 'dotted'));
    const file = configFile('codex');
    fc.assert(
      fc.property(fc.uniqueArray(table, { maxLength: 4, selector: ([name]) => name }), text, (tables, name) => {
        let toml = '# begin\nmodel = "x"\n';
        for (const [own, command, layout] of tables.filter(([, , kind]) => kind === 'dotted')) {
          void layout;
          toml += `mcp_servers.${key(own)}.command = ${key(`c${command}`)} # c\n`;
        }
        for (const [own, command, layout] of tables.filter(([, , kind]) => kind !== 'dotted')) {
          toml += `\n# about it\n[mcp_servers.${key(own)}]\ncommand = ${key(`c${command}`)}\n`;
          if (layout === 'split') toml += `[mcp_servers.${key(own)}.env]\nA = """\n[x]\n"""\n`;
        }
        roundTrip(file, `${toml}\n[other]\na = 1 # end`, name);
      }),
      { numRuns: 300 },
    );
  });

  /** Add, switch, undo and remove: each result is read back by `checked`, and undo restores every character. */
  function roundTrip(file: ConfigFile, text: string, name: string): void {
    const { entries, isBroken } = readConfigText(file, text);
    assert.equal(isBroken, false);
    for (const { path } of entries) {
      const switched = switchServer(file, text, path, relay);
      assert.equal(undoServerEdit(file, switched.text, switched.undo).text, text);
      const removed = removeServer(file, text, path);
      assert.equal(undoServerEdit(file, removed.text, removed.undo).text, text);
    }
    if (entries.some((entry) => entry.name === name)) return;
    const added = addServer(file, text, name, relay);
    assert.equal(undoServerEdit(file, added.text, added.undo).text, text);
    const again = removeServer(file, added.text, added.undo.path);
    assert.equal(readConfigText(file, again.text).entries.length, entries.length);
  }
});
