import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { ToolProgress } from '../../../src/tools/tool';
import { copyCdkSample } from '../../support/cdkSample';
import { CdkWorkspace } from './cdkCalls';

/** Sets variables of this process and returns what they were. */
function setEnvironment(values: Record<string, string | undefined>): Record<string, string | undefined> {
  const before: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(values)) {
    before[name] = process.env[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  return before;
}

describe('the CDK tools on the sample app', function () {
  this.timeout(300_000);
  let workspace: CdkWorkspace;
  before(() => {
    workspace = new CdkWorkspace();
    return copyCdkSample(workspace.folder);
  });
  after(() => workspace.dispose());

  it('lists the stacks with what a deployment depends on, and leaves nothing behind', async () => {
    const filesBefore = fs.readdirSync(workspace.folder).sort();
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-tmp-'));
    const saved = setEnvironment({ TMPDIR: temporary, TEMP: temporary, TMP: temporary });
    const progress: ToolProgress[] = [];
    const result = await workspace
      .succeed('cdk_list_stacks', {}, (report) => progress.push(report))
      .finally(() => setEnvironment(saved));
    assert.equal(result.app, '.');
    assert.deepEqual(result.stacks, [
      {
        id: 'SampleStorage',
        stackName: 'sample-storage-dev',
        environment: {},
        dependencies: [],
        tags: { application: 'workbench-sample', stage: 'dev' },
        templateFile: 'SampleStorage.template.json',
        terminationProtection: false,
        annotations: { errors: 0, warnings: 0, infos: 0 },
      },
      {
        id: 'SampleReport',
        stackName: 'sample-report-dev',
        environment: {},
        dependencies: ['SampleStorage'],
        tags: { application: 'workbench-sample', stage: 'dev' },
        templateFile: 'SampleReport.template.json',
        terminationProtection: false,
        annotations: { errors: 0, warnings: 0, infos: 0 },
      },
      {
        id: 'SampleWatch',
        stackName: 'sample-watch-dev',
        environment: {},
        dependencies: ['SampleReport'],
        tags: { application: 'workbench-sample', stage: 'dev' },
        templateFile: 'SampleWatch.template.json',
        terminationProtection: false,
        annotations: { errors: 0, warnings: 1, infos: 0 },
      },
    ]);
    assert.ok(progress.length >= 3);
    assert.ok(progress.every((report, index) => index === 0 || report.progress > (progress[index - 1]?.progress ?? 0)));
    assert.ok(progress.some(({ message }) => message?.includes('Synthesising')));
    assert.deepEqual(fs.readdirSync(workspace.folder).sort(), filesBefore);
    // What Node.js itself or the app's packages keep there is not ours to judge.
    assert.deepEqual(
      fs.readdirSync(temporary).filter((name) => /workbench|cdk/i.test(name)),
      [],
    );
    fs.rmSync(temporary, { recursive: true });
  });

  it('selects stacks by pattern and pages through them without running the app again', async () => {
    const selected = await workspace.succeed('cdk_list_stacks', { stacks: ['*Re*', 'SampleWatch'], limit: 1 });
    assert.deepEqual(
      selected.stacks.map(({ id }) => id),
      ['SampleReport'],
    );
    const progress: ToolProgress[] = [];
    const next = await workspace.succeed(
      'cdk_list_stacks',
      { stacks: ['*Re*', 'SampleWatch'], limit: 1, cursor: selected.nextCursor },
      (report) => progress.push(report),
    );
    assert.deepEqual(
      next.stacks.map(({ id }) => id),
      ['SampleWatch'],
    );
    assert.equal(next.nextCursor, undefined);
    assert.deepEqual(progress, []);
  });

  it('returns the template that the app itself writes', async () => {
    const out = path.join(workspace.folder, '..', `${path.basename(workspace.folder)}-expected`);
    const { context } = JSON.parse(workspace.read('cdk.json')) as { context: object };
    const run = spawnSync(process.execPath, ['app.js'], {
      cwd: workspace.folder,
      env: {
        ...process.env,
        CDK_OUTDIR: out,
        CDK_CONTEXT_JSON: JSON.stringify({
          ...context,
          'aws:cdk:enable-path-metadata': true,
          'aws:cdk:enable-asset-metadata': true,
        }),
      },
    });
    assert.equal(run.status, 0, run.stderr.toString());
    try {
      const expected: unknown = JSON.parse(fs.readFileSync(path.join(out, 'SampleReport.template.json'), 'utf8'));
      const result = await workspace.succeed('cdk_synth_stack', { stack: 'SampleReport' });
      assert.deepEqual(result.template, expected);
      assert.equal(result.templateBytes, Buffer.byteLength(JSON.stringify(expected)));
      assert.equal(result.nextCursor, undefined);
      assert.deepEqual(
        result.resourceCounts.map(({ type }) => type),
        ['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup'],
      );
    } finally {
      fs.rmSync(out, { recursive: true, force: true });
    }
  });

  it('returns the messages on constructs with their paths', async () => {
    const result = await workspace.succeed('cdk_synth_stack', { stack: 'SampleWatch' });
    assert.deepEqual(result.annotations, [
      {
        level: 'warning',
        constructPath: 'SampleWatch/Errors',
        message: 'The alarm tells nobody: give it an action. [ack: sample:alarmWithoutAction]',
        location: result.annotations[0]?.location,
      },
    ]);
    const [file, line] = String(result.annotations[0]?.location).split(':');
    assert.equal(file, 'app.js');
    assert.match(workspace.read('app.js').split('\n')[Number(line) - 1] ?? '', /addWarningV2/);
  });

  it('takes a stack name and context values, and cuts out single resources', async () => {
    const result = await workspace.succeed('cdk_synth_stack', {
      stack: 'sample-storage-prod',
      context: { stage: 'prod' },
    });
    assert.equal(result.stack.id, 'SampleStorage');
    const [logicalId] = Object.keys(result.template['Resources'] as object);
    assert.ok(logicalId);
    const cut = await workspace.succeed('cdk_synth_stack', { stack: 'SampleStorage', logicalIds: [logicalId] });
    assert.deepEqual(Object.keys(cut.template), ['Resources']);
    assert.deepEqual(Object.keys(cut.template['Resources'] as object), [logicalId]);
    const error = await workspace.fail('cdk_synth_stack', { stack: 'SampleStorage', logicalIds: ['Nothing'] });
    assert.equal(error.code, 'NotFound');
  });

  it('names the stacks there are where none or an unknown one is named', async () => {
    const several = await workspace.fail('cdk_synth_stack');
    assert.equal(several.code, 'InvalidInput');
    assert.match(several.message, /3 stacks: SampleStorage, SampleReport, SampleWatch/);
    const unknown = await workspace.fail('cdk_synth_stack', { stack: 'Sample' });
    assert.equal(unknown.code, 'NotFound');
    assert.match(unknown.message, /SampleStorage, SampleReport, SampleWatch/);
  });

  it('opens no connection and writes nothing of its own into the home folder', async () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-home-'));
    const saved = setEnvironment({ HOME: home, USERPROFILE: home });
    let sockets = 0;
    const onSocket = () => sockets++;
    subscribe('net.client.socket', onSocket);
    try {
      await workspace.succeed('cdk_list_stacks');
      await workspace.succeed('cdk_synth_stack', { stack: 'SampleReport' });
      // The app's own aws-cdk-lib keeps hashes of assets there, under any toolkit.
      const written = fs
        .readdirSync(home, { recursive: true, encoding: 'utf8' })
        .map((name) => name.replaceAll('\\', '/'));
      assert.deepEqual(
        written.filter(
          (name) => !'.cdk/cache/fingerprints'.startsWith(name) && !name.startsWith('.cdk/cache/fingerprints/'),
        ),
        [],
      );
      assert.equal(sockets, 0);
    } finally {
      unsubscribe('net.client.socket', onSocket);
      setEnvironment(saved);
      fs.rmSync(home, { recursive: true, force: true });
    }
  });
});

