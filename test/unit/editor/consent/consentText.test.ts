import assert from 'node:assert/strict';
import { consentDocument, consentText } from '../../../../src/editor/consent/consentText';
import type { ConsentRequest } from '../../../../src/tools/consent';

function request(changes: Partial<ConsentRequest> = {}): ConsentRequest {
  return {
    plan: {
      action: 'Invoke function',
      resource: 'orders-refund',
      resourceArn: 'arn:aws:lambda:us-east-1:444455556666:function:orders-refund',
      details: [{ label: 'Payload', value: '{"orderId":"A-1042","amount":12.5}' }],
    },
    tool: 'lambda_invoke_function',
    access: 'write',
    client: 'claude-code',
    sessionId: 's1',
    identity: { account: '444455556666', role: 'Developer', region: 'us-east-1', profile: 'acme-prod' },
    hash: '9f3c'.padEnd(64, '0'),
    ...changes,
  };
}

describe('consentText', () => {
  it('names who wants what, where and as whom, and what is sent', () => {
    assert.deepEqual(consentText(request()), {
      title: 'Invoke function orders-refund?',
      detail: [
        'claude-code wants to run this on acme-prod (444455556666) as Developer in us-east-1.',
        '',
        'Payload: {"orderId":"A-1042","amount":12.5}',
        'Nothing has been sent yet.',
      ].join('\n'),
      agree: 'Invoke once',
    });
  });

  it('names the account as the user does, and says that it is production', () => {
    const identity = { ...request().identity!, label: 'shop', production: true } as const;
    const asked = request({ identity });
    assert.match(consentText(asked).detail, /on shop \(444455556666, production\) as Developer/);
    assert.match(consentDocument(asked), /^Account +444455556666, shop, production$/m);
  });

  it('says what cannot be undone', () => {
    assert.match(consentText(request({ access: 'destructive' })).detail, /^This cannot be undone\.$/m);
  });

  it('offers the session only where that is offered, and says what it covers', () => {
    assert.equal(consentText(request()).agreeForSession, undefined);
    const { agreeForSession, detail } = consentText(request({ offersGrant: true }));
    assert.equal(agreeForSession, 'Invoke for this session');
    assert.match(detail, /^"For this session" also covers later calls of claude-code on orders-refund, whatever/m);
    assert.match(detail, /Nothing has been sent yet\.$/);
  });

  it('says that an account is production, by its label', () => {
    const identity = { ...request().identity, label: 'shop', production: true } as ConsentRequest['identity'];
    assert.match(consentText(request({ identity })).detail, /on shop \(444455556666, production\) as Developer/);
  });

  it('points to the details for texts that are replaced', () => {
    const changes = [
      { label: 'template\n.json', before: 'a', after: 'b' },
      { label: 'tags.json', before: '', after: 'c' },
    ];
    const { detail } = consentText(request({ plan: { ...request().plan, changes } }));
    assert.match(detail, /^template \.json and 1 more are replaced; the details show what changes\.$/m);
  });

  it('keeps what others wrote on its own line', () => {
    const text = consentText(
      request({
        client: 'agent\n\nNothing will be changed.',
        plan: { action: 'Invoke function', resource: 'x\r\ny', details: [{ label: 'a\nb', value: 'c\n\nd' }] },
      }),
    );
    assert.equal(text.detail.split('\n').length, 4);
    assert.equal(text.title.split('\n').length, 1);
    assert.match(text.detail, /^a b: c d$/m);
  });

  it('shows characters that cannot be seen', () => {
    const { detail } = consentText(request({ client: 'ag\u202Eent\u200B' }));
    assert.match(detail, /ag\\u\{202e\}ent\\u\{200b\}/);
  });

  it('stays small enough for a dialog and points to what it leaves out', () => {
    const details = Array.from({ length: 50 }, (_, index) => ({ label: `l${index}`, value: 'v'.repeat(10_000) }));
    const { title, detail } = consentText(
      request({ client: 'c'.repeat(5000), plan: { action: 'Invoke', resource: 'r'.repeat(5000), details } }),
    );
    assert(title.length < 250);
    assert(detail.length < 3000);
    assert.match(detail, /^42 more; see the details\.$/m);
  });
});

describe('consentDocument', () => {
  it('leaves nothing out', () => {
    const details = Array.from({ length: 50 }, (_, index) => ({ label: `l${index}`, value: `${index}`.repeat(1000) }));
    const text = consentDocument(request({ plan: { action: 'Invoke', resource: 'r', details } }));
    for (const { label, value } of details) assert(text.includes(label) && text.includes(value));
    assert(text.includes(request().hash));
  });

  it('has what is there and what takes its place', () => {
    const changes = [{ label: 'tags.json', before: '', after: 'after\nall' }];
    const text = consentDocument(request({ plan: { ...request().plan, changes } }));
    assert.match(text, /^tags\.json, now\n {2}\(nothing\)$/m);
    assert.match(text, /^tags\.json, afterwards\n {2}after\n {2}all$/m);
  });

  it('breaks JSON into lines', () => {
    assert.match(consentDocument(request()), /^ {4}"amount": 12\.5$/m);
  });
});
