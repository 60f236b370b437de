import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { KeyedQueue } from '../../../../src/tools/cdk/keyedQueue';

describe('KeyedQueue', () => {
  const { signal } = new AbortController();

  it('runs tasks of one key in order and those of other keys beside them', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const first = queue.run('a', signal, async () => {
      log.push('first');
      await gate;
    });
    const second = queue.run('a', signal, async () => {
      log.push('second');
    });
    await queue.run('b', signal, async () => {
      log.push('other');
    });
    await turn();
    assert.deepEqual(log, ['first', 'other']);
    finish();
    await Promise.all([first, second]);
    assert.deepEqual(log, ['first', 'other', 'second']);
  });

  it('goes on after a task that failed, and passes its error on', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run('a', signal, () => Promise.reject(new Error('broken')));
    const next = queue.run('a', signal, () => Promise.resolve('done'));
    await assert.rejects(failing, /broken/);
    assert.equal(await next, 'done');
  });

  it('lets a waiting task go without starting it, and those behind it keep waiting for the running one', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const controller = new AbortController();
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const running = queue.run('a', signal, () => gate);
    const waiting = queue.run('a', controller.signal, async () => {
      log.push('waiting');
    });
    const behind = queue.run('a', signal, async () => {
      log.push('behind');
    });
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await turn();
    assert.deepEqual(log, []);
    finish();
    await Promise.all([running, behind]);
    assert.deepEqual(log, ['behind']);
  });
});
