import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { Emitter } from '../../../../src/core/emitter';
import { silentLogger } from '../../../../src/core/logger';
import { toolsets } from '../../../../src/tools/tool';
import { detectToolsets, templateKind, type Detection } from '../../../../src/tools/toolsets/detectToolsets';
import { FolderFiles } from '../../../../src/tools/toolsets/folderFiles';
import { chosenToolsets, isAutomatic, toToolsetChoice } from '../../../../src/tools/toolsets/toolsetChoice';
import { toGlob, type WorkspaceFiles } from '../../../../src/tools/toolsets/workspaceFiles';
import { WorkspaceToolsets } from '../../../../src/tools/toolsets/workspaceToolsets';

const running = new AbortController().signal;

describe('Toolsets of a workspace', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'toolsets-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  function write(file: string, text = ''): void {
    const target = path.join(folder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }

  async function detect(): Promise<Detection> {
    const { toolsets: found, signs } = await detectToolsets(new FolderFiles(() => [folder]), running);
    return {
      toolsets: found,
      signs: signs.map(({ kind, file }) => ({ kind, file: path.relative(folder, file).replaceAll('\\', '/') })),
    };
  }

  it('are all that need no project where nothing of AWS is found', async () => {
    write('package.json', '{"Resources":{"x":{"Type":"AWS::S3::Bucket"}}}');
    write('values.yaml', 'Resources: none\n');
    write('README.md', 'AWSTemplateFormatVersion');
    assert.deepEqual(await detect(), { toolsets: ['aws', 'cloudformation', 'lambda', 's3'], signs: [] });
  });

  for (const [file, kind, text] of [
    ['packages/infra/app/cdk.json', 'cdk', '{"app":"node app.js"}'],
    ['samconfig.toml', 'sam', ''],
    ['services/orders/serverless.yml', 'serverless', ''],
    ['infra/main.tf', 'terraform', ''],
    ['template.yaml', 'sam', "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\n"],
    ['t.json', 'sam', '{"Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]}'],
    ['x/orders.yml', 'cloudformation', "# Orders\nAWSTemplateFormatVersion: '2010-09-09'\n"],
    ['orders.template', 'cloudformation', '{ "AWSTemplateFormatVersion" : "2010-09-09" }'],
    ['plain.json', 'cloudformation', '{\n  "Resources": {\n "Q": { "Type": "AWS::SQS::Queue" } } }'],
    ['plain.yaml', 'cloudformation', 'Resources:\n  Q:\n    Type: "AWS::SQS::Queue"\n'],
  ] as const) {
    it(`know ${file} as ${kind}`, async () => {
      write(file, text);
      const { signs, toolsets: found } = await detect();
      assert.deepEqual(signs, [{ kind, file }]);
      assert.ok(found.includes('aws') && found.includes('lambda'));
      assert.equal(found.includes('cdk'), kind === 'cdk');
      assert.equal(found.includes('cloudformation'), kind !== 'terraform');
    });
  }

  it('add up where there are several kinds of project', async () => {
    write('a/cdk.json');
    write('b/main.tf');
    write('c/serverless.yml');
    write('c/template.yaml', 'AWSTemplateFormatVersion: x');
    const { signs, toolsets: found } = await detect();
    assert.deepEqual(
      signs.map(({ kind }) => kind),
      ['cdk', 'terraform', 'serverless'],
    );
    assert.deepEqual(found, ['aws', 'cloudformation', 'lambda', 's3', 'cdk']);
  });

  it('do not come from what was installed, built or hidden, nor from outside through a link', async () => {
    for (const skipped of ['node_modules/x', 'cdk.out', '.terraform', 'dist', '.git', 'a/b/c/d/e/f']) {
      write(`${skipped}/cdk.json`);
    }
    const outside = fs.mkdtempSync(path.join(os.tmpdir(), 'toolsets-outside-'));
    fs.writeFileSync(path.join(outside, 'cdk.json'), '');
    fs.symlinkSync(outside, path.join(folder, 'link'), 'junction');
    assert.deepEqual((await detect()).signs, []);
    fs.rmSync(outside, { recursive: true });
  });

  it('look only at the beginning of files, of a bounded number of them, the likely ones first', async () => {
    for (let index = 0; index < 150; index++) write(`data/${String(index).padStart(3, '0')}.json`, '{}');
    write('zz/late.yaml', `${'#'.repeat(20_000)}\nAWSTemplateFormatVersion: x`);
    assert.deepEqual((await detect()).signs, []);
    write('zz/my-stack.yaml', 'AWSTemplateFormatVersion: x');
    assert.deepEqual((await detect()).signs, [{ kind: 'cloudformation', file: 'zz/my-stack.yaml' }]);
  });

  it('ask a lister for what they want, and survive one that gives files that are gone', async () => {
    const asked: string[] = [];
    const files: WorkspaceFiles = {
      find: (interest) => {
        asked.push(toGlob(interest));
        return Promise.resolve(interest.names.length > 0 ? [] : ['C:\\repo\\template.yaml', 'gone.json']);
      },
      readStart: (file) =>
        Promise.resolve(file === 'gone.json' ? undefined : 'Transform: AWS::Serverless-2016-10-31\nResources:\n'),
    };
    assert.deepEqual((await detectToolsets(files, running)).signs, [{ kind: 'sam', file: 'C:\\repo\\template.yaml' }]);
    assert.match(asked[0] ?? '', /^\*\*\/\{cdk\.json,.*,\*\.tf,\*\.tf\.json\}$/);
  });

  it('stop when they are no longer wanted', async () => {
    write('cdk.json');
    await assert.rejects(detectToolsets(new FolderFiles(() => [folder]), AbortSignal.abort()));
  });

  it('take no text for long, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (text) => {
        templateKind(text);
        templateKind(`Transform:${' '.repeat(2000)}${text}`);
      }),
    );
    assert.equal(templateKind('Transform: '.repeat(1500)), undefined);
  });

  describe('while it changes', () => {
    it('are every toolset until files were looked at, and change with them', async () => {
      const changes = new Emitter<void>();
      const workspace = new WorkspaceToolsets({
        files: new FolderFiles(() => [folder]),
        onDidChangeFiles: [changes.event],
        logger: silentLogger,
        settleMs: 0,
      });
      assert.deepEqual(workspace.current.toolsets, toolsets);
      let fired = 0;
      let tell = (): void => undefined;
      workspace.onDidChange(() => {
        fired++;
        tell();
      });
      write('main.tf');
      await workspace.refresh();
      assert.deepEqual(workspace.current.toolsets, ['aws', 'lambda', 's3']);
      assert.equal(fired, 1);
      await workspace.refresh();
      assert.equal(fired, 1);
      const heard = new Promise<void>((resolve) => (tell = resolve));
      write('cdk.json');
      changes.fire();
      changes.fire();
      await heard;
      assert.deepEqual(workspace.current.toolsets, ['aws', 'cloudformation', 'lambda', 's3', 'cdk']);
      workspace.dispose();
      changes.fire();
    });

    it('are looked at again where they changed in the middle of a look', async () => {
      let looks = 0;
      let lookAgain = (): void => undefined;
      const files: WorkspaceFiles = {
        find: async (interest) => {
          if (interest.names.length === 0) return [];
          if (++looks === 1) lookAgain();
          return looks === 1 ? ['a.tf'] : ['cdk.json'];
        },
        readStart: () => Promise.resolve(undefined),
      };
      const workspace = new WorkspaceToolsets({ files, onDidChangeFiles: [], logger: silentLogger });
      lookAgain = () => void workspace.refresh();
      await workspace.refresh();
      assert.deepEqual(
        workspace.current.signs.map(({ kind }) => kind),
        ['cdk'],
      );
      workspace.dispose();
    });

    it('stay what they were where files cannot be listed', async () => {
      const warnings: string[] = [];
      const workspace = new WorkspaceToolsets({
        files: { find: () => Promise.reject(new Error('no search here')), readStart: () => Promise.resolve(undefined) },
        onDidChangeFiles: [],
        logger: { ...silentLogger, warn: (message) => warnings.push(message) },
      });
      await workspace.refresh();
      assert.deepEqual(workspace.current.toolsets, toolsets);
      assert.deepEqual(warnings, ['Toolsets were not detected: no search here']);
      workspace.dispose();
    });
  });
});

