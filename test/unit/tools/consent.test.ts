import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { consentHash, type ConsentRequest } from '../../../src/tools/consent';

const request: Omit<ConsentRequest, 'hash'> = {
  plan: {
    action: 'Invoke function',
    resource: 'orders-refund',
    resourceArn: 'arn:aws:lambda:eu-west-1:123456789012:function:orders-refund',
    details: [
      { label: 'Invocation type', value: 'RequestResponse' },
      { label: 'Payload', value: '{"order":1}' },
    ],
  },
  tool: 'lambda_invoke_function',
  access: 'write',
  client: 'copilot',
  sessionId: 'one',
  identity: { account: '123456789012', role: 'Dev', region: 'eu-west-1', profile: 'dev' },
};

describe('consentHash', () => {
  it('is the same for the same, whatever the order of members, and with a hash already there', () => {
    const { plan, ...rest } = request;
    const { details, ...members } = plan;
    const reordered = { ...rest, plan: { details, ...members } };
    const hash = consentHash(request);
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(consentHash(reordered), hash);
    const hashed: ConsentRequest = { ...request, hash };
    assert.equal(consentHash(hashed), hash);
  });

  it('is another one for any other plan, tool, access, client, session or identity', () => {
    const { plan } = request;
    const others: Omit<ConsentRequest, 'hash'>[] = [
      { ...request, plan: { ...plan, action: 'Delete function' } },
      { ...request, plan: { ...plan, resource: 'orders-refund2' } },
      { ...request, plan: { ...plan, resourceArn: `${plan.resourceArn}:live` } },
      { ...request, plan: { ...plan, details: [...plan.details].toReversed() } },
      { ...request, plan: { ...plan, details: plan.details.slice(1) } },
      {
        ...request,
        plan: { ...plan, details: [{ label: 'Invocation type', value: 'Event' }, ...plan.details.slice(1)] },
      },
      { ...request, tool: 'lambda_delete_function' },
      { ...request, access: 'destructive' },
      { ...request, client: 'claude' },
      { ...request, sessionId: 'two' },
      { ...request, identity: { account: '210987654321', role: 'Dev', region: 'eu-west-1', profile: 'dev' } },
      { ...request, identity: { account: '123456789012', role: 'Dev', region: 'us-east-1', profile: 'dev' } },
      { ...request, identity: undefined },
    ];
    const hashes = [request, ...others].map(consentHash);
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('differs for payloads that differ', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (left, right) => {
        const hashOf = (value: string): string =>
          consentHash({ ...request, plan: { ...request.plan, details: [{ label: 'Payload', value }] } });
        assert.equal(hashOf(left) === hashOf(right), left === right);
      }),
    );
  });
});
