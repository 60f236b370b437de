import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { templateDifference } from '../../../../src/tools/prompts/templateDifference';

const queue = { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 1, Tags: [{ Key: 'a' }] } };

describe('templateDifference', () => {
  it('tells what is added, removed and changed', () => {
    const deployed = { Description: 'old', Resources: { Queue: queue, Gone: { Type: 'AWS::SNS::Topic' } } };
    const synthesized = {
      Description: 'new',
      Resources: {
        Queue: { ...queue, Properties: { DelaySeconds: 2, Tags: [{ Key: 'b' }], FifoQueue: true } },
        Fresh: { Type: 'AWS::S3::Bucket' },
      },
      Outputs: { Url: { Value: 'x' } },
    };
    assert.deepEqual(templateDifference(deployed, synthesized), {
      added: [{ path: 'Resources.Fresh', type: 'AWS::S3::Bucket' }, { path: 'Outputs.Url' }],
      removed: [{ path: 'Resources.Gone', type: 'AWS::SNS::Topic' }],
      changed: [
        { path: 'Description', deployed: 'old', synthesized: 'new' },
        { path: 'Resources.Queue.Properties.DelaySeconds', deployed: 1, synthesized: 2 },
        { path: 'Resources.Queue.Properties.Tags', deployed: [{ Key: 'a' }], synthesized: [{ Key: 'b' }] },
        { path: 'Resources.Queue.Properties.FifoQueue', synthesized: true },
      ],
      leftOut: 0,
    });
  });

  it('leaves out what CDK adds for itself', () => {
    const plain = { Resources: { Queue: queue } };
    const withNoise = {
      Parameters: { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>' } },
      Rules: { CheckBootstrapVersion: { Assertions: [] } },
      Resources: {
        Queue: { ...queue, Metadata: { 'aws:cdk:path': 'App/Queue', 'aws:asset:path': 'asset.1' } },
        CDKMetadata: { Type: 'AWS::CDK::Metadata' },
      },
    };
    assert.deepEqual(templateDifference(plain, withNoise), { added: [], removed: [], changed: [], leftOut: 0 });
    const own = { Resources: { Queue: { ...queue, Metadata: { 'aws:cdk:path': 'x', Owner: 'me' } } } };
    assert.deepEqual(templateDifference(plain, own).changed, [
      { path: 'Resources.Queue.Metadata', synthesized: { Owner: 'me' } },
    ]);
  });

  it('stays bounded, and counts what it leaves out', () => {
    const resources = (text: string): object =>
      Object.fromEntries(
        Array.from({ length: 2000 }, (_, index) => [
          `R${index}`,
          { Type: 'T', Properties: { Name: text.repeat(500) } },
        ]),
      );
    const difference = templateDifference({ Resources: resources('a') }, { Resources: resources('b') });
    assert.ok(JSON.stringify(difference).length < 50_000);
    assert.equal(difference.changed.length + difference.leftOut, 2000);
    assert.ok(difference.changed.length > 20);
  });

  it('finds a difference exactly where there is one, in any two templates', () => {
    const json = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
    const withoutKnown = json.map(({ Resources: _r, Rules: _u, Parameters: _p, ...rest }) => rest);
    fc.assert(
      fc.property(withoutKnown, (template) => {
        const same = templateDifference(template, structuredClone(template));
        assert.deepEqual(same, { added: [], removed: [], changed: [], leftOut: 0 });
      }),
    );
    fc.assert(
      fc.property(withoutKnown, fc.integer({ min: 0 }), (template, value) => {
        const changed = { ...template, Resources: { One: { Type: 'T', Value: value } } };
        const other = { ...template, Resources: { One: { Type: 'T', Value: value + 1 } } };
        assert.deepEqual(templateDifference(changed, other).changed, [
          { path: 'Resources.One.Value', deployed: value, synthesized: value + 1 },
        ]);
      }),
    );
  });

  it('survives templates that are no templates', () => {
    for (const [before, after] of [
      [{ Resources: [] }, { Resources: {} }],
      [{ Resources: 'x' }, { Resources: { A: null } }],
      [{ __proto__: null, constructor: 1 }, { toString: 'x' }],
    ] as [Record<string, unknown>, Record<string, unknown>][]) {
      assert.ok(templateDifference(before, after));
    }
  });
});
