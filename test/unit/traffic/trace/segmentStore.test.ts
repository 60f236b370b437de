import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { readTrace, type Trace } from '../../../../src/traffic/trace/readTrace';
import { SegmentStore } from '../../../../src/traffic/trace/segmentStore';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../../../support/sampleTraffic';

describe('SegmentStore', () => {
  let folder: string;
  let clock: ManualClock;
  let recorder: TrafficRecorder;
  let errors: string[];
  let stores: SegmentStore[];

  beforeEach(async () => {
    folder = path.join(await fs.mkdtemp(path.join(os.tmpdir(), 'mcpw-segments-')), 'traffic');
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
    errors = [];
    stores = [];
  });

  afterEach(async () => {
    for (const store of stores) await store.stop();
    recorder.dispose();
    await fs.rm(path.dirname(folder), { recursive: true, force: true });
  });

  function open(maxBytes = 1024 * 1024, where = folder): SegmentStore {
    const note = (): void => {};
    const logger = {
      debug: note,
      info: note,
      warn: note,
      error: (message: string | Error) => void errors.push(String(message)),
    };
    const store = new SegmentStore({ folder: where, maxBytes, creator: 'MCP Workbench 0.1.0', logger });
    stores.push(store);
    return store;
  }

  async function readAll(store: SegmentStore): Promise<Trace[]> {
    const traces: Trace[] = [];
    for (const { path: file } of (await store.list()).toReversed())
      traces.push(await readTrace([await fs.readFile(file)]));
    return traces;
  }

  it('writes nothing while nothing happens', async () => {
    const store = open();
    store.start(recorder);
    await store.stop();
    await assert.rejects(fs.stat(folder));
    assert.deepEqual(await store.list(), []);
  });

  it('records what was there, what comes, and what becomes of it', async () => {
    const store = open();
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } });
    store.start(recorder);
    await store.flush();
    clock.advance(70);
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: {} });
    recordSample(recorder, clock);
    await store.flush();
    await store.stop();
    const [trace] = await readAll(store);
    const kept: unknown[] = [];
    recorder.forEach(({ seq, status, durationMs, pair, note, awsRequests }) =>
      kept.push([seq, status, durationMs, pair, note, awsRequests?.length]),
    );
    assert.deepEqual(
      trace?.records.map(({ summary: { seq, status, durationMs, pair, note, awsRequests } }) => [
        seq,
        status,
        durationMs,
        pair,
        note,
        awsRequests?.length,
      ]),
      kept,
    );
    assert.deepEqual(errors, []);
  });

  it('keeps files that only the user can read', async function () {
    if (process.platform === 'win32') return;
    const store = open();
    store.start(recorder);
    recordSample(recorder, clock);
    await store.stop();
    const [segment] = await store.list();
    assert.equal((await fs.stat(folder)).mode & 0o777, 0o700);
    assert.equal((await fs.stat(segment?.path ?? '')).mode & 0o777, 0o600);
  });

  it('begins new files, deletes the oldest, and answers requests of the file before', async () => {
    const store = open(80_000);
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's9', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 'hung', method: 'tools/call', params: { name: 'hung' } });
    store.start(recorder);
    for (let round = 0; round < 12; round += 1) {
      recordMany(recorder, clock, 30, round * 30);
      await store.flush();
    }
    channel.message('serverToClient', { jsonrpc: '2.0', id: 'hung', result: {} });
    await store.stop();
    const segments = await store.list();
    assert.ok(segments.length > 1 && segments.length <= 6, String(segments.length));
    assert.ok(segments.reduce((sum, { bytes }) => sum + bytes, 0) < 110_000);
    const traces = await readAll(store);
    for (const { skipped } of traces) assert.deepEqual(skipped, {});
    const hung = traces.at(-1)?.records.find(({ summary }) => summary.target === 'hung' && summary.kind === 'request');
    assert.equal(hung?.summary.status, 'ok');
    assert.ok(hung?.summary.pair);
  });

  it('leaves what earlier windows recorded as older segments, and deletes them when asked', async () => {
    const first = open();
    first.start(recorder);
    recordSample(recorder, clock);
    await first.stop();
    const second = open();
    second.start(recorder);
    recordSample(recorder, clock);
    await second.flush();
    assert.equal((await second.list()).length, 1);
    await second.clear();
    assert.deepEqual(await second.list(), []);
    await second.stop();
    assert.equal((await second.list()).length, 1);
  });

  it('gives up where it cannot write, and says so once', async () => {
    await fs.writeFile(folder, 'no folder');
    const store = open(1024, path.join(folder, 'below'));
    store.start(recorder);
    for (let round = 0; round < 3; round += 1) {
      recordSample(recorder, clock);
      await store.flush();
    }
    await store.stop();
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? '', /no longer recorded/);
  });
});
