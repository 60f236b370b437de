import assert from 'node:assert/strict';
import { consentQuestion } from '../../../../src/mcp/server/consentQuestion';
import type { ConsentRequest } from '../../../../src/tools/consent';

const request: ConsentRequest = {
  plan: { action: 'Invoke function', resource: 'orders-refund', details: [] },
  tool: 'lambda_invoke_function',
  access: 'write',
  client: 'agent',
  sessionId: 's1',
  identity: { account: '444455556666', role: 'Developer', region: 'us-east-1', profile: 'prod' },
  offersGrant: false,
  hash: '0',
};

describe('consentQuestion', () => {
  it('names the account, with its label and whether it is production', () => {
    assert.match(consentQuestion(request).message, /^Account: 444455556666$/m);
    const identity = { ...request.identity!, label: 'acme-prod', production: true as const };
    assert.match(consentQuestion({ ...request, identity }).message, /^Account: 444455556666, acme-prod, production$/m);
  });
});
