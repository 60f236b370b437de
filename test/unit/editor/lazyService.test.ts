import assert from 'node:assert/strict';
import { LazyService } from '../../../src/editor/lazyService';

/** A service that knows whether it was closed. */
function service(): { isDisposed: boolean; dispose(): Promise<void> } {
  const made = {
    isDisposed: false,
    async dispose() {
      await Promise.resolve();
      made.isDisposed = true;
    },
  };
  return made;
}

describe('LazyService', () => {
  it('makes its service once, when it is first asked for', async () => {
    let count = 0;
    const lazy = new LazyService(async () => (count++, service()));
    assert.equal(lazy.ready, undefined);
    const [first, second] = await Promise.all([lazy.get(), lazy.get()]);
    assert.equal(first, second);
    assert.equal(lazy.ready, first);
    assert.equal(count, 1);
  });

  it('tries again after a failure', async () => {
    let count = 0;
    const lazy = new LazyService(async () => {
      if (count++ === 0) throw new Error('not yet');
      return service();
    });
    await assert.rejects(lazy.get(), /not yet/);
    assert(await lazy.get());
  });

  it('closes a service that is still being made, and waits for it', async () => {
    const made = service();
    let finish: () => void = () => undefined;
    const lazy = new LazyService(async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return made;
    });
    const pending = lazy.get();
    const disposal = lazy.dispose();
    finish();
    await disposal;
    assert.equal(made.isDisposed, true);
    await pending;
  });

  it('makes nothing to close, and nothing after it was closed', async () => {
    let count = 0;
    const lazy = new LazyService(async () => (count++, service()));
    await lazy.dispose();
    await lazy.dispose();
    await assert.rejects(lazy.get(), /shutting down/);
    assert.equal(count, 0);
  });
});
