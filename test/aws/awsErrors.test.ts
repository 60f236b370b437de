import assert from 'node:assert/strict';
import { startMinistack, type Ministack } from '../../scripts/toolbox/localAws';
import { toWorkbenchError } from '../../src/aws/awsErrors';
import type { AwsSession } from '../../src/aws/identity';
import { AwsIdentityService } from '../../src/aws/identityService';
import type { ErrorCode } from '../../src/core/errors';
import { UserHome } from '../unit/aws/userHome';

describe('toWorkbenchError on what a local AWS answers', () => {
  let aws: Ministack;
  let home: UserHome;
  let identity: AwsIdentityService;
  let session: AwsSession;

  before(async () => {
    aws = await startMinistack();
    home = new UserHome();
    identity = new AwsIdentityService(home.environment(aws.env));
    session = await identity.resolve({}, new AbortController().signal);
    await (await session.client('s3')).createBucket({ Bucket: 'real' });
  });
  after(async () => {
    identity.dispose();
    home.dispose();
    await aws.dispose();
  });

  const table: [what: string, act: (session: AwsSession) => Promise<unknown>, code: ErrorCode, says: RegExp][] = [
    [
      'a stack that does not exist',
      async (aws) => (await aws.client('cloudformation')).describeStacks({ StackName: 'nope' }),
      'NotFound',
      /nope/,
    ],
    [
      'a template that is none',
      async (aws) => (await aws.client('cloudformation')).createStack({ StackName: 's', TemplateBody: '{' }),
      'InvalidInput',
      /./,
    ],
    [
      'a function that does not exist',
      async (aws) => (await aws.client('lambda')).invoke({ FunctionName: 'nope' }),
      'NotFound',
      /nope/,
    ],
    [
      'a bucket that does not exist',
      async (aws) => (await aws.client('s3')).listObjectsV2({ Bucket: 'no-such-bucket' }),
      'NotFound',
      /bucket/,
    ],
    [
      'an object that does not exist',
      async (aws) => (await aws.client('s3')).getObject({ Bucket: 'real', Key: 'nope' }),
      'NotFound',
      /key/,
    ],
    [
      'a HEAD of one',
      async (aws) => (await aws.client('s3')).headObject({ Bucket: 'real', Key: 'nope' }),
      'NotFound',
      /./,
    ],
    [
      'an aborted request',
      async (aws) => (await aws.client('s3')).listBuckets({}, { abortSignal: AbortSignal.abort() }),
      'Cancelled',
      /cancelled/,
    ],
  ];
  for (const [what, act, code, says] of table) {
    it(`takes ${what} for ${code}`, async () => {
      await assert.rejects(act(session), (thrown) => {
        const error = toWorkbenchError(thrown, { iamActions: [] });
        assert.equal(error.code, code, error.message);
        assert.match(error.message, says);
        assert.equal(error.awsRequestId !== undefined, code !== 'Cancelled');
        return true;
      });
    });
  }

  it('takes an endpoint where nobody listens for a network fault that may pass', async () => {
    const nobody = new AwsIdentityService(
      home.environment({ ...aws.env, AWS_ENDPOINT_URL: 'http://localhost:1', AWS_MAX_ATTEMPTS: '1' }),
    );
    try {
      await assert.rejects(nobody.resolve({}, new AbortController().signal), (thrown) => {
        const error = toWorkbenchError(thrown, { iamActions: [] });
        assert.equal(error.retryable, true);
        assert.match(error.message, /:1 cannot be reached \(ECONNREFUSED\)\./);
        assert.match(error.remedy, /endpoint_url/);
        return true;
      });
    } finally {
      nobody.dispose();
    }
  });
});
