import assert from 'node:assert/strict';
import { seededAws, ToolCaller } from './toolCalls';

describe('aws_get_caller_identity', () => {
  let caller: ToolCaller;

  before(async () => {
    caller = new ToolCaller((await seededAws()).aws.env);
  });
  after(() => caller.dispose());

  it('says who AWS takes the call for', async () => {
    const output = await caller.output<{ account: string; arn: string; userId: string }>('aws_get_caller_identity', {});
    assert.equal(output.account, '000000000000');
    assert.match(output.arn, /^arn:aws:(iam|sts)::000000000000:/);
    assert.equal(typeof output.userId, 'string');
    assert.equal(output.identity.account, '000000000000');
    assert.equal(output.identity.region, 'us-east-1');
    assert.equal(output.identity.profile, 'environment');
  });

  it('is another account for another key', async () => {
    const { aws } = await seededAws();
    const other = new ToolCaller(aws.envFor('111122223333'));
    try {
      const output = await other.output('aws_get_caller_identity', {});
      assert.equal(output['account'], '111122223333');
      assert.equal(output.identity.account, '111122223333');
    } finally {
      other.dispose();
    }
  });

  it('refuses arguments that it does not have', async () => {
    const error = await caller.error('aws_get_caller_identity', { confirm: true });
    assert.equal(error.code, 'InvalidInput');
    assert.match(error.message, /confirm/);
  });

  it('asks to sign in where there are no credentials', async () => {
    const { aws } = await seededAws();
    const { AWS_ACCESS_KEY_ID: _key, AWS_SECRET_ACCESS_KEY: _secret, ...env } = aws.env;
    const signedOut = new ToolCaller(env);
    try {
      assert.equal((await signedOut.error('aws_get_caller_identity', {})).code, 'SignInRequired');
    } finally {
      signedOut.dispose();
    }
  });

  it('refuses a region and a profile that the user did not allow, before anything is sent', async () => {
    for (const input of [{ region: 'eu-central-1' }, { profile: 'production' }]) {
      const sent: unknown[] = [];
      const error = await caller.error('aws_get_caller_identity', input, {
        onAwsRequest: (request) => sent.push(request),
      });
      assert.equal(error.code, 'PolicyDenied');
      assert.match(error.remedy, /allowedRegions|allowedProfiles/);
      assert.deepEqual(sent, []);
    }
  });

  it('acts in a region that the user allowed', async () => {
    const { aws } = await seededAws();
    const wider = new ToolCaller(aws.env, { policy: { allowedRegions: ['eu-central-1'] } });
    try {
      const output = await wider.output('aws_get_caller_identity', { region: 'eu-central-1' });
      assert.equal(output.identity.region, 'eu-central-1');
    } finally {
      wider.dispose();
    }
  });
});
