import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { WorkbenchError } from '../../../src/core/errors';
import { CallSlots, type CallSlot } from '../../../src/tools/callSlots';

const never = new AbortController().signal;

/** Lets everything that can go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe('CallSlots', () => {
  it('lets so many calls of a client run, and the next when one ends, in order', async () => {
    const slots = new CallSlots({ maxPerClient: 2 });
    const order: number[] = [];
    const acquired = [1, 2, 3, 4].map(async (number) => {
      const slot = await slots.acquire('a', never);
      order.push(number);
      return slot;
    });
    await settle();
    assert.deepEqual(order, [1, 2]);
    assert.deepEqual(slots.load, { running: 2, waiting: 2 });
    (await acquired[1])?.release();
    await settle();
    assert.deepEqual(order, [1, 2, 3]);
    (await acquired[0])?.release();
    (await acquired[0])?.release();
    await settle();
    assert.deepEqual(order, [1, 2, 3, 4]);
    assert.deepEqual(slots.load, { running: 2, waiting: 0 });
  });

  it('lets clients take turns, however many calls one of them sends', async () => {
    const slots = new CallSlots({ maxPerClient: 1, maxTotal: 1 });
    const order: string[] = [];
    const run = async (key: string): Promise<void> => {
      const slot = await slots.acquire(key, never);
      order.push(key);
      await settle();
      slot.release();
    };
    const first = run('a');
    await Promise.all([first, ...['a', 'a', 'a', 'a', 'b', 'c', 'b'].map(run)]);
    assert.deepEqual(order.slice(0, 4).sort(), ['a', 'a', 'b', 'c']);
    assert.deepEqual(slots.load, { running: 0, waiting: 0 });
  });

  it('refuses what would wait behind too many', async () => {
    const slots = new CallSlots({ maxPerClient: 1, maxWaiting: 1 });
    await slots.acquire('a', never);
    void slots.acquire('a', never);
    await assert.rejects(
      slots.acquire('a', never),
      (error) => WorkbenchError.is(error, 'Throttled') && error.retryable,
    );
    const other = await slots.acquire('b', never);
    other.release();
  });

  it('waits no longer than its signal, and leaves nothing behind', async () => {
    const slots = new CallSlots({ maxPerClient: 1 });
    const running = await slots.acquire('a', never);
    const controller = new AbortController();
    const waiting = slots.acquire('a', controller.signal);
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await assert.rejects(slots.acquire('a', controller.signal), /enough/);
    assert.deepEqual(slots.load, { running: 1, waiting: 0 });
    running.release();
    (await slots.acquire('a', never)).release();
  });

  it('gives a place away while a person is waited for, and takes one first when it goes on', async () => {
    const slots = new CallSlots({ maxPerClient: 1 });
    const order: string[] = [];
    const asking = await slots.acquire('a', never);
    let answer: () => void = () => undefined;
    const asked = asking.yieldDuring(() => new Promise<void>((resolve) => (answer = resolve)));
    const second = await slots.acquire('a', never);
    const third = slots.acquire('a', never).then((slot) => {
      order.push('third');
      return slot;
    });
    answer();
    void asked.then(() => order.push('asked'));
    await settle();
    assert.deepEqual(order, []);
    second.release();
    await settle();
    assert.deepEqual(order, ['asked']);
    asking.release();
    (await third).release();
    assert.deepEqual(slots.load, { running: 0, waiting: 0 });
  });

  it('ends well where the call is cancelled while it has given its place away', async () => {
    const slots = new CallSlots({ maxPerClient: 1 });
    const controller = new AbortController();
    const slot = await slots.acquire('a', controller.signal);
    await assert.rejects(
      slot.yieldDuring(() => {
        controller.abort();
        return Promise.reject(new Error('from within'));
      }),
      /from within/,
    );
    slot.release();
    assert.deepEqual(slots.load, { running: 0, waiting: 0 });
  });

  it('never lets too many run, and is empty in the end, whatever is released and cancelled', async () => {
    const step = fc.record({
      client: fc.constantFrom('a', 'b', 'c'),
      ends: fc.constantFrom('release', 'cancel', 'yield'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const slots = new CallSlots({ maxPerClient: 2, maxTotal: 3, maxWaiting: 1000 });
        const running = new Map<string, number>();
        const count = (key: string, by: number): void => {
          running.set(key, (running.get(key) ?? 0) + by);
          assert.ok((running.get(key) ?? 0) <= 2);
          assert.ok([...running.values()].reduce((sum, each) => sum + each, 0) <= 3);
        };
        await Promise.all(
          steps.map(async ({ client, ends }) => {
            const controller = new AbortController();
            let slot: CallSlot;
            try {
              const acquiring = slots.acquire(client, controller.signal);
              if (ends === 'cancel') controller.abort(new Error('cancelled'));
              slot = await acquiring;
            } catch {
              return;
            }
            count(client, 1);
            await Promise.resolve();
            if (ends === 'yield') {
              count(client, -1);
              await slot.yieldDuring(() => settle());
              count(client, 1);
            }
            count(client, -1);
            slot.release();
          }),
        );
        assert.deepEqual(slots.load, { running: 0, waiting: 0 });
      }),
    );
  });
});
