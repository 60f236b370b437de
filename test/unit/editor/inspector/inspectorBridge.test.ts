import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { InspectorBridge } from '../../../../src/editor/inspector/inspectorBridge';
import type { InspectorHostMessage, InspectorWebviewMessage } from '../../../../src/protocol/inspector';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../../../support/sampleTraffic';

type Kind = InspectorHostMessage['type'];
type Of<K extends Kind> = Extract<InspectorHostMessage, { type: K }>;

describe('InspectorBridge', () => {
  let clock: ManualClock;
  let recorder: TrafficRecorder;
  let bridge: InspectorBridge;
  let posted: { at: number; message: InspectorHostMessage }[];
  let copied: string[];
  let opened: string[];

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
    posted = [];
    copied = [];
    opened = [];
    bridge = new InspectorBridge(recorder, {
      post: (message) => posted.push({ at: performance.now(), message: structuredClone(message) }),
      copyText: (text) => copied.push(text),
      openDocument: (text) => opened.push(text),
    });
  });

  afterEach(() => {
    bridge.dispose();
    recorder.dispose();
  });

  function send(message: InspectorWebviewMessage): void {
    bridge.receive(message);
  }

  /** Waits until the bridge has posted a message of that kind since the last call, and forgets what came before. */
  async function next<K extends Kind>(type: K): Promise<Of<K>> {
    for (;;) {
      const index = posted.findIndex(({ message }) => message.type === type);
      if (index >= 0) {
        const [found] = posted.splice(0, index + 1).slice(-1);
        return found!.message as Of<K>;
      }
      await delay(2);
    }
  }

  /** Lets everything that is under way be posted. */
  async function quiet(): Promise<void> {
    for (let before = -1; before !== posted.length;) {
      before = posted.length;
      await delay(40);
    }
  }

  async function ready(filter = ''): Promise<Of<'reset'>> {
    send({ type: 'ready', filter, follow: true });
    const reset = await next('reset');
    // What was recorded just before may be announced once more.
    await quiet();
    posted = posted.filter(({ message }) => message.type !== 'rows');
    return reset;
  }

  it('says nothing before the page listens, then sends the newest rows', async () => {
    recordMany(recorder, clock, 1000);
    await quiet();
    assert.deepEqual(posted, []);
    const { extent, rows, start, isPaused } = await ready();
    assert.deepEqual({ first: extent.first, end: extent.end, kept: extent.kept }, { first: 0, end: 1000, kept: 2000 });
    assert.equal(start, 500);
    assert.equal(rows.length, 500);
    assert.equal(rows.at(-1)?.seq, 1999);
    assert.equal(rows.at(-1)?.response?.seq, 2000);
    assert.equal(isPaused, false);
    assert.ok(!('body' in rows[0]!));
  });

  it('sends new rows as they come, and changed ones again', async () => {
    await ready();
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'ping' });
    const added = await next('rows');
    assert.deepEqual([added.start, added.rows.map(({ status }) => status)], [0, ['pending']]);
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: {} });
    const changed = await next('rows');
    assert.deepEqual([changed.start, changed.rows.map(({ status }) => status)], [0, ['ok']]);
    assert.equal(changed.extent.end, 1);
    assert.equal(changed.extent.kept, 2);
  });

  it('never sends more than 500 rows at once nor more than 60 messages a second, and yet tells how many there are', async () => {
    await ready();
    const began = performance.now();
    for (let burst = 0; burst < 40; burst += 1) {
      recordMany(recorder, clock, 250, burst * 250);
      await delay(5);
    }
    await quiet();
    const elapsed = performance.now() - began;
    assert.ok(posted.length <= Math.ceil(elapsed / (1000 / 60)) + 1, `${posted.length} in ${elapsed}`);
    const counts = posted.map(({ message }) => (message.type === 'rows' ? message.rows.length : 0));
    assert.ok(Math.max(...counts) <= 500);
    const last = posted.at(-1)?.message as Of<'rows'>;
    assert.equal(last.extent.end, 10_000);
    assert.equal(last.rows.at(-1)?.seq, 19_999);
  });

  it('sends the rows that the page looks at, and only those, once it does not follow', async () => {
    recordMany(recorder, clock, 5000);
    const { extent } = await ready();
    send({ type: 'window', generation: extent.generation, start: 100, end: 300, follow: false });
    const { start, rows } = await next('rows');
    assert.equal(start, 100);
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      Array.from({ length: 200 }, (_, index) => (100 + index) * 2 + 1),
    );
    recordMany(recorder, clock, 10, 5000);
    const later = await next('rows');
    assert.deepEqual(later.rows, []);
    assert.equal(later.extent.end, 5010);
  });

  it('filters on request and says what it did not understand', async () => {
    recordSample(recorder, clock);
    await ready();
    send({ type: 'list', filter: 'status:error dur:long' });
    const { rows, filter, filterProblems, extent } = await next('reset');
    assert.deepEqual(
      rows.map(({ target }) => target),
      ['s3_get_object', 'lambda_invoke_function'],
    );
    assert.equal(filter, 'status:error dur:long');
    assert.equal(filterProblems.length, 1);
    assert.equal(extent.end, 2);
  });

  it('says where the selected row is after filtering, and when it moves', async () => {
    recordSample(recorder, clock);
    const { rows } = await ready();
    const active = rows.find(({ target }) => target === 'lambda_invoke_function')!.seq;
    send({ type: 'list', filter: 'status:error', active });
    assert.deepEqual((await next('reset')).active, { seq: active, position: 1 });
    send({ type: 'list', filter: 'status:ok', active });
    assert.deepEqual((await next('reset')).active, { seq: active, position: undefined });
  });

  it('ignores a window of a list that is no longer there', async () => {
    recordMany(recorder, clock, 10);
    const { extent } = await ready();
    send({ type: 'list', filter: 'x' });
    await next('reset');
    send({ type: 'window', generation: extent.generation, start: 0, end: 10, follow: false });
    await quiet();
    assert.deepEqual(posted, []);
  });

  it('gives both bodies of an exchange, and again when the response comes', async () => {
    await ready();
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'x', _meta: { progressToken: 1 } },
    });
    send({ type: 'open', seq: 1 });
    const before = await next('detail');
    assert.equal(before.request?.summary.method, 'tools/call');
    assert.equal(before.response, undefined);
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 1, progress: 1 },
    });
    assert.equal((await next('detail')).related.length, 1);
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: { a: 1 } });
    const after = await next('detail');
    assert.equal(after.response?.body, '{"jsonrpc":"2.0","id":1,"result":{"a":1}}');
    assert.equal(after.related.length, 1);
    send({ type: 'close' });
    await quiet();
    posted.length = 0;
    channel.awsRequest(1, { service: 'S3', operation: 'X', region: 'r', attempts: 1, startedAt: 0, durationMs: 0 });
    await quiet();
    assert.ok(posted.every(({ message }) => message.type !== 'detail'));
  });

  it('shows an exchange from the side of its response too', async () => {
    recordMany(recorder, clock, 1);
    await ready();
    send({ type: 'open', seq: 2 });
    const { request, response } = await next('detail');
    assert.deepEqual([request?.summary.seq, response?.summary.seq], [1, 2]);
  });

  it('says when a record is no longer kept', async () => {
    await ready();
    send({ type: 'open', seq: 12 });
    assert.equal((await next('gone')).seq, 12);
  });

  it('sends the beginning of a body that is too long for a page, and opens and copies all of it', async () => {
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', {
      jsonrpc: '2.0',
      id: 1,
      method: 'x',
      params: { text: 'word '.repeat(300_000) },
    });
    await ready();
    send({ type: 'open', seq: 1 });
    const { request } = await next('detail');
    const whole = recorder.get(1)?.body ?? '';
    assert.equal(request?.body.length, 1024 * 1024);
    assert.equal(request.omittedChars, whole.length - 1024 * 1024);
    send({ type: 'openBody', seq: 1 });
    send({ type: 'copyBody', seq: 1 });
    assert.deepEqual([opened, copied], [[whole], [whole]]);
    send({ type: 'copy', text: 'result.a' });
    assert.equal(copied[1], 'result.a');
  });

  it('pauses, resumes and clears the recorder, and tells the page, whoever does it', async () => {
    recordMany(recorder, clock, 3);
    await ready();
    send({ type: 'pause', isPaused: true });
    assert.equal((await next('paused')).isPaused, true);
    recorder.pause(false);
    assert.equal((await next('paused')).isPaused, false);
    send({ type: 'clear' });
    const { rows, extent } = await next('reset');
    assert.deepEqual([rows, extent.kept], [[], 0]);
  });

  it('sends nothing while hidden, and everything when seen again', async () => {
    await ready();
    bridge.setVisible(false);
    recordMany(recorder, clock, 20);
    recorder.pause(true);
    await quiet();
    assert.deepEqual(posted, []);
    bridge.setVisible(true);
    const { rows, isPaused } = await next('reset');
    assert.equal(rows.length, 20);
    assert.equal(isPaused, true);
  });

  it('reveals a record once the page is there, and says whether the filter shows it', async () => {
    recordSample(recorder, clock);
    bridge.reveal(1);
    await quiet();
    assert.deepEqual(posted, []);
    await ready();
    assert.deepEqual(await next('reveal'), { type: 'reveal', seq: 1, position: 0 });
    send({ type: 'list', filter: 'status:error' });
    bridge.reveal(1);
    assert.equal((await next('reveal')).position, undefined);
  });

  it('stops when disposed', async () => {
    await ready();
    bridge.dispose();
    recordMany(recorder, clock, 20);
    bridge.setVisible(false);
    bridge.setVisible(true);
    bridge.reveal(1);
    await quiet();
    assert.deepEqual(posted, []);
  });

  for (const message of [
    undefined,
    null,
    'ready',
    [],
    {},
    { type: 'unknown' },
    { type: 'open' },
    { type: 'open', seq: -1 },
    { type: 'open', seq: 1.5 },
    { type: 'open', seq: '1' },
    { type: 'list', filter: 'x'.repeat(1001) },
    { type: 'list', filter: { toString: () => 'x' } },
    { type: 'window', generation: 1, start: -1, end: 2, follow: true },
    { type: 'copy', text: 'x'.repeat(9 * 1024 * 1024) },
    { type: 'pause', isPaused: 'yes' },
  ]) {
    it(`drops what is not of the protocol: ${JSON.stringify(message)?.slice(0, 60)}`, async () => {
      recordMany(recorder, clock, 2);
      await ready();
      bridge.receive(message);
      await quiet();
      assert.deepEqual(posted, []);
      assert.deepEqual(copied, []);
      assert.equal(recorder.isPaused, false);
      assert.equal(recorder.extent.nextSeq, 5);
      assert.ok(recorder.summary(1));
    });
  }

  it('holds the limit of rows against a window that asks for more', async () => {
    recordMany(recorder, clock, 5000);
    const { extent } = await ready();
    send({ type: 'window', generation: extent.generation, start: 0, end: 5000, follow: false });
    const { start, rows } = await next('rows');
    assert.deepEqual([start, rows.length], [0, 500]);
  });
});
