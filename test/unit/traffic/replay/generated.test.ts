import * as assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { isRecord } from '../../../../src/core/json';
import { curlText } from '../../../../src/traffic/replay/curlText';
import type { CallToGenerate, GeneratedText } from '../../../../src/traffic/replay/generatedCall';
import { mochaText } from '../../../../src/traffic/replay/mochaText';
import type { ServerEndpoint } from '../../../../src/traffic/replay/serverEndpoint';
import { shellWord } from '../../../../src/traffic/replay/shellWord';
import { rawServer, RelayRig } from '../../mcp/upstream/relayRig';

const root = path.join(import.meta.dirname, '..', '..', '..', '..');
const raw = path.join(root, 'test', 'unit', 'mcp', 'upstream', 'servers', 'rawServer.mjs');
const pliant = path.join(root, 'test', 'support', 'pliantServer.mjs');
const secret = 'a value of "the environment"';

/** What breaks quoting, shells, JSON and JavaScript. */
const hostile: Record<string, unknown> = {
  quotes: `it's "quoted" \`id\` $(touch /tmp/replay-was-here) \${HOME} $HOME`,
  lines: "a\nb\r\nc\td'; exit 9; #",
  slashes: 'back\\slash \\" \\n %s %n !history',
  hidden: 'bidi \u202e zero\u200bwidth \u2028 line \u0000 nul \u001b[31m',
  'odd " key\'': '@/etc/passwd',
  unicode: '日本語 🙂 é',
  script: '</script><script>alert(1)</script> */ // ${1+1}',
  template: '`${process.exit(9)}`',
  deep: [[{ a: [null, true, 1.5, -0.1, ''] }]],
};

function textOf(made: GeneratedText): string {
  assert.ok('text' in made, JSON.stringify(made));
  return made.text;
}

interface Ran {
  code: number;
  out: string;
  err: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = root): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(command, args, { env: { ...process.env, ...env }, cwd, timeout: 50_000 }, (error, out, err) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, out, err });
    });
  });
}

/** The messages that a server answered with, in JSON or as events. */
function messagesIn(out: string): Record<string, unknown>[] {
  return out.split('\n').flatMap((line) => {
    const text = line.replace(/^data: ?/, '').trim();
    if (!text.startsWith('{')) return [];
    const message = JSON.parse(text) as unknown;
    return isRecord(message) ? [message] : [];
  });
}

/** What the raw server says that it was sent. */
function echoed(out: string, id: number): Record<string, unknown> {
  const answer = messagesIn(out).find((message) => message['id'] === id);
  const { content } = (answer ?? {})['result'] as { content: { text: string }[] };
  return JSON.parse(Buffer.from(content[0]?.text ?? '', 'base64').toString('utf8')) as Record<string, unknown>;
}

function line(given: Record<string, unknown>): CallToGenerate {
  return { method: 'tools/call', target: 'line', params: { name: 'line', arguments: given } };
}

