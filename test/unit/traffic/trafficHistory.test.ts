import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { InspectorSession, type InspectorSessionHost } from '../../../src/editor/inspector/inspectorSession';
import { parseQuery } from '../../../src/traffic/query';
import { SegmentStore } from '../../../src/traffic/trace/segmentStore';
import { TrafficHistory } from '../../../src/traffic/trafficHistory';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import type { TrafficSource } from '../../../src/traffic/trafficSource';
import { TrafficView } from '../../../src/traffic/trafficView';
import type { WireSummary } from '../../../src/traffic/wireRecord';
import { ManualClock, recordMany, recordSample } from '../../support/sampleTraffic';

const windowStart = 1_000_001;
const day = 24 * 60 * 60 * 1000;

describe('TrafficHistory', () => {
  let folder: string;
  const opened: { dispose(): void | Promise<void> }[] = [];
  const errors: unknown[] = [];

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mcpw-history-'));
    errors.length = 0;
  });

  afterEach(async () => {
    for (let one = opened.pop(); one; one = opened.pop()) await one.dispose();
    await fs.rm(folder, { recursive: true, force: true });
    assert.deepEqual(errors, []);
  });

  interface Window {
    clock: ManualClock;
    recorder: TrafficRecorder;
    store: SegmentStore;
    history: TrafficHistory;
    close(): Promise<void>;
  }

  function open(run: string, options: { maxBytes?: number; start?: number; recordBytes?: number } = {}): Window {
    const { maxBytes = 8 * 1024 * 1024, start, recordBytes = 64 * 1024 * 1024 } = options;
    const clock = new ManualClock(start);
    const recorder = new TrafficRecorder({ clock, maxBytes, firstSeq: windowStart });
    const store = new SegmentStore({
      folder,
      maxBytes: recordBytes,
      creator: 'Test 1',
      run,
      logger: { debug() {}, info() {}, warn() {}, error: (error) => void errors.push(error) },
    });
    const history = new TrafficHistory(recorder, { maxBytes, windowStart, onError: (error) => errors.push(error) });
    store.start(recorder);
    opened.push(recorder, history, store);
    return {
      clock,
      recorder,
      store,
      history,
      async close() {
        await store.stop();
        history.dispose();
        recorder.dispose();
      },
    };
  }

  function settled(history: TrafficHistory): Promise<void> {
    return new Promise((resolve) => {
      const subscription = history.onDidChange(({ wasCleared }) => {
        if (!wasCleared) return;
        subscription.dispose();
        resolve();
      });
    });
  }

  async function show(history: TrafficHistory, store: SegmentStore): Promise<void> {
    const isShown = settled(history);
    history.follow(store, true);
    await isShown;
  }

  async function showMore(history: TrafficHistory): Promise<void> {
    const isShown = settled(history);
    history.showEarlier();
    await isShown;
  }

  /** Records calls with answers of three kilobytes. */
  function recordLarge(recorder: TrafficRecorder, calls: number, from: number): void {
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    for (let id = from; id < from + calls; id += 1) {
      channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'large' } });
      const text = `${id} `.repeat(3000 / `${id} `.length);
      channel.message('serverToClient', { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
    }
  }

  function summariesOf(source: TrafficSource): WireSummary[] {
    const all: WireSummary[] = [];
    source.forEach((summary) => all.push(summary));
    return all;
  }

  it('begins with what earlier windows recorded, numbered before its own and linked as it was', async () => {
    const monday = open('monday', { start: Date.UTC(2026, 10, 16) });
    recordSample(monday.recorder, monday.clock);
    const before = summariesOf(monday.recorder).map((summary) => ({ ...summary }));
    const bodies = before.map(({ seq }) => monday.recorder.get(seq)?.body);
    await monday.close();
    const tuesday = open('tuesday', { start: Date.UTC(2026, 10, 16) + day });
    recordMany(tuesday.recorder, tuesday.clock, 2);
    await show(tuesday.history, tuesday.store);

    const all = summariesOf(tuesday.history);
    const earlier = all.slice(0, before.length);
    assert.deepEqual(
      all.map(({ seq }) => seq),
      Array.from({ length: before.length + 4 }, (_, index) => windowStart - before.length + index),
    );
    assert.deepEqual(
      earlier.map(({ time, method, target }) => [time, method, target]),
      before.map(({ time, method, target }) => [time, method, target]),
    );
    assert.deepEqual(
      earlier.map(({ seq }) => tuesday.history.get(seq)?.body),
      bodies,
    );
    const shift = before[0]!.seq - earlier[0]!.seq;
    for (const [index, { pair, parent, status }] of earlier.entries()) {
      const was = before[index]!;
      assert.equal(pair, was.pair === undefined ? undefined : was.pair - shift);
      assert.equal(parent, was.parent === undefined ? undefined : was.parent - shift);
      assert.equal(status, was.status === 'pending' ? 'cancelled' : was.status);
    }
    const { extent } = tuesday.history;
    assert.deepEqual([extent.firstSeq, extent.nextSeq], [windowStart - before.length, windowStart + 4]);
    assert.equal(extent.windowStart, windowStart);
    assert.equal(extent.dropped, 0);
    assert.equal(tuesday.history.earlier, 'none');
  });

  it('keeps apart what two earlier windows recorded under the same numbers', async () => {
    for (const run of ['first', 'second']) {
      const window = open(run);
      recordMany(window.recorder, window.clock, 5, run === 'first' ? 0 : 100);
      await window.close();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const now = open('now');
    recordMany(now.recorder, now.clock, 1, 200);
    await show(now.history, now.store);
    const ids = summariesOf(now.history).map(({ id }) => Number(id));
    const expected = [0, 1, 2, 3, 4, 100, 101, 102, 103, 104, 200].flatMap((id) => [id, id]);
    assert.deepEqual(ids, expected);
    for (const { seq, pair } of summariesOf(now.history)) assert.equal(now.history.summary(pair ?? 0)?.pair, seq);
  });

  it('goes on from there, in lists and in what is known around an exchange', async () => {
    const before = open('before');
    recordSample(before.recorder, before.clock);
    await before.close();
    const now = open('now');
    recordMany(now.recorder, now.clock, 1);
    await show(now.history, now.store);
    const view = new TrafficView(now.history, parseQuery(''));
    const changes = now.history.onDidChange((change) => view.apply(change));
    const rows = view.matched;
    recordMany(now.recorder, now.clock, 3, 1);
    assert.equal(now.recorder.extent.nextSeq, windowStart + 8);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(view.matched, rows + 3);
    changes.dispose();
    const call = summariesOf(now.history).find(({ target }) => target === 'cloudformation_describe_stack');
    assert.equal(now.history.factsOf(call?.seq ?? 0)?.session.protocolVersion, '2025-11-25');
  });

  it('lets what it read by itself go first when the memory is needed', async () => {
    const before = open('before');
    recordMany(before.recorder, before.clock, 200);
    await before.close();
    const maxBytes = 400_000;
    const now = open('now', { maxBytes });
    await show(now.history, now.store);
    const read = windowStart - now.history.extent.firstSeq;
    assert.ok(read > 100 && read < 400, String(read));
    assert.equal(now.history.earlier, 'some');
    for (let round = 0; round < 30; round += 1) {
      recordMany(now.recorder, now.clock, 20, round * 20);
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(now.history.extent.bytes <= maxBytes, String(now.history.extent.bytes));
    }
    const { firstSeq, dropped } = now.history.extent;
    assert.ok(firstSeq >= windowStart);
    assert.equal(dropped, read + now.recorder.extent.dropped);
  });

  it('shows again what was dropped, and keeps it within the memory until all is cleared', async () => {
    const maxBytes = 600_000;
    const now = open('now', { maxBytes });
    now.history.follow(now.store);
    for (let round = 0; round < 10; round += 1) {
      recordLarge(now.recorder, 40, round * 40);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(now.history.earlier, 'some');
    const { dropped, firstSeq } = now.history.extent;
    assert.ok(dropped > 0 && firstSeq > windowStart);
    await showMore(now.history);
    const first = now.history.extent;
    assert.ok(first.firstSeq < firstSeq);
    assert.ok(first.dropped < dropped);
    assert.equal(first.dropped, first.firstSeq - windowStart);
    assert.ok(first.bytes <= maxBytes, String(first.bytes));
    const seqs = summariesOf(now.history).map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      Array.from({ length: first.nextSeq - first.firstSeq }, (_, index) => first.firstSeq + index),
    );
    for (const { seq, pair } of summariesOf(now.history)) {
      const other = now.history.summary(pair ?? 0);
      if (other) assert.equal(other.pair, seq);
      const record = now.history.get(seq);
      assert.deepEqual((JSON.parse(record?.body ?? '') as { id: unknown }).id, Number(record?.id));
    }
    await showMore(now.history);
    const second = now.history.extent;
    assert.ok(second.firstSeq < first.firstSeq);
    assert.ok(second.bytes <= maxBytes, String(second.bytes));
    // Half of the memory is what records of before may have.
    assert.equal(now.history.earlier, 'none');
    recordLarge(now.recorder, 500, 10_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(now.history.extent.firstSeq, second.firstSeq);
    assert.ok(now.history.extent.bytes <= maxBytes);
    now.history.clear();
    assert.equal(summariesOf(now.history).length, 0);
    assert.equal(now.history.earlier, 'some');
  });

  it('writes what is dropped before it could be written, too', async () => {
    const now = open('now', { maxBytes: 100_000 });
    now.history.follow(now.store);
    recordMany(now.recorder, now.clock, 1000);
    assert.ok(now.recorder.extent.dropped > 1000);
    await now.store.flush();
    const files = (await fs.readdir(folder)).map((file) => path.join(folder, file));
    const text = (await Promise.all(files.map((file) => fs.readFile(file, 'utf8')))).join('');
    const numbers = [...text.matchAll(/^\{"seq":(\d+)/gm)].map(([, seq]) => Number(seq));
    assert.deepEqual(
      numbers,
      Array.from({ length: 2000 }, (_, index) => windowStart + index),
    );
  });

  it('takes segments that are cut off, broken or gone as what is left of them', async () => {
    for (const run of ['first', 'second', 'third']) {
      const window = open(run, { recordBytes: 200_000 });
      recordMany(window.recorder, window.clock, 40);
      await window.close();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const files = (await fs.readdir(folder)).sort().map((file) => path.join(folder, file));
    await fs.truncate(files.at(-1)!, 3000);
    await fs.writeFile(files[0]!, 'no trace at all\n\u0000\n');
    const now = open('now');
    recordMany(now.recorder, now.clock, 1);
    await show(now.history, now.store);
    const all = summariesOf(now.history);
    assert.ok(all.length > 40);
    assert.deepEqual(
      all.map(({ seq }) => seq),
      all.map(({ seq }) => seq).sort((left, right) => left - right),
    );
  });

  it('is told to pages, which show it without losing what is open or expanded', async () => {
    const before = open('before');
    recordSample(before.recorder, before.clock);
    await before.close();
    const now = open('now');
    recordSample(now.recorder, now.clock);
    const posted: Parameters<InspectorSessionHost['post']>[0][] = [];
    const session = new InspectorSession(now.history, {
      post: (message) => posted.push(message),
      copyText() {},
      openDocument() {},
      saveText() {},
      saveTraffic() {},
    });
    opened.push(session);
    const progress = summariesOf(now.recorder).find(({ parent }) => parent !== undefined);
    const expanded = [progress?.parent ?? 0];
    session.receive({ type: 'ready', filter: '', follow: true, expanded });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await show(now.history, now.store);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const resets = posted.filter((message) => message.type === 'reset');
    const last = resets.at(-1);
    assert.equal(last?.extent.kept, now.history.extent.nextSeq - now.history.extent.firstSeq);
    assert.ok(last.rows.some(({ isEarlier }) => isEarlier) && last.rows.some(({ isEarlier }) => !isEarlier));
    assert.equal(last.extent.earlier, 'none');
    assert.ok(last.rows.some(({ isExpanded }) => isExpanded));
  });
});
