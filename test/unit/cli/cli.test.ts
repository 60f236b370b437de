import * as assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import manifest from '../../../package.json';
import { clientKinds, type Reach } from '../mcp/clients';
import { fakeAccount, startFakeSts } from './fakeSts';

const script = path.join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'cli.ts');
const token = 'token-of-the-command-line-'.repeat(2);

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

describe('the command line tool', function () {
  this.timeout(60_000);
  let home: string;
  let sts: Awaited<ReturnType<typeof startFakeSts>>;
  let environment: Record<string, string>;

  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'cli-'));
    sts = await startFakeSts();
    environment = {
      PATH: process.env['PATH'] ?? '',
      ...(process.env['SystemRoot'] ? { SystemRoot: process.env['SystemRoot'] } : {}),
      HOME: home,
      USERPROFILE: home,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: sts.url,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  });

  after(async () => {
    await sts.close();
    fs.rmSync(home, { recursive: true, force: true });
  });

  function start(args: string[], extra: Record<string, string> = {}): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      cwd: path.dirname(script),
      env: { ...environment, ...extra },
    });
  }

  async function run(args: string[], extra?: Record<string, string>): Promise<Outcome> {
    const child = start(args, extra);
    child.stdin.end();
    const outcome: Outcome = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (outcome.stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (outcome.stderr += String(chunk)));
    [outcome.code] = (await once(child, 'close')) as [number | null];
    return outcome;
  }

  it('prints its version and its help', async () => {
    assert.deepEqual(await run(['--version']), { code: 0, stdout: `${manifest.version}\n`, stderr: '' });
    const help = await run(['serve', '--help']);
    assert.equal(help.code, 0);
    for (const word of ['serve --stdio', 'serve --http', 'MCP_WORKBENCH_TOKEN', '--allow-writes', 'Exit codes']) {
      assert.ok(help.stdout.includes(word), word);
    }
  });

  for (const args of [
    [],
    ['bogus'],
    ['serve', '--stdio', '--bogus'],
    ['serve', '--http'],
    ['call', 'x', '--input', '{'],
    ['call', 'no_such_tool'],
    ['serve', '--stdio', '--workspace', '/no/such/folder'],
  ]) {
    it(`exits 2 with one sentence: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^[^\n]+\.\n$/);
    });
  }

  describe('call', () => {
    it('prints the result', async () => {
      const { code, stdout, stderr } = await run(['call', 'aws_get_caller_identity']);
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      const { identity } = JSON.parse(stdout) as { identity: object };
      assert.deepEqual(identity, {
        account: fakeAccount,
        role: 'Developer',
        region: 'eu-west-1',
        profile: 'environment',
      });
    });

    it('acts in the region that it is told', async () => {
      const { stdout } = await run(['call', 'aws_get_caller_identity', '--region', 'us-west-2']);
      assert.equal((JSON.parse(stdout) as { identity: { region: string } }).identity.region, 'us-west-2');
    });

    for (const [title, args, code] of [
      ['a profile that does not exist', ['aws_get_caller_identity', '--profile', 'nobody'], 'InvalidInput'],
      ['arguments that do not fit', ['aws_get_caller_identity', '--input', '{"x":1}'], 'InvalidInput'],
      ['a toolset that is off', ['s3_list_buckets', '--toolsets', 'aws'], 'PolicyDenied'],
      [
        'a region that was not allowed',
        ['aws_get_caller_identity', '--input', '{"region":"us-east-1"}'],
        'PolicyDenied',
      ],
      ['a change without leave', ['lambda_invoke_function', '--input', '{"functionName":"f"}'], 'PolicyDenied'],
      [
        'a change that nobody can be asked about',
        ['lambda_invoke_function', '--allow-writes', '--input', '{"functionName":"f"}'],
        'ConsentRefused',
      ],
      ['code that is not trusted', ['cdk_list_stacks'], 'PolicyDenied'],
    ] as const) {
      it(`exits 1 with the error as JSON: ${title}`, async () => {
        const outcome = await run(['call', ...args]);
        assert.equal(outcome.code, 1);
        assert.equal(outcome.stdout, '');
        const report = JSON.parse(outcome.stderr) as { code: string; message: string; remedy: string };
        assert.equal(report.code, code);
        assert.ok(report.message.length > 0 && report.remedy.length > 0);
      });
    }
  });

  describe('with a policy file and an audit log', () => {
    let file: string;
    let log: string;

    beforeEach(() => {
      const folder = fs.mkdtempSync(path.join(home, 'policy-'));
      file = path.join(folder, 'policy.json');
      log = path.join(folder, 'audit');
    });

    it('holds calls to the file, and records them', async () => {
      fs.writeFileSync(
        file,
        JSON.stringify({
          access: 'readWrite',
          tools: { lambda_get_function: 'deny' },
          denyResources: ['arn:aws:lambda:*:*:function:orders-prod'],
          allowedRegions: ['us-west-2'],
        }),
      );
      const call = async (...args: string[]): Promise<string> => {
        const { stdout, stderr } = await run(['call', ...args, '--policy', file, '--audit', log]);
        return stdout === '' ? (JSON.parse(stderr) as { code: string }).code : 'ok';
      };
      assert.equal(await call('aws_get_caller_identity', '--input', '{"region":"us-west-2"}'), 'ok');
      assert.equal(await call('aws_get_caller_identity', '--input', '{"region":"us-east-1"}'), 'PolicyDenied');
      assert.equal(await call('lambda_get_function', '--input', '{"functionName":"x"}'), 'PolicyDenied');
      assert.equal(
        await call('lambda_invoke_function', '--input', '{"functionName":"Orders-Prod:live"}'),
        'PolicyDenied',
      );
      assert.equal(await call('lambda_invoke_function', '--input', '{"functionName":"orders"}'), 'ConsentRefused');
      const { code, stdout, stderr } = await run(['audit', log]);
      assert.equal(code, 0);
      assert.match(stderr, /^15 records in 5 files\.\n$/);
      const calls = stdout
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { errorCode?: string }]));
      assert.deepEqual(
        calls.map(({ errorCode }) => errorCode),
        ['ConsentRefused', 'PolicyDenied', 'PolicyDenied', 'PolicyDenied', undefined],
      );
      const [name = ''] = fs.readdirSync(log);
      fs.writeFileSync(path.join(log, name), fs.readFileSync(path.join(log, name), 'utf8').replace('"ok"', '"no"'));
      const changed = await run(['audit', log, '--limit', '0']);
      assert.equal(changed.code, 1);
      assert.equal(changed.stdout, '');
    });

    for (const [title, text] of [
      ['a name that does not exist', '{"acces":"readWrite"}'],
      ['a pattern that is none', '{"denyResources":["orders-prod"]}'],
      ['a value that does not exist', '{"tools":{"s3_get_object":"maybe"}}'],
      ['no JSON', '{'],
      ['no object', '[]'],
    ] as const) {
      it(`exits 2 for a policy file with ${title}`, async () => {
        fs.writeFileSync(file, text);
        const { code, stderr } = await run(['call', 'aws_get_caller_identity', '--policy', file]);
        assert.equal(code, 2);
        assert.match(stderr, /^--policy [^\n]+\.\n$/);
      });
    }

    it('prints the IAM policy that the tools need', async () => {
      fs.writeFileSync(file, JSON.stringify({ toolsets: ['s3'], allowResources: ['arn:aws:s3:::data/public/*'] }));
      const { code, stdout } = await run(['policy', '--policy', file]);
      assert.equal(code, 0);
      const { Statement } = JSON.parse(stdout) as { Statement: { Action: string[]; Resource: string[] }[] };
      assert.deepEqual(
        Statement.map(({ Action, Resource }) => [Action, Resource]),
        [
          [['s3:GetObject', 's3:GetObjectVersion'], ['arn:aws:s3:::data/public/*']],
          [['s3:ListAllMyBuckets'], ['*']],
          [['s3:ListBucket'], ['arn:aws:s3:::data']],
        ],
      );
    });

    it('prints also what resources and prompts read, where no tool of the list does', async () => {
      fs.writeFileSync(file, JSON.stringify({ toolsets: ['cloudformation'] }));
      const { stdout } = await run(['policy', '--policy', file]);
      assert.match(stdout, /"cloudformation:GetTemplate"/);
    });
  });

  for (const kind of clientKinds) {
    it(`serves ${kind.title} on standard input and output`, async () => {
      const args = ['--import', 'tsx', script, 'serve', '--stdio'];
      const reach: Reach = { command: process.execPath, args, cwd: path.dirname(script), env: environment };
      const client = await kind.connect(reach);
      const names = (await client.listTools()).map(({ name }) => name);
      assert.ok(names.includes('cloudformation_list_stacks'));
      assert.ok(!names.includes('lambda_invoke_function'), 'only reading is allowed');
      const { structuredContent } = await client.call('aws_get_caller_identity');
      assert.equal((structuredContent as { identity: { account: string } }).identity.account, fakeAccount);
      await client.close();
    });
  }

  it('ends when its standard input does', async () => {
    const { code, stdout, stderr } = await run(['serve', '--stdio']);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`serves on loopback until ${signal}, whatever becomes of its standard input`, async function () {
      if (process.platform === 'win32' && signal === 'SIGTERM') return;
      const child = start(['serve', '--http', '--port', '0'], { MCP_WORKBENCH_TOKEN: token });
      child.stdin.end();
      const closed = once(child, 'close') as Promise<[number | null]>;
      let stderr = '';
      child.stderr.on('data', (chunk) => (stderr += String(chunk)));
      const lines: string[] = [];
      const reader = createInterface(child.stdout);
      reader.on('line', (line) => lines.push(line));
      await once(reader, 'line');
      const { url, ...others } = JSON.parse(lines[0] ?? '') as { url: string };
      assert.deepEqual(others, {});
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
      const target = {
        address: { host: '127.0.0.1', port: new URL(url).port },
        host: new URL(url).host,
        secret: token,
      };
      for (const kind of clientKinds) {
        const client = await kind.connect({ target });
        assert.ok((await client.listTools()).length > 5);
        await client.close();
      }
      await assert.rejects(async () => clientKinds[0]?.connect({ target: { ...target, secret: `${token}x` } }));
      child.kill(signal);
      const [code] = await closed;
      assert.equal(stderr, '');
      assert.equal(code, process.platform === 'win32' ? null : 0);
      assert.equal(lines.length, 1);
    });
  }
});
