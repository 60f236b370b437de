import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { isRecord } from '../../../src/core/json';
import { CdkWorkspace, handmadeApp, isRunning, until } from './cdkCalls';

const require = createRequire(import.meta.filename);
const template = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } };
const goodApp = { 'cdk.json': { app: 'node app.js' }, 'app.js': handmadeApp({ One: template }) };

describe('the CDK tools on any app', function () {
  this.timeout(120_000);
  let workspace: CdkWorkspace;
  beforeEach(() => {
    workspace = new CdkWorkspace();
  });
  afterEach(() => workspace.dispose());

  describe('trust', () => {
    it('runs nothing in a workspace that is not trusted', async () => {
      workspace.write({
        'cdk.json': { app: 'node app.js' },
        'app.js': handmadeApp({ One: template }, `fs.writeFileSync('ran', '');`),
      });
      workspace.workspace.isTrusted = false;
      for (const tool of ['cdk_list_stacks', 'cdk_synth_stack']) {
        const error = await workspace.fail(tool);
        assert.equal(error.code, 'PolicyDenied');
        assert.match(error.remedy, /trust/i);
      }
      assert.ok(!workspace.exists('ran'));
      workspace.workspace.isTrusted = true;
      await workspace.succeed('cdk_list_stacks');
      assert.ok(workspace.exists('ran'));
    });
  });

  describe('finding the app', () => {
    it('finds the only one there is, wherever it lies, and runs it in its folder', async () => {
      workspace.write({
        'packages/infra/cdk.json': { app: 'node app.js' },
        'packages/infra/app.js': handmadeApp({ One: template }),
        'node_modules/some/cdk.json': { app: 'exit 1' },
        'packages/infra/cdk.out/cdk.json': { app: 'exit 1' },
      });
      const result = await workspace.succeed('cdk_list_stacks');
      assert.equal(result.app, 'packages/infra');
      assert.equal(result.stacks[0]?.id, 'One');
    });

    it('asks which one is meant where there are two, and takes the answer', async () => {
      workspace.write({
        'a/cdk.json': { app: 'node app.js' },
        'a/app.js': handmadeApp({ InA: template }),
        'b/cdk.json': { app: 'node app.js' },
        'b/app.js': handmadeApp({ InB: template }),
      });
      const error = await workspace.fail('cdk_list_stacks');
      assert.equal(error.code, 'InvalidInput');
      assert.match(error.message, /2 CDK apps: a, b\./);
      for (const app of ['b', './b/', path.join(workspace.folder, 'b')]) {
        const result = await workspace.succeed('cdk_list_stacks', { app });
        assert.equal(result.app, 'b');
        assert.equal(result.stacks[0]?.id, 'InB');
      }
    });

    it('names apps as the explorer does where several folders are open', async () => {
      const other = new CdkWorkspace().write({
        'cdk.json': { app: 'node app.js' },
        'app.js': handmadeApp({ Other: template }),
      });
      try {
        workspace.write(goodApp);
        workspace.workspace.folders.push(other.folder);
        const name = path.basename(other.folder);
        const error = await workspace.fail('cdk_list_stacks');
        assert.ok(error.message.includes(name), error.message);
        const result = await workspace.succeed('cdk_list_stacks', { app: name });
        assert.equal(result.app, name);
        assert.equal(result.stacks[0]?.id, 'Other');
      } finally {
        other.dispose();
      }
    });

    it('stays inside the workspace', async () => {
      workspace.write(goodApp);
      const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-elsewhere-'));
      try {
        fs.writeFileSync(path.join(elsewhere, 'cdk.json'), JSON.stringify({ app: 'exit 1' }));
        fs.symlinkSync(elsewhere, path.join(workspace.folder, 'link'), 'junction');
        const relative = path.relative(workspace.folder, elsewhere);
        for (const app of [elsewhere, relative, `nothing/../${relative}`, '..', '/', 'link', 'a\0b']) {
          const error = await workspace.fail('cdk_list_stacks', { app });
          assert.equal(error.code, 'InvalidInput', app);
          assert.match(error.message, /not inside the workspace/, app);
        }
        // An answer must not tell what exists outside.
        const absent = await workspace.fail('cdk_list_stacks', { app: `${relative}-absent` });
        assert.match(absent.message, /not inside the workspace/);
      } finally {
        fs.rmSync(elsewhere, { recursive: true, force: true });
      }
    });

    it('says where no app is', async () => {
      const error = await workspace.fail('cdk_list_stacks');
      assert.equal(error.code, 'NotFound');
      workspace.write(goodApp);
      assert.equal((await workspace.fail('cdk_list_stacks', { app: 'nowhere' })).code, 'NotFound');
      workspace.workspace.folders.length = 0;
      assert.equal((await workspace.fail('cdk_list_stacks')).code, 'Unsupported');
    });
  });

  describe('a configuration that cannot be used', () => {
    for (const [what, files, message] of [
      [
        'broken JSON',
        { 'cdk.json': '{\n  "app": "node app.js",\n}' },
        /^cdk\.json is not valid JSON: line 3, column 1\./,
      ],
      ['no app', { 'cdk.json': { context: {} } }, /no `app`/],
      ['an app that is not text', { 'cdk.json': { app: ['node', 'app.js'] } }, /app: /],
      ['a byte order mark', { 'cdk.json': '\uFEFF{"app": "node app.js"}' }, /byte order mark/],
      ['an array', { 'cdk.json': '[]' }, /must hold a JSON object/],
      [
        'a broken cdk.context.json',
        { ...goodApp, 'cdk.context.json': '{"a": }' },
        /^cdk\.context\.json .*line 1, column 7/,
      ],
    ] as const) {
      it(`is named: ${what}`, async () => {
        const error = await workspace.write(files).fail('cdk_list_stacks');
        assert.equal(error.code, 'InvalidInput');
        assert.match(error.message, message);
      });
    }
  });

  describe('running the app', () => {
    it('runs `build` first, takes a script alone as a command, and passes what CDK passes', async () => {
      workspace.write({
        'cdk.json': { app: 'app.js', build: 'node build.js', versionReporting: false, context: { size: 'small' } },
        'cdk.context.json': { looked: 'up' },
        'build.js': `require('node:fs').writeFileSync('built', '')`,
        'app.js': handmadeApp(
          { One: template },
          `fs.writeFileSync('env.json', JSON.stringify({ built: fs.existsSync('built'), ...process.env }));`,
        ),
      });
      process.env['MCP_WORKBENCH_TOKEN'] = 'secret';
      try {
        await workspace.succeed('cdk_list_stacks', {
          context: { size: 'large' },
          account: '123456789012',
          region: 'eu-west-1',
        });
      } finally {
        delete process.env['MCP_WORKBENCH_TOKEN'];
      }
      const env = JSON.parse(workspace.read('env.json')) as Record<string, string>;
      assert.ok(env['built']);
      const context = JSON.parse(env['CDK_CONTEXT_JSON'] ?? '') as Record<string, unknown>;
      assert.equal(context['size'], 'large');
      assert.equal(context['looked'], 'up');
      assert.equal(context['aws:cdk:enable-path-metadata'], true);
      assert.equal(context['aws:cdk:version-reporting'], undefined);
      assert.equal(env['CDK_DEFAULT_ACCOUNT'], '123456789012');
      assert.equal(env['CDK_DEFAULT_REGION'], 'eu-west-1');
      assert.ok(env['CDK_CLI_ASM_VERSION'] && env['CDK_CLI_VERSION']);
      assert.equal(env['MCP_WORKBENCH_TOKEN'], undefined);
      assert.ok(!env['CDK_OUTDIR']?.startsWith(workspace.folder));
    });

    it('passes context by file where it is too large for a variable', async () => {
      const large = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`key${index}`, 'x'.repeat(1000)]));
      workspace.write({
        ...goodApp,
        'cdk.context.json': large,
        'app.js': handmadeApp(
          { One: template },
          `fs.copyFileSync(process.env.CONTEXT_OVERFLOW_LOCATION_ENV, 'overflow.json');`,
        ),
      });
      await workspace.succeed('cdk_list_stacks');
      const overflow = JSON.parse(workspace.read('overflow.json')) as Record<string, unknown>;
      assert.equal(Object.keys(large).filter((key) => overflow[key] === large[key]).length, 300);
    });

    it('reads an assembly that is already there, where `app` names its folder', async () => {
      workspace.write({
        'cdk.json': { app: 'assembly' },
        'assembly/manifest.json': {
          version: '36.0.0',
          artifacts: {
            Ready: {
              type: 'aws:cloudformation:stack',
              environment: 'aws://123456789012/eu-west-1',
              properties: { templateFile: 'Ready.template.json' },
            },
          },
        },
        'assembly/Ready.template.json': template,
      });
      const listed = await workspace.succeed('cdk_list_stacks');
      assert.deepEqual(listed.stacks[0]?.environment, { account: '123456789012', region: 'eu-west-1' });
      assert.deepEqual((await workspace.succeed('cdk_synth_stack')).template, template);
      assert.deepEqual(fs.readdirSync(path.join(workspace.folder, 'assembly')).sort(), [
        'Ready.template.json',
        'manifest.json',
      ]);
    });

    it('returns the end of what a failing app wrote, with nothing hidden in it and no secret', async () => {
      workspace.write({
        'cdk.json': { app: 'node app.js' },
        'app.js': `
          console.error('x'.repeat(100000));
          console.error('\\u001b[31mAKIAABCDEFGHIJKLMNOP broke\\u202e it\\u001b[0m');
          process.exit(3);`,
      });
      const error = await workspace.fail('cdk_synth_stack');
      assert.equal(error.code, 'InvalidInput');
      assert.match(error.message, /exited with code 3/);
      assert.ok(error.message.endsWith('[redacted] broke\\u{202e} it'), error.message.slice(-200));
      assert.ok(error.message.length < 2100);
    });

    it('says to install the dependencies where a package is missing', async () => {
      workspace.write({ 'cdk.json': { app: 'node app.js' }, 'app.js': `require('aws-cdk-lib')` });
      const missing = await workspace.fail('cdk_list_stacks');
      assert.equal(missing.code, 'InvalidInput');
      assert.match(missing.message, /Cannot find module 'aws-cdk-lib'/);
      assert.match(missing.remedy, /Install the app's dependencies/);
      workspace.write({ 'app.mjs': `import 'aws-cdk-lib'`, 'cdk.json': { app: 'node app.mjs' } });
      assert.match((await workspace.fail('cdk_list_stacks')).remedy, /Install the app's dependencies/);
    });

    it('says so too for a TypeScript app without its compiler, which npx is not let to fetch', async () => {
      workspace.write({
        'cdk.json': { app: 'node npx.js' },
        // What npx writes where it may not install what is missing.
        'npx.js': `
          if (process.env.npm_config_yes !== 'false') process.exit(0);
          console.error('npm error npx canceled due to missing packages and no YES option: ["ts-node@10.9.2"]');
          process.exit(1);`,
      });
      const viaNpx = await workspace.fail('cdk_list_stacks');
      assert.match(viaNpx.remedy, /Install the app's dependencies/);
      workspace.write({ 'cdk.json': { app: 'some-compiler-that-is-not-there bin/app.ts' } });
      const direct = await workspace.fail('cdk_list_stacks');
      assert.equal(direct.code, 'InvalidInput');
      assert.match(direct.remedy, /Install the app's dependencies .*`some-compiler-that-is-not-there bin\/app.ts`/);
    });

    it('says to build where a file of the app itself is missing', async () => {
      const error = await workspace.write({ 'cdk.json': { app: 'node lib/app.js' } }).fail('cdk_list_stacks');
      assert.match(error.remedy, /build the app/);
    });

    it('says where an app writes no assembly', async () => {
      const error = await workspace.write({ 'cdk.json': { app: 'node -e 0' } }).fail('cdk_list_stacks');
      assert.equal(error.code, 'InvalidInput');
      assert.match(error.message, /no cloud assembly/);
    });

    it('says where the CDK of the app is newer than ours', async () => {
      workspace.write({
        'cdk.json': { app: 'node app.js' },
        'app.js': handmadeApp({ One: template }).replace('36.0.0', '9999.0.0'),
      });
      const error = await workspace.fail('cdk_list_stacks');
      assert.equal(error.code, 'Unsupported');
    });
  });

  describe('a large template', () => {
    const resources = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [
        `Parameter${index}`,
        { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: String(index).padStart(200, '0') } },
      ]),
    );
    const large = {
      Description: 'Many',
      Resources: { ...resources, Topic: { Type: 'AWS::SNS::Topic' } },
      Outputs: { Name: { Value: { 'Fn::GetAtt': ['Topic', 'TopicName'] } } },
    };

    it('comes in pages that end behind a resource and add up to the whole, from one run', async () => {
      workspace.write({
        'cdk.json': { app: 'node app.js' },
        'app.js': handmadeApp({ One: large }, `fs.appendFileSync('runs', 'x');`),
      });
      const whole: Record<string, unknown> = {};
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await workspace.succeed('cdk_synth_stack', cursor === undefined ? {} : { cursor });
        assert.ok(Buffer.byteLength(JSON.stringify(page)) <= 32 * 1024);
        assert.deepEqual(page.resourceCounts, [
          { type: 'AWS::SSM::Parameter', count: 400 },
          { type: 'AWS::SNS::Topic', count: 1 },
        ]);
        for (const [section, value] of Object.entries(page.template)) {
          whole[section] = isRecord(value) ? Object.assign({}, whole[section], value) : value;
        }
        cursor = page.nextCursor;
        pages++;
      } while (cursor !== undefined);
      assert.ok(pages > 2);
      assert.deepEqual(whole, large);
      assert.equal(workspace.read('runs'), 'x');
    });
  });

  describe('calls at the same time', () => {
    it('run the app one after another and all get their result', async () => {
      workspace.write({
        'cdk.json': { app: 'node app.js' },
        'app.js': handmadeApp(
          { One: template },
          `fs.writeFileSync('lock', '', { flag: 'wx' });
           process.on('exit', () => fs.rmSync('lock'));
           Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);`,
        ),
      });
      const results = await Promise.all([
        workspace.succeed('cdk_list_stacks'),
        workspace.succeed('cdk_synth_stack'),
        workspace.succeed('cdk_synth_stack', { stack: 'One' }),
      ]);
      assert.equal(results[0].stacks.length, 1);
      assert.deepEqual(results[1].template, template);
      assert.deepEqual(results[2].template, template);
    });
  });

  describe('an app that hangs', () => {
    const pids = () => workspace.read('pids').trim().split('\n').map(Number);
    const hanging = {
      'cdk.json': { app: 'node app.js' },
      'child.js': `
        process.on('SIGTERM', () => undefined);
        require('node:fs').appendFileSync('pids', process.pid + '\\n');
        setInterval(() => undefined, 1000);`,
      'app.js': `
        require('node:fs').appendFileSync('pids', process.pid + '\\n');
        require('node:child_process').spawn(process.execPath, ['child.js'], { stdio: 'inherit' });
        setInterval(() => console.log('still here'), 50);`,
    };

    it('is ended with its children when the call is cancelled, and the next call works', async () => {
      workspace.write(hanging);
      const controller = new AbortController();
      const messages: string[] = [];
      const running = workspace.call(
        'cdk_list_stacks',
        {},
        { signal: controller.signal, onProgress: ({ message }) => messages.push(message ?? '') },
      );
      await until(() => workspace.exists('pids') && pids().length === 2);
      await until(() => messages.includes('still here'));
      assert.ok(pids().every(isRunning));
      // This one waits for its turn and must not start when it is cancelled too.
      const waiting = workspace.call('cdk_list_stacks', {}, { signal: controller.signal });
      controller.abort();
      for (const result of await Promise.all([running, waiting])) {
        assert.equal(result.isError, true);
        assert.match(JSON.stringify(result.content), /Cancelled/);
      }
      await until(() => !pids().some(isRunning));
      assert.equal(pids().length, 2);
      workspace.write(goodApp);
      await workspace.succeed('cdk_list_stacks');
    });

    it('is ended with its children when our process exits', async () => {
      const commandLine = path.resolve(import.meta.dirname, '../../../src/tools/cdk/commandLine.ts');
      workspace.write({
        ...hanging,
        'host.cts': `
          import { readFileSync } from 'node:fs';
          import { runCommandLine } from ${JSON.stringify(commandLine)};
          const { signal } = new AbortController();
          const onLine = () => {
            if (readFileSync('pids', 'utf8').trim().split('\\n').length === 2) process.exit(0);
          };
          void runCommandLine('node app.js', { cwd: process.cwd(), env: process.env, signal, onLine });`,
      });
      const host = spawnSync(process.execPath, ['--require', require.resolve('tsx/cjs'), 'host.cts'], {
        cwd: workspace.folder,
      });
      assert.equal(host.status, 0, host.stderr.toString());
      assert.equal(pids().length, 2);
      await until(() => !pids().some(isRunning));
    });

    it('leaves no child behind when it ends by itself', async () => {
      workspace.write({
        ...hanging,
        'app.js': handmadeApp(
          { One: template },
          `require('node:child_process').spawn(process.execPath, ['child.js'], { stdio: 'inherit' }).unref();
           while (!fs.existsSync('pids')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);`,
        ),
      });
      await workspace.succeed('cdk_list_stacks');
      assert.ok(!pids().some(isRunning));
    });
  });
});
