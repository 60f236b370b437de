import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseNewServer } from '../../../../src/mcp/upstream/discovery/add/parseNewServer';
import { splitShellWords } from '../../../../src/mcp/upstream/discovery/add/shellWords';
import type { NewServer } from '../../../../src/mcp/upstream/discovery/add/newServer';
import { translateVariables } from '../../../../src/mcp/upstream/discovery/variables/translateVariables';
import { fixture } from './configFixtures';

function parseOne(text: string, platform: NodeJS.Platform = 'linux'): NewServer {
  const { servers, problems } = parseNewServer(text, platform);
  assert.deepEqual(problems, [], text);
  assert.equal(servers.length, 1, text);
  return servers[0]!;
}

/** A server on one line: name, then how it is started or reached. */
function shown({ name, template }: NewServer): string {
  if (template.transport !== 'stdio') {
    const headers = Object.entries(template.headers).map(([header, value]) => ` ${header}=${value}`);
    return `${name} ${template.transport} ${template.url}${headers.join('')}`;
  }
  const env = Object.entries(template.env).map(([variable, value]) => `${variable}=${value} `);
  return `${name} ${env.join('')}${[template.command, ...template.args].map((word) => `<${word}>`).join('')}`;
}

describe('parseNewServer', () => {
  it('reads command lines as a POSIX shell does', () => {
    const cases: [string, string][] = [
      ['npx -y @modelcontextprotocol/server-memory', 'server-memory <npx><-y><@modelcontextprotocol/server-memory>'],
      ['$ uvx awslabs.cdk-mcp-server@latest', 'awslabs.cdk-mcp-server <uvx><awslabs.cdk-mcp-server@latest>'],
      ['node "./my server.js" --name \'it is\' a\\ b', 'my-server <node><./my server.js><--name><it is><a b>'],
      ['TOKEN=$TOKEN DEBUG="a b" ./run', 'run TOKEN=${env:TOKEN} DEBUG=a b <./run>'],
      ['env A=1 python -m my_server', 'my_server A=1 <python><-m><my_server>'],
      ['~/bin/tool \'$HOME\' "\\$X" ""', 'tool <${userHome}/bin/tool><$HOME><$X><>'],
      ['npx \\\n  -y \\\n  server # comment', 'server <npx><-y><server>'],
      [
        'docker run -i --rm -e KEY ghcr.io/acme/tracker:1.2',
        'tracker <docker><run><-i><--rm><-e><KEY><ghcr.io/acme/tracker:1.2>',
      ],
    ];
    for (const [text, expected] of cases) assert.equal(shown(parseOne(text)), expected);
    for (const line of ['a | b', 'a && b', 'a > file', 'a $(b)', 'a `b`', 'echo "a', "echo 'a", 'a; b']) {
      const { servers, problems } = parseNewServer(line, 'linux');
      assert.deepEqual([servers.length, problems.length], [0, 1], line);
    }
  });

  it('reads command lines as Windows does', () => {
    const cases: [string, string][] = [
      [
        '"C:\\Program Files\\tool\\server.exe" --root C:\\work\\',
        'server <C:\\Program Files\\tool\\server.exe><--root><C:\\work\\>',
      ],
      ['PS C:\\Users\\Ada> npx -y server "a ""b"" c"', 'server <npx><-y><server><a "b" c>'],
      ['cmd /c npx server "say \\"hi\\"" %TOKEN%', 'server <cmd></c><npx><server><say "hi"><${env:TOKEN}>'],
      ["node 'a ''b'' c' $env:TOKEN", "a-b-c <node><a 'b' c><${env:TOKEN}>"],
      ['npx ^\r\n  -y server ^& "a\\\\"', 'server <npx><-y><server><&><a\\>'],
    ];
    for (const [text, expected] of cases) assert.equal(shown(parseOne(text, 'win32')), expected);
    assert.equal(parseNewServer('a & b', 'win32').servers.length, 0);
    assert.equal(parseNewServer('a "b', 'win32').servers.length, 0);
  });

  it('splits any words that were quoted for the shell', () => {
    const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 10 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(words, (given) => {
        const single = given.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
        assert.deepEqual(
          splitShellWords(single, 'posix').words,
          given.map((word) => word.replace(/^~(?=\/|$)/, '${userHome}')),
        );
        const double = given.map((word) => `"${word.replaceAll(/[$`"\\]/g, '\\$&')}"`).join('\t');
        assert.equal(splitShellWords(double, 'posix').words.length, given.length);
      }),
    );
  });

  it('reads URLs', () => {
    assert.equal(shown(parseOne('https://mcp.sentry.dev/mcp')), 'sentry http https://mcp.sentry.dev/mcp');
    assert.equal(shown(parseOne(' http://localhost:3000/sse ')), 'local-3000 sse http://localhost:3000/sse');
    assert.equal(parseNewServer('ftp://example.com', 'linux').servers.length, 0);
    assert.equal(parseNewServer('javascript://x', 'linux').servers.length, 0);
  });

  it('reads names of packages, and offers both registries where either could be meant', () => {
    const of = (text: string): string[] => {
      const { choice, servers, problems } = parseNewServer(text, 'linux');
      assert.deepEqual([choice, problems], ['one', []]);
      return servers.map((server) => `${server.kind}: ${shown(server)}`);
    };
    assert.deepEqual(of('@modelcontextprotocol/server-everything@2025.1.0'), [
      'npm package: server-everything <npx><-y><@modelcontextprotocol/server-everything@2025.1.0>',
    ]);
    assert.deepEqual(of('mcp-server-fetch'), [
      'npm package: mcp-server-fetch <npx><-y><mcp-server-fetch>',
      'PyPI package: mcp-server-fetch <uvx><mcp-server-fetch>',
    ]);
    assert.equal(of('awslabs.aws-documentation-mcp-server')[0]?.slice(0, 4), 'PyPI');
    assert.deepEqual(of('pypi:mcp-server-fetch==1.0'), ['PyPI package: mcp-server-fetch <uvx><mcp-server-fetch@1.0>']);
    assert.deepEqual(of('mcp/fetch'), ['container image: fetch <docker><run><-i><--rm><mcp/fetch>']);
    assert.deepEqual(of('pkg:npm/%40acme/tools@1.0'), ['npm package: tools <npx><-y><@acme/tools@1.0>']);
    assert.deepEqual(of('docker:alpine'), ['container image: alpine <docker><run><-i><--rm><alpine>']);
    assert.equal(shown(parseOne('./server.js')), 'server <./server.js>');
    assert.equal(shown(parseOne('C:\\tools\\server.exe', 'win32')), 'server <C:\\tools\\server.exe>');
  });

  it('reads the command lines of other programs', () => {
    const cases: [string, string][] = [
      ['claude mcp add --transport http sentry https://mcp.sentry.dev/mcp', 'sentry http https://mcp.sentry.dev/mcp'],
      [
        'claude mcp add --transport http api https://x.example/mcp --header "Authorization: Bearer ${API_KEY}"',
        'api http https://x.example/mcp Authorization=Bearer ${env:API_KEY}',
      ],
      ['claude mcp add -t sse old https://x.example/events', 'old sse https://x.example/events'],
      [
        'claude mcp add -e A=1 B=2 -s project tracker -- npx -y tracker --transport http',
        'tracker A=1 B=2 <npx><-y><tracker><--transport><http>',
      ],
      ['claude mcp add tracker --env A=1 -- npx -y tracker', 'tracker A=1 <npx><-y><tracker>'],
      [`claude mcp add-json db '{"type":"stdio","command":"db","args":["a b"]}'`, 'db <db><a b>'],
      [
        'gemini mcp add --scope user -H "X-Key: v" --timeout 5000 g https://g.example/mcp',
        'g http https://g.example/mcp X-Key=v',
      ],
      ['gemini mcp add -e K=v g python server.py --port 1', 'g K=v <python><server.py><--port><1>'],
      ['codex mcp add docs --env K=v -- npx -y docs', 'docs K=v <npx><-y><docs>'],
      [`code --add-mcp '{"name":"time","command":"uvx","args":["mcp-server-time"]}'`, 'time <uvx><mcp-server-time>'],
      [
        'code-insiders --add-mcp "{\\"name\\":\\"w\\",\\"url\\":\\"https://w.example/mcp\\"}"',
        'w http https://w.example/mcp',
      ],
    ];
    for (const [text, expected] of cases) assert.equal(shown(parseOne(text)), expected);
    assert.equal(parseOne('claude mcp add -s project a b').scope, 'workspace');
    assert.equal(parseOne('claude mcp add -s local a b').scope, 'local');
    const powershell = `code --add-mcp '{\\"name\\":\\"w\\",\\"command\\":\\"x\\"}'`;
    assert.equal(shown(parseOne(powershell, 'win32')), 'w <x>');
    assert.equal(shown(parseOne('code --add-mcp "{\\"name\\":\\"w\\",\\"command\\":\\"x\\"}"', 'win32')), 'w <x>');
    const codex = parseOne('codex mcp add docs --url https://d.example/mcp --bearer-token-env-var DOCS');
    assert.ok(codex.template.transport === 'http' && codex.template.bearerTokenEnv === 'DOCS');
    for (const text of ['claude mcp add', 'claude mcp add x', "code --add-mcp '{'", 'claude mcp add -e A x y']) {
      assert.ok(parseNewServer(text, 'linux').problems.length > 0, text);
    }
  });

  it('reads install links', () => {
    const config = {
      name: 'time',
      command: 'uvx',
      args: ['mcp-server-time', '${input:zone}'],
      inputs: [{ id: 'zone', type: 'promptString' }],
    };
    const json = encodeURIComponent(JSON.stringify(config));
    for (const link of [
      `vscode:mcp/install?${json}`,
      `vscode-insiders:mcp/install?${json}`,
      `vscode://mcp/install?${json}`,
      `https://vscode.dev/redirect?url=${encodeURIComponent(`vscode:mcp/install?${json}`)}`,
    ]) {
      const server = parseOne(link);
      assert.equal(shown(server), 'time <uvx><mcp-server-time><${input:zone}>');
      assert.deepEqual([server.owner, server.inputs.map(({ id }) => id)], ['vscode', ['zone']]);
    }
    const redirect = `https://insiders.vscode.dev/redirect/mcp/install?name=docs&quality=insiders&config=${encodeURIComponent(
      '{"type":"http","url":"https://docs.example/mcp","headers":{"X":"${input:k}"}}',
    )}&inputs=${encodeURIComponent('[{"id":"k","type":"promptString","password":true}]')}`;
    const docs = parseOne(redirect);
    assert.equal(shown(docs), 'docs http https://docs.example/mcp X=${input:k}');
    assert.equal(docs.inputs[0]?.isPassword, true);
    const base64 = Buffer.from('{"url":"https://linear.example/mcp"}').toString('base64');
    const cursor = `cursor://anysphere.cursor-deeplink/mcp/install?name=Linear&config=${base64}`;
    assert.equal(shown(parseOne(cursor)), 'Linear http https://linear.example/mcp');
    const web = `https://cursor.com/en/install-mcp?name=Linear&config=${encodeURIComponent(base64)}`;
    assert.equal(shown(parseOne(web)), 'Linear http https://linear.example/mcp');
    assert.ok(parseNewServer('vscode:mcp/install?%7B', 'linux').problems.length > 0);
  });

  it('reads all of a pasted configuration, or a piece of it', () => {
    const names = (text: string): string[] =>
      parseNewServer(text, 'linux').servers.map(({ name, owner }) => `${owner} ${name}`);
    assert.deepEqual(names(fixture('vscode-mcp.json')), [
      'vscode memory',
      'vscode orders',
      'vscode docs',
      'vscode old',
      'vscode slack',
    ]);
    assert.deepEqual(names(fixture('codex-config.toml')).sort(), ['codex context', 'codex inline', 'codex my.server']);
    assert.deepEqual(names(fixture('gemini-settings.json')), [
      'gemini python',
      'gemini http',
      'cursor sse',
      'cursor excluded',
    ]);
    assert.deepEqual(names('"orders": { "command": "node", "env": { "K": "${K}" } },'), ['claudeCode orders']);
    assert.deepEqual(names('{ "command": "npx", "args": ["-y", "x"] }'), ['cursor npx']);
    assert.deepEqual(names('{ "mcp": { "servers": { "a": { "url": "https://a.example" } } } }'), ['vscode a']);
    assert.deepEqual(names('{ "serverUrl": "https://mcp.a.example/mcp" }'), ['windsurf a']);
    assert.deepEqual(parseNewServer('{ "a": 1 }', 'linux').problems, ['There is no MCP server in this text.']);
    const broken = parseNewServer(fixture('broken.json'), 'linux');
    assert.deepEqual(broken.problems, ['A comma is missing. (line 4)']);
    assert.ok(parseNewServer(fixture('broken.toml'), 'linux').problems[0]?.endsWith('(line 3)'));
    assert.ok(!JSON.stringify(broken).includes('do-not-show-me'));
  });

  it('never throws, whatever is pasted', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 8 }),
        fc.constantFrom(
          'claude mcp add ',
          'code --add-mcp ',
          '{"mcpServers":',
          '[mcp_servers.a]\n',
          '"',
          "'",
          '\\',
          '${',
          'vscode:mcp/install?',
          'https://',
          '%',
          '--',
          '-e ',
          'npm:',
          '@',
        ),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(pieces, fc.constantFrom<NodeJS.Platform>('linux', 'win32'), (parts, platform) => {
        const { servers, problems } = parseNewServer(parts.join(''), platform);
        assert.ok(servers.length > 0 || problems.length > 0);
      }),
      { numRuns: 2000 },
    );
    assert.equal(parseNewServer('a'.repeat(1_000_000), 'linux').servers.length, 0);
    assert.equal(parseNewServer('', 'linux').problems.length, 1);
  });
});

