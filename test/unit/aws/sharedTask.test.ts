import assert from 'node:assert/strict';
import { SharedTasks } from '../../../src/aws/sharedTask';
import { WorkbenchError } from '../../../src/core/errors';

describe('SharedTasks', () => {
  it('does the work once for all who ask at the same time, and anew afterwards', async () => {
    const tasks = new SharedTasks<number>();
    let runs = 0;
    const work = async (): Promise<number> => ++runs;
    assert.deepEqual(await Promise.all([tasks.run('a', work), tasks.run('a', work), tasks.run('b', work)]), [1, 1, 2]);
    assert.equal(await tasks.run('a', work), 3);
  });

  it('lets one leave without disturbing the others', async () => {
    const tasks = new SharedTasks<string>();
    const leaver = new AbortController();
    let finish: ((value: string) => void) | undefined;
    let workSignal: AbortSignal | undefined;
    const work = (signal: AbortSignal): Promise<string> => {
      workSignal = signal;
      return new Promise((resolve) => (finish = resolve));
    };
    const first = tasks.run('a', work, leaver.signal);
    const second = tasks.run('a', work, new AbortController().signal);
    leaver.abort();
    await assert.rejects(first, (error) => WorkbenchError.is(error, 'Cancelled'));
    assert.equal(workSignal!.aborted, false);
    finish!('done');
    assert.equal(await second, 'done');
  });

  it('aborts the work when the last one left, and starts again for the next', async () => {
    const tasks = new SharedTasks<string>();
    const leaver = new AbortController();
    let aborted = 0;
    const stuck = (signal: AbortSignal): Promise<string> =>
      new Promise(() => signal.addEventListener('abort', () => aborted++));
    const first = tasks.run('a', stuck, leaver.signal);
    await Promise.resolve();
    await Promise.resolve();
    leaver.abort();
    await assert.rejects(first, (error) => WorkbenchError.is(error, 'Cancelled'));
    assert.equal(aborted, 1);
    assert.equal(await tasks.run('a', async () => 'fresh'), 'fresh');
  });

  it('rejects at once for a signal that has fired already, and starts nothing for it alone', async () => {
    const tasks = new SharedTasks<string>();
    await assert.rejects(
      tasks.run('a', async () => 'x', AbortSignal.abort()),
      (error) => WorkbenchError.is(error, 'Cancelled'),
    );
  });

  it('passes on what the work throws, and forgets it', async () => {
    const tasks = new SharedTasks<string>();
    await assert.rejects(
      tasks.run('a', async () => {
        throw new Error('no');
      }),
      /no/,
    );
    assert.equal(await tasks.run('a', async () => 'yes'), 'yes');
  });
});
