import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { ssoFixture, startTime, type SsoFixture } from './ssoFixture';

const minute = 60_000;

/** What people complain about in the tools that exist, each with where they do. None of it may happen here. */
describe('complaints about other sign-ins', () => {
  let sso: SsoFixture;

  beforeEach(async () => {
    sso = await ssoFixture();
  });

  afterEach(async () => {
    sso.assertNoSecretLeaked();
    assert.equal(sso.clock.pending, 0, 'No timer is left.');
    await sso.dispose();
  });

  const get = (services = sso.services) => sso.run(services.tokens.get(sso.session));
  const refreshes = (): number =>
    sso.fake.callsTo('CreateToken').filter(({ detail }) => detail === 'refresh_token').length;

  it('a network error signs people out without a word (Toolkit 3.23.0, 3.22.0 at start-up)', async () => {
    const { refreshToken } = await sso.signIn();
    sso.clock.advance(8 * 60 * minute - 30 * minute);
    sso.fake.addFault({ operation: 'CreateToken', kind: 'drop', times: 99 });
    // A window that starts without a network knows nothing from before.
    const started = sso.openWindow();
    const error = await sso.failure(get(started), 'Timeout');
    assert.ok(error.retryable);
    assert.equal((await sso.rawToken())['refreshToken'], refreshToken);
    sso.fake.clearFaults();
    await get(started);
  });

  it('a half-written cache file signs people out (Toolkit 3.22.0 SyntaxError)', async () => {
    const token = await sso.signIn();
    const whole = JSON.stringify(await sso.rawToken());
    await sso.putRaw(whole.slice(0, whole.length / 2));
    assert.equal((await get()).accessToken, token.accessToken, 'What this window knew still counts.');
    const started = sso.openWindow();
    const error = await sso.failure(get(started), 'Internal');
    assert.ok(error.retryable);
    assert.equal((await started.state(sso.session)).kind, 'failed');
    await sso.putRaw(whole);
    assert.equal((await get(started)).accessToken, token.accessToken);
  });

  it('EPERM on Windows and a missing file mean early expiry (Toolkit 3.15.0, 3.17.0)', async () => {
    const token = await sso.signIn();
    const file = sso.cache.fileOf(sso.session);
    const content = await fs.readFile(file);
    await fs.rm(file);
    await fs.mkdir(file);
    assert.equal((await get()).accessToken, token.accessToken);
    assert.equal((await sso.services.state(sso.session)).kind, 'active');
    await fs.rmdir(file);
    // Some tools delete and write anew instead of replacing.
    setTimeout(() => void fs.writeFile(file, content), 30);
    assert.equal((await get()).accessToken, token.accessToken);
  });

  it('a missing refresh token breaks the login (Toolkit 3.40.0, aws-toolkit-vscode#6230)', async () => {
    const token = await sso.signIn();
    const { refreshToken: _, ...rest } = await sso.rawToken();
    await sso.putRaw(JSON.stringify(rest));
    assert.equal((await get()).accessToken, token.accessToken);
    sso.clock.advance(61 * minute);
    const error = await sso.failure(get(), 'SignInRequired');
    assert.match(error.message, /ended at/);
    assert.equal(refreshes(), 0);
    await sso.signIn();
    await get();
  });

  it('a bad session is never offered for a new sign-in (Toolkit 3.39.0)', async () => {
    for (const exception of [
      'InvalidGrantException',
      'ExpiredTokenException',
      'InvalidClientException',
      'UnauthorizedClientException',
      'InvalidRequestException',
      'InvalidScopeException',
      'UnsupportedGrantTypeException',
    ] as const) {
      await sso.signIn();
      sso.clock.advance(61 * minute);
      sso.fake.addFault({ operation: 'CreateToken', kind: 'error', error: exception, times: 1 });
      const error = await sso.failure(get(), 'SignInRequired');
      assert.equal(error.remedy, 'Sign in to acme-sso and repeat the call.');
      assert.equal(error.retryable, false);
      assert.equal(sso.changes.at(-1), 'ended', exception);
    }
  });

  it('a login is not shared across windows (Toolkit 3.25.0)', async () => {
    const [one, two] = [sso.openWindow(), sso.openWindow()];
    await sso.failure(get(two), 'SignInRequired');
    const { accessToken } = await sso.signIn(one);
    assert.equal((await get(two)).accessToken, accessToken);
    sso.clock.advance(61 * minute);
    const renewed = await Promise.all([get(one), get(two)]);
    assert.equal(renewed[0].accessToken, renewed[1].accessToken);
    assert.equal(refreshes(), 1);
  });

  it('edits of the config are ignored until a restart (Toolkit 1.72.0, #2465)', async () => {
    // A session's settings are arguments of each call here; nothing keeps those of an earlier one.
    const wrong = { ...sso.session, region: 'us-east-1' };
    const services = sso.openWindow({ endpoints: {} });
    await sso.signIn(services, wrong);
    const before = sso.fake.callsTo('RegisterClient').length;
    await sso.signIn(services, { ...sso.session, scopes: ['sso:account:access', 'openid'] });
    assert.equal(sso.fake.callsTo('RegisterClient').length, before + 1, 'New scopes need a new registration.');
    assert.equal((await sso.rawToken())['region'], sso.session.region);
  });

  it('the profile must be chosen again after a refresh (#1226)', async () => {
    await sso.signIn();
    const provider = sso.services.roleCredentials.provider({
      session: sso.session,
      accountId: '111122223333',
      roleName: 'Developer',
    });
    const first = await sso.run(provider());
    for (let hour = 0; hour < 6; hour++) {
      sso.clock.advance(61 * minute);
      const next = await sso.run(provider());
      assert.notEqual(next.secretAccessKey, first.secretAccessKey);
    }
  });

  it('expiry brings a storm of pop-ups (aws-toolkit-visual-studio#190)', async () => {
    await sso.signIn();
    sso.fake.revokeSessions();
    sso.clock.advance(61 * minute);
    await Promise.all(Array.from({ length: 25 }, () => sso.failure(get(), 'SignInRequired')));
    assert.equal(sso.changes.filter((what) => what === 'ended').length, 1);
    assert.equal(refreshes(), 1);
    assert.equal(sso.opened.length, 0, 'Nothing opens a browser unasked.');
  });

  it('the code is shown twice (Toolkit 1.64.0)', async () => {
    const sign = () =>
      sso.services.signIn.signIn({ session: sso.session, flow: 'deviceCode', onUserAction: sso.onUserAction });
    sso.fake.addFault({ operation: 'StartDeviceAuthorization', kind: 'dropAnswer' });
    sso.fake.addFault({ operation: 'CreateToken', kind: 'error', error: 'SlowDownException' });
    sso.fake.consent = 'allow';
    await sso.run(sign());
    assert.deepEqual(
      sso.events.map(({ kind }) => kind),
      ['deviceCode', 'signedIn'],
    );
  });

  it('"Invalid callback URL" after PKCE (aws-toolkit-vscode#6206)', async () => {
    // The service compares the redirect with the registered one, without the port; both sign-ins have another port.
    for (let round = 0; round < 2; round++) {
      sso.events.length = 0;
      const done = sso.services.signIn.signIn({
        session: sso.session,
        flow: 'browser',
        onUserAction: sso.onUserAction,
      });
      const page = await sso.fake.browse((await sso.event('browser')).url);
      assert.doesNotMatch(page.text, /Invalid callback URL/);
      await done;
    }
    assert.equal(sso.fake.callsTo('RegisterClient').length, 1);
    // A registration of the device flow has no redirect and is never used in the browser.
    await sso.signIn();
    assert.equal(sso.fake.callsTo('RegisterClient').length, 2);
  });

  it('the PKCE callback never reaches the host (microsoft/vscode#259196)', async () => {
    const done = sso.services.signIn.signIn({
      session: sso.session,
      flow: 'browser',
      onUserAction: sso.onUserAction,
    });
    // The person allowed it, and the redirect went to a machine where nobody listens.
    (await sso.event('browser')).useDeviceCode();
    sso.fake.decideDevice((await sso.event('deviceCode')).userCode, 'allow');
    await sso.run(done);
    sso.events.length = 0;
    const late = sso.services.signIn.signIn({
      session: sso.session,
      flow: 'browser',
      onUserAction: sso.onUserAction,
    });
    assert.match((await sso.failure(sso.run(late), 'Timeout')).remedy, /use a device code/);
  });

  it('ECONNRESET and invalid_grant over Remote-SSH and WSL (#6595, #5092, #3863)', async () => {
    sso.fake.addFault({ operation: 'RegisterClient', kind: 'drop', times: 2 });
    sso.fake.addFault({ operation: 'StartDeviceAuthorization', kind: 'drop', times: 2 });
    sso.fake.addFault({ operation: 'CreateToken', kind: 'drop', times: 5 });
    await sso.signIn();
    sso.clock.advance(61 * minute);
    sso.fake.addFault({ operation: 'CreateToken', kind: 'drop', times: 2 });
    await get();
    // The answer to the code is lost after the service took it: a new sign-in is offered, with a reason.
    sso.fake.addFault({ operation: 'CreateToken', kind: 'dropAnswer', grantType: 'authorization_code' });
    const failure = sso.failure(
      sso.run(sso.services.signIn.signIn({ session: sso.session, flow: 'browser', onUserAction: sso.onUserAction })),
      'InvalidInput',
    );
    await sso.fake.browse((await sso.event('browser')).url);
    assert.match((await failure).remedy, /sign in again/);
  });

  it('a wrong sso_region ends in invalid_grant without a hint (#3009)', async () => {
    const wrong = { ...sso.session, region: 'us-east-1' };
    const oidc = `${sso.fake.oidcEndpoint}/region/us-east-1`;
    const services = sso.openWindow({ endpoints: { oidc } });
    const device = services.signIn.signIn({ session: wrong, flow: 'deviceCode', onUserAction: sso.onUserAction });
    const error = await sso.failure(sso.run(device), 'InvalidInput');
    assert.match(error.remedy, /switched on in us-east-1 \(sso_region\)/);
    const browser = services.signIn.signIn({ session: wrong, flow: 'browser', onUserAction: sso.onUserAction });
    const failure = sso.failure(sso.run(browser), 'Timeout');
    assert.equal((await sso.fake.browse((await sso.event('browser')).url)).status, 400);
    assert.match((await failure).remedy, /us-east-1 is the region of IAM Identity Center/);
  });

  it('a fresh `aws sso login` is not noticed (aws-sdk#531, mcp-proxy-for-aws#388, visual-studio#348)', async () => {
    await sso.failure(get(), 'SignInRequired');
    const theirs = sso.fake.issueToken();
    const asTheCli = {
      startUrl: sso.session.startUrl,
      region: sso.session.region,
      accessToken: theirs.accessToken,
      expiresAt: new Date(theirs.expiresAt).toISOString().replace('.000Z', 'Z'),
      clientId: theirs.clientId,
      clientSecret: theirs.clientSecret,
      registrationExpiresAt: new Date(theirs.registrationExpiresAt).toISOString().replace('.000Z', 'Z'),
      refreshToken: theirs.refreshToken,
    };
    await sso.putRaw(JSON.stringify(asTheCli));
    assert.equal((await get()).accessToken, theirs.accessToken);
    sso.clock.advance(61 * minute);
    await get();
    assert.equal(refreshes(), 1, 'We renew what the CLI began.');

    // And a sign-in that waits here ends when the person signs in there.
    await fs.rm(sso.cache.fileOf(sso.session));
    for (const flow of ['browser', 'deviceCode'] as const) {
      sso.events.length = 0;
      await fs.rm(sso.cache.fileOf(sso.session), { force: true });
      const waiting = sso.services.signIn.signIn({ session: sso.session, flow, onUserAction: sso.onUserAction });
      await sso.event(flow);
      const again = sso.fake.issueToken();
      const expiresAt = new Date(sso.clock.now() + 60 * minute).toISOString();
      await sso.putRaw(JSON.stringify({ ...asTheCli, ...again, expiresAt, registrationExpiresAt: undefined }));
      assert.equal((await sso.run(waiting)).accessToken, again.accessToken);
      const end = sso.events.at(-1);
      assert.ok(end?.kind === 'signedIn' && end.by === 'elsewhere');
    }
  });

  it('people must sign in again every day, or earlier, with too many clicks (#4483)', async () => {
    await sso.signIn();
    // A whole working day, with an hour of work, a lunch break, and a machine that sleeps.
    for (const pause of [20, 30, 90, 61, 59, 100, 45]) {
      sso.clock.advance(pause * minute);
      await get();
    }
    assert.ok(sso.clock.now() - startTime > 6 * 60 * minute);
    assert.equal(sso.events.filter(({ kind }) => kind === 'deviceCode').length, 1);
    // In the browser the person presses one button there, and none in the editor.
    sso.events.length = 0;
    const done = sso.services.signIn.signIn({
      session: sso.session,
      flow: 'browser',
      onUserAction: sso.onUserAction,
    });
    await sso.fake.browse((await sso.event('browser')).url);
    await done;
  });

  it('an expired token hides inside another error (mcp-proxy-for-aws#117)', async () => {
    const role = { session: sso.session, accountId: '111122223333', roleName: 'Developer' };
    await sso.signIn();
    sso.fake.revokeSessions();
    const calls: (() => Promise<unknown>)[] = [
      () => sso.services.roleCredentials.get(role),
      () => sso.services.accounts.roles(sso.session, '111122223333'),
      () => sso.services.accounts.accounts(sso.session).next(),
    ];
    for (const failing of calls) {
      const error = await sso.failure(sso.run(failing()), 'SignInRequired');
      assert.equal(error.message, 'The session of acme-sso ended.');
      assert.deepEqual(error.toReport(), {
        code: 'SignInRequired',
        message: 'The session of acme-sso ended.',
        remedy: 'Sign in to acme-sso and repeat the call.',
        retryable: false,
      });
    }
  });
});
