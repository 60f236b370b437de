import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { inspectorAddress } from '../../src/editor/inspector/inspectorLink';
import { SavedInputs } from '../../src/editor/inspector/savedInputs';
import { SavedFilters, type FilterMemory } from '../../src/editor/inspector/savedFilters';
import type { Browser, Locator, Page } from 'playwright-core';
import { inspectorHtml, type InspectorSurface } from '../../src/editor/inspector/html';
import { InspectorSession, type InspectorSessionHost } from '../../src/editor/inspector/inspectorSession';
import type { CallableServers } from '../../src/mcp/caller/callableServer';
import type { TrafficSource } from '../../src/traffic/trafficSource';

const root = path.join(import.meta.dirname, '..', '..');
/** The built page; another place where one works on it while others build. */
const dist = process.env['MCP_WORKBENCH_WEBVIEW_DIST'] ?? path.join(root, 'dist', 'webview');
const artifacts = path.join(root, 'test', 'ui', 'artifacts');
const origin = 'https://inspector.test';

export const themes = ['dark', 'light', 'hc-dark', 'hc-light'] as const;

export type Theme = (typeof themes)[number];

const themeKinds: Readonly<Record<Theme, string>> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  'hc-dark': 'vscode-high-contrast',
  'hc-light': 'vscode-high-contrast-light',
};

export interface WebviewPageOptions {
  recorder: TrafficSource;
  theme?: Theme;
  surface?: InspectorSurface;
  isReadOnly?: boolean;
  width?: number;
  height?: number;
  /** Servers that can be looked at and called by hand. */
  servers?: CallableServers;
}

/**
 * The inspector's built page in a browser, with the page's own HTML and policy, connected to a real recorder. Around it is
 * only what the editor puts around a webview: its API object, the theme's variables and the default styles.
 */
export class WebviewPage {
  readonly page: Page;
  readonly bridge: InspectorSession;
  /** What the page asked to be put on the clipboard, and to be opened as a document. */
  readonly copied: string[] = [];
  readonly opened: string[] = [];
  /** Every message to the page, for tests of the traffic between the two. */
  readonly posted: Parameters<InspectorSessionHost['post']>[0][] = [];
  /** Files that were saved: their suggested names and what is in them. */
  readonly saved: { name: string; text: string }[] = [];
  readonly #complaints: string[] = [];

