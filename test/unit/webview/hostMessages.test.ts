import assert from 'node:assert/strict';
import { isHostMessage } from '../../../webview/hostMessages';

const extent = { generation: 1, first: 0, end: 0, matched: 0, kept: 0, dropped: 0 };

describe('isHostMessage', () => {
  it('lets in what the host sends', () => {
    for (const message of [
      { type: 'reset', extent, filter: '', filterProblems: [], isPaused: false, start: 0, rows: [] },
      { type: 'rows', extent, start: 0, rows: [] },
      { type: 'paused', isPaused: true },
      { type: 'detail', seq: 1, related: [] },
      { type: 'gone', seq: 1 },
      { type: 'reveal', seq: 1 },
    ]) {
      assert.equal(isHostMessage(message), true, message.type);
    }
  });

  it('lets in nothing else', () => {
    for (const message of [
      undefined,
      null,
      'reset',
      {},
      { type: 'reset' },
      { type: 'rows', extent: {}, start: 0, rows: [] },
      { type: 'rows', extent, start: 0, rows: 'no' },
      { type: 'detail', seq: '1', related: [] },
      { type: 'paused' },
      { command: 'x' },
    ]) {
      assert.equal(isHostMessage(message), false, JSON.stringify(message));
    }
  });
});
