import * as assert from 'node:assert/strict';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { BoundedEventStore } from '../../../../src/mcp/host/boundedEventStore';

const message = (id: number): JSONRPCMessage => ({ jsonrpc: '2.0', id, result: {} });
const priming = {} as JSONRPCMessage;

async function replay(store: BoundedEventStore, after: string): Promise<{ streamId: string; ids: unknown[] }> {
  const ids: unknown[] = [];
  const streamId = await store.replayEventsAfter(after, {
    send: (_eventId, sent) => {
      ids.push((sent as { id?: unknown }).id);
      return Promise.resolve();
    },
  });
  return { streamId, ids };
}

describe('BoundedEventStore', () => {
  it('gives what came after an event on the same stream, without priming events', async () => {
    const store = new BoundedEventStore(10);
    const first = await store.storeEvent('a', priming);
    await store.storeEvent('b', message(1));
    await store.storeEvent('a', message(2));
    await store.storeEvent('a', priming);
    await store.storeEvent('a', message(3));
    assert.equal(await store.getStreamIdForEventId(first), 'a');
    assert.deepEqual(await replay(store, first), { streamId: 'a', ids: [2, 3] });
  });

  it('forgets the oldest first', async () => {
    const store = new BoundedEventStore(2);
    const ids = [];
    for (let id = 0; id < 4; id++) ids.push(await store.storeEvent('a', message(id)));
    assert.equal(await store.getStreamIdForEventId(ids[1] ?? ''), undefined);
    assert.deepEqual(await replay(store, ids[2] ?? ''), { streamId: 'a', ids: [3] });
    await assert.rejects(replay(store, ids[0] ?? ''));
    await assert.rejects(replay(store, 'unknown'));
  });

  it('forgets what is too old', async () => {
    const store = new BoundedEventStore(10);
    const id = await store.storeEvent('a', message(1));
    store.dropBefore(Date.now() - 60_000);
    assert.equal(await store.getStreamIdForEventId(id), 'a');
    store.dropBefore(Date.now() + 60_000);
    assert.equal(await store.getStreamIdForEventId(id), undefined);
  });
});
