import * as assert from 'node:assert/strict';
import { readCommandLine, UsageError } from '../../../src/cli/commandLine';
import { toolsets } from '../../../src/tools/tool';

const token = 't'.repeat(32);
const defaults = {
  profile: undefined,
  region: undefined,
  allowWrites: false,
  toolsets,
  workspace: undefined,
  trust: false,
  policy: undefined,
  audit: undefined,
  verbose: false,
};

function read(line: string, environment: NodeJS.ProcessEnv = { MCP_WORKBENCH_TOKEN: token }) {
  return readCommandLine(line === '' ? [] : line.split(' '), environment);
}

describe('command lines', () => {
  it('reads serve --stdio', () => {
    assert.deepEqual(read('serve --stdio'), { kind: 'serveStdio', flags: defaults });
  });

  it('reads serve --http', () => {
    assert.deepEqual(read('serve --http'), { kind: 'serveHttp', flags: defaults, port: 0, token });
    assert.deepEqual(read('serve --port 4711 --http'), { kind: 'serveHttp', flags: defaults, port: 4711, token });
  });

  it('reads call', () => {
    assert.deepEqual(read('call s3_list_buckets'), {
      kind: 'call',
      flags: defaults,
      tool: 's3_list_buckets',
      input: {},
    });
    assert.deepEqual(read('call --input {"a":[1]} x'), { kind: 'call', flags: defaults, tool: 'x', input: { a: [1] } });
  });

  it('reads what tools may do and as whom', () => {
    const line =
      'serve --stdio --profile dev --region eu-west-1 --allow-writes --toolsets s3,aws --workspace=/w --trust --policy p.json --audit a --verbose';
    assert.deepEqual(read(line), {
      kind: 'serveStdio',
      flags: {
        profile: 'dev',
        region: 'eu-west-1',
        allowWrites: true,
        toolsets: ['aws', 's3'],
        workspace: '/w',
        trust: true,
        policy: 'p.json',
        audit: 'a',
        verbose: true,
      },
    });
  });

  it('reads policy and audit', () => {
    assert.deepEqual(read('policy'), { kind: 'policy', flags: defaults, partition: 'aws' });
    assert.deepEqual(read('policy --policy p.json --partition aws-us-gov'), {
      kind: 'policy',
      flags: { ...defaults, policy: 'p.json' },
      partition: 'aws-us-gov',
    });
    assert.deepEqual(read('audit a'), { kind: 'audit', folder: 'a', filter: {}, limit: 100 });
    assert.deepEqual(read('audit a --tool s3 --failed --writes --limit 5'), {
      kind: 'audit',
      folder: 'a',
      filter: { tool: 's3', state: ['error', 'refused', 'unfinished'], access: ['write', 'destructive'] },
      limit: 5,
    });
  });

  it('gives help wherever it is asked for', () => {
    for (const line of ['--help', '-h', 'serve --help', 'call x -h', 'nonsense --help']) {
      assert.deepEqual(read(line), { kind: 'help' });
    }
    assert.deepEqual(read('--version'), { kind: 'version' });
  });

  for (const [line, pattern] of [
    ['', /serve --stdio/],
    ['nonsense', /no command nonsense/],
    ['serve', /either --stdio or --http/],
    ['serve --stdio --http', /either --stdio or --http/],
    ['serve --stdio --port 1', /--port belongs/],
    ['serve --http --port x', /--port takes a number/],
    ['serve --http --port 65536', /--port takes a number/],
    ['serve --http --port -1', /./],
    ['serve --http --port 1.5', /--port takes a number/],
    ['serve --http --port', /--port/],
    ['serve --stdio extra', /./],
    ['serve --stdio --bogus', /--bogus/],
    ['serve --stdio --input {}', /--input/],
    ['serve --stdio --toolsets', /--toolsets/],
    ['serve --stdio --toolsets s3,dynamodb', /no toolset "dynamodb"/],
    ['serve --stdio --toolsets s3,', /no toolset ""/],
    ['serve --stdio --profile=', /--profile must not be empty/],
    ['serve --stdio --allow-writes=yes', /--allow-writes/],
    ['serve --stdio --policy=', /--policy must not be empty/],
    ['policy --partition nowhere', /--partition takes/],
    ['policy x', /./],
    ['audit', /Name the folder/],
    ['audit a b', /another one/],
    ['audit a --limit x', /--limit takes/],
    ['call', /Name the tool/],
    ['call x y', /not as y/],
    ['call x --input', /--input/],
    ['call x --input {', /not valid JSON/],
    ['call x --input []', /must be a JSON object/],
    ['call x --input null', /must be a JSON object/],
    ['call x --stdio', /--stdio/],
  ] as const) {
    it(`says what is wrong with: ${line}`, () => {
      assert.throws(
        () => read(line),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, pattern);
          assert.match(error.message, /^[^\n]+\.$/, 'one sentence');
          return true;
        },
      );
    });
  }

  for (const value of [undefined, '', 'x'.repeat(31), `${'x'.repeat(31)} `, `${'x'.repeat(40)}\n`]) {
    it(`refuses to serve with the token ${JSON.stringify(value)}`, () => {
      assert.throws(() => read('serve --http', { MCP_WORKBENCH_TOKEN: value }), /MCP_WORKBENCH_TOKEN/);
    });
  }
});