describe('translateVariables', () => {
  it('writes variables as another owner does, and says which it cannot', () => {
    const template = {
      transport: 'stdio' as const,
      command: '${userHome}/bin/x',
      args: ['${workspaceFolder}', '${env:A}'],
      env: { B: '${env:B}', C: null },
    };
    const claude = translateVariables(template, 'cursor', 'claudeCode');
    assert.deepEqual(claude.template, {
      ...template,
      command: '${HOME}/bin/x',
      args: ['${workspaceFolder}', '${A}'],
      env: { B: '${B}', C: null },
    });
    assert.deepEqual(claude.untranslated, ['${workspaceFolder}']);
    assert.deepEqual(translateVariables(template, 'cursor', 'vscode').template, template);
    const gemini = { transport: 'http' as const, url: '$BASE/mcp', headers: { K: '${K:-none}' } };
    assert.deepEqual(translateVariables(gemini, 'gemini', 'claudeCode').template, {
      ...gemini,
      url: '${BASE}/mcp',
      headers: { K: '${K:-none}' },
    });
    const codex = {
      transport: 'http' as const,
      url: 'https://x',
      headers: {},
      bearerTokenEnv: 'T',
      envHeaders: { X: 'Y' },
    };
    assert.deepEqual(translateVariables(codex, 'codex', 'vscode').template, {
      transport: 'http',
      url: 'https://x',
      headers: { X: '${env:Y}', Authorization: 'Bearer ${env:T}' },
    });
  });
});
