import assert from 'node:assert/strict';
import { endsSoonMs, identityWords, profileWords } from '../../../../src/editor/identity/identityWords';

const now = Date.UTC(2026, 10, 20, 12);
const identity = { account: '111122223333', role: 'Developer', region: 'us-east-1', profile: 'acme-dev' };

describe('identityWords', () => {
  it('names profile, account, role and Region', () => {
    const words = identityWords({ state: { kind: 'active', identity }, hasNoProfiles: false }, now);
    assert.equal(words.text, 'acme-dev · 111122223333/Developer · us-east-1');
    assert.equal(words.isEndingSoon, false);
  });

  it('warns when the session is about to end, and says when it has', () => {
    const at = (expiresAt: number) =>
      identityWords({ state: { kind: 'active', identity, expiresAt }, hasNoProfiles: false }, now);
    assert.equal(at(now + endsSoonMs + 1).isEndingSoon, false);
    assert.equal(at(now + endsSoonMs - 1).isEndingSoon, true);
    assert.match(at(now + 1).lines.join(' '), /credentials end at/);
    assert.match(at(now - 1).lines.join(' '), /credentials ended at/);
  });

  it('shows what the files say before AWS was asked', () => {
    const profile = { name: 'acme-dev', kind: 'sso-session', account: '111122223333', role: 'Developer' } as const;
    const state = { kind: 'unverified', profile: 'acme-dev', region: 'us-east-1' } as const;
    assert.equal(
      identityWords({ state, profile, hasNoProfiles: false }, now).text,
      'acme-dev · 111122223333/Developer · us-east-1',
    );
    assert.equal(identityWords({ state, hasNoProfiles: false }, now).text, 'acme-dev · us-east-1');
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
    const state = { kind: 'none', reason: 'No AWS profile has been chosen.' } as const;
    assert.equal(identityWords({ state, hasNoProfiles: false }, now).text, 'Select AWS profile');
    assert.equal(identityWords({ state, hasNoProfiles: true }, now).text, 'No AWS profile');
  });

  it('says what is wrong in a sentence', () => {
    const reason = 'The session of acme-sso ended at 17:40';
    const words = identityWords(
      { state: { kind: 'signInRequired', profile: 'acme-dev', reason }, hasNoProfiles: false },
      now,
    );
    assert.equal(words.text, 'acme-dev · sign in');
    assert.deepEqual(words.lines, [`${reason}.`]);
    const failed = identityWords(
      { state: { kind: 'failed', profile: 'x', reason: 'Broken.' }, hasNoProfiles: false },
      now,
    );
    assert.deepEqual(failed.lines, ['Broken.']);
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
});
