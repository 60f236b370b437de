import assert from 'node:assert/strict';
import { grantWords } from '../../../../src/editor/consent/grantWords';
import type { ConsentGrant } from '../../../../src/tools/consentGrants';

const grant: ConsentGrant = {
  id: 'g1',
  tool: 'lambda_invoke_function',
  action: 'Invoke function',
  resource: 'orders-refund',
  identity: {
    account: '444455556666',
    role: 'Developer',
    region: 'eu-west-1',
    profile: 'acme-prod',
    label: 'shop',
    production: true,
  },
  client: 'claude-code',
  sessionId: 's1',
  by: 'editor',
  givenAt: 0,
  expiresAt: 3_600_000,
  uses: 2,
};

describe('grantWords', () => {
  it('says what was agreed to, for whom, where and how long', () => {
    assert.deepEqual(grantWords(grant, 60_000), {
      label: 'Invoke function orders-refund',
      description: 'claude-code',
      detail: 'shop (444455556666, production), Developer, eu-west-1 · used 2 times · ends in 59 minutes',
    });
  });

  it('keeps what others wrote on one line, and visible', () => {
    const { label } = grantWords({ ...grant, resource: 'a\nb\u200B', identity: undefined }, 0);
    assert.equal(label, 'Invoke function a b\\u{200b}');
  });
});
