import assert from 'node:assert/strict';
import type { SsoRole } from '../../../../src/aws/sso/roleCredentials';
import { ssoFixture, type SsoFixture } from './ssoFixture';

const minute = 60_000;

describe('SsoRoleCredentials', () => {
  let sso: SsoFixture;
  let role: SsoRole;

  const open = async (options: Parameters<typeof ssoFixture>[0] = {}): Promise<void> => {
    sso = await ssoFixture(options);
    role = { session: sso.session, accountId: '111122223333', roleName: 'Developer' };
    await sso.signIn();
  };

  const get = (of = role) => sso.run(sso.services.roleCredentials.get(of));
  const requests = (): number => sso.fake.callsTo('GetRoleCredentials').length;

  afterEach(async () => {
    sso.assertNoSecretLeaked();
    assert.equal(sso.clock.pending, 0, 'No timer is left.');
    await sso.dispose();
  });

  it('gives credentials of a role that no profile names, once for all who ask', async () => {
    await open();
    const all = await Promise.all(Array.from({ length: 10 }, () => get()));
    assert.equal(requests(), 1);
    assert.ok(all.every((credentials) => credentials === all[0]));
    const { accessKeyId, accountId, expiration } = all[0]!;
    assert.equal(accessKeyId, '111122223333');
    assert.equal(accountId, '111122223333');
    assert.equal(expiration?.getTime(), sso.clock.now() + 60 * minute);
    assert.equal((await get({ ...role, roleName: 'ReadOnly' })).accessKeyId, '111122223333');
    assert.equal(requests(), 2);
  });

  it('renews them five minutes early, and keeps the old ones while AWS cannot be reached', async () => {
    await open();
    const first = await get();
    sso.clock.advance(54 * minute);
    assert.equal(await get(), first);
    sso.clock.advance(2 * minute);
    sso.fake.addFault({ operation: 'GetRoleCredentials', kind: 'drop', times: 99 });
    assert.equal(await get(), first);
    sso.clock.advance(5 * minute);
    await sso.failure(get(), 'Timeout');
    sso.fake.clearFaults();
    assert.notEqual(await get(), first);
  });

  it('forgets them when the person signs out or in', async () => {
    await open();
    await get();
    await sso.run(sso.services.signOut(sso.session));
    const error = await sso.failure(get(), 'SignInRequired');
    assert.equal(error.message, 'Nobody is signed in to acme-sso.');
    await sso.signIn();
    await get();
    assert.equal(requests(), 2);
    await sso.signIn();
    await get();
    assert.equal(requests(), 3);
  });

  it('keeps no credentials that arrive after a sign-out', async () => {
    await open();
    const asked = sso.services.roleCredentials.get(role).catch(() => undefined);
    while (requests() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await sso.run(sso.services.signOut(sso.session));
    await asked;
    await sso.failure(get(), 'SignInRequired');
  });

  it('says which role is not assigned any more', async () => {
    await open();
    const error = await sso.failure(get({ ...role, roleName: 'Administrator' }), 'AccessDenied');
    assert.equal(error.message, 'acme-sso gives you no access to Administrator in 111122223333.');
  });

  it('renews a refused token once, and asks for a sign-in when that does not help', async () => {
    await open();
    sso.fake.expireAccessTokens();
    await get();
    sso.services.roleCredentials.invalidate();
    sso.fake.revokeSessions();
    const error = await sso.failure(get(), 'SignInRequired');
    assert.equal(error.message, 'The session of acme-sso ended.');
    const calls = sso.fake.calls.length;
    await sso.failure(get(), 'SignInRequired');
    assert.ok(sso.fake.calls.length - calls <= 1, 'It fails without a storm of requests.');
  });

  it('gives times on this machine’s clock when that one is wrong', async () => {
    for (const offset of [-3, 3]) {
      if (offset > 0) await sso.dispose();
      await open({ now: () => (sso?.clock.now() ?? 0) + offset * 60 * minute });
      const { expiration } = await get();
      assert.ok(Math.abs(expiration!.getTime() - (sso.clock.now() + 60 * minute)) < 2 * minute);
      await get();
      assert.equal(requests(), 1, 'They are kept.');
    }
  });

  it('does not serve one identity with the credentials of another', async () => {
    await open();
    await get();
    const other = { ...sso.session, name: 'other-sso' };
    await sso.failure(get({ ...role, session: other }), 'SignInRequired');
  });

  it('follows its caller’s signal', async () => {
    await open();
    const controller = new AbortController();
    controller.abort();
    await sso.failure(sso.services.roleCredentials.get(role, controller.signal), 'Cancelled');
  });
});