describe('a generated command', () => {
  const marker = '/tmp/replay-was-here';
  let rigs: RelayRig[] = [];

  afterEach(async () => {
    for (const rig of rigs) await rig.close();
    rigs = [];
    assert.ok(!fs.existsSync(marker), 'A text of a call was run by the shell.');
  });

  it('quotes every text as one word', async () => {
    const words = Object.values(hostile)
      .filter((value) => typeof value === 'string')
      .map((text) => text.replaceAll('\0', ''));
    words.push('', '-n', '~', '~root', '*', '-e \\n', 'end\n', "'", "''", '%d\u200b', '-\u200b');
    const { out } = await run('/bin/sh', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`]);
    assert.deepEqual(out.split('\0').slice(0, -1), words);
    assert.throws(() => shellWord('\0'), RangeError);
  });

  for (const era of ['legacy', 'modern'] as const) {
    it(`sends exactly the call with curl in the ${era} era, whatever is in it`, async () => {
      const rig = await RelayRig.start(rawServer(...(era === 'modern' ? ['--modern'] : [])));
      rigs.push(rig);
      const call = line({ ...hostile, password: '[redacted]' });
      const made = curlText([call], { transport: 'http', url: rig.url, needsToken: true }, { server: 'raw', era });
      const text = textOf(made);
      assert.ok(!text.includes(rig.token));
      assert.deepEqual('secrets' in made && [...made.secrets].sort(), ['MCP_SECRET_PASSWORD', 'MCP_TOKEN']);
      assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u, 'What is hidden is shown.');
      if (era === 'modern') assert.equal(text.match(/curl /g)?.length, 1);
      const env = { MCP_TOKEN: rig.token, MCP_SECRET_PASSWORD: 'hunter22' };
      const { out, err, code } = await run('/bin/sh', ['-c', text], env);
      assert.equal(code, 0, err);
      const { params } = echoed(out, 1) as { params: Record<string, unknown> };
      assert.deepEqual(params['arguments'], { ...hostile, password: 'hunter22' });
      const missing = await run('/bin/sh', ['-c', text], { MCP_TOKEN: rig.token });
      assert.notEqual(missing.code, 0);
      assert.match(missing.err, /MCP_SECRET_PASSWORD/);
    });
  }

  it('sends several calls in one session and ends it', async () => {
    const rig = await RelayRig.start(rawServer());
    rigs.push(rig);
    const calls = [line({ n: 1 }), { method: 'tools/list', params: {} }, line({ n: 3 })];
    const endpoint: ServerEndpoint = { transport: 'http', url: rig.url, needsToken: true };
    const text = textOf(curlText(calls, endpoint, { server: 'raw', era: 'legacy' }));
    const { out } = await run('/bin/sh', ['-c', text], { MCP_TOKEN: rig.token });
    assert.deepEqual((echoed(out, 1)['params'] as { arguments: unknown }).arguments, { n: 1 });
    assert.ok(messagesIn(out).some(({ id }) => id === 2));
    assert.deepEqual((echoed(out, 3)['params'] as { arguments: unknown }).arguments, { n: 3 });
    assert.equal(new Set(rig.records.map(({ session }) => session)).size, 1);
  });

  for (const era of ['legacy', 'modern'] as const) {
    it(`pipes the call into a server over stdio in the ${era} era`, async () => {
      const endpoint: ServerEndpoint = {
        transport: 'stdio',
        command: process.execPath,
        args: [raw, '--modern', `it's $(touch ${marker}) \u202e`],
        env: { GREETING: "it's", API_KEY: undefined },
      };
      const text = textOf(curlText([line(hostile)], endpoint, { server: 'raw', era }));
      const { out, err } = await run('/bin/sh', ['-c', text], { API_KEY: secret });
      assert.deepEqual((echoed(out, 1)['params'] as { arguments: unknown }).arguments, hostile, err);
      assert.match(text, /API_KEY="\$\{API_KEY:\?\}"/);
    });
  }

  it('names in headers of the modern era what headers can carry', async () => {
    const rig = await RelayRig.start(rawServer('--modern'));
    rigs.push(rig);
    for (const name of ['line', 'dash - 日本', ' padded ', '=?base64?x?=', `'"; touch ${marker}`]) {
      const call = { method: 'tools/call', target: name, params: { name, arguments: {} } };
      const endpoint: ServerEndpoint = { transport: 'http', url: rig.url, needsToken: true };
      const text = textOf(curlText([call], endpoint, { server: 'raw', era: 'modern' }));
      const { out } = await run('/bin/sh', ['-c', text], { MCP_TOKEN: rig.token });
      const [message] = messagesIn(out);
      assert.doesNotMatch(JSON.stringify(message?.['error'] ?? {}), /header/, name);
    }
  });

  it('keeps secrets of the connection out, and says what it cannot do', () => {
    const endpoint: ServerEndpoint = {
      transport: 'http',
      url: 'http://127.0.0.1:1/mcp',
      headers: { 'X-Api-Key': 'planted-value', 'X-Team': 'orders', 'X-Stored': undefined },
    };
    const text = textOf(curlText([line({})], endpoint, { server: 'raw', era: 'modern' }));
    assert.ok(!text.includes('planted-value'));
    assert.match(text, /'X-Api-Key: '"\$\{MCP_HEADER_X_API_KEY:\?\}"/);
    assert.match(text, /'X-Team: orders'/);
    assert.match(text, /'X-Stored: '"\$\{MCP_HEADER_X_STORED:\?\}"/);
    const stepped = curlText([line({ a: '${steps.1.result.a}' })], endpoint, { server: 'raw', era: 'legacy' });
    assert.ok('problem' in stepped);
    const cut = curlText([{ ...line({ a: 'x … [12 more characters]' }), isCut: true }], endpoint, {
      server: 'raw',
      era: 'legacy',
    });
    assert.ok('problem' in cut && cut.problem.includes('arguments.a'));
    const unknown = textOf(
      curlText([line({})], { transport: 'http', needsToken: true }, { server: 'x', era: 'modern' }),
    );
    assert.match(unknown, /"\$\{MCP_URL:\?\}"/);
  });
});

