import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { InspectorSession, type InspectorSessionHost } from '../../../../src/editor/inspector/inspectorSession';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../../../support/sampleTraffic';

type Message = Parameters<InspectorSessionHost['post']>[0];

describe('InspectorSession, statistics and timeline', () => {
  let clock: ManualClock;
  let recorder: TrafficRecorder;
  let posted: Message[];
  let saved: string[];
  let session: InspectorSession;

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
    posted = [];
    saved = [];
    session = new InspectorSession(recorder, {
      post: (message) => posted.push(message),
      copyText: () => undefined,
      openDocument: () => undefined,
      saveText: (name, text) => saved.push(`${name}\n${text}`),
      saveTraffic: (source, filter) => saved.push(`${source === recorder} ${filter}`),
    });
  });

  afterEach(() => {
    session.dispose();
    recorder.dispose();
  });

  const watchStatistics = {
    type: 'watchStatistics',
    by: 'tool',
    filter: '',
    sort: { column: 'calls', isDescending: true },
  };
  const watchTimeline = { type: 'watchTimeline', filter: '', columns: 1000 };

  function of<T extends Message['type']>(type: T): Extract<Message, { type: T }>[] {
    return posted.filter((message): message is Extract<Message, { type: T }> => message.type === type);
  }

  async function until(isSo: () => boolean): Promise<void> {
    for (let turn = 0; !isSo(); turn += 1) {
      assert.ok(turn < 500, `Never came true: ${isSo.toString()}`);
      await delay(10);
    }
  }

  it('sends statistics when asked, and again when the traffic changed, but not in between', async () => {
    recordSample(recorder, clock);
    session.receive(watchStatistics);
    assert.equal(of('statistics').at(-1)?.total.calls, 10);
    recordMany(recorder, clock, 5);
    await until(() => of('statistics').at(-1)?.total.calls === 15);
    session.receive({ type: 'unwatchStatistics' });
    const count = of('statistics').length;
    recordMany(recorder, clock, 5, 5);
    await delay(700);
    assert.equal(of('statistics').length, count);
  });

  it('sends at most 500 lines, and exports all', () => {
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    for (let id = 0; id < 600; id += 1) {
      channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params: { name: `t${id}` } });
    }
    session.receive(watchStatistics);
    const [message] = of('statistics');
    assert.equal(message?.rows.length, 500);
    assert.equal(message.omitted, 100);
    session.receive({ ...watchStatistics, type: 'exportStatistics' });
    assert.equal(saved[0]?.trimEnd().split('\r\n').length, 601);
  });

  it('finds free text in bodies, as the list does', async () => {
    recordSample(recorder, clock);
    session.receive({ type: 'ready', filter: 'catalog-index', follow: true });
    session.receive({ ...watchStatistics, filter: 'catalog-index' });
    session.receive({ ...watchTimeline, filter: 'catalog-index' });
    await until(() => of('statistics').at(-1)?.rows[0]?.name === 'lambda_list_functions');
    await until(() => of('timeline').at(-1)?.drawn.lanes[0]?.calls === 1);
  });

  it('sends the part of the timeline that is asked for, and keeps it up to date', async () => {
    recordSample(recorder, clock);
    session.receive(watchTimeline);
    const [first] = of('timeline');
    assert.equal(first?.drawn.lanes.length, 2);
    assert.deepEqual({ from: first.from, to: first.to }, first.extent);
    const { from } = first;
    session.receive({ ...watchTimeline, from, to: from + 100, marked: { from, to: from + 1 } });
    const second = of('timeline').at(-1);
    assert.deepEqual([second?.from, second?.to], [from, from + 100]);
    assert.deepEqual(second?.marked, { calls: 1, errors: 0 });
    recordMany(recorder, clock, 3);
    await until(() => (of('timeline').at(-1)?.extent?.to ?? 0) > (first.extent?.to ?? 0));
  });

  it('walks from call to call, and answers also where there is none', () => {
    session.receive({ type: 'stepTimeline', filter: '', to: 'next' });
    assert.deepEqual(of('timelinePlace').at(-1), { type: 'timelinePlace' });
    recordSample(recorder, clock);
    session.receive({ type: 'watchTimeline', filter: 'tool:s3_*', columns: 10 });
    session.receive({ type: 'stepTimeline', filter: 'tool:s3_*', to: 'last' });
    assert.equal(of('timelinePlace').at(-1)?.at?.record.target, 's3_get_object');
  });

  it('sends nothing while hidden, and what is there when seen again', async () => {
    session.receive(watchStatistics);
    session.receive(watchTimeline);
    session.setVisible(false);
    const count = posted.length;
    recordSample(recorder, clock);
    await delay(700);
    assert.equal(posted.length, count);
    session.setVisible(true);
    assert.equal(of('statistics').at(-1)?.total.calls, 10);
    assert.equal(of('timeline').at(-1)?.drawn.lanes.length, 2);
  });

  it('passes on what is to be saved', () => {
    session.receive({ type: 'saveTraffic', filter: 'tool:x' });
    assert.deepEqual(saved, ['true tool:x']);
  });

  it('drops what is not of the protocol', () => {
    for (const message of [
      { ...watchStatistics, by: 'constructor' },
      { ...watchStatistics, sort: { column: '__proto__', isDescending: true } },
      { ...watchStatistics, filter: 'x'.repeat(1001) },
      { ...watchTimeline, columns: 0 },
      { ...watchTimeline, columns: 1e9 },
      { ...watchTimeline, from: Infinity },
      { ...watchTimeline, marked: { from: 'x', to: 1 } },
      { type: 'stepTimeline', filter: '', to: 'elsewhere' },
      { type: 'stepTimeline', filter: '', seq: -1, to: 'next' },
      { type: 'saveTraffic' },
    ]) {
      session.receive(message);
    }
    assert.deepEqual([posted, saved], [[], []]);
  });
});
