import assert from 'node:assert/strict';
import type { AccountListProgress, SsoAccountRoles } from '../../../../src/aws/sso/accounts';
import type { FakeAccount } from '../../../fakes/identityCenter';
import { ssoFixture, type SsoFixture } from './ssoFixture';

const roles = ['Developer', 'ReadOnly', 'Billing', 'Support', 'Administrator'];

function manyAccounts(count: number): FakeAccount[] {
  return Array.from({ length: count }, (_, index) => ({
    accountId: String(100_000_000_000 + index),
    accountName: `account ${index}`,
    roles,
  }));
}

describe('SsoAccounts', () => {
  let sso: SsoFixture;

  const open = async (options: Parameters<typeof ssoFixture>[0] = {}): Promise<void> => {
    sso = await ssoFixture(options);
    await sso.signIn();
  };

  const list = async (options: Parameters<SsoFixture['services']['accounts']['accountsAndRoles']>[1] = {}) => {
    const found: SsoAccountRoles[] = [];
    for await (const account of sso.services.accounts.accountsAndRoles(sso.session, options)) found.push(account);
    return found;
  };

  afterEach(async () => {
    sso.assertNoSecretLeaked();
    assert.equal(sso.clock.pending, 0, 'No timer is left.');
    await sso.dispose();
  });

  it('lists accounts with their roles', async () => {
    await open();
    const found = await list();
    found.sort((left, right) => left.accountId.localeCompare(right.accountId));
    assert.deepEqual(found, [
      {
        accountId: '111122223333',
        accountName: 'acme-dev',
        emailAddress: 'aws+dev@example.com',
        roles: ['Developer', 'ReadOnly'],
      },
      {
        accountId: '444455556666',
        accountName: 'acme-prod',
        emailAddress: 'aws+prod@example.com',
        roles: ['ReadOnly'],
      },
    ]);
  });

  it('lists 200 accounts with 5 roles each within five seconds of a portal that takes 100 ms for each answer', async () => {
    await open({ accounts: manyAccounts(200), pageSize: 50, portalLatencyMs: 100 });
    const reports: AccountListProgress[] = [];
    const found = await list({ onProgress: (progress) => reports.push(progress) });
    assert.equal(found.length, 200);
    assert.equal(new Set(found.map(({ accountId }) => accountId)).size, 200);
    assert.ok(found.every((account) => account.roles.length === 5));
    assert.equal(sso.fake.callsTo('ListAccounts').length, 4);
    assert.equal(sso.fake.callsTo('ListAccountRoles').length, 200);
    assert.ok(sso.fake.virtualMs < 5_000, `It takes ${sso.fake.virtualMs} ms.`);
    assert.ok(sso.fake.peakInFlight <= 9, `${sso.fake.peakInFlight} requests at a time.`);
    assert.deepEqual(reports.at(-1), { accountsFound: 200, accountsDone: 200, rolesFound: 1000, isTotal: true });
    for (let index = 1; index < reports.length; index++) {
      assert.ok(reports[index]!.accountsDone >= reports[index - 1]!.accountsDone, 'Progress never goes back.');
    }
  });

  it('reads every page of roles', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `Role${String(index).padStart(2, '0')}`);
    await open({ accounts: [{ accountId: '111122223333', accountName: 'a', roles: names }], pageSize: 10 });
    assert.deepEqual((await list())[0]!.roles, names);
    assert.equal(sso.fake.callsTo('ListAccountRoles').length, 3);
  });

  it('stops asking when cancelled', async () => {
    await open({ accounts: manyAccounts(200) });
    const controller = new AbortController();
    const listing = list({
      signal: controller.signal,
      onProgress: ({ accountsDone }) => {
        if (accountsDone === 10) controller.abort();
      },
    });
    await sso.failure(listing, 'Cancelled');
    assert.ok(sso.fake.calls.length < 60, `${sso.fake.calls.length} requests were made.`);
  });

  it('stops asking when its reader has enough', async () => {
    await open({ accounts: manyAccounts(200) });
    for await (const account of sso.services.accounts.accountsAndRoles(sso.session)) {
      assert.equal(account.roles.length, 5);
      break;
    }
    // What was on its way when the loop ended may still arrive, and nothing after it.
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(sso.fake.calls.length < 40, `${sso.fake.calls.length} requests were made.`);
  });

  it('waits and goes on when it is throttled, and through faults of the network', async () => {
    await open({ accounts: manyAccounts(30) });
    sso.fake.addFault({ operation: 'ListAccounts', kind: 'status', status: 503 });
    sso.fake.addFault({ operation: 'ListAccountRoles', kind: 'error', error: 'TooManyRequestsException', times: 12 });
    sso.fake.addFault({ operation: 'ListAccountRoles', kind: 'drop', times: 3 });
    sso.fake.addFault({ operation: 'ListAccountRoles', kind: 'cut', times: 1 });
    assert.equal((await sso.run(list())).length, 30);
  });

  it('gives what is wrong with one account beside the others', async () => {
    await open({ accounts: manyAccounts(3) });
    sso.fake.addFault({ operation: 'ListAccountRoles', kind: 'error', error: 'ForbiddenException' });
    const found = await list();
    assert.equal(found.length, 3);
    const [problem] = found.filter((account) => account.problem !== undefined);
    assert.match(problem?.problem ?? '', /ForbiddenException/);
  });

  it('ends with "sign in" when the session ends in the middle, and leaves no request behind', async () => {
    await open({ accounts: manyAccounts(100) });
    const listing = list({
      onProgress: ({ accountsDone }) => {
        if (accountsDone === 20) sso.fake.revokeSessions();
      },
    });
    const error = await sso.failure(sso.run(listing), 'SignInRequired');
    assert.equal(error.message, 'The session of acme-sso ended.');
    assert.equal(sso.fake.inFlight, 0);
  });

  it('goes on when a token is refused that can be renewed', async () => {
    await open();
    sso.fake.expireAccessTokens();
    assert.equal((await list()).length, 2);
    assert.deepEqual(sso.changes, ['signedIn', 'renewed']);
  });
});
