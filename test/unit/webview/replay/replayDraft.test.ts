import * as assert from 'node:assert/strict';
import type { ReplayCall } from '../../../../src/protocol/replay';
import { writeParams } from '../../../../src/traffic/replay/paramsText';
import { draftOf, isOpenGap, problemsOfDraft, readDrafts, savedDrafts } from '../../../../webview/replay/replayDraft';

const call: ReplayCall = {
  seq: 7,
  time: 1000,
  method: 'tools/call',
  target: 'sign_in',
  server: 'acme',
  serverKey: 'k',
  params: writeParams({ name: 'sign_in', arguments: { user: 'ann', password: '[redacted]' } }),
  hasReply: true,
  effects: {},
};

describe('drafts of calls', () => {
  it('are kept without the secrets that somebody put in', () => {
    const draft = draftOf(call);
    draft.fills['arguments.password'] = 'a-planted-secret';
    const edited = draftOf(call);
    edited.params = '{"arguments":{"apiKey":"a-planted-secret","user":"bob"}}';
    const broken = draftOf(call);
    broken.params = '{"apiKey":"a-planted-secret", ';
    const kept = JSON.stringify(savedDrafts([draft, edited, broken]));
    assert.ok(!kept.includes('a-planted-secret'));
    const [first, second] = readDrafts(JSON.parse(kept));
    assert.deepEqual({ ...first, id: '' }, { ...draft, id: '', fills: {} });
    assert.match(second?.params ?? '', /"user": "bob"/);
  });

  it('know what has to be filled in', () => {
    const draft = draftOf(call);
    const [gap] = problemsOfDraft(draft).gaps;
    assert.ok(gap && isOpenGap(gap, draft));
    draft.fills['arguments.password'] = 'x';
    assert.ok(!isOpenGap(gap, draft));
    draft.params = '{"name":';
    assert.match(problemsOfDraft(draft).syntax ?? '', /JSON/);
  });

  it('from an earlier version, or from nowhere, break nothing', () => {
    for (const saved of [undefined, 1, 'x', [null, 1, {}, { id: 1 }, { id: 'a', method: 'm', server: 's' }]])
      assert.deepEqual(readDrafts(saved), []);
    const odd = { id: 'a', method: 'm', server: 's', params: '{}', original: '{}', recorded: { seq: -1, time: 'x' } };
    assert.deepEqual(readDrafts([odd]), [
      { id: 'a', method: 'm', server: 's', params: '{}', original: '{}', isCut: false, fills: {} },
    ]);
  });
});