describe('a CDK app that looks values up', function () {
  this.timeout(300_000);
  let workspace: CdkWorkspace;
  before(async () => {
    workspace = new CdkWorkspace();
    await copyCdkSample(workspace.folder);
    workspace.write({
      'cdk.json': { app: 'node lookup.js' },
      'lookup.js': `
        const { App, Stack } = require('aws-cdk-lib');
        const { Vpc } = require('aws-cdk-lib/aws-ec2');
        const env = { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION };
        const app = new App();
        Vpc.fromLookup(new Stack(app, 'Network', { env }), 'Vpc', { vpcName: 'shared' });
        app.synth();`,
    });
  });
  after(() => workspace.dispose());

  const environment = { account: '123456789012', region: 'eu-west-1' };

  it('is listed with a warning that says what is not known', async () => {
    const result = await workspace.succeed('cdk_list_stacks', environment);
    assert.deepEqual(result.stacks[0]?.environment, environment);
    assert.match(result.warnings?.[0] ?? '', /vpc-provider .*123456789012/);
  });

  it('is not synthesised with dummy values, and no credentials are used to find real ones', async () => {
    const error = await workspace.fail('cdk_synth_stack', environment);
    assert.equal(error.code, 'InvalidInput');
    assert.match(error.message, /vpc-provider .*123456789012/);
    assert.match(error.remedy, /cdk synth/);
    assert.ok(!workspace.exists('cdk.context.json'));
  });

  it('is told to pass account and region where the app needs them', async () => {
    const error = await workspace.fail('cdk_list_stacks');
    assert.equal(error.code, 'InvalidInput');
    assert.match(error.remedy, /`account` and `region`/);
  });
});
