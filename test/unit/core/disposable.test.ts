import assert from 'node:assert/strict';
import { DisposableStore, toDisposable } from '../../../src/core/disposable';

describe('DisposableStore', () => {
  it('releases newest first, each once, and what comes late at once', () => {
    const released: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => released.push('first')));
    store.add(toDisposable(() => released.push('second')));
    store.dispose();
    store.dispose();
    store.add(toDisposable(() => released.push('late')));
    assert.deepEqual(released, ['second', 'first', 'late']);
  });

  it('releases the rest when one throws, and throws that error', () => {
    const released: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => released.push('first')));
    store.add(
      toDisposable(() => {
        throw new Error('stuck');
      }),
    );
    assert.throws(() => store.dispose(), /stuck/);
    assert.deepEqual(released, ['first']);
  });
});
