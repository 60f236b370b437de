import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { awsTools } from '../../../../src/tools/awsTools';
import { splitArn } from '../../../../src/tools/policy/arnPattern';
import { iamPolicyFor, maxIamPolicyCharacters, type IamStatement } from '../../../../src/tools/policy/iamPolicy';

function statementsOf(allow: string[], deny: string[] = [], partition = 'aws'): IamStatement[] {
  return iamPolicyFor(awsTools, [{ allow, deny }], partition).flatMap(({ Statement }) => Statement);
}

function statementFor(action: string, statements: IamStatement[]): IamStatement[] {
  return statements.filter(({ Action, Effect }) => Effect === 'Allow' && Action.includes(action));
}

describe('iamPolicyFor', () => {
  it('names the actions of the tools, and the kinds of resource they act on', () => {
    const [policy, ...others] = iamPolicyFor(awsTools, [], 'aws-us-gov');
    assert.deepEqual(others, []);
    assert.equal(policy?.Version, '2012-10-17');
    const allowed = new Set(policy.Statement.flatMap(({ Action }) => Action));
    assert.deepEqual(allowed, new Set(awsTools.flatMap(({ iamActions }) => iamActions)));
    assert.deepEqual(statementFor('lambda:InvokeFunction', policy.Statement)[0]?.Resource, [
      'arn:aws-us-gov:lambda:*:*:function:*',
    ]);
    assert.deepEqual(statementFor('lambda:ListFunctions', policy.Statement)[0]?.Resource, ['*']);
  });

  it('is nothing for tools that need no permission', () => {
    assert.deepEqual(iamPolicyFor([], [], 'aws'), []);
    assert.deepEqual(iamPolicyFor([{ ...awsTools[0]!, iamActions: [] }], [], 'aws'), []);
  });

  it('limits actions to the allowed patterns, with what lies below them', () => {
    const statements = statementsOf([
      'arn:aws:lambda:eu-west-1:123456789012:function:orders',
      'arn:aws:cloudformation:*:*:stack/shop',
      'arn:aws:s3:::data/public/*',
      'arn:aws:s3:::logs',
    ]);
    assert.deepEqual(statementFor('lambda:InvokeFunction', statements)[0]?.Resource, [
      'arn:aws:lambda:eu-west-1:123456789012:function:orders',
      'arn:aws:lambda:eu-west-1:123456789012:function:orders:*',
    ]);
    assert.deepEqual(statementFor('cloudformation:DescribeStacks', statements)[0]?.Resource, [
      'arn:aws:cloudformation:*:*:stack/shop/*',
    ]);
    assert.deepEqual(statementFor('s3:GetObject', statements)[0]?.Resource, [
      'arn:aws:s3:::data/public/*',
      'arn:aws:s3:::logs/*',
    ]);
    assert.deepEqual(
      statementFor('s3:ListBucket', statements).map(({ Resource, Condition }) => [Resource, Condition]),
      [
        [['arn:aws:s3:::logs'], undefined],
        [['arn:aws:s3:::data'], { StringLike: { 's3:prefix': ['public/*'] } }],
      ],
    );
  });

  it('leaves out actions that no allowed pattern lets do anything', () => {
    const statements = statementsOf(['arn:aws:s3:::data']);
    assert.deepEqual(statementFor('lambda:InvokeFunction', statements), []);
    assert.equal(statementFor('lambda:ListFunctions', statements).length, 1);
    assert.deepEqual(statementFor('s3:GetObject', statementsOf(['arn:aws-cn:s3:::data'])), []);
  });

  it('takes what all layers allow', () => {
    const of = (...lists: string[][]): string[] =>
      iamPolicyFor(
        awsTools,
        lists.map((allow) => ({ allow, deny: [] })),
        'aws',
      ).flatMap(({ Statement }) => statementFor('s3:GetObject', Statement).flatMap(({ Resource }) => Resource));
    assert.deepEqual(of(['arn:aws:s3:::*'], ['arn:aws:s3:::data/*']), ['arn:aws:s3:::data/*']);
    assert.deepEqual(of(['arn:aws:s3:::data/*'], ['*']), ['arn:aws:s3:::data/*']);
    assert.deepEqual(of(['arn:aws:s3:::data/*'], ['arn:aws:s3:::logs/*']), []);
  });

  it('denies what is denied', () => {
    const statements = statementsOf([], ['arn:aws:lambda:*:*:function:orders-prod', 'not an arn']);
    assert.deepEqual(
      statements.filter(({ Effect }) => Effect === 'Deny'),
      [
        {
          Effect: 'Deny',
          Action: ['lambda:GetFunction', 'lambda:InvokeFunction'],
          Resource: ['arn:aws:lambda:*:*:function:orders-prod', 'arn:aws:lambda:*:*:function:orders-prod:*'],
        },
      ],
    );
  });

  it('makes policies that IAM takes, for any patterns: within the limit, whole ARNs, nothing empty', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '*', '-', '/'), minLength: 1, maxLength: 60 });
    const pattern = fc.oneof(
      name.map((each) => `arn:aws:s3:::${each}`),
      name.map((each) => `arn:aws:lambda:*:123456789012:function:${each}`),
      name.map((each) => `arn:*:cloudformation:eu-west-1:*:stack/${each}`),
      fc.constant('*'),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 120 }), fc.array(pattern, { maxLength: 120 }), (allow, deny) => {
        for (const policy of iamPolicyFor(awsTools, [{ allow, deny }], 'aws')) {
          const json = JSON.stringify(policy, undefined, 2);
          assert.ok(json.replaceAll(/\s/g, '').length <= maxIamPolicyCharacters);
          assert.ok(policy.Statement.length > 0);
          for (const { Action, Resource, Condition } of policy.Statement) {
            assert.ok(Action.length > 0 && Resource.length > 0);
            assert.ok(Condition?.StringLike['s3:prefix'].length !== 0);
            for (const arn of Resource) assert.ok(arn === '*' || splitArn(arn)?.partition === 'aws', arn);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keeps one of two patterns that say the same', () => {
    const [statement] = statementFor('s3:GetObject', statementsOf(['*', 'arn:aws:s3:::**']));
    assert.equal(statement?.Resource.length, 1);
  });

  it('splits what is too large for one policy, and loses nothing', () => {
    const allow = Array.from({ length: 200 }, (_, index) => `arn:aws:s3:::bucket-with-a-rather-long-name-${index}/*`);
    const policies = iamPolicyFor(awsTools, [{ allow, deny: [] }], 'aws');
    assert.ok(policies.length > 1);
    const objects = policies.flatMap(({ Statement }) =>
      statementFor('s3:GetObject', Statement).flatMap(({ Resource }) => Resource),
    );
    assert.deepEqual([...objects].sort(), [...allow].sort());
  });
});
