import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { startMinistack, type Ministack } from '../../scripts/toolbox/localAws';
import { AwsIdentityService } from '../../src/aws/identityService';
import { WorkbenchError, type ErrorCode } from '../../src/core/errors';
import { UserHome } from '../unit/aws/userHome';
import { json, startAwsFront, type AwsFront, type Verdict } from './awsFront';

const signal = new AbortController().signal;
const hour = 3_600_000;

/** As the AWS CLI writes it: whole seconds. */
function isoTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

describe('IAM Identity Center sign-ins that other tools made', () => {
  const sessionName = 'Société Générale';
  let aws: Ministack;
  let portal: AwsFront;
  let home: UserHome;
  let identity: AwsIdentityService;

  before(async () => {
    aws = await startMinistack();
  });
  after(() => aws.dispose());
  beforeEach(async () => {
    home = new UserHome();
    portal = await startAwsFront();
    portal.decide = ({ path }) => (path.startsWith('/federation/credentials') ? roleCredentials() : json({}, 500));
    home.writeConfig(`
[sso-session "${sessionName}"]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
[profile dev]
sso_session = ${sessionName}
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-central-1
services = local
[profile old]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-central-1
services = local
[profile deploy]
role_arn = arn:aws:iam::111122223333:role/Deploy
source_profile = dev
region = eu-central-1
services = local
[profile lost]
sso_session = nowhere
region = eu-central-1
[profile half]
sso_session = ${sessionName}
region = eu-central-1
[services local]
sts =
  endpoint_url = ${aws.endpoint}
`);
    identity = new AwsIdentityService(
      home.environment({ AWS_ENDPOINT_URL_SSO: portal.endpoint, AWS_ENDPOINT_URL_SSO_OIDC: portal.endpoint }),
    );
  });
  afterEach(async () => {
    identity.dispose();
    await portal.dispose();
    home.dispose();
  });

  function roleCredentials(): Verdict {
    return json({
      roleCredentials: {
        accessKeyId: '111122223333',
        secretAccessKey: 'local',
        sessionToken: 'local',
        expiration: Date.now() + hour,
      },
    });
  }

  function token(expiresIn: number, more: object = {}): object {
    return {
      startUrl: 'https://acme.awsapps.com/start',
      region: 'eu-west-1',
      accessToken: 'access-1',
      expiresAt: isoTime(Date.now() + expiresIn),
      ...more,
    };
  }

  const renewable = {
    clientId: 'client',
    clientSecret: 'client-secret',
    registrationExpiresAt: isoTime(Date.now() + 24 * hour),
    refreshToken: 'refresh-1',
  };

  function isError(code: ErrorCode, message: RegExp, remedy: RegExp = /\.$/): (error: unknown) => boolean {
    return (error) => {
      assert.ok(WorkbenchError.is(error, code), `${code} was expected, not ${String(error)}`);
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
      return true;
    };
  }

  it('are found in the cache under the raw name of the session, and exchanged for the role', async () => {
    const expiresAt = Date.now() + 4 * hour;
    home.writeSsoToken(sessionName, token(4 * hour));
    identity.select({ profile: 'dev' });
    const session = await identity.resolve({}, signal);
    assert.equal(session.identity.account, '111122223333');
    const [request] = portal.seen;
    const url = new URL(request!.path, portal.endpoint);
    assert.equal(url.pathname, '/federation/credentials');
    assert.deepEqual(Object.fromEntries(url.searchParams), { role_name: 'Developer', account_id: '111122223333' });
    assert.equal(request!.headers['x-amz-sso_bearer_token'], 'access-1');
    assert.ok(identity.state.kind === 'active');
    assert.ok(Math.abs(identity.state.expiresAt! - expiresAt) < 2000);
  });

  it('work for profiles without a session, by their start URL', async () => {
    home.writeSsoToken('https://old.awsapps.com/start', token(4 * hour));
    assert.equal((await identity.resolve({ profile: 'old' }, signal)).identity.profile, 'old');
  });

  it('are where a chain of roles may begin', async () => {
    home.writeSsoToken(sessionName, token(4 * hour));
    assert.equal((await identity.resolve({ profile: 'deploy' }, signal)).identity.role, 'Deploy');
  });

  it('that do not exist are SignInRequired, with no request at all', async () => {
    await assert.rejects(
      identity.resolve({ profile: 'dev' }, signal),
      isError('SignInRequired', /Nobody is signed in to Société Générale\./, /--sso-session "Société Générale"/),
    );
    assert.equal(portal.seen.length, 0);
  });

  it('that ended are SignInRequired and say when, with no request at all', async () => {
    identity.select({ profile: 'dev' });
    home.writeSsoToken(sessionName, token(-hour));
    const message = /^The session of Société Générale ended (?:on [\d-]+ )?at \d\d:\d\d\.$/;
    await assert.rejects(identity.resolve({}, signal), isError('SignInRequired', message));
    assert.equal(identity.state.kind, 'expired');
    assert.equal(portal.seen.length, 0);
  });

  it('made while we run are used by the next call', async () => {
    await assert.rejects(identity.resolve({ profile: 'dev' }, signal), isError('SignInRequired', /Nobody/));
    home.writeSsoToken(sessionName, token(hour));
    assert.equal((await identity.resolve({ profile: 'dev' }, signal)).identity.account, '111122223333');
  });

  it('that AWS took back are SignInRequired', async () => {
    home.writeSsoToken(sessionName, token(hour));
    portal.decide = () =>
      json({ message: 'Session token not found or invalid' }, 401, { 'x-amzn-errortype': 'UnauthorizedException' });
    await assert.rejects(
      identity.resolve({ profile: 'dev' }, signal),
      isError('SignInRequired', /The session of Société Générale ended\./),
    );
  });

  it('that do not give the role are AccessDenied and name it', async () => {
    home.writeSsoToken(sessionName, token(hour));
    portal.decide = () => json({ message: 'No access' }, 403, { 'x-amzn-errortype': 'ForbiddenException' });
    await assert.rejects(
      identity.resolve({ profile: 'dev' }, signal),
      isError('AccessDenied', /no access to Developer in 111122223333/),
    );
  });

  it('never send a token to the endpoint of other services', async () => {
    home.writeSsoToken(sessionName, token(hour));
    const elsewhere = await startAwsFront(aws.endpoint);
    const moved = new AwsIdentityService(
      home.environment({ AWS_ENDPOINT_URL: elsewhere.endpoint, AWS_ENDPOINT_URL_SSO: portal.endpoint }),
    );
    try {
      await moved.resolve({ profile: 'dev' }, signal);
      assert.equal(portal.seen.length, 1);
      assert.ok(elsewhere.seen.length > 0);
      for (const { headers, body } of elsewhere.seen) assert.doesNotMatch(JSON.stringify([headers, body]), /access-1/);
    } finally {
      moved.dispose();
      await elsewhere.dispose();
    }
  });

  it('name what is missing in the config file', async () => {
    await assert.rejects(identity.resolve({ profile: 'lost' }, signal), isError('InvalidInput', /nowhere/));
    await assert.rejects(
      identity.resolve({ profile: 'half' }, signal),
      isError('InvalidInput', /sso_account_id and sso_role_name/),
    );
  });

  describe('that can be renewed', () => {
    function answerToken(body: object, status = 200, errorType?: string): void {
      portal.decide = ({ path }) =>
        path === '/token'
          ? json(body, status, errorType === undefined ? {} : { 'x-amzn-errortype': errorType })
          : roleCredentials();
    }

    const saved = (): Record<string, unknown> => {
      const [file] = fs.readdirSync(home.ssoCacheFolder);
      return JSON.parse(fs.readFileSync(`${home.ssoCacheFolder}/${file!}`, 'utf8')) as Record<string, unknown>;
    };

    it('are renewed once for all, saved for all tools, and keep a refresh token that the answer lacks', async () => {
      home.writeSsoToken(sessionName, token(-hour, renewable));
      answerToken({ accessToken: 'access-2', expiresIn: 3600, tokenType: 'Bearer' });
      identity.select({ profile: 'dev' });
      await Promise.all([
        identity.resolve({}, signal),
        identity.resolve({ region: 'us-east-1' }, signal),
        identity.resolve({ region: 'us-east-2' }, signal),
      ]);
      const renewals = portal.seen.filter(({ path }) => path === '/token');
      assert.equal(renewals.length, 1);
      assert.deepEqual(JSON.parse(renewals[0]!.body), {
        clientId: 'client',
        clientSecret: 'client-secret',
        grantType: 'refresh_token',
        refreshToken: 'refresh-1',
      });
      assert.equal(portal.seen.at(-1)!.headers['x-amz-sso_bearer_token'], 'access-2');
      assert.equal(saved()['accessToken'], 'access-2');
      assert.equal(saved()['refreshToken'], 'refresh-1');
      assert.match(String(saved()['expiresAt']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      // It renews itself, so nobody is told that it ends.
      assert.ok(identity.state.kind === 'active' && identity.state.expiresAt === undefined);
    });

    it('end only when IAM Identity Center says so', async () => {
      home.writeSsoToken(sessionName, token(-hour, renewable));
      answerToken({ error: 'invalid_grant' }, 400, 'InvalidGrantException');
      await assert.rejects(identity.resolve({ profile: 'dev' }, signal), isError('SignInRequired', /ended/));
    });

    it('do not end by a fault of the service or the network', async () => {
      home.writeSsoToken(sessionName, token(4 * 60_000, renewable));
      answerToken({ message: 'sorry' }, 500, 'InternalServerException');
      assert.equal((await identity.resolve({ profile: 'dev' }, signal)).identity.account, '111122223333');
      assert.equal(portal.seen.at(-1)!.headers['x-amz-sso_bearer_token'], 'access-1');

      identity.invalidate();
      home.writeSsoToken(sessionName, token(-hour, renewable));
      await assert.rejects(identity.resolve({ profile: 'dev' }, signal), (error) => {
        assert.ok(error instanceof WorkbenchError && error.code !== 'SignInRequired' && error.retryable);
        return true;
      });
      assert.equal(saved()['refreshToken'], 'refresh-1');
    });

    it('go on with what another program renewed a moment before', async () => {
      home.writeSsoToken(sessionName, token(-hour, renewable));
      portal.decide = ({ path }) => {
        if (path !== '/token') return roleCredentials();
        home.writeSsoToken(sessionName, token(hour, { ...renewable, accessToken: 'access-cli', refreshToken: 'next' }));
        return json({ error: 'invalid_grant' }, 400, { 'x-amzn-errortype': 'InvalidGrantException' });
      };
      await identity.resolve({ profile: 'dev' }, signal);
      assert.equal(portal.seen.at(-1)!.headers['x-amz-sso_bearer_token'], 'access-cli');
    });
  });
});
