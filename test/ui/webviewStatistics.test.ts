import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/toolbox/editorPage';
import { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../support/sampleTraffic';
import { themes, WebviewPage, type WebviewPageOptions } from './webviewPage';

describe('inspector page, statistics', () => {
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
    await page.page.getByRole('tab', { name: 'Statistics' }).click();
    return page;
  }

  function record(): void {
    recordMany(recorder, clock, 400);
    recordSample(recorder, clock);
  }

  for (const theme of themes) {
    it(`shows tools, servers and clients in ${theme}, wide and narrow, with no accessibility finding`, async () => {
      record();
      const wide = await show({ theme });
      await wide.statisticsRow('lambda list functions').waitFor();
      await wide.screenshot(`statistics-${theme}-tools`);
      const findings = await wide.accessibilityFindings();
      await wide.page.getByRole('radio', { name: 'Clients' }).click();
      await wide.statisticsRow('Visual Studio Code').focus();
      await wide.screenshot(`statistics-${theme}-clients`);
      findings.push(...(await wide.accessibilityFindings()));
      const narrow = await show({ theme, surface: 'view', width: 320, height: 620 });
      await narrow.statisticsRow('lambda list functions').waitFor();
      await narrow.screenshot(`statistics-${theme}-side-bar`);
      findings.push(...(await narrow.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });
  }
});
