import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { silentLogger } from '../../src/core/logger';
import { SegmentStore } from '../../src/traffic/trace/segmentStore';
import { TrafficHistory } from '../../src/traffic/trafficHistory';
import { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../support/sampleTraffic';
import { InspectorWorld } from './inspectorWorld';
import { themes } from './webviewPage';

const windowStart = 1_000_001;

describe('inspector, with traffic of before', () => {
  const world = InspectorWorld.use();
  const opened: { dispose(): unknown }[] = [];
  let folder: string;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mcpw-earlier-'));
  });

  afterEach(async () => {
    for (let one = opened.pop(); one; one = opened.pop()) await one.dispose();
    await fs.rm(folder, { recursive: true, force: true });
  });

  function open(
    run: string,
    maxBytes: number,
    start?: number,
  ): { recorder: TrafficRecorder; clock: ManualClock; store: SegmentStore } {
    const clock = new ManualClock(start);
    const recorder = new TrafficRecorder({ clock, firstSeq: windowStart, maxBytes });
    const store = new SegmentStore({ folder, maxBytes: 1e9, creator: 'Test', run, logger: silentLogger });
    store.start(recorder);
    opened.push(recorder, store);
    return { recorder, clock, store };
  }

  function historyOf(recorder: TrafficRecorder, maxBytes: number): TrafficHistory {
    const history = new TrafficHistory(recorder, {
      maxBytes,
      windowStart,
      onError: (error) => assert.fail(String(error)),
    });
    opened.push(history);
    return history;
  }

  /** What was recorded on another day, and what comes now. */
  async function afterReload(): Promise<{ history: TrafficHistory; store: SegmentStore }> {
    const before = open('before', 8e6, Date.UTC(2026, 10, 19, 9, 30));
    recordSample(before.recorder, before.clock);
    await before.store.stop();
    const now = open('now', 8e6);
    recordMany(now.recorder, now.clock, 6);
    return { history: historyOf(now.recorder, 8e6), store: now.store };
  }

  for (const theme of themes) {
    it(`shows it before its own, marked, in ${theme}, with no accessibility finding`, async () => {
      const { history, store } = await afterReload();
      const page = await world.show({ recorder: history, theme });
      await page.rows.first().waitFor();
      const own = await page.rows.count();
      history.follow(store, true);
      await page.page.locator('.row.earlier').first().waitFor();
      assert.ok((await page.rows.count()) > own);
      const first = page.row('s3_get_object').locator('..').locator('.row.earlier').first();
      assert.match((await first.locator('.time').getAttribute('title')) ?? '', /19.*before this window was loaded/);
      assert.match((await first.getAttribute('aria-label')) ?? '', /from before this window was loaded$/);
      assert.equal(await page.page.getByRole('button', { name: 'Show earlier traffic' }).count(), 0);
      await page.page.locator('.row.earlier').last().scrollIntoViewIfNeeded();
      await page.screenshot(`earlier-${theme}`);
      assert.deepEqual(await page.accessibilityFindings(), []);
    });
  }

  it('reads what was dropped by keyboard, and stays where it is read', async () => {
    const maxBytes = 400_000;
    const { recorder, store } = open('now', maxBytes);
    const history = historyOf(recorder, maxBytes);
    history.follow(store);
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    const text = 'x'.repeat(3000);
    for (let id = 0; id < 600; id += 1) {
      channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params: { name: `call_${id}` } });
      channel.message('serverToClient', { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
      if (id % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const page = await world.show({ recorder: history, width: 380, surface: 'view' });
    const button = page.page.getByRole('button', { name: 'Show earlier traffic' });
    await button.waitFor();
    await page.screenshot('earlier-dropped');
    const dropped = history.extent.dropped;
    const { firstSeq } = history.extent;
    await page.rows.last().click();
    await page.page.keyboard.press('Escape');
    const label = await page.labelInSight();
    await button.focus();
    await page.page.keyboard.press('Enter');
    await page.until(() => Promise.resolve(history.extent.firstSeq < firstSeq));
    await page.settle();
    assert.ok(history.extent.dropped < dropped);
    assert.equal(await page.labelInSight(), label);
    await page.grid.focus();
    await page.page.keyboard.press('Home');
    const name = `call_${Math.floor((history.extent.firstSeq - windowStart) / 2) + 1}`;
    await page.row(name).click();
    await page.detail.getByRole('tab', { name: 'Request' }).click();
    await page.detail.getByRole('button', { name: 'Raw', exact: true }).click();
    await page.detail.getByText(`"${name}"`).waitFor();
    await page.screenshot('earlier-read');
    assert.deepEqual(await page.accessibilityFindings(), []);
  });
});
