import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { refuseResource } from '../../../../src/tools/policy/resourceRules';
import { tightenPolicy, type PolicyLayer } from '../../../../src/tools/policy/tightenPolicy';

const user: PolicyLayer = {
  access: 'readWrite',
  toolsets: ['aws', 's3', 'lambda'],
  allowedProfiles: ['dev', 'test'],
  allowedRegions: ['eu-west-1'],
  tools: { lambda_invoke_function: 'allow', s3_get_object: 'ask' },
  allowResources: ['arn:aws:s3:::*'],
  denyResources: ['arn:aws:s3:::secret'],
  productionAccounts: ['111111111111'],
  productionWrites: ['111111111111'],
};

describe('tightenPolicy', () => {
  it('is what the user says where no workspace says anything', () => {
    assert.deepEqual(tightenPolicy(user, [{}]), {
      access: 'readWrite',
      toolsets: ['aws', 'lambda', 's3'],
      allowedProfiles: ['dev', 'test'],
      allowedRegions: ['eu-west-1'],
      tools: user.tools,
      resources: [{ allow: ['arn:aws:s3:::*'], deny: ['arn:aws:s3:::secret'] }],
      productionAccounts: ['111111111111'],
      productionWrites: ['111111111111'],
    });
  });

  it('lets a workspace take away', () => {
    const tightened = tightenPolicy(user, [
      {
        access: 'readOnly',
        toolsets: ['s3', 'cdk'],
        allowedProfiles: ['test'],
        allowedRegions: [],
        tools: { lambda_invoke_function: 'deny', s3_get_object: 'deny', s3_list_objects: 'ask' },
        allowResources: ['arn:aws:s3:::data/*'],
        productionAccounts: ['222222222222'],
        productionWrites: [],
      },
    ]);
    assert.equal(tightened.access, 'readOnly');
    assert.deepEqual(tightened.toolsets, ['s3']);
    assert.deepEqual(tightened.allowedProfiles, ['test']);
    assert.deepEqual(tightened.allowedRegions, []);
    assert.deepEqual(tightened.tools, {
      lambda_invoke_function: 'deny',
      s3_get_object: 'deny',
      s3_list_objects: 'ask',
    });
    assert.deepEqual(tightened.productionAccounts, ['111111111111', '222222222222']);
    assert.deepEqual(tightened.productionWrites, []);
    const mayTouch = (arn: string): boolean =>
      (tightened.resources ?? []).every((rules) => refuseResource(rules, arn) === undefined);
    assert.equal(mayTouch('arn:aws:s3:::data/a'), true);
    assert.equal(mayTouch('arn:aws:s3:::other/a'), false);
    assert.equal(mayTouch('arn:aws:s3:::secret/a'), false);
  });

  it('lets a workspace give nothing', () => {
    const tightened = tightenPolicy({ access: 'readOnly', toolsets: ['s3'], tools: { s3_get_object: 'deny' } }, [
      {
        access: 'readWrite',
        toolsets: ['s3', 'lambda'],
        allowedProfiles: ['prod'],
        allowedRegions: ['us-east-1'],
        tools: { s3_get_object: 'allow', lambda_invoke_function: 'allow', __proto__: 'allow' },
        productionWrites: ['111111111111'],
      },
    ]);
    assert.deepEqual(tightened, {
      access: 'readOnly',
      toolsets: ['s3'],
      allowedProfiles: [],
      allowedRegions: [],
      tools: { s3_get_object: 'deny' },
      resources: [],
      productionAccounts: [],
      productionWrites: [],
    });
  });

  it('takes values of a wrong type for the strictest that they could be', () => {
    const tightened = tightenPolicy(user, [
      { access: true, toolsets: 'all', tools: { s3_list_objects: 'yes' }, allowResources: 'x', denyResources: [7] },
    ]);
    assert.equal(tightened.access, 'readOnly');
    assert.deepEqual(tightened.toolsets, []);
    assert.equal(tightened.tools?.['s3_list_objects'], 'deny');
    const refused = (tightened.resources ?? []).map((rules) => refuseResource(rules, 'arn:aws:s3:::data/a')?.kind);
    assert.deepEqual(refused, [undefined, 'denied']);
  });

  it('never gives more than the user does, whatever stands in a workspace', () => {
    const override = fc.constantFrom('allow', 'ask', 'deny', 'nonsense', 7, undefined);
    const layer = fc.record(
      {
        access: fc.constantFrom('readOnly', 'readWrite', 'all', 1),
        toolsets: fc.oneof(fc.array(fc.constantFrom('aws', 's3', 'lambda', 'cdk', 7)), fc.anything()),
        allowedProfiles: fc.oneof(fc.array(fc.constantFrom('dev', 'test', 'prod')), fc.anything()),
        tools: fc.oneof(fc.record({ a: override, b: override, c: override }, { requiredKeys: [] }), fc.anything()),
        productionWrites: fc.oneof(fc.array(fc.constantFrom('111111111111', '2')), fc.anything()),
        allowResources: fc.oneof(fc.array(fc.constantFrom('*', 'arn:aws:s3:::*', 'x')), fc.anything()),
      },
      { requiredKeys: [] },
    );
    const strictness = (value: unknown): number => ['deny', 'ask', undefined, 'allow'].indexOf(value as string);
    fc.assert(
      fc.property(layer, fc.array(layer, { maxLength: 3 }), (own, workspaces) => {
        const alone = tightenPolicy(own, []);
        const tight = tightenPolicy(own, workspaces);
        assert.ok(alone.access === 'readWrite' || tight.access === 'readOnly');
        for (const name of ['toolsets', 'allowedProfiles', 'productionWrites'] as const) {
          assert.ok((tight[name] ?? []).every((item) => (alone[name] as unknown[]).includes(item)));
        }
        for (const name of ['a', 'b', 'c']) {
          assert.ok(strictness(tight.tools?.[name]) <= strictness(alone.tools?.[name]));
        }
        const mayTouch = ({ resources = [] }: typeof tight): boolean =>
          resources.every((rules) => refuseResource(rules, 'arn:aws:s3:::data/a') === undefined);
        assert.ok(mayTouch(alone) || !mayTouch(tight));
      }),
      { numRuns: 500 },
    );
  });
});
