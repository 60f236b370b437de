import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { ssoFixture, type SsoFixture } from './ssoFixture';

describe('signOut', () => {
  let sso: SsoFixture;

  beforeEach(async () => {
    sso = await ssoFixture();
  });

  afterEach(async () => {
    sso.assertNoSecretLeaked();
    assert.equal(sso.clock.pending, 0, 'No timer is left.');
    await sso.dispose();
  });

  const signOut = () => sso.run(sso.services.signOut(sso.session));

  it('ends the session here and at AWS, and keeps the registration', async () => {
    const token = await sso.signIn();
    assert.deepEqual(await signOut(), { revoked: true });
    const names = await fs.readdir(sso.cache.folder);
    assert.equal(names.length, 1);
    assert.match(names[0]!, /^mcp-workbench-client-/);
    assert.deepEqual(sso.changes, ['signedIn', 'signedOut']);
    const response = await fetch(`${sso.fake.portalEndpoint}/assignment/accounts?max_result=10`, {
      headers: { 'x-amz-sso_bearer_token': token.accessToken },
    });
    assert.equal(response.status, 401);
  });

  it('ends the session here also where AWS cannot be told, and says so', async () => {
    await sso.signIn();
    sso.fake.addFault({ operation: 'Logout', kind: 'drop', times: 99 });
    const result = await signOut();
    assert.equal(result.revoked, false);
    assert.match(result.problem ?? '', /AWS was not told/);
    assert.equal((await sso.services.state(sso.session)).kind, 'signedOut');
  });

  it('counts a session that AWS ended already as revoked', async () => {
    await sso.signIn();
    sso.fake.revokeSessions();
    assert.deepEqual(await signOut(), { revoked: true });
  });

  it('is no error where nobody is signed in', async () => {
    assert.match((await signOut()).problem ?? '', /Nobody was signed in/);
    assert.equal(sso.fake.callsTo('Logout').length, 0);
  });

  it('is not undone by a renewal that was under way', async () => {
    await sso.signIn();
    sso.clock.advance(61 * 60_000);
    const renewal = sso.services.tokens.get(sso.session).catch(() => undefined);
    await signOut();
    await sso.run(renewal);
    assert.equal((await sso.services.state(sso.session)).kind, 'signedOut');
  });

  it('counts in the other windows at once', async () => {
    const other = sso.openWindow();
    await sso.signIn();
    await other.tokens.get(sso.session);
    await signOut();
    await sso.failure(other.tokens.get(sso.session), 'SignInRequired');
  });
});
