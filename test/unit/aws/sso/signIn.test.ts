import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { ssoFixture, startTime, type SsoFixture } from './ssoFixture';

describe('SsoSignIn', () => {
  let sso: SsoFixture;

  beforeEach(async () => {
    sso = await ssoFixture();
  });

  afterEach(async () => {
    sso.assertNoSecretLeaked();
    assert.equal(sso.clock.pending, 0, 'No timer is left.');
    await sso.dispose();
  });

  const start = (flow: 'browser' | 'deviceCode', signal?: AbortSignal) =>
    sso.services.signIn.signIn({ session: sso.session, flow, signal, onUserAction: sso.onUserAction });

  it('signs in with a device code and stores what the AWS CLI stores', async () => {
    const done = start('deviceCode');
    const prompt = await sso.event('deviceCode');
    assert.match(prompt.userCode, /^[A-Z]{4}-[A-Z]{4}$/);
    assert.ok(prompt.verificationUriComplete.includes(prompt.userCode));
    assert.deepEqual(sso.opened, [], 'The page is opened when the person asks for it.');
    await prompt.open();
    assert.deepEqual(sso.opened, [prompt.verificationUriComplete]);
    sso.fake.decideDevice(prompt.userCode, 'allow');
    const token = await sso.run(done);

    const raw = await sso.rawToken();
    assert.deepEqual(Object.keys(raw), [
      'startUrl',
      'region',
      'accessToken',
      'expiresAt',
      'clientId',
      'clientSecret',
      'registrationExpiresAt',
      'refreshToken',
    ]);
    assert.equal(raw['startUrl'], sso.session.startUrl);
    assert.equal(raw['accessToken'], token.accessToken);
    assert.match(String(raw['expiresAt']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    if (process.platform !== 'win32') {
      assert.equal((await fs.stat(sso.cache.fileOf(sso.session))).mode & 0o777, 0o600);
    }
    assert.deepEqual(sso.changes, ['signedIn']);
    assert.deepEqual(await sso.services.state(sso.session), {
      kind: 'active',
      expiresAt: token.expiresAt,
      renewable: true,
    });
  });

  it('waits longer after slow_down, survives lost answers, and never polls too fast', async () => {
    sso.fake.addFault({ operation: 'CreateToken', kind: 'error', error: 'SlowDownException' });
    sso.fake.addFault({ operation: 'CreateToken', kind: 'drop' });
    sso.fake.addFault({ operation: 'CreateToken', kind: 'status', status: 502 });
    sso.fake.addFault({ operation: 'CreateToken', kind: 'html' });
    sso.fake.addFault({ operation: 'CreateToken', kind: 'cut' });
    const done = start('deviceCode');
    const prompt = await sso.event('deviceCode');
    const polls = (): number => sso.fake.callsTo('CreateToken').length;
    const allowed = (async () => {
      while (polls() < 7) await new Promise((resolve) => setTimeout(resolve, 1));
      sso.fake.decideDevice(prompt.userCode, 'allow');
    })();
    await Promise.all([sso.run(done), allowed]);
    const slowDowns = sso.fake.callsTo('CreateToken').filter(({ error }) => error === 'SlowDownException');
    assert.equal(slowDowns.length, 1, 'Only the one that was scripted.');
    assert.ok(sso.clock.now() - startTime > 6_000 * 6);
  });

  it('ends when the person denies a device code', async () => {
    const done = start('deviceCode');
    sso.fake.decideDevice((await sso.event('deviceCode')).userCode, 'deny');
    const error = await sso.failure(sso.run(done), 'SignInRequired');
    assert.match(error.message, /acme-sso was refused/);
  });

  it('ends when a device code expires', async () => {
    await sso.dispose();
    sso = await ssoFixture({ deviceCodeSeconds: 60 });
    const error = await sso.failure(sso.run(start('deviceCode')), 'Timeout');
    assert.match(error.message, /expired/);
    assert.ok(sso.clock.now() - startTime >= 60_000);
  });

  it('stops at once when it is cancelled, and says so', async () => {
    for (const flow of ['deviceCode', 'browser'] as const) {
      sso.events.length = 0;
      const controller = new AbortController();
      const done = start(flow, controller.signal);
      await sso.event(flow);
      controller.abort();
      await sso.failure(done, 'Cancelled');
      assert.equal(sso.services.signIn.flowOf(sso.session), undefined);
      assert.equal((await sso.services.state(sso.session)).kind, 'signedOut');
    }
  });

  it('signs in through the browser, with the scopes, PKCE and redirect the service asks for', async () => {
    const done = start('browser');
    const { url, opened, expiresAt } = await sso.event('browser');
    assert.equal(opened, true);
    assert.equal(expiresAt, startTime + 600_000);
    assert.deepEqual(sso.opened, [url]);
    const parameters = new URL(url).searchParams;
    assert.equal(parameters.get('scopes'), 'sso:account:access');
    assert.equal(parameters.get('code_challenge_method'), 'S256');
    assert.match(parameters.get('redirect_uri') ?? '', /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
    assert.equal((await sso.services.state(sso.session)).kind, 'signingIn');
    const page = await sso.fake.browse(url);
    assert.equal(page.status, 200);
    assert.match(page.text, /You are signed in to acme-sso/);
    const token = await done;
    assert.equal((await sso.rawToken())['accessToken'], token.accessToken);
    assert.deepEqual(sso.events.at(-1), { kind: 'signedIn', by: 'browser', expiresAt: token.expiresAt });
    await assert.rejects(fetch(parameters.get('redirect_uri')!), 'The port is closed.');
  });

  it('tells the browser and the editor when the person denies', async () => {
    const done = start('browser');
    const failure = sso.failure(done, 'SignInRequired');
    const page = await sso.fake.browse((await sso.event('browser')).url, 'deny');
    assert.equal(page.status, 400);
    assert.match(page.text, /You are not signed in to acme-sso/);
    assert.match((await failure).message, /refused/);
  });

  it('tells the browser when the exchange of the code fails', async () => {
    sso.fake.addFault({ operation: 'CreateToken', kind: 'error', error: 'InvalidGrantException' });
    const failure = sso.failure(start('browser'), 'InvalidInput');
    const page = await sso.fake.browse((await sso.event('browser')).url);
    assert.match(page.text, /You are not signed in/);
    const { remedy } = await failure;
    assert.ok(remedy.includes(sso.session.region) && remedy.includes(sso.session.startUrl));
  });

  it('gives up on a browser nobody came back from after ten minutes', async () => {
    const error = await sso.failure(sso.run(start('browser')), 'Timeout');
    assert.match(error.message, /within ten minutes/);
    assert.match(error.remedy, /device code/);
    assert.ok(sso.clock.now() - startTime >= 600_000 && sso.clock.now() - startTime < 660_000);
  });

  it('goes on with a device code while the browser is waited for', async () => {
    const done = start('browser');
    const { useDeviceCode, url } = await sso.event('browser');
    useDeviceCode();
    const prompt = await sso.event('deviceCode');
    await assert.rejects(fetch(new URL(url).searchParams.get('redirect_uri')!), 'The port is closed.');
    sso.fake.decideDevice(prompt.userCode, 'allow');
    await sso.run(done);
    const end = sso.events.at(-1);
    assert.ok(end?.kind === 'signedIn' && end.by === 'deviceCode');
  });

  it('takes a device code where Identity Center registers no client for the browser', async () => {
    sso.fake.addFault({ operation: 'RegisterClient', kind: 'error', error: 'UnsupportedGrantTypeException' });
    sso.fake.consent = 'allow';
    await sso.run(start('browser'));
    assert.deepEqual(
      sso.events.map(({ kind }) => kind),
      ['deviceCode', 'signedIn'],
    );
  });

  it('lets a new sign-in replace the one that waits', async () => {
    const first = start('browser');
    const firstEnd = sso.failure(first, 'Cancelled');
    const { url } = await sso.event('browser');
    sso.events.length = 0;
    const second = start('browser');
    assert.match((await firstEnd).message, /newer sign-in/);
    const next = await sso.event('browser');
    assert.notEqual(next.url, url);
    await assert.rejects(sso.fake.browse(url), 'The first port is closed.');
    await sso.fake.browse(next.url);
    await second;
  });

  it('registers once per flow, and again a day before the registration ends', async () => {
    sso.fake.consent = 'allow';
    const signIn = async (flow: 'browser' | 'deviceCode'): Promise<void> => {
      sso.events.length = 0;
      const done = start(flow);
      if (flow === 'browser') await sso.fake.browse((await sso.event('browser')).url);
      await (flow === 'browser' ? done : sso.run(done));
    };
    const registrations = (): number => sso.fake.callsTo('RegisterClient').length;
    await signIn('deviceCode');
    await signIn('deviceCode');
    assert.equal(registrations(), 1);
    await signIn('browser');
    await signIn('browser');
    assert.equal(registrations(), 2);
    sso.clock.advance(89.5 * 24 * 3_600_000);
    await signIn('browser');
    assert.equal(registrations(), 3);
    const names = await fs.readdir(sso.cache.folder);
    for (const name of names) {
      assert.match(name, /^(?:[0-9a-f]{40}|mcp-workbench-client-eu-west-1-[0-9a-f]{24})\.json$/);
      if (process.platform === 'win32') continue;
      assert.equal((await fs.stat(`${sso.cache.folder}/${name}`)).mode & 0o777, 0o600);
    }
  });

  it('makes a new registration after AWS forgot the old one', async () => {
    await sso.signIn();
    sso.fake.forgetClients();
    await sso.failure(sso.run(start('deviceCode')), 'InvalidInput');
    await sso.signIn();
    assert.equal(sso.fake.callsTo('RegisterClient').length, 2);
  });

  it('signs a legacy session in by device code, under its start URL and without a refresh token', async () => {
    const legacy = { ...sso.session, name: 'old profile', scopes: [], legacy: true };
    sso.fake.consent = 'allow';
    const token = await sso.run(
      sso.services.signIn.signIn({ session: legacy, flow: 'browser', onUserAction: sso.onUserAction }),
    );
    assert.equal(token.refreshToken, undefined);
    assert.equal(sso.cache.fileOf(legacy), sso.cache.fileOf({ ...legacy, legacy: false, name: legacy.startUrl }));
    const state = await sso.services.state(legacy);
    assert.ok(state.kind === 'active' && !state.renewable);
    sso.clock.advance(50 * 60_000);
    const later = await sso.services.state(legacy);
    assert.ok(later.kind === 'expiring');
    assert.match(later.reason, /cannot renew itself/);
  });

  it('refuses a session that cannot be one before anything is sent', async () => {
    for (const wrong of [
      { region: 'eu-west-1.evil.example/' },
      { startUrl: 'http://portal.example/start' },
      { startUrl: 'javascript:alert(1)' },
      { name: 'a\nsso_start_url = https://evil.example' },
    ]) {
      const session = { ...sso.session, ...wrong };
      await sso.failure(
        sso.services.signIn.signIn({ session, flow: 'deviceCode', onUserAction: sso.onUserAction }),
        'InvalidInput',
      );
    }
    assert.equal(sso.fake.calls.length, 0);
  });

  it('does not let a listener that throws break the sign-in', async () => {
    sso.fake.consent = 'allow';
    const done = sso.services.signIn.signIn({
      session: sso.session,
      flow: 'deviceCode',
      onUserAction: () => {
        throw new Error('view is gone');
      },
    });
    await sso.run(done);
  });
});
