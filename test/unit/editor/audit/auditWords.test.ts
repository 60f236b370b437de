import assert from 'node:assert/strict';
import {
  auditWords,
  filterWords,
  verificationDocument,
  verificationWords,
} from '../../../../src/editor/audit/auditWords';
import type { AuditCall, AuditVerification } from '../../../../src/tools/audit/auditReader';

const clock = (iso: string): string => iso.slice(11, 19);

function call(changes: Partial<AuditCall> = {}): AuditCall {
  return {
    callId: 'c1',
    client: 'claude-code',
    session: 's1',
    tool: 'lambda_invoke_function',
    access: 'write',
    state: 'ok',
    time: '2026-11-20T10:42:07.113Z',
    identity: { account: '444455556666', role: 'Developer', region: 'eu-west-1', profile: 'acme-prod' },
    ...changes,
  };
}

describe('auditWords', () => {
  it('says when, for whom and as whom a call was made', () => {
    const { label, description, icon, color } = auditWords(call(), clock);
    assert.equal(label, 'lambda_invoke_function');
    assert.equal(description, '10:42:07 · change · claude-code · acme-prod (444455556666)');
    assert.equal(icon, 'pass');
    assert.equal(color, undefined);
  });

  it('says in words what its icon says', () => {
    for (const [state, words] of [
      ['error', /failed: AccessDenied/],
      ['refused', /refused: AccessDenied/],
      ['unfinished', /not finished/],
    ] as const) {
      const { description, color } = auditWords(call({ state, errorCode: 'AccessDenied' }), clock);
      assert.match(description, words);
      assert(color);
    }
  });

  it('says how consent was given', () => {
    const consents = [
      { answer: 'session', by: 'editor', hash: '', action: 'Invoke function', resource: 'orders' },
      { answer: 'refused', reason: 'timedOut', hash: '', action: 'Invoke function', resource: 'orders' },
    ] as const;
    const { tooltip } = auditWords(call({ consents: [...consents] }), clock);
    assert.match(tooltip, /^Invoke function orders: agreed to for the session, asked by the editor$/m);
    assert.match(tooltip, /^Invoke function orders: refused \(timedOut\)$/m);
  });

  it('keeps what clients wrote on its own line, and visible', () => {
    const { description, tooltip } = auditWords(call({ client: 'a\nb\u202E', message: 'x\n\ny' }), clock);
    assert.match(description, /a b\\u\{202e\}/);
    assert.match(tooltip, /^x y$/m);
  });
});

describe('filterWords', () => {
  it('is nothing for a filter that lets all through', () => {
    assert.equal(filterWords({}), undefined);
  });

  it('names each part', () => {
    const words = filterWords({
      access: ['write', 'destructive'],
      state: ['error', 'refused'],
      client: 'claude-code',
      since: '2026-11-20T10:42:07.113Z',
      text: 'orders',
    });
    assert.equal(
      words,
      'changes only, failed or refused, client claude-code, since 2026-11-20 10:42 UTC, with "orders"',
    );
  });
});

describe('verificationWords', () => {
  const intact: AuditVerification = {
    files: 2,
    records: 10,
    isIntact: true,
    problems: [],
    heads: [{ chain: 'abcd0123', seq: 9, hash: 'f'.repeat(64) }],
  };

  it('tells a log that was changed from one that has gaps', () => {
    assert.equal(verificationWords(intact), 'The audit log is intact: 10 records in 2 files.');
    const torn = { kind: 'torn', file: 'a.jsonl', line: 3, message: 'Not whole.' } as const;
    assert.match(verificationWords({ ...intact, problems: [torn] }), /^Nothing in the audit log was changed/);
    const changed = { kind: 'changed', file: 'a.jsonl', line: 2, message: 'Changed.' } as const;
    const verification = { ...intact, isIntact: false, problems: [changed] };
    assert.match(verificationWords(verification), /was changed after it was written: 1 problem in/);
    const document = verificationDocument(verification, '/audit');
    assert.match(document, /^a\.jsonl:2 {2}changed {2}Changed\.$/m);
    assert.match(document, /^abcd0123 {2}9 {2}f{64}$/m);
  });

  it('says where nothing was recorded', () => {
    assert.equal(verificationWords({ ...intact, files: 0, records: 0, heads: [] }), 'Nothing has been recorded yet.');
  });
});
