import assert from 'node:assert/strict';
import type { ProfileSummary } from '../../../../src/aws/identity';
import { identityWords, profileWords } from '../../../../src/editor/identity/identityWords';

const now = Date.UTC(2026, 10, 20, 12);
const identity = { account: '111122223333', role: 'Developer', region: 'us-east-1', profile: 'acme-dev' };

describe('identityWords', () => {
  it('names profile, account, role and Region', () => {
    const words = identityWords({ state: { kind: 'active', identity }, hasNoProfiles: false }, now);
    assert.equal(words.text, 'acme-dev · 111122223333/Developer · us-east-1');
    assert.equal(words.isWarning, false);
  });

  it('names the account as the user does, and says that it is production', () => {
    const known = { state: { kind: 'active', identity }, hasNoProfiles: false, accountName: 'shop' } as const;
    assert.equal(identityWords(known, now).text, 'shop · Developer · us-east-1');
    const words = identityWords({ ...known, isProduction: true }, now);
    assert.equal(words.text, 'shop · production · Developer · us-east-1');
    assert.match(words.lines.join(' '), /marked as production/);
  });

  it('names the account of a role that was picked without a profile', () => {
    const picked = { ...identity, profile: 'sso-session acme' };
    const words = identityWords(
      { state: { kind: 'active', identity: picked, session: 'acme' }, hasNoProfiles: false },
      now,
    );
    assert.equal(words.text, '111122223333 · Developer · us-east-1');
    assert.deepEqual(words.lines, [
      'Tools act as Developer in account 111122223333, Region us-east-1, by sso-session acme.',
      'The session of acme renews itself.',
    ]);
  });

  it('warns when the session is about to end, and only then', () => {
    const expiresAt = now + 60_000;
    const ending = {
      kind: 'expiring',
      identity,
      session: 'acme',
      expiresAt,
      reason: 'The session of acme ends soon.',
    } as const;
    const words = identityWords({ state: ending, hasNoProfiles: false }, now);
    assert.equal(words.isWarning, true);
    assert.match(words.text, / · ends \d\d:\d\d/);
    assert(words.lines.includes('The session of acme ends soon.'));
    const active = { kind: 'active', identity, session: 'acme', expiresAt } as const;
    const calm = identityWords({ state: active, hasNoProfiles: false }, now);
    assert.equal(calm.isWarning, false);
    assert.match(calm.lines.join(' '), /session of acme ends at/);
  });

  it('shows what the files say before AWS was asked', () => {
    const profile = { name: 'acme-dev', kind: 'sso-session', account: '111122223333', role: 'Developer' } as const;
    const state = { kind: 'unverified', profile: 'acme-dev', region: 'us-east-1' } as const;
    assert.equal(
      identityWords({ state, profile, hasNoProfiles: false }, now).text,
      'acme-dev · 111122223333/Developer · us-east-1',
    );
    assert.equal(identityWords({ state, hasNoProfiles: false }, now).text, 'acme-dev · us-east-1');
    const sso = { session: 'acme', account: '111122223333', role: 'Developer' };
    const picked = { kind: 'unverified', profile: 'sso-session acme', region: 'us-east-1', sso } as const;
    assert.equal(
      identityWords({ state: picked, hasNoProfiles: false }, now).text,
      '111122223333 · Developer · us-east-1',
    );
  });

  it('takes the Region of the profile where none was picked', () => {
    const profile = { name: 'acme-dev', kind: 'static', region: 'eu-west-1' } as const;
    const words = identityWords(
      { state: { kind: 'unverified', profile: 'acme-dev' }, profile, hasNoProfiles: false },
      now,
    );
    assert.equal(words.text, 'acme-dev · eu-west-1');
  });

  it('tells a missing choice from missing profiles', () => {
    const state = { kind: 'signedOut', reason: 'No AWS profile has been chosen.' } as const;
    assert.equal(identityWords({ state, hasNoProfiles: false }, now).text, 'Select AWS profile');
    assert.equal(identityWords({ state, hasNoProfiles: true }, now).text, 'No AWS profile');
  });

  it('says what is wrong in a sentence', () => {
    const reason = 'The session of acme-sso ended at 17:40';
    const expired = { state: { kind: 'expired', profile: 'acme-dev', reason }, hasNoProfiles: false } as const;
    const words = identityWords(expired, now);
    assert.equal(words.text, 'acme-dev · sign in');
    assert.deepEqual(words.lines, [`${reason}.`]);
    assert.equal(words.isWarning, true);
    const failed = identityWords(
      { state: { kind: 'failed', profile: 'x', reason: 'Broken.' }, hasNoProfiles: false },
      now,
    );
    assert.deepEqual(failed.lines, ['Broken.']);
  });

  it('says that somebody is signing in, also before anybody was picked', () => {
    const state = { kind: 'signingIn', session: 'acme', reason: 'Waiting for you.' } as const;
    assert.equal(identityWords({ state, hasNoProfiles: false }, now).text, 'acme · signing in');
  });
});

describe('profileWords', () => {
  it('puts the account first and leaves out what is not known', () => {
    assert.equal(
      profileWords({ name: 'p', kind: 'sso-session', ssoSession: 'acme', account: '111122223333', role: 'Dev' }),
      '111122223333 · Dev · IAM Identity Center, acme',
    );
    assert.equal(profileWords({ name: 'p', kind: 'static', region: 'eu-west-1' }), 'eu-west-1 · access keys');
  });

  it('names every kind of credentials for what it is', () => {
    const kind = (more: Partial<ProfileSummary>) => profileWords({ name: 'p', kind: 'assume-role', ...more });
    assert.equal(kind({ sourceProfile: 'base' }), 'assumes a role');
    assert.equal(kind({ sourceProfile: 'base', needsMfa: true }), 'assumes a role with MFA');
    assert.equal(kind({ credentialSource: 'EcsContainer' }), 'assumes a role from the role of the container');
    assert.equal(kind({ credentialSource: 'Ec2InstanceMetadata' }), 'assumes a role from the role of the instance');
    assert.equal(kind({ kind: 'container' }), 'role of the container');
    assert.equal(kind({ kind: 'credential-process' }), 'credential process');
  });
});