  private constructor(page: Page, recorder: TrafficSource, servers: CallableServers | undefined) {
    this.page = page;
    this.bridge = new InspectorSession(recorder, {
      post: (message) => {
        this.posted.push(message);
        // A page that is being closed or loaded anew gets no messages, as in the editor.
        page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`).catch(() => undefined);
      },
      copyText: (text) => this.copied.push(text),
      openDocument: (text) => this.opened.push(text),
      saveText: (name, text) => this.saved.push({ name, text }),
      savedFilters: new SavedFilters(memory()),
      savedInputs: new SavedInputs(memory()),
      ...(servers ? { servers } : {}),
      linkTo: (link) => inspectorAddress('vscode', 'mcp-workbench.mcp-workbench', link),
      saveTraffic: (_source, filter) => this.saved.push({ name: 'traffic', text: filter }),
    });
  }

  static async open(browser: Browser, options: WebviewPageOptions): Promise<WebviewPage> {
    const { recorder, theme = 'dark', surface = 'panel', isReadOnly = false, width = 1280, height = 720 } = options;
    assert.ok(fs.existsSync(path.join(dist, 'inspector.js')), 'The page is not built: run `npm run build` first.');
    const context = await browser.newContext({ viewport: { width, height }, timezoneId: 'UTC', locale: 'en-GB' });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const self = new WebviewPage(page, recorder, options.servers);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) self.#complaints.push(message.text());
    });
    page.on('pageerror', (error) => self.#complaints.push(String(error)));
    await page.exposeFunction('hostReceive', (message: unknown) => self.bridge.receive(message));
    await page.exposeFunction('policyViolated', (text: string) => self.#complaints.push(`policy: ${text}`));
    const standIn = {
      variables: themeVariables(theme),
      kind: themeKinds[theme],
      background: surface === 'panel' ? '--vscode-editor-background' : '--vscode-sideBar-background',
    };
    const script = fs.readFileSync(path.join(root, 'test', 'ui', 'fixtures', 'editorStandIn.js'), 'utf8');
    await page.addInitScript(`{ const standIn = ${JSON.stringify(standIn)};\n${script} }`);
    await page.route(`${origin}/**`, async (route) => {
      const file = new URL(route.request().url()).pathname.slice(1);
      if (file === '') {
        const body = inspectorHtml({
          surface,
          isReadOnly,
          cspSource: origin,
          nonce: 'bm9uY2Ugb2YgdGhlIHRlc3Q=',
          scriptUri: `${origin}/inspector.js`,
        });
        await route.fulfill({ contentType: 'text/html', body });
      } else {
        await route.fulfill({ path: path.join(dist, path.basename(file)) });
      }
    });
    await page.goto(`${origin}/`);
    return self;
  }

  get grid(): Locator {
    return this.page.getByRole('treegrid', { name: 'MCP traffic' });
  }

  /** The rows that exist as elements, without the header. */
  get rows(): Locator {
    return this.page.locator('.drawn > .row');
  }

  /** The row that is called that: by its tool, or by its method. */
  row(name: string): Locator {
    return this.rows.filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** The row with that number, counted from 1, if it is drawn with its content. */
  rowNumber(number: number): Locator {
    return this.page.locator(`.row[aria-rowindex="${number + 1}"]:has(.name)`);
  }

  /** The number of the first row in sight. */
  async firstInSight(): Promise<number> {
    await this.settle();
    return this.page.evaluate<number>(`Math.round(document.querySelector('.grid').scrollTop / 22) + 1`);
  }

  /** What the row in the middle of the list says. */
  async labelInSight(): Promise<string | null> {
    await this.settle();
    return this.page.evaluate<string | null>(`(() => {
      const { x, y, width, height } = document.querySelector('.grid').getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2).closest('.row').querySelector('.time').title;
    })()`);
  }

  /** The line of the statistics that is read out beginning with that name. */
  statisticsRow(name: string): Locator {
    return this.page.locator(`.statistics tbody tr[aria-label^="${name},"]`);
  }

  /** The lanes of the timeline, where its keys work. */
  get lanes(): Locator {
    return this.page.getByRole('application', { name: 'Timeline' });
  }

  get footer(): Locator {
    return this.page.locator('footer');
  }

  get detail(): Locator {
    return this.page.getByRole('region', { name: 'Detail' });
  }

  get filter(): Locator {
    return this.page.getByRole('combobox', { name: 'Filter' });
  }

  /** How much time the timeline shows. */
  get timelineSpan(): Locator {
    return this.page.locator('mcpw-timeline .span');
  }

  /** Resolves when `isSo` holds. @throws AssertionError where it does not within 10 seconds. */
  async until(isSo: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 10_000;
    while (!(await isSo())) {
      assert.ok(Date.now() < end, `Never came true: ${isSo.toString()}`);
      await this.settle();
    }
  }

  /** Resolves when the page has drawn what it was told last. */
  async settle(): Promise<void> {
    await this.page.evaluate(
      'document.fonts.ready.then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))',
    );
  }

  /** What axe finds wrong with the page as it is now, one line for each element. */
  async accessibilityFindings(): Promise<string[]> {
    await this.settle();
    await this.page.evaluate(fs.readFileSync(path.join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'));
    return this.page.evaluate<string[]>(
      `axe.run().then(({ violations }) => violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, failureSummary }) => [impact, id, target.join(' '), failureSummary].join(' | '))))`,
    );
  }

  async screenshot(name: string): Promise<void> {
    await this.settle();
    fs.mkdirSync(artifacts, { recursive: true });
    await this.page.screenshot({ path: path.join(artifacts, `${name}.png`), animations: 'disabled', caret: 'hide' });
  }

  /** Closes the page. @throws AssertionError where its policy was violated or anything was written to the console. */
  async close(): Promise<void> {
    this.bridge.dispose();
    await this.page.context().close();
    assert.deepEqual(this.#complaints, []);
  }
}

/** What the editor remembers for a workspace. */
function memory(): FilterMemory {
  const kept = new Map<string, unknown>();
  return {
    get: (key) => kept.get(key),
    update: (key, value) => {
      kept.set(key, value);
      return Promise.resolve();
    },
  };
}

function themeVariables(theme: Theme): [string, string][] {
  const text = fs.readFileSync(path.join(root, 'test', 'ui', 'fixtures', 'themes', `${theme}.css`), 'utf8');
  return [...text.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value]);
}
