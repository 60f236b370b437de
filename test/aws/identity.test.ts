import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { startMinistack, startMoto, type Ministack } from '../../scripts/toolbox/localAws';
import type { AwsEnvironmentOptions } from '../../src/aws/environment';
import type { IdentityState } from '../../src/aws/identity';
import { AwsIdentityService, type AwsIdentityServiceOptions } from '../../src/aws/identityService';
import type { AwsRequest } from '../../src/core/awsRequest';
import { runInCallScope } from '../../src/core/callScope';
import { WorkbenchError, type ErrorCode } from '../../src/core/errors';
import { UserHome } from '../unit/aws/userHome';
import { queryError, startAwsFront, type AwsFront } from './awsFront';

const signal = new AbortController().signal;

function isError(code: ErrorCode, message?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(WorkbenchError.is(error, code), `${code} was expected, not ${String(error)}`);
    if (message) assert.match(error.message, message);
    assert.match(error.remedy, /\.$/);
    return true;
  };
}

describe('AwsIdentityService against a local AWS', () => {
  let aws: Ministack;
  let front: AwsFront;
  let home: UserHome;
  const services: AwsIdentityService[] = [];

  before(async () => {
    aws = await startMinistack();
  });
  after(() => aws.dispose());
  beforeEach(async () => {
    home = new UserHome();
    front = await startAwsFront(aws.endpoint);
  });
  afterEach(async () => {
    for (const service of services.splice(0)) service.dispose();
    await front.dispose();
    home.dispose();
  });

  function identityService(
    env: NodeJS.ProcessEnv = {},
    options: AwsIdentityServiceOptions & Partial<AwsEnvironmentOptions> = {},
  ): AwsIdentityService {
    const service = new AwsIdentityService(home.environment(env, options), {}, options);
    services.push(service);
    return service;
  }

  /** A config file with two accounts and what builds on them. */
  function writeAccounts(extra = ''): void {
    home.writeConfig(`
[profile dev]
region = eu-west-1
endpoint_url = ${front.endpoint}
[profile prod]
region = us-west-2
endpoint_url = ${front.endpoint}
${extra}`);
    home.writeCredentials(`
[dev]
aws_access_key_id = 111122223333
aws_secret_access_key = local
[prod]
aws_access_key_id = 444455556666
aws_secret_access_key = local
`);
  }

  it('acts as each profile in its own account and region, with what the receipt needs', async () => {
    writeAccounts();
    const identity = identityService();
    const dev = await identity.resolve({ profile: 'dev' }, signal);
    const prod = await identity.resolve({ profile: 'prod' }, signal);
    assert.deepEqual(dev.identity, { account: '111122223333', role: 'root', region: 'eu-west-1', profile: 'dev' });
    assert.deepEqual(prod.identity, { account: '444455556666', role: 'root', region: 'us-west-2', profile: 'prod' });
    assert.equal(dev.arn, 'arn:aws:iam::111122223333:root');
    await (await dev.client('cloudformation')).listStacks({});
    const request = front.seen.at(-1)!;
    assert.deepEqual([request.accessKeyId, request.region], ['111122223333', 'eu-west-1']);
  });

  it('keeps accounts apart', async () => {
    writeAccounts();
    const identity = identityService();
    const [dev, prod] = await Promise.all(
      ['dev', 'prod'].map(async (profile) => (await identity.resolve({ profile }, signal)).client('s3')),
    );
    await dev!.createBucket({ Bucket: 'only-in-dev', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
    const names = async (client: typeof dev) => (await client!.listBuckets({})).Buckets?.map(({ Name }) => Name);
    assert.deepEqual(await names(dev), ['only-in-dev']);
    assert.deepEqual((await names(prod)) ?? [], []);
  });

  it('reads and writes objects with a custom endpoint', async () => {
    writeAccounts();
    const s3 = await (await identityService().resolve({ profile: 'prod' }, signal)).client('s3');
    await s3.createBucket({ Bucket: 'things', CreateBucketConfiguration: { LocationConstraint: 'us-west-2' } });
    await s3.putObject({ Bucket: 'things', Key: 'a b/ü', Body: 'hello' });
    const whole = await s3.getObject({ Bucket: 'things', Key: 'a b/ü' });
    assert.equal(await whole.Body!.transformToString(), 'hello');
    const part = await s3.getObject({ Bucket: 'things', Key: 'a b/ü', Range: 'bytes=1-2' });
    assert.equal(await part.Body!.transformToString(), 'el');
  });

  it('asks STS once, however many calls want the same identity at once or later', async () => {
    writeAccounts();
    const identity = identityService();
    const sessions = await Promise.all([1, 2, 3].map(() => identity.resolve({ profile: 'dev' }, signal)));
    sessions.push(await identity.resolve({ profile: 'dev', region: 'eu-west-1' }, signal));
    assert.equal(new Set(sessions).size, 1);
    assert.equal(front.seen.length, 1);
    assert.equal(await sessions[0]!.client('s3'), await sessions[1]!.client('s3'));
  });

  describe('the region', () => {
    it('is that of the call, of the selection, of the profile, then of the variables', async () => {
      writeAccounts('[profile nowhere]\nsource_profile = dev\nrole_arn = arn:aws:iam::111122223333:role/R\n');
      const region = async (service: AwsIdentityService, request: { profile: string; region?: string }) =>
        (await service.resolve(request, signal)).identity.region;
      const identity = identityService({ AWS_DEFAULT_REGION: 'ca-central-1', AWS_ENDPOINT_URL: front.endpoint });
      assert.equal(await region(identity, { profile: 'dev', region: 'ap-south-1' }), 'ap-south-1');
      assert.equal(front.seen.at(-1)!.region, 'ap-south-1');
      assert.equal(await region(identity, { profile: 'dev' }), 'eu-west-1');
      assert.equal(await region(identity, { profile: 'nowhere' }), 'ca-central-1');
      identity.select({ profile: 'dev', region: 'sa-east-1' });
      assert.equal((await identity.resolve({}, signal)).identity.region, 'sa-east-1');
    });

    it('is asked for where nobody names one', async () => {
      home.writeConfig('[profile bare]\naws_access_key_id = 111122223333\naws_secret_access_key = local\n');
      await assert.rejects(
        identityService().resolve({ profile: 'bare' }, signal),
        isError('InvalidInput', /region.*bare/),
      );
    });

    it('is never taken into a host name unless it looks like one', async () => {
      writeAccounts();
      for (const region of ['evil.example/x', 'US EAST', '-', 'a'.repeat(80)]) {
        await assert.rejects(identityService().resolve({ profile: 'dev', region }, signal), isError('InvalidInput'));
      }
      assert.equal(front.seen.length, 0);
    });
  });

  it('follows a chain of roles to the keys at its start', async () => {
    // Moto keeps the account of an assumed role apart, which MiniStack does not.
    const moto = await startMoto();
    const before = front;
    try {
      front = await startAwsFront(moto.endpoint);
      writeAccounts(`
[profile middle]
role_arn = arn:aws:iam::111122223333:role/Middle
source_profile = dev
region = eu-west-1
endpoint_url = ${front.endpoint}
[profile end]
role_arn = arn:aws:iam::444455556666:role/path/End
role_session_name = jane
external_id = ext
duration_seconds = 1800
source_profile = middle
region = eu-west-1
endpoint_url = ${front.endpoint}
`);
      const requests: AwsRequest[] = [];
      const scope = { callId: 'c', client: 'test', onAwsRequest: (request: AwsRequest) => requests.push(request) };
      const session = await runInCallScope(scope, () => identityService().resolve({ profile: 'end' }, signal));
      assert.equal(session.identity.account, '444455556666');
      assert.equal(session.identity.role, 'End');
      assert.match(session.arn, /assumed-role\/(?:path\/)?End\/jane$/);
      assert.deepEqual(
        requests.map(({ operation }) => operation),
        ['AssumeRole', 'AssumeRole', 'GetCallerIdentity'],
      );
      const [first, second] = front.seen.map(({ body }) => new URLSearchParams(body));
      assert.equal(first!.get('RoleArn'), 'arn:aws:iam::111122223333:role/Middle');
      assert.equal(second!.get('ExternalId'), 'ext');
      assert.equal(second!.get('DurationSeconds'), '1800');
    } finally {
      await front.dispose();
      front = before;
      await moto.dispose();
    }
  });

  it('says which profile of a chain is wrong', async () => {
    writeAccounts(`
[profile circle-a]
role_arn = arn:aws:iam::111122223333:role/A
source_profile = circle-b
region = eu-west-1
[profile circle-b]
role_arn = arn:aws:iam::111122223333:role/B
source_profile = circle-a
[profile dangling]
role_arn = arn:aws:iam::111122223333:role/A
source_profile = gone
region = eu-west-1
[profile odd-source]
role_arn = arn:aws:iam::111122223333:role/A
credential_source = Magic
region = eu-west-1
[profile empty]
region = eu-west-1
`);
    const identity = identityService();
    const table: [string, RegExp][] = [
      ['circle-a', /circle-a → circle-b → circle-a/],
      ['dangling', /dangling builds on profile gone/],
      ['odd-source', /Magic/],
      ['empty', /empty has no complete credentials/],
      ['unknown', /no AWS profile named unknown/],
    ];
    for (const [profile, message] of table) {
      await assert.rejects(identity.resolve({ profile }, signal), isError('InvalidInput', message));
    }
  });

  describe('MFA', () => {
    const mfaProfile = (): void =>
      writeAccounts(`
[profile mfa]
role_arn = arn:aws:iam::111122223333:role/Guarded
source_profile = dev
mfa_serial = arn:aws:iam::111122223333:mfa/jane
region = eu-west-1
endpoint_url = ${front.endpoint}
`);

    it('asks for the code once, and says when the role ends', async () => {
      mfaProfile();
      const asked: object[] = [];
      const identity = identityService(
        {},
        {
          mfaCodeProvider: async (request) => {
            asked.push(request);
            return ' 123456 ';
          },
        },
      );
      identity.select({ profile: 'mfa' });
      await Promise.all([identity.resolve({}, signal), identity.resolve({}, signal)]);
      assert.deepEqual(asked, [{ profile: 'mfa', serialNumber: 'arn:aws:iam::111122223333:mfa/jane' }]);
      assert.equal(new URLSearchParams(front.seen[0]!.body).get('TokenCode'), '123456');
      assert.ok(identity.state.kind === 'active' && identity.state.expiresAt! > Date.now());
    });

    it('is SignInRequired where nobody can be asked or nobody answers', async () => {
      mfaProfile();
      await assert.rejects(
        identityService().resolve({ profile: 'mfa' }, signal),
        isError('SignInRequired', /current code of arn:aws:iam::111122223333:mfa\/jane/),
      );
      const silent = identityService({}, { mfaCodeProvider: async () => undefined });
      await assert.rejects(silent.resolve({ profile: 'mfa' }, signal), isError('SignInRequired'));
    });
  });

  it('runs a credential_process with the variables of its user, once for all', async () => {
    const runs = path.join(home.folder, 'runs');
    const script = path.join(home.folder, 'give keys.cjs');
    fs.writeFileSync(
      script,
      `require('fs').appendFileSync(${JSON.stringify(runs)}, 'x');
       console.log(JSON.stringify({ Version: 1, AccessKeyId: process.env.PLAYED_ACCOUNT, SecretAccessKey: 'local' }))`,
    );
    home.writeConfig(
      `[profile tool]\ncredential_process = "${process.execPath}" "${script}"\nregion = eu-west-1\nendpoint_url = ${front.endpoint}\n`,
    );
    const identity = identityService({ PLAYED_ACCOUNT: '777788889999' });
    const sessions = await Promise.all([1, 2].map(() => identity.resolve({ profile: 'tool' }, signal)));
    assert.equal(sessions[0]!.identity.account, '777788889999');
    await (await sessions[0]!.client('lambda')).listFunctions({});
    assert.equal(fs.readFileSync(runs, 'utf8'), 'x');
  });

  it('goes by the variables it is given and by nothing of the process around it', async () => {
    writeAccounts();
    const poison = {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_PROFILE: 'poison',
      AWS_ACCESS_KEY_ID: '000000000001',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_REGION: 'poison-1',
      AWS_CONFIG_FILE: path.join(home.folder, 'poison'),
    };
    fs.writeFileSync(
      poison.AWS_CONFIG_FILE,
      '[profile poison]\nendpoint_url = http://127.0.0.1:1\nregion = poison-1\n',
    );
    const before = { ...process.env };
    Object.assign(process.env, poison);
    try {
      const session = await identityService().resolve({ profile: 'dev' }, signal);
      assert.equal(session.identity.account, '111122223333');
      await (await session.client('lambda')).listFunctions({});
      assert.equal(front.seen.at(-1)!.accessKeyId, '111122223333');
    } finally {
      for (const name of Object.keys(poison)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });

  it('uses the keys of the environment where no profile is chosen, and lists them as such', async () => {
    writeAccounts();
    const env = aws.envFor('123412341234');
    const identity = identityService({
      AWS_ACCESS_KEY_ID: env['AWS_ACCESS_KEY_ID'],
      AWS_SECRET_ACCESS_KEY: env['AWS_SECRET_ACCESS_KEY'],
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: aws.endpoint,
    });
    const { identity: who } = await identity.resolve({}, signal);
    assert.deepEqual(who, { account: '123412341234', role: 'root', region: 'us-east-1', profile: 'environment' });
    assert.deepEqual(
      (await identity.listProfiles()).map(({ name, kind }) => [name, kind]),
      [
        ['dev', 'static'],
        ['prod', 'static'],
        ['environment', 'environment'],
      ],
    );
    assert.equal((await identity.resolve({ profile: 'dev' }, signal)).identity.profile, 'dev');
    const named = identityService({
      ...env,
      AWS_CONFIG_FILE: undefined,
      AWS_SHARED_CREDENTIALS_FILE: undefined,
      AWS_PROFILE: 'dev',
    });
    assert.equal((await named.resolve({}, signal)).identity.profile, 'dev');
  });

  it('takes the default profile where nothing else is said, and is at a loss where there is none', async () => {
    home.writeConfig(
      `[default]\naws_access_key_id = 111122223333\naws_secret_access_key = x\nregion = us-east-1\nendpoint_url = ${front.endpoint}\n`,
    );
    const identity = identityService();
    assert.deepEqual(identity.state, { kind: 'signedOut', reason: 'No AWS profile has been chosen.' });
    assert.equal((await identity.resolve({}, signal)).identity.profile, 'default');
    home.replaceConfig('');
    await assert.rejects(
      identity.resolve({ region: 'us-east-1' }, signal),
      isError('SignInRequired', /no AWS profile yet/),
    );
  });

  it('sees an edit of the files at the next call, with no reload', async () => {
    writeAccounts();
    const identity = identityService();
    identity.select({ profile: 'dev' });
    const before = await identity.resolve({}, signal);
    home.writeCredentials('[dev]\naws_access_key_id = 999900001111\naws_secret_access_key = local\n');
    const after = await identity.resolve({}, signal);
    assert.equal(after.identity.account, '999900001111');
    // Who holds the old session goes on as who it was.
    await (await before.client('lambda')).listFunctions({});
    assert.equal(front.seen.at(-1)!.accessKeyId, '111122223333');
    home.replaceConfig(`[profile dev]\nregion = us-east-2\nendpoint_url = ${aws.endpoint}\n`);
    const seen = front.seen.length;
    assert.equal((await identity.resolve({}, signal)).identity.region, 'us-east-2');
    assert.equal(front.seen.length, seen);
  });

  it('tells each change of who we are, once', async () => {
    writeAccounts();
    const identity = identityService();
    const states: IdentityState[] = [];
    identity.onDidChange((state) => states.push(state));
    identity.select({ profile: 'dev' });
    identity.select({ profile: 'dev', region: undefined });
    await identity.resolve({}, signal);
    await identity.resolve({}, signal);
    await identity.resolve({ profile: 'prod' }, signal);
    identity.select({ profile: 'missing', region: 'eu-west-1' });
    await assert.rejects(identity.resolve({}, signal));
    identity.invalidate();
    const dev = { account: '111122223333', role: 'root', region: 'eu-west-1', profile: 'dev' };
    assert.deepEqual(states, [
      { kind: 'unverified', profile: 'dev' },
      { kind: 'active', identity: dev },
      { kind: 'unverified', profile: 'missing', region: 'eu-west-1' },
      {
        kind: 'failed',
        profile: 'missing',
        region: 'eu-west-1',
        reason: 'There is no AWS profile named missing.',
      },
      { kind: 'unverified', profile: 'missing', region: 'eu-west-1' },
    ]);
    assert.equal(identity.state, states.at(-1));
  });

  it('does not let a late answer speak for another selection', async () => {
    writeAccounts();
    const identity = identityService();
    identity.select({ profile: 'dev' });
    const late = identity.resolve({}, signal);
    identity.select({ profile: 'prod' });
    assert.equal((await late).identity.profile, 'dev');
    assert.deepEqual(identity.state, { kind: 'unverified', profile: 'prod' });
  });

  it('rejects at once when its signal fires, and only the call that was cancelled', async () => {
    writeAccounts();
    const identity = identityService();
    identity.select({ profile: 'dev' });
    let release: (() => void) | undefined;
    const reached = new Promise<void>((resolve) => (release = resolve));
    front.decide = () => {
      release!();
      return 'hang';
    };
    const controller = new AbortController();
    const other = new AbortController();
    const cancelled = identity.resolve({}, controller.signal);
    const waiting = identity.resolve({}, other.signal);
    await reached;
    controller.abort();
    await assert.rejects(cancelled, isError('Cancelled'));
    front.decide = () => 'forward';
    other.abort();
    await assert.rejects(waiting, isError('Cancelled'));
    await assert.rejects(identity.resolve({}, AbortSignal.abort()), isError('Cancelled'));
    assert.equal(identity.state.kind, 'unverified');
    // The one that nobody waits for is not joined again.
    assert.equal((await identity.resolve({}, signal)).identity.account, '111122223333');
  });

  it('stops asking AWS when a call is aborted in the middle', async () => {
    writeAccounts();
    const session = await identityService().resolve({ profile: 'dev' }, signal);
    const lambda = await session.client('lambda');
    const controller = new AbortController();
    front.decide = () => {
      controller.abort();
      return 'hang';
    };
    const requests: AwsRequest[] = [];
    const scope = { callId: 'c', client: 'test', onAwsRequest: (request: AwsRequest) => requests.push(request) };
    await assert.rejects(
      runInCallScope(scope, () => lambda.listFunctions({}, { abortSignal: controller.signal })),
      { name: 'AbortError' },
    );
    assert.equal(requests.length, 1);
    assert.equal(requests[0]!.errorName, 'AbortError');
    assert.equal(requests[0]!.attempts, 1);
  });

  it('keeps a bounded number of identities, the ones used last', async () => {
    writeAccounts();
    const identity = identityService({}, { maxIdentities: 2 });
    const resolve = (region: string) => identity.resolve({ profile: 'dev', region }, signal);
    const one = await resolve('us-east-1');
    await resolve('us-east-2');
    assert.equal(await resolve('us-east-1'), one);
    await resolve('us-west-1');
    assert.equal(front.seen.length, 3);
    assert.equal(await resolve('us-east-1'), one);
    assert.notEqual(await resolve('us-east-2'), undefined);
    assert.equal(front.seen.length, 4);
  });

  it('says that a person must act where STS refuses the keys', async () => {
    writeAccounts();
    const identity = identityService();
    identity.select({ profile: 'dev' });
    front.decide = () => queryError(403, 'ExpiredToken', 'The security token included in the request is expired');
    await assert.rejects(identity.resolve({}, signal), isError('SignInRequired', /profile dev have expired/));
    assert.deepEqual(identity.state, {
      kind: 'expired',
      profile: 'dev',
      reason: 'The credentials of profile dev have expired.',
    });
    front.decide = () => 'forward';
    assert.equal((await identity.resolve({}, signal)).identity.account, '111122223333');
    assert.equal(identity.state.kind, 'active');
  });

  it('asks for credentials anew after AWS refused them in the middle of a session', async () => {
    writeAccounts();
    const identity = identityService();
    const session = await identity.resolve({ profile: 'dev' }, signal);
    const cloudformation = await session.client('cloudformation');
    front.decide = () => queryError(403, 'ExpiredToken', 'The security token included in the request is expired');
    await assert.rejects(cloudformation.listStacks({}), { name: 'ExpiredToken' });
    front.decide = () => 'forward';
    assert.notEqual(await identity.resolve({ profile: 'dev' }, signal), session);
  });

  it('stays signed in when the network is down', async () => {
    writeAccounts();
    const identity = identityService({ AWS_MAX_ATTEMPTS: '1' });
    identity.select({ profile: 'dev' });
    await identity.resolve({}, signal);
    const region = 'eu-west-2';
    home.replaceConfig(
      `[profile dev]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:1\n[profile other]\nregion = ${region}\n`,
    );
    await assert.rejects(identity.resolve({}, signal), isError('Internal', /127\.0\.0\.1:1 cannot be reached/));
    assert.equal(identity.state.kind, 'active');
  });
});
