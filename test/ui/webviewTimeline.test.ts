import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/toolbox/editorPage';
import { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../support/sampleTraffic';
import { themes, WebviewPage, type WebviewPageOptions } from './webviewPage';

describe('inspector page, timeline', () => {
  let browser: Browser;
  let clock: ManualClock;
  let recorder: TrafficRecorder;
  let open: WebviewPage[];

  before(async () => {
    browser = await launchChromium();
  });

  after(() => browser.close());

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
    open = [];
  });

  afterEach(async () => {
    for (const page of open) await page.close();
    recorder.dispose();
  });

  async function show(options: Partial<WebviewPageOptions> = {}): Promise<WebviewPage> {
    const page = await WebviewPage.open(browser, { recorder, ...options });
    open.push(page);
    await page.page.getByRole('tab', { name: 'Timeline' }).click();
    return page;
  }

  for (const theme of themes) {
    it(`shows lanes in ${theme}, wide and narrow, with no accessibility finding`, async () => {
      recordSample(recorder, clock);
      const wide = await show({ theme });
      await wide.lanes.waitFor();
      await wide.settle();
      await wide.screenshot(`timeline-${theme}`);
      const findings = await wide.accessibilityFindings();
      await wide.lanes.focus();
      for (let step = 0; step < 4; step += 1) await wide.page.keyboard.press('ArrowRight');
      await wide.page.keyboard.press('Enter');
      await wide.detail.waitFor();
      await wide.screenshot(`timeline-${theme}-detail`);
      findings.push(...(await wide.accessibilityFindings()));
      const narrow = await show({ theme, surface: 'view', width: 320, height: 620 });
      await narrow.lanes.waitFor();
      await narrow.screenshot(`timeline-${theme}-side-bar`);
      findings.push(...(await narrow.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });
  }

  it('shows 100,000 messages', async () => {
    recorder.setMaxBytes(1e9);
    recordMany(recorder, clock, 50_000);
    recordSample(recorder, clock);
    const page = await show();
    await page.lanes.waitFor();
    await page.settle();
    await page.screenshot('timeline-100000');
  });
});
