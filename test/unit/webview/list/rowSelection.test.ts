import * as assert from 'node:assert/strict';
import { maxReplaySteps } from '../../../../src/protocol/replayLimits';
import { RowSelection, selectByClick, selectByKey } from '../../../../webview/list/rowSelection';

/** A list whose records have their positions plus 1000 for numbers. */
class List {
  readonly selection = new RowSelection(() => undefined);
  activePosition: number | undefined;

  row(position: number): { seq: number } | undefined {
    return position >= 0 && position < 500 ? { seq: position + 1000 } : undefined;
  }

  activate(position: number): void {
    this.activePosition = position;
  }
}

function key(list: List, name: string, to: number, shiftKey = false): void {
  const from = list.activePosition;
  list.activate(to);
  selectByKey(list, { key: name, shiftKey }, from);
}

function click(list: List, position: number, keys: { shiftKey?: boolean; ctrlKey?: boolean } = {}): boolean {
  return selectByClick(list, { shiftKey: false, ctrlKey: false, metaKey: false, ...keys }, position);
}

describe('RowSelection', () => {
  it('grows and shrinks with Shift and arrows, and ends with any other move', () => {
    const list = new List();
    list.activate(5);
    key(list, 'ArrowDown', 6, true);
    key(list, 'ArrowDown', 7, true);
    assert.deepEqual(list.selection.list, [1005, 1006, 1007]);
    key(list, 'ArrowUp', 6, true);
    assert.deepEqual(list.selection.list, [1005, 1006]);
    key(list, 'ArrowUp', 3, true);
    assert.deepEqual(list.selection.list, [1003, 1004, 1005]);
    key(list, 'Enter', 3);
    assert.equal(list.selection.size, 3);
    key(list, 'ArrowDown', 4);
    assert.equal(list.selection.size, 0);
  });

  it('takes clicks with Ctrl one by one and with Shift up to there', () => {
    const list = new List();
    assert.ok(!click(list, 2));
    list.activate(2);
    assert.ok(click(list, 9, { ctrlKey: true }));
    assert.deepEqual(list.selection.list, [1002, 1009]);
    click(list, 2, { ctrlKey: true });
    assert.deepEqual(list.selection.list, [1009]);
    click(list, 4, { shiftKey: true });
    assert.deepEqual(list.selection.list, [1002, 1003, 1004]);
    assert.ok(!click(list, 4));
    assert.equal(list.selection.size, 0);
  });

  it('takes no more rows than a sequence has', () => {
    const list = new List();
    list.activate(0);
    key(list, 'End', 499, true);
    assert.equal(list.selection.size, maxReplaySteps);
    assert.ok(list.selection.isFull);
    click(list, 499, { ctrlKey: true });
    assert.equal(list.selection.size, maxReplaySteps);
  });
});
