import assert from 'node:assert/strict';
import { filterAccount, profilesOfRole } from '../../../../src/editor/aws/awsNodes';

describe('Rows of the AWS view', () => {
  const account = { accountId: '111122223333', accountName: 'acme-dev', roles: ['Developer', 'ReadOnly'] };
  const left = (filter: string) => filterAccount({ name: 'shop', account }, filter)?.roles;

  it('are filtered by label, name and id of the account, with all its roles, or by role', () => {
    assert.deepEqual(left(''), account.roles);
    for (const filter of ['SHOP', 'acme', '2222']) assert.deepEqual(left(filter), account.roles, filter);
    assert.deepEqual(left('read'), ['ReadOnly']);
    assert.equal(left('prod'), undefined);
  });

  it('name the profiles that stand for a role, with and without a session section', () => {
    const role = { account: '111122223333', role: 'Developer' };
    const profiles = [
      { name: 'dev', kind: 'sso-session', ssoSession: 'acme', ...role },
      { name: 'old', kind: 'sso-legacy', startUrl: 'https://old.awsapps.com/start', ...role },
      { name: 'other', kind: 'sso-session', ssoSession: 'acme', ...role, role: 'ReadOnly' },
    ] as const;
    assert.deepEqual(profilesOfRole(profiles, { session: 'acme', ...role }), ['dev']);
    assert.deepEqual(profilesOfRole(profiles, { session: 'https://old.awsapps.com/start', ...role }), ['old']);
  });
});
