import assert from 'node:assert/strict';
import { readState } from '../../../webview/savedState';

describe('readState', () => {
  it('gives a state to start with, whatever was saved', () => {
    const fresh = {
      page: 'exchanges',
      filter: '',
      follow: true,
      sort: { column: 'time', isDescending: false },
      hidden: ['method', 'status'],
      widths: {},
      expanded: [],
      isDetailOpen: false,
      tab: 'overview',
      split: 0.45,
      form: 'tree',
    };
    for (const saved of [
      undefined,
      null,
      3,
      'x',
      [],
      { page: 'x', filter: 1, follow: 'no', active: -1, isDetailOpen: 1, tab: 'x', split: 3, form: 'x' },
      {
        sort: { column: 'x', isDescending: 1 },
        hidden: 'aws',
        widths: { time: -1, x: 100 },
        expanded: [0, 'x', 1.5].slice(0, 0),
      },
    ]) {
      assert.deepEqual(readState(saved), fresh);
    }
  });

  it('keeps what was saved', () => {
    const state = {
      page: 'timeline',
      filter: 'x',
      follow: false,
      sort: { column: 'duration', isDescending: true },
      hidden: ['server', 'aws'],
      widths: { client: 200 },
      expanded: [3, 7],
      active: 12,
      isDetailOpen: true,
      tab: 'aws',
      split: 0.3,
      form: 'raw',
    } as const;
    assert.deepEqual(readState(JSON.parse(JSON.stringify(state))), state);
  });
});
