import assert from 'node:assert/strict';
import type { ConsentSubject } from '../../../src/tools/consent';
import { ConsentGrants } from '../../../src/tools/consentGrants';

const subject: ConsentSubject = {
  plan: {
    action: 'Invoke function',
    resource: 'orders-refund',
    resourceArn: 'arn:aws:lambda:eu-west-1:123456789012:function:orders-refund',
    details: [{ label: 'Payload', value: '{"order":1}' }],
  },
  tool: 'lambda_invoke_function',
  access: 'write',
  client: 'copilot',
  sessionId: 'c1',
  identity: { account: '123456789012', role: 'Dev', region: 'eu-west-1', profile: 'dev' },
};

describe('ConsentGrants', () => {
  it('cover later calls of the same tool, action, resource, identity and session, whatever is sent', () => {
    const grants = new ConsentGrants();
    assert.equal(grants.use(subject), undefined);
    grants.give(subject, 'editor');
    const other = { ...subject, plan: { ...subject.plan, details: [{ label: 'Payload', value: '{"order":2}' }] } };
    assert.equal(grants.use(other)?.by, 'editor');
    assert.equal(grants.use(subject)?.uses, 2);
    assert.equal(grants.list.length, 1);
    assert.equal(grants.list[0]?.resourceArn, subject.plan.resourceArn);
  });

  it('cover nothing else', () => {
    const grants = new ConsentGrants();
    grants.give(subject, 'editor');
    const { plan, identity } = subject;
    assert.ok(identity);
    for (const other of [
      { ...subject, tool: 'lambda_update_function' },
      { ...subject, client: 'claude' },
      { ...subject, sessionId: 'c2' },
      { ...subject, access: 'destructive' as const },
      { ...subject, identity: undefined },
      { ...subject, identity: { ...identity, account: '999999999999' } },
      { ...subject, identity: { ...identity, role: 'Admin' } },
      { ...subject, identity: { ...identity, region: 'us-east-1' } },
      { ...subject, identity: { ...identity, profile: 'prod' } },
      { ...subject, plan: { ...plan, action: 'Delete function' } },
      { ...subject, plan: { ...plan, resource: 'orders' } },
      { ...subject, plan: { ...plan, resourceArn: `${plan.resourceArn}:live` } },
    ]) {
      assert.equal(grants.use(other), undefined);
    }
  });

  it('are never given for what cannot be undone, nor for reads', () => {
    const grants = new ConsentGrants();
    for (const access of ['destructive', 'read'] as const) {
      grants.give({ ...subject, access }, 'editor');
      assert.equal(grants.use({ ...subject, access }), undefined);
    }
    assert.deepEqual(grants.list, []);
  });

  it('end with their time, and the oldest with their number', () => {
    let now = 0;
    const grants = new ConsentGrants({ lifetimeMs: 1000, maxGrants: 2, now: () => now });
    for (const sessionId of ['c1', 'c2', 'c3']) grants.give({ ...subject, sessionId }, 'client');
    assert.deepEqual(
      grants.list.map(({ sessionId }) => sessionId),
      ['c3', 'c2'],
    );
    now = 999;
    assert.ok(grants.use({ ...subject, sessionId: 'c2' }));
    now = 1000;
    assert.equal(grants.use({ ...subject, sessionId: 'c2' }), undefined, 'using one does not make it last');
    assert.deepEqual(grants.list, []);
  });

  it('are taken back one by one, by session and all together, and say so', () => {
    const grants = new ConsentGrants();
    let changes = 0;
    grants.onDidChange(() => changes++);
    for (const sessionId of ['c1', 'c2', 'c3']) grants.give({ ...subject, sessionId }, 'client');
    grants.revoke(grants.list.find(({ sessionId }) => sessionId === 'c1')?.id ?? '');
    assert.equal(grants.use(subject), undefined);
    grants.revokeSession('c2');
    assert.equal(grants.list.length, 1);
    grants.revokeAll();
    assert.deepEqual(grants.list, []);
    assert.equal(changes, 6);
    grants.revokeAll();
    assert.equal(changes, 6);
    grants.dispose();
  });
});
