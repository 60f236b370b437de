import assert from 'node:assert/strict';
import { startMinistack, type Ministack } from '../../scripts/toolbox/localAws';
import type { AwsSession } from '../../src/aws/identity';
import { AwsIdentityService } from '../../src/aws/identityService';
import type { AwsRequest } from '../../src/core/awsRequest';
import { runInCallScope } from '../../src/core/callScope';
import { UserHome } from '../unit/aws/userHome';
import { json, queryError, startAwsFront, type AwsFront } from './awsFront';

describe('Records of AWS requests', () => {
  let aws: Ministack;
  let front: AwsFront;
  let home: UserHome;
  let identity: AwsIdentityService;
  let session: AwsSession;
  let requests: AwsRequest[];

  before(async () => {
    aws = await startMinistack();
    front = await startAwsFront(aws.endpoint);
    home = new UserHome();
    const env = { ...aws.envFor('111122223333'), AWS_ENDPOINT_URL: front.endpoint };
    identity = new AwsIdentityService(home.environment(env));
    session = await identity.resolve({}, new AbortController().signal);
  });
  after(async () => {
    identity.dispose();
    home.dispose();
    await front.dispose();
    await aws.dispose();
  });
  beforeEach(() => {
    requests = [];
    front.seen.length = 0;
    front.decide = () => 'forward';
  });

  function inCall<T>(body: () => Promise<T>, client = 'claude-code'): Promise<T> {
    return runInCallScope({ callId: 'call-7', client, onAwsRequest: (request) => requests.push(request) }, body);
  }

  it('name service, operation, region, account, status and request id', async () => {
    const cloudformation = await session.client('cloudformation');
    const answer = await inCall(() => cloudformation.listStacks({}));
    assert.equal(requests.length, 1);
    const [request] = requests;
    assert.ok(request!.durationMs >= 0 && request!.startedAt <= Date.now());
    assert.deepEqual(
      { ...request, durationMs: 0, startedAt: 0 },
      {
        service: 'CloudFormation',
        operation: 'ListStacks',
        region: 'us-east-1',
        account: '111122223333',
        requestId: answer.$metadata.requestId,
        attempts: 1,
        httpStatus: 200,
        durationMs: 0,
        startedAt: 0,
      },
    );
  });

  it('tell what failed and how', async () => {
    const lambda = await session.client('lambda');
    await assert.rejects(inCall(() => lambda.getFunction({ FunctionName: 'nope' })));
    assert.deepEqual(
      requests.map(({ service, operation, httpStatus, errorName, attempts }) => [
        service,
        operation,
        httpStatus,
        errorName,
        attempts,
      ]),
      [['Lambda', 'GetFunction', 404, 'ResourceNotFoundException', 1]],
    );
  });

  it('count the attempts of one request as one', async () => {
    let refusals = 2;
    front.decide = () =>
      refusals-- > 0
        ? json({ message: 'slow down' }, 429, { 'x-amzn-errortype': 'TooManyRequestsException' })
        : 'forward';
    const lambda = await session.client('lambda');
    await inCall(() => lambda.listFunctions({}));
    assert.equal(front.seen.length, 3);
    assert.deepEqual(
      requests.map(({ attempts, httpStatus, errorName }) => [attempts, httpStatus, errorName]),
      [[3, 200, undefined]],
    );
  });

  it('count the attempts also where none went well', async () => {
    front.decide = () => queryError(400, 'Throttling', 'Rate exceeded');
    const cloudformation = await session.client('cloudformation');
    await assert.rejects(inCall(() => cloudformation.listStacks({})));
    assert.deepEqual(
      requests.map(({ attempts, httpStatus, errorName, requestId }) => [attempts, httpStatus, errorName, requestId]),
      [[3, 400, 'Throttling', 'front-request']],
    );
  });

  it('belong to the call that made them, also when calls share a client', async () => {
    const s3 = await session.client('s3');
    const mine: string[] = [];
    const call = (callId: string, times: number): Promise<unknown> =>
      runInCallScope({ callId, client: 'c', onAwsRequest: () => mine.push(callId) }, async () => {
        for (let count = 0; count < times; count++) await s3.listBuckets({});
      });
    await Promise.all([call('a', 1), call('b', 3)]);
    await s3.listBuckets({});
    assert.deepEqual([...mine].sort(), ['a', 'b', 'b', 'b']);
  });

  it('can be matched with CloudTrail by the user agent', async () => {
    const s3 = await session.client('s3');
    await inCall(() => s3.listBuckets({}), 'Claude "Code"\r\nX-Evil: 1 (é)');
    const agent = front.seen[0]!.headers['user-agent']!;
    assert.match(agent, /(?:^| )mcp-workbench\/9\.8\.7(?: |$)/);
    assert.match(agent, / md\/mcp-call#call-7 /);
    assert.match(agent, / md\/mcp-client#Claude-Code-X-Evil-1-?-? /);
    assert.equal(front.seen[0]!.headers['x-evil'], undefined);
    await s3.listBuckets({});
    assert.doesNotMatch(front.seen[1]!.headers['user-agent']!, /mcp-call/);
  });
});