describe('The choice of toolsets', () => {
  const detected = ['aws', 'lambda'] as const;

  it('is made of what people write', () => {
    assert.equal(toToolsetChoice('auto'), 'auto');
    assert.deepEqual(toToolsetChoice(['auto', 's3', 'S3', 7, null, 'dynamite']), ['auto', 's3']);
    for (const value of [undefined, null, 'all', 7, {}, { auto: true }]) assert.deepEqual(toToolsetChoice(value), []);
  });

  it('follows the workspace, with what is pinned', () => {
    assert.deepEqual(chosenToolsets('auto', [], detected), ['aws', 'lambda']);
    assert.deepEqual(chosenToolsets(['auto', 'cdk'], [], detected), ['aws', 'lambda', 'cdk']);
    assert.deepEqual(chosenToolsets(['s3', 'aws'], [], detected), ['aws', 's3']);
    assert.deepEqual(chosenToolsets([], [], detected), []);
    assert.ok(isAutomatic('auto') && isAutomatic(['s3', 'auto']) && !isAutomatic(['s3']));
  });

  it('can only be narrowed by the workspace', () => {
    assert.deepEqual(chosenToolsets(['aws', 's3'], [['s3', 'cdk']], detected), ['s3']);
    assert.deepEqual(chosenToolsets(['aws', 's3'], ['auto'], detected), ['aws']);
    const choice = fc.oneof(fc.constant('auto' as const), fc.subarray(['auto', ...toolsets] as ('auto' | 's3')[]));
    fc.assert(
      fc.property(choice, fc.array(choice, { maxLength: 3 }), fc.subarray([...toolsets]), (user, others, found) => {
        const alone = chosenToolsets(user, [], found);
        const narrowed = chosenToolsets(user, others, found);
        assert.ok(narrowed.every((toolset) => alone.includes(toolset)));
      }),
    );
  });
});
