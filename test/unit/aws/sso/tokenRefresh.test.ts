import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { ssoFixture, type SsoFixture } from './ssoFixture';

const minute = 60_000;

describe('SsoTokenProvider', () => {
  let sso: SsoFixture;

  const open = async (options: Parameters<typeof ssoFixture>[0] = {}): Promise<void> => {
    sso = await ssoFixture(options);
  };

  const get = (rejected?: string) =>
    sso.run(sso.services.tokens.get(sso.session, rejected === undefined ? {} : { rejected }));

  const refreshes = (): number =>
    sso.fake.callsTo('CreateToken').filter(({ detail }) => detail === 'refresh_token').length;

  afterEach(async () => {
    sso.assertNoSecretLeaked();
    assert.equal(sso.clock.pending, 0, 'No timer is left.');
    await sso.dispose();
  });

  it('gives a token that is good for more than five minutes without asking anybody', async () => {
    await open();
    const token = await sso.signIn();
    sso.clock.advance(54 * minute);
    assert.equal((await get()).accessToken, token.accessToken);
    assert.equal(refreshes(), 0);
  });

  it('renews five minutes early, for all who ask at once, and writes what it got', async () => {
    await open();
    const token = await sso.signIn();
    sso.clock.advance(56 * minute);
    const answers = await Promise.all(Array.from({ length: 20 }, () => get()));
    assert.equal(new Set(answers.map(({ accessToken }) => accessToken)).size, 1);
    assert.equal(refreshes(), 1);
    const raw = await sso.rawToken();
    assert.equal(raw['accessToken'], answers[0]!.accessToken);
    assert.notEqual(raw['refreshToken'], token.refreshToken);
    assert.deepEqual(sso.changes, ['signedIn', 'renewed']);
  });

  it('renews again and again with rotating refresh tokens until the session is over', async () => {
    await open();
    await sso.signIn();
    for (let hour = 1; hour <= 7; hour++) {
      sso.clock.advance(60 * minute);
      await get();
    }
    assert.equal(refreshes(), 7);
    sso.clock.advance(61 * minute);
    const error = await sso.failure(get(), 'SignInRequired');
    assert.match(error.message, /^The session of acme-sso ended at \d\d:\d\d/);
  });

  it('keeps the refresh token when the answer to a renewal has none', async () => {
    await open({ refreshTokens: 'keep' });
    const { refreshToken } = await sso.signIn();
    for (let hour = 1; hour <= 3; hour++) {
      sso.clock.advance(60 * minute);
      assert.equal((await get()).refreshToken, refreshToken);
      assert.equal((await sso.rawToken())['refreshToken'], refreshToken);
    }
  });

  it('says so where nobody is signed in', async () => {
    await open();
    const error = await sso.failure(get(), 'SignInRequired');
    assert.equal(error.message, 'Nobody is signed in to acme-sso.');
    assert.equal((await sso.services.state(sso.session)).kind, 'signedOut');
  });

  it('asks AWS no second time about a refresh token it refused, and tells of the end once', async () => {
    await open();
    await sso.signIn();
    sso.fake.revokeSessions();
    sso.clock.advance(61 * minute);
    for (let call = 0; call < 10; call++) await sso.failure(get(), 'SignInRequired');
    assert.equal(refreshes(), 1);
    assert.deepEqual(sso.changes, ['signedIn', 'ended']);
    const state = await sso.services.state(sso.session);
    assert.ok(state.kind === 'expired' && !state.renewable);
    await sso.signIn();
    await get();
    assert.deepEqual(sso.changes, ['signedIn', 'ended', 'signedIn']);
  });

  it('uses a token to its end when AWS refuses to renew it early', async () => {
    await open();
    const token = await sso.signIn();
    sso.fake.revokeSessions();
    sso.clock.advance(57 * minute);
    assert.equal((await get()).accessToken, token.accessToken);
    const state = await sso.services.state(sso.session);
    assert.ok(state.kind === 'expiring', state.kind);
  });

  it('does not take an service’s own fault for the end of a session', async () => {
    await open();
    const token = await sso.signIn();
    sso.clock.advance(57 * minute);
    sso.fake.addFault({ operation: 'CreateToken', kind: 'error', error: 'InternalServerException', times: 99 });
    assert.equal((await get()).accessToken, token.accessToken);
    sso.fake.clearFaults();
    sso.clock.advance(minute);
    assert.notEqual((await get()).accessToken, token.accessToken);
  });

  for (const kind of ['drop', 'status', 'html', 'cut'] as const) {
    it(`keeps a session through a fault of the network: ${kind}`, async () => {
      await open({ refreshTokens: 'keep' });
      const token = await sso.signIn();
      sso.clock.advance(57 * minute);
      sso.fake.addFault({ operation: 'CreateToken', kind, status: 503, times: 99 });
      assert.equal((await get()).accessToken, token.accessToken);
      const tries = refreshes();
      assert.equal((await get()).accessToken, token.accessToken);
      assert.equal(refreshes(), tries, 'It is not tried again at once.');

      sso.clock.advance(5 * minute);
      const error = await sso.failure(get(), 'Timeout');
      assert.equal(error.retryable, true);
      assert.match(error.remedy, /still signed in/);
      assert.ok(!sso.changes.includes('ended'));
      assert.equal((await sso.rawToken())['refreshToken'], token.refreshToken);

      sso.fake.clearFaults();
      assert.notEqual((await get()).accessToken, token.accessToken);
    });
  }

  it('keeps nobody waiting for AWS while a token is good, and asks once', async () => {
    await open();
    const token = await sso.signIn();
    const impatient = sso.openWindow({ patienceMs: 20 });
    sso.clock.advance(57 * minute);
    sso.fake.addFault({ operation: 'CreateToken', kind: 'hang' });
    for (let call = 0; call < 3; call++) {
      assert.equal((await impatient.tokens.get(sso.session)).accessToken, token.accessToken);
    }
    assert.equal(refreshes(), 1);
  });

  it('leaves nothing behind when its window closes in the middle of a renewal', async () => {
    await open();
    await sso.signIn();
    const window = sso.openWindow();
    sso.clock.advance(61 * minute);
    sso.fake.addFault({ operation: 'CreateToken', kind: 'drop', times: 9 });
    const renewal = sso.failure(window.tokens.get(sso.session), 'Cancelled');
    while (sso.clock.pending === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    window.dispose();
    await renewal;
    const names = await fs.readdir(sso.cache.folder);
    assert.ok(!names.some((name) => name.endsWith('.lock')), 'The lock is given back.');
  });

  it('waits when AWS asks for fewer requests', async () => {
    await open();
    await sso.signIn();
    sso.clock.advance(61 * minute);
    sso.fake.addFault({ operation: 'CreateToken', kind: 'error', error: 'ThrottlingException', times: 3 });
    await get();
    assert.equal(refreshes(), 4);
    sso.clock.advance(61 * minute);
    sso.fake.addFault({ operation: 'CreateToken', kind: 'error', error: 'ThrottlingException', times: 99 });
    assert.equal((await sso.failure(get(), 'Throttled')).retryable, true);
  });

  it('uses the token of another tool that was faster with the same refresh token', async () => {
    await open();
    const token = await sso.signIn();
    sso.clock.advance(61 * minute);
    // Another tool renews without our lock, between our look at the file and our request.
    const theirs = sso.fake.issueToken();
    sso.fake.addFault({ operation: 'CreateToken', kind: 'error', error: 'InvalidGrantException' });
    const renewal = sso.services.tokens.get(sso.session);
    while (refreshes() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await sso.putRaw(
      JSON.stringify({
        ...(await sso.rawToken()),
        accessToken: theirs.accessToken,
        refreshToken: theirs.refreshToken,
        expiresAt: new Date(theirs.expiresAt).toISOString(),
      }),
    );
    const got = await sso.run(renewal).catch(async () => get());
    assert.notEqual(got.accessToken, token.accessToken);
    assert.equal(got.accessToken, theirs.accessToken);
  });

  it('replaces a token AWS answers 401 to, whatever our clock says', async () => {
    await open();
    const token = await sso.signIn();
    const next = await get(token.accessToken);
    assert.notEqual(next.accessToken, token.accessToken);
    assert.equal((await get(token.accessToken)).accessToken, next.accessToken, 'It is renewed once.');
    assert.equal(refreshes(), 1);
  });

  it('lets AWS decide when this machine’s clock is wrong by a year', async () => {
    const serverTime = Date.parse('2025-03-02T12:00:00Z');
    await open({ now: () => serverTime });
    const theirs = sso.fake.issueToken();
    // Token and registration look long gone, and both are good.
    await sso.putRaw(
      JSON.stringify({
        ...theirs,
        expiresAt: new Date(theirs.expiresAt).toISOString(),
        registrationExpiresAt: new Date(theirs.registrationExpiresAt).toISOString(),
      }),
    );
    const token = await get();
    assert.ok(token.expiresAt > sso.clock.now());
    assert.equal(refreshes(), 1);
    assert.equal((await get()).accessToken, token.accessToken, 'Its time is one of this clock.');
  });

  it('goes on with a token in memory while the disk refuses it, and writes it when it can', async () => {
    await open();
    const token = await sso.signIn();
    sso.clock.advance(61 * minute);
    const file = sso.cache.fileOf(sso.session);
    const old = await fs.readFile(file, 'utf8');
    // A folder with something in it cannot be read and cannot be replaced, not even by root.
    await fs.rm(file);
    await fs.mkdir(`${file}/in-the-way`, { recursive: true });
    const renewed = await get();
    assert.notEqual(renewed.accessToken, token.accessToken);
    assert.equal((await get()).accessToken, renewed.accessToken);
    assert.equal(refreshes(), 1);

    await fs.rm(file, { recursive: true });
    await fs.writeFile(file, old);
    assert.equal((await get()).accessToken, renewed.accessToken, 'What is in memory is newer.');
    sso.clock.advance(minute);
    await get();
    assert.equal((await sso.rawToken())['accessToken'], renewed.accessToken);
  });

  it('prefers what another tool wrote over a token in memory', async () => {
    await open();
    await sso.signIn();
    sso.clock.advance(61 * minute);
    const file = sso.cache.fileOf(sso.session);
    await fs.rm(file);
    await fs.mkdir(`${file}/in-the-way`, { recursive: true });
    await get();
    await fs.rm(file, { recursive: true });
    const theirs = sso.fake.issueToken();
    await sso.putRaw(JSON.stringify({ ...theirs, expiresAt: new Date(theirs.expiresAt).toISOString() }));
    assert.equal((await get()).accessToken, theirs.accessToken);
  });

  it('lets each caller leave by its own signal, without losing the answer for the others', async () => {
    await open();
    await sso.signIn();
    sso.clock.advance(61 * minute);
    const controller = new AbortController();
    const leaving = sso.failure(sso.services.tokens.get(sso.session, { signal: controller.signal }), 'Cancelled');
    const staying = sso.services.tokens.get(sso.session);
    controller.abort();
    await leaving;
    await sso.run(staying);
    assert.equal(refreshes(), 1);
  });

  it('finishes and stores a renewal that nobody waits for any more, because its refresh token is spent', async () => {
    await open();
    await sso.signIn();
    sso.clock.advance(61 * minute);
    const controller = new AbortController();
    const leaving = sso.failure(sso.services.tokens.get(sso.session, { signal: controller.signal }), 'Cancelled');
    while (refreshes() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort();
    await leaving;
    await get();
    await get();
    assert.equal(refreshes(), 1);
  });
});
