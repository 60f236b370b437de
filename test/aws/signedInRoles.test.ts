import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import type { AccountLabel, IdentityState } from '../../src/aws/identity';
import { AwsIdentityService } from '../../src/aws/identityService';
import { SsoServices } from '../../src/aws/sso/ssoServices';
import { silentLogger } from '../../src/core/logger';
import { WorkbenchError, type ErrorCode } from '../../src/core/errors';
import { startIdentityCenter, type IdentityCenter } from '../fakes/identityCenter';
import { startCallerIdentity, type CallerIdentityService } from '../support/callerIdentity';
import { UserHome } from '../unit/aws/userHome';

const signal = new AbortController().signal;
const developer = { session: 'acme', account: '111122223333', role: 'Developer' };

describe('Roles of a session, picked without a profile', () => {
  let center: IdentityCenter;
  let sts: CallerIdentityService;
  let home: UserHome;
  let sso: SsoServices;
  let identity: AwsIdentityService;
  let states: IdentityState[];
  let labels: Record<string, AccountLabel>;

  beforeEach(async () => {
    center = await startIdentityCenter({ roleCredentialsSeconds: 3600 });
    sts = await startCallerIdentity(center);
    home = new UserHome();
    labels = {};
    writeConfig();
    sso = new SsoServices({
      homeDirectory: home.folder,
      logger: silentLogger,
      openBrowser: () => Promise.resolve(true),
      endpoints: center.endpoints,
    });
    identity = new AwsIdentityService(
      home.environment({ AWS_ENDPOINT_URL_STS: sts.endpoint }),
      { sso: developer },
      { sso, describeAccount: (account) => labels[account] },
    );
    states = [];
    identity.onDidChange((state) => states.push(state));
  });

  afterEach(async () => {
    identity.dispose();
    sso.dispose();
    await Promise.all([center.dispose(), sts.dispose()]);
    home.dispose();
  });

  function writeConfig(more = ''): void {
    home.writeConfig(
      `[sso-session acme]\nsso_start_url = ${center.startUrl}\nsso_region = ${center.region}\nsso_registration_scopes = sso:account:access\n${more}`,
    );
  }

  /** A sign-in by another program, as `aws sso login` leaves it. */
  function signInElsewhere(): void {
    const { accessToken, refreshToken, clientId, clientSecret, expiresAt, registrationExpiresAt } = center.issueToken();
    home.writeSsoToken('acme', {
      startUrl: center.startUrl,
      region: center.region,
      accessToken,
      refreshToken,
      clientId,
      clientSecret,
      expiresAt: new Date(expiresAt).toISOString(),
      registrationExpiresAt: new Date(registrationExpiresAt).toISOString(),
    });
  }

  function isError(code: ErrorCode, message: RegExp): (error: unknown) => boolean {
    return (error) => {
      assert.ok(WorkbenchError.is(error, code), `${code} was expected, not ${String(error)}`);
      assert.match(error.message, message);
      return true;
    };
  }

  it('act as that role, in the Region of the session where no other is known', async () => {
    signInElsewhere();
    const session = await identity.resolve({}, signal);
    assert.deepEqual(session.identity, {
      account: '111122223333',
      role: 'Developer',
      region: 'eu-west-1',
      profile: 'sso-session acme',
    });
    assert.equal((await identity.resolve({ region: 'us-east-1' }, signal)).identity.region, 'us-east-1');
    assert.equal(identity.state.kind, 'active');
  });

  it('are known to be signed out, and signed in by another program, without asking AWS', async () => {
    await identity.refresh();
    assert.equal(identity.state.kind, 'signedOut');
    assert.equal(identity.state.session, 'acme');
    assert.deepEqual(
      identity.sessions.all.map(({ state }) => state.kind),
      ['signedOut'],
    );
    signInElsewhere();
    await identity.refresh();
    assert.equal(identity.state.kind, 'unverified');
    assert.deepEqual(
      identity.sessions.all.map(({ state }) => state.kind),
      ['active'],
    );
    assert.equal(center.calls.length, 0);
  });

  it('stay active, in every event, while their token is renewed and other sections are edited', async () => {
    signInElsewhere();
    await identity.resolve({}, signal);
    states.length = 0;
    const requests = center.callsTo('GetRoleCredentials').length;
    const session = identity.sessions.all[0]?.session ?? (await identity.sessionOf({}));
    assert(session);
    const { accessToken } = await sso.tokens.get(session);
    await sso.tokens.get(session, { rejected: accessToken });
    await identity.refresh();
    writeConfig('[profile other]\nregion = eu-north-1\n');
    await identity.refresh();
    await identity.resolve({}, signal);
    assert.deepEqual(states, []);
    assert.equal(identity.state.kind, 'active');
    assert.equal(center.callsTo('CreateToken').length, 1);
    assert.equal(center.callsTo('GetRoleCredentials').length, requests);
  });

  it('change in the running program, and who began as another one ends as that', async () => {
    signInElsewhere();
    const before = await identity.resolve({}, signal);
    identity.select({ sso: { session: 'acme', account: '444455556666', role: 'ReadOnly' }, region: 'us-east-1' });
    const after = await identity.resolve({}, signal);
    assert.equal(after.identity.account, '444455556666');
    assert.equal((await before.credentials()).accessKeyId, '111122223333');
    const answer = await (await before.client('sts')).getCallerIdentity({});
    assert.equal(answer.Account, '111122223333');
  });

  it('are signed out when the token goes, their credentials with it', async () => {
    signInElsewhere();
    await identity.resolve({}, signal);
    for (const name of fs.readdirSync(home.ssoCacheFolder)) fs.rmSync(`${home.ssoCacheFolder}/${name}`);
    await identity.refresh();
    assert.equal(identity.state.kind, 'signedOut');
    await assert.rejects(identity.resolve({}, signal), isError('SignInRequired', /Nobody is signed in to acme/));
  });

  it('lose their credentials at sign-out, though these would last longer', async () => {
    signInElsewhere();
    await identity.refresh();
    await identity.resolve({}, signal);
    const session = await identity.sessionOf({});
    assert(session);
    await sso.signOut(session);
    await assert.rejects(identity.resolve({}, signal), isError('SignInRequired', /Nobody is signed in/));
    assert.equal(identity.state.kind, 'signedOut');
    assert.equal(center.callsTo('Logout').at(-1)?.status, 200);
  });

  it('are expired when AWS ended the session, in the list of sessions, too, until the next sign-in', async () => {
    signInElsewhere();
    await identity.refresh();
    center.revokeSessions();
    await assert.rejects(identity.resolve({}, signal), isError('SignInRequired', /The session of acme ended/));
    assert.equal(identity.state.kind, 'expired');
    assert.equal((await identity.sessionToSignIn({}))?.name, 'acme');
    await identity.refresh();
    assert.equal(identity.state.kind, 'expired');
    assert.deepEqual(
      identity.sessions.all.map(({ state }) => state.kind),
      ['expired'],
    );
    signInElsewhere();
    await identity.refresh();
    assert.deepEqual(
      identity.sessions.all.map(({ state }) => state.kind),
      ['active'],
    );
    assert.equal((await identity.resolve({}, signal)).identity.role, 'Developer');
    assert.equal(await identity.sessionToSignIn({}), undefined);
  });

  it('are signing in while somebody does', async () => {
    await identity.refresh();
    const session = await identity.sessionOf({});
    assert(session);
    center.consent = 'ask';
    const signingIn = identity.sessions.signIn({
      session,
      flow: 'deviceCode',
      onUserAction: (event) => {
        if (event.kind === 'deviceCode') center.decideDevice(event.userCode, 'allow');
      },
    });
    await signingIn;
    await identity.refresh();
    assert.deepEqual(
      states.map(({ kind }) => kind),
      ['signedOut', 'signingIn', 'unverified'],
    );
    assert.equal((await identity.resolve({}, signal)).identity.role, 'Developer');
  });

  it('say that they are gone with their session', async () => {
    home.writeConfig('');
    await assert.rejects(identity.resolve({}, signal), isError('InvalidInput', /no SSO session acme any more/));
    assert.equal(identity.state.kind, 'failed');
  });

  it('carry what the user calls the account, from the next call on', async () => {
    signInElsewhere();
    assert.equal((await identity.resolve({}, signal)).identity.label, undefined);
    labels['111122223333'] = { label: 'shop', production: true };
    await identity.refresh();
    assert(identity.state.kind === 'active');
    assert.equal(identity.state.identity.label, 'shop');
    const { identity: who } = await identity.resolve({}, signal);
    assert.deepEqual([who.label, who.production], ['shop', true]);
  });

  it('are behind the roles that profiles assume', async () => {
    writeConfig(
      [
        '[profile dev]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = Developer',
        '[profile deploy]\nrole_arn = arn:aws:iam::444455556666:role/Deploy\nsource_profile = dev\nregion = eu-west-1',
        '[profile keys]\naws_access_key_id = 1\naws_secret_access_key = 2\nregion = eu-west-1',
      ].join('\n'),
    );
    assert.equal((await identity.sessionOf({ profile: 'deploy' }))?.name, 'acme');
    assert.equal(await identity.sessionOf({ profile: 'keys' }), undefined);
  });
});
