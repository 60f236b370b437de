import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/toolbox/editorPage';
import { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { ManualClock } from '../support/sampleTraffic';
import { WebviewPage, type WebviewPageOptions } from './webviewPage';

/** What every test of the inspector's page begins with: a browser, an empty recorder and a clock for it. */
export class InspectorWorld {
  readonly #tab: string | undefined;
  #browser: Browser | undefined;
  #open: WebviewPage[] = [];
  clock = new ManualClock();
  recorder = new TrafficRecorder({ clock: this.clock });

  private constructor(tab: string | undefined) {
    this.#tab = tab;
  }

  /**
   * Sets the hooks of the surrounding `describe`; each test gets a new recorder, and its pages are closed after it.
   * @param tab the tab that every page shows first; by default the list
   */
  static use(tab?: string): InspectorWorld {
    const world = new InspectorWorld(tab);
    before(async () => {
      world.#browser = await launchChromium();
    });
    after(() => world.#browser?.close());
    beforeEach(() => {
      world.clock = new ManualClock();
      world.recorder = new TrafficRecorder({ clock: world.clock });
    });
    afterEach(async () => {
      const open = world.#open;
      world.#open = [];
      for (const page of open) await page.close();
      world.recorder.dispose();
    });
    return world;
  }

  readonly show = async (options: Partial<WebviewPageOptions> = {}): Promise<WebviewPage> => {
    if (!this.#browser) throw new Error('The browser is started before the tests.');
    const page = await WebviewPage.open(this.#browser, { recorder: this.recorder, ...options });
    this.#open.push(page);
    if (this.#tab !== undefined) await page.page.getByRole('tab', { name: this.#tab }).click();
    return page;
  };
}