describe('a generated mocha test', () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mcpw-replay-'));
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  });

  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** Runs a generated test as who got it would. */
  function mocha(text: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const file = path.join(folder, 'recorded.test.ts');
    fs.writeFileSync(file, text);
    const args = [path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'), '--no-config'];
    return run(process.execPath, [...args, '--require', 'tsx/cjs', '--exit', file], env, folder);
  }

  function pliantServer(tools: unknown): ServerEndpoint {
    const file = path.join(folder, 'tools.json');
    fs.writeFileSync(file, JSON.stringify(tools));
    return { transport: 'stdio', command: process.execPath, args: [pliant, file] };
  }

  const inputSchema = { type: 'object' };
  const options = { server: "pliant's `server` */ ${x}", era: 'legacy' } as const;

  it('passes against the server that was recorded, and fails when it answers differently', async () => {
    const tools = [{ name: 'a', description: 'Says a.', inputSchema }];
    const endpoint = pliantServer(tools);
    const given = { ...hostile, password: '[redacted]' };
    const echo = JSON.stringify({ ...hostile, password: secret });
    const calls: CallToGenerate[] = [
      { method: 'tools/list', params: {}, reply: { result: { tools, resultType: 'complete' } } },
      {
        method: 'tools/call',
        target: "it's `hostile` ${x}",
        params: { name: 'echo', arguments: given },
        // What was redacted in the recording is not compared.
        reply: { result: { content: [{ type: 'text', text: echo }] } },
      },
      { method: 'vendor/none', params: {}, reply: { error: { code: -32601, message: 'Method not found' } } },
    ];
    const made = mochaText(calls, endpoint, options);
    const text = textOf(made);
    assert.ok(!text.includes('the environment'), 'A secret of the result is in the test.');
    assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u);
    const env = { MCP_SECRET_PASSWORD: secret };
    const passed = await mocha(text, env);
    assert.equal(passed.code, 0, passed.out + passed.err);
    assert.match(passed.out, /3 passing/);
    pliantServer([{ name: 'a', description: 'Says b.', inputSchema }]);
    const failed = await mocha(text, env);
    assert.notEqual(failed.code, 0);
    assert.match(failed.out, /1 failing/);
    assert.match(failed.out, /Says b\./);
    const unset = await mocha(text, { MCP_SECRET_PASSWORD: '' });
    assert.match(unset.out, /Set MCP_SECRET_PASSWORD\./);
  });

  it('takes values from earlier calls, and compares nothing that changes from call to call', async () => {
    const endpoint = pliantServer([{ name: 'orders', inputSchema, title: 'old' }]);
    const calls: CallToGenerate[] = [
      {
        method: 'tools/list',
        params: {},
        reply: { result: { tools: [{ name: 'orders', inputSchema, title: 'old' }] } },
      },
      {
        method: 'tools/call',
        target: 'echo',
        params: {
          name: 'echo',
          arguments: { whole: '${steps.1.result.tools[0].name}', part: 'the ${steps.1.result.tools[0].name} stack' },
        },
        reply: { result: { content: [{ type: 'text', text: '{"whole":"orders","part":"the orders stack"}' }] } },
      },
      {
        method: 'tools/call',
        target: 'echo',
        params: { name: 'echo', arguments: { requestId: 'one' } },
        reply: { result: { content: [{ type: 'text', text: '{"requestId":"another"}' }] } },
      },
    ];
    const { code, out, err } = await mocha(textOf(mochaText(calls, endpoint, options)));
    assert.equal(code, 0, out + err);
    assert.match(out, /3 passing/);
  });

  it('is right TypeScript, as strict as may be', async () => {
    const calls: CallToGenerate[] = [
      {
        method: 'tools/call',
        target: 'x',
        params: { a: hostile, b: '${steps.1.result.x}' },
        reply: { result: hostile },
      },
      { method: 'tools/list', params: {} },
    ];
    for (const endpoint of [
      { transport: 'http', needsToken: true, headers: { 'X-Api-Key': 'planted-value' } },
      { transport: 'stdio', command: 'x', args: ['a'], env: { TOKEN: undefined, A: 'b' }, cwd: '/tmp' },
    ] satisfies ServerEndpoint[]) {
      const file = path.join(folder, 'recorded.test.ts');
      fs.writeFileSync(file, textOf(mochaText(calls, endpoint, { server: 's', era: 'modern' })));
      fs.writeFileSync(
        path.join(folder, 'tsconfig.json'),
        JSON.stringify({
          compilerOptions: {
            strict: true,
            noUncheckedIndexedAccess: true,
            noUnusedLocals: true,
            verbatimModuleSyntax: true,
            module: 'preserve',
            target: 'es2023',
            types: ['node', 'mocha'],
            skipLibCheck: true,
            noEmit: true,
          },
          files: [file],
        }),
      );
      const { code, out } = await run(
        process.execPath,
        [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder],
        {},
        folder,
      );
      assert.equal(code, 0, out);
    }
  });
});
