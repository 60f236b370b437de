import assert from 'node:assert/strict';
import {
  readConfigBytes,
  readConfigText,
  readConfigValue,
} from '../../../../src/mcp/upstream/discovery/configContents';
import { ownerFormats } from '../../../../src/mcp/upstream/discovery/ownerFormats';
import type { ConfigContents } from '../../../../src/mcp/upstream/discovery/serverEntry';
import { configFile, entryNamed, fixture, readFixture } from './configFixtures';

function problemsOf(contents: ConfigContents): string[] {
  return contents.problems.map(({ severity, code, server, line }) => `${line} ${severity} ${code} ${server ?? '-'}`);
}

function namesOf(contents: ConfigContents): string[] {
  return contents.entries.map(({ name, isDisabled }) => (isDisabled ? `${name} (off)` : name));
}

describe('readConfigText', () => {
  it('reads mcp.json of VS Code with comments, trailing commas and inputs', () => {
    const contents = readFixture('vscode-mcp.json', 'vscode', 'workspace');
    assert.deepEqual(namesOf(contents), ['memory', 'orders', 'docs', 'old', 'slack']);
    const orders = entryNamed(contents, 'orders');
    assert.deepEqual(orders.template, {
      transport: 'stdio',
      command: 'node',
      args: ['${workspaceFolder}/server.js', '--port', '8080'],
      env: { TOKEN: '${input:github-token}', REGION: '${input:region}', RETRIES: '3', NODE_OPTIONS: null },
      envFile: '${workspaceFolder}/.env',
      cwd: '${workspaceFolder}',
    });
    assert.deepEqual(orders.path, ['servers', 'orders']);
    assert.equal(orders.folder?.path, '/work/orders');
    assert.equal(fixture('vscode-mcp.json').split('\n')[orders.place.line - 1]?.trim(), '"orders": {');
    assert.deepEqual(entryNamed(contents, 'old').template, {
      transport: 'sse',
      url: 'https://old.example.com/sse',
      headers: {},
    });
    assert.deepEqual(entryNamed(contents, 'slack').template, {
      transport: 'http',
      url: 'https://mcp.slack.example/mcp',
      headers: {},
      oauth: { clientId: 'workbench' },
    });
    assert.deepEqual(
      [...orders.inputs.values()],
      [
        { id: 'github-token', type: 'promptString', isPassword: true, description: 'Token for the tracker' },
        {
          id: 'region',
          type: 'pickString',
          isPassword: false,
          description: 'Region',
          default: 'eu-central-1',
          options: [
            { label: 'eu-central-1', value: 'eu-central-1' },
            { label: 'Virginia', value: 'us-east-1' },
          ],
        },
        { id: 'token-from-extension', type: 'command', isPassword: false, command: 'orders.token' },
      ],
    );
    assert.deepEqual(problemsOf(contents), [
      '7 warning wrongType -',
      '27 error missingCommand no-command',
      '28 error missingUrl no-url',
      '29 error unknownTransport odd',
      '30 error wrongType not-an-object',
    ]);
  });

  it('reads .mcp.json of a project for Claude Code', () => {
    const contents = readFixture('claude-project.mcp.json', 'claudeCode', 'workspace');
    assert.deepEqual(namesOf(contents), ['tracker', 'api', 'untyped']);
    assert.deepEqual(entryNamed(contents, 'api').template, {
      transport: 'http',
      url: '${API_BASE:-https://api.example.com}/mcp',
      headers: { Authorization: 'Bearer ${API_KEY}' },
    });
    assert.deepEqual(problemsOf(contents), ['13 warning ignoredField untyped']);
  });

  it('reads the user and project lists of ~/.claude.json and nothing else of it', () => {
    const contents = readFixture('claude.json', 'claudeCode');
    assert.deepEqual(namesOf(contents), ['sentry', 'db', 'off (off)']);
    assert.deepEqual(
      contents.entries.map(({ scope, folder }) => [scope, folder?.path]),
      [
        ['user', undefined],
        ['local', '/work/orders'],
        ['local', '/work/orders'],
      ],
    );
    assert.deepEqual(entryNamed(contents, 'db').path, ['projects', '/work/orders', 'mcpServers', 'db']);
  });

  it('reads the files of Claude Desktop, Cursor and Windsurf', () => {
    const desktop = readFixture('claude_desktop_config.json', 'claudeDesktop');
    assert.deepEqual(namesOf(desktop), ['files', 'remote']);
    assert.deepEqual(problemsOf(desktop), ['5 warning ignoredField remote']);
    const cursor = readFixture('cursor-mcp.json', 'cursor');
    assert.deepEqual(entryNamed(cursor, 'figma').template, {
      transport: 'http',
      url: 'https://figma.example.com/mcp',
      headers: {},
      oauth: { clientId: 'workbench', clientSecret: 'not-a-real-secret', scope: 'read write' },
    });
    assert.deepEqual(cursor.problems, []);
    const windsurf = readFixture('windsurf-mcp_config.json', 'windsurf');
    assert.deepEqual(namesOf(windsurf), ['jira', 'off (off)']);
    assert.equal(entryNamed(windsurf, 'jira').template.transport, 'http');
  });

  it('reads config.toml of Codex, tables and inline tables, with their lines', () => {
    const contents = readFixture('codex-config.toml', 'codex');
    assert.deepEqual(namesOf(contents).sort(), ['context', 'inline', 'my.server (off)']);
    assert.deepEqual(entryNamed(contents, 'context').template, {
      transport: 'stdio',
      command: 'npx',
      args: ['-y', 'context-server'],
      env: { 'LOG.LEVEL': 'debug', MULTI: 'one\ntwo' },
      forwardedEnv: ['HTTPS_PROXY', 'CONTEXT_TOKEN'],
    });
    assert.equal(entryNamed(contents, 'context').place.line, 4);
    assert.deepEqual(entryNamed(contents, 'my.server').template, {
      transport: 'http',
      url: 'https://my.example.com/mcp',
      headers: { 'X-Team': 'orders' },
      envHeaders: { 'X-Key': 'MY_KEY' },
      bearerTokenEnv: 'MY_TOKEN',
    });
    assert.equal(entryNamed(contents, 'inline').place.line, 35);
    assert.deepEqual(
      contents.problems.map(({ line, code, server }) => `${line} ${code} ${server}`),
      ['29 invalidValue both', '31 missingCommand neither'],
    );
  });

  it('reads settings.json of Gemini CLI: httpUrl is Streamable HTTP, url is SSE', () => {
    const contents = readFixture('gemini-settings.json', 'gemini', 'workspace');
    assert.deepEqual(namesOf(contents), ['python', 'http', 'sse', 'excluded (off)']);
    assert.deepEqual(
      contents.entries.map(({ template }) => template.transport),
      ['stdio', 'http', 'sse', 'stdio'],
    );
    assert.deepEqual(contents.problems, []);
  });

  it('reads our own setting as a value', () => {
    const value = { 'mcpWorkbench.servers': { own: { command: 'own-server' }, bad: { url: 'ftp://example.com' } } };
    const contents = readConfigValue(configFile('workbench'), value);
    assert.deepEqual(namesOf(contents), ['own']);
    assert.deepEqual(problemsOf(contents), ['1 error invalidUrl bad']);
  });

  it('says where a file is broken and shows nothing of it', () => {
    const json = readFixture('broken.json', 'vscode');
    assert.equal(json.isBroken, true);
    assert.deepEqual(json.entries, []);
    assert.deepEqual(problemsOf(json), ['4 error syntax -']);
    const toml = readFixture('broken.toml', 'codex');
    assert.deepEqual(problemsOf(toml), ['3 error syntax -']);
    assert.ok(!JSON.stringify([json, toml]).includes('do-not-show-me'));
  });

  it('warns where an owner reads strict JSON and the file is none', () => {
    const text = '{ // note\n "mcpServers": { "a": { "command": "x", }, } }';
    assert.deepEqual(problemsOf(readConfigText(configFile('claudeDesktop'), text)), [
      '1 warning strictSyntax -',
      '2 warning strictSyntax -',
    ]);
    assert.deepEqual(readConfigText(configFile('cursor'), text).problems, []);
  });

  it('takes any name for a name', () => {
    const json = readFixture('hostile.json', 'vscode');
    assert.deepEqual(namesOf(json), ['__proto__', 'constructor', '', 'twice']);
    const { template } = entryNamed(json, '__proto__');
    assert.ok(template.transport === 'stdio');
    assert.deepEqual(Object.entries(template.env), [
      ['__proto__', 'b'],
      ['constructor', 'c'],
    ]);
    assert.equal(({} as Record<string, unknown>)['command'], undefined);
    const twice = entryNamed(json, 'twice').template;
    assert.ok(twice.transport === 'stdio' && twice.command === 'second');
    assert.deepEqual(
      json.problems.map(({ code }) => code),
      ['duplicateName', 'unknownTransport', 'wrongType'],
    );
    // Controls and direction marks are shown as escapes.
    assert.match(json.problems.map(({ message }) => message).join(), /must be a list of texts/);
    const toml = readFixture('hostile.toml', 'codex');
    assert.deepEqual(namesOf(toml), ['__proto__', 'constructor']);
  });

  it('reads a file with a byte order mark and CRLF, and counts lines as an editor does', () => {
    const text = fixture('vscode-mcp.json').replaceAll('\n', '\r\n');
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]);
    const contents = readConfigBytes(configFile('vscode'), marked);
    const plain = readFixture('vscode-mcp.json', 'vscode');
    assert.deepEqual(problemsOf(contents), problemsOf(plain));
    assert.deepEqual(
      contents.entries.map(({ place }) => place),
      plain.entries.map(({ place }) => place),
    );
    const toml = readConfigBytes(
      configFile('codex'),
      Buffer.from(fixture('codex-config.toml').replaceAll('\n', '\r\n')),
    );
    assert.deepEqual(namesOf(toml), namesOf(readFixture('codex-config.toml', 'codex')));
  });

  it('refuses bytes that are no text, with the line', () => {
    const bytes = Buffer.concat([Buffer.from('{\n "servers": "'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    assert.deepEqual(problemsOf(readConfigBytes(configFile('vscode'), bytes)), ['2 error notText -']);
  });

  it('takes an empty file as one without servers', () => {
    for (const owner of ['vscode', 'codex', 'claudeCode'] as const) {
      assert.deepEqual(readConfigText(configFile(owner), ' \n').entries, []);
      assert.equal(readConfigText(configFile(owner), '').isBroken, false);
    }
  });

  it('survives deep nesting, endless errors and lists that are something else', () => {
    for (const text of ['['.repeat(200_000), '{"a":'.repeat(200_000), '{'.repeat(5000) + '}'.repeat(5000)]) {
      assert.equal(readConfigText(configFile('vscode'), text).isBroken, true);
    }
    const many = readConfigText(configFile('vscode'), `{"servers": {${'"a" "b" '.repeat(50_000)}`);
    assert.ok(many.problems.length <= 11);
    assert.equal(readConfigText(configFile('codex'), `a = ${'['.repeat(5000)}`).isBroken, true);
    assert.deepEqual(problemsOf(readConfigText(configFile('cursor'), '{"mcpServers": []}')), ['1 error wrongType -']);
    assert.deepEqual(problemsOf(readConfigText(configFile('cursor'), '[]')), ['1 error wrongType -']);
  });

  it('reads ten thousand servers, and what lies beside them in a large file', () => {
    const servers = Object.fromEntries(
      Array.from({ length: 10_000 }, (_value, index) => [
        `server-${index}`,
        { command: 'node', args: [`${index}.js`] },
      ]),
    );
    const history = Array.from({ length: 20_000 }, (_value, index) => ({ display: `{"mcpServers": ${index}}` }));
    const text = JSON.stringify({ history, projects: { '/a': { history } }, mcpServers: servers }, null, 2);
    const contents = readConfigText(configFile('claudeCode'), text);
    assert.equal(contents.entries.length, 10_000);
    assert.equal(contents.problems.length, 0);
    const toml = Object.keys(servers)
      .map((name) => `[mcp_servers.${name}]\ncommand = "node"\n`)
      .join('\n');
    const last = readConfigText(configFile('codex'), toml).entries.at(-1);
    assert.deepEqual([last?.name, last?.place.line], ['server-9999', 29_998]);
  });
});

describe('servers behind IAM', () => {
  const read = (auth: unknown): ConfigContents => {
    const server = { url: 'https://abc.lambda-url.eu-west-1.on.aws/mcp', auth };
    return readConfigText(
      configFile('workbench'),
      JSON.stringify({ 'mcpWorkbench.servers': { billing: server } }, undefined, 1),
    );
  };

  it('are read from our own setting, which alone has a place for that', () => {
    const full = { service: 'execute-api', region: 'us-east-2', profile: 'dev' };
    for (const given of [full, {}]) {
      const contents = read({ type: 'sigv4', ...given });
      assert.deepEqual(contents.problems, []);
      const { template } = entryNamed(contents, 'billing');
      assert.deepEqual(template.transport === 'http' && template.signing, given);
      const { workbench, vscode } = ownerFormats;
      assert.deepEqual(workbench.write(template)?.['auth'], { type: 'sigv4', ...given });
      assert.ok(!('auth' in (vscode.write(template) ?? {})));
    }
    const other = readConfigText(
      configFile('vscode'),
      JSON.stringify({ servers: { a: { url: 'https://a.b/', auth: 1 } } }),
    );
    assert.deepEqual(other.problems, []);
  });

  it('are not used where something about the signature is wrong, since unsigned requests are not what was wanted', () => {
    const wrong: [unknown, RegExp][] = [
      ['sigv4', /"auth" must be an object/],
      [{}, /must be "sigv4"/],
      [{ type: 'oauth' }, /must be "sigv4"/],
      [{ type: 'sigv4', service: 's3' }, /"s3" is none of lambda/],
      [{ type: 'sigv4', region: 'Ireland' }, /"Ireland" is not the name/],
      [{ type: 'sigv4', profile: 1 }, /"profile" must be a text/],
    ];
    for (const [auth, message] of wrong) {
      const { entries, problems } = read(auth);
      assert.deepEqual(entries, [], JSON.stringify(auth));
      assert.match(problems.map((problem) => problem.message).join(), message);
      assert.ok((problems[0]?.line ?? 0) >= 4);
    }
  });
});
