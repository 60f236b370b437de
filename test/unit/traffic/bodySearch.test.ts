import assert from 'node:assert/strict';
import { BodySearch } from '../../../src/traffic/bodySearch';
import { parseQuery } from '../../../src/traffic/query';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import { TrafficView } from '../../../src/traffic/trafficView';
import { ManualClock, recordMany } from '../../support/sampleTraffic';

describe('BodySearch', () => {
  let clock: ManualClock;
  let recorder: TrafficRecorder;

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
  });

  afterEach(() => recorder.dispose());

  function record(...texts: string[]): void {
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    for (const text of texts) channel.message('clientToServer', { jsonrpc: '2.0', method: 'x', params: { text } });
  }

  function found(text: string): number[] {
    const search = new BodySearch(recorder, parseQuery(text).texts);
    while (!search.isDone) search.step(1);
    assert.deepEqual(search.progress.done, search.progress.total);
    const seqs: number[] = [];
    recorder.forEach(({ seq }) => {
      if (search.has(0, seq)) seqs.push(seq);
    });
    return seqs;
  }

  it('finds texts in any case, escaped, and escaped twice', () => {
    const inner = 'Access "Denied"\nfor C:\\temp';
    record(inner, JSON.stringify({ error: inner }), 'else');
    assert.deepEqual(found('access'), [1, 2]);
    assert.deepEqual(found('"access \\"denied\\""'), [1, 2]);
    assert.deepEqual(found('c:\\temp'), [1, 2]);
    assert.deepEqual(found('acc*for'), [1, 2]);
    assert.deepEqual(found('deni?d'), [1, 2]);
    assert.deepEqual(found('for*access'), []);
    assert.deepEqual(found('nowhere'), []);
  });

  it('goes step by step, new messages first, and forgets what is dropped', () => {
    recordMany(recorder, clock, 5000);
    const search = new BodySearch(recorder, ['result of call 4999', 'call']);
    assert.ok(search.step(0).length === 0);
    assert.equal(search.progress.done, 0);
    record('result of call 4999');
    assert.deepEqual(search.step(1).slice(0, 1), [10_001]);
    while (!search.isDone) search.step(50);
    assert.equal(search.has(0, 10_000), true);
    assert.equal(search.has(0, 9998), false);
    assert.equal(search.has(1, 1), true);
    recorder.setMaxBytes(10_000);
    search.forgetBefore(recorder.extent.firstSeq);
    assert.equal(search.has(1, 1), false);
    assert.equal(search.isDone, true);
  });

  it('adds to a list what it finds, and keeps what must not be there out of it', () => {
    recordMany(recorder, clock, 100);
    for (const [filter, count] of [
      ['"result of call 7"', 11],
      ['-"result of call 7"', 89],
      ['tool:lambda_* "result of call 8"', 4],
    ] as const) {
      const query = parseQuery(filter);
      const search = new BodySearch(recorder, query.texts);
      const view = new TrafficView(recorder, query, { inBody: search.has });
      while (!search.isDone) {
        const changed = search.step(5).map((seq) => recorder.summary(seq)!);
        view.apply({ changed });
      }
      assert.equal(view.end - view.first, count, filter);
    }
  });
});
