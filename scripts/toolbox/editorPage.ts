import * as fs from 'node:fs';
import * as path from 'node:path';
import { format } from 'node:util';
import { chromium, type Browser, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { ensureChromium } from './chromium';
import type { VsCodeServer } from './vscodeServer';

const WORKBENCH_MS = 60_000;
const COMMAND_MS = 30_000;

/** What the browser opens. */
export interface EditorPageOptions {
  server: VsCodeServer;
  /** The folder of the extension to load, with its package.json. */
  extensionPath?: string;
  /** A module that exports `run()`: VS Code runs it in the extension host and `testsExit` tells how it went. */
  testsPath?: string;
  /** The folder that the window opens. */
  workspaceFolder?: string;
  viewport?: { width: number; height: number };
  /** Device pixels for each pixel of the page: 2 for crisp pictures. */
  scale?: number;
  /** Called with what the tests and the extension host print. */
  onLog?: (text: string) => void;
  /** Where `screenshot` puts its pictures. */
  screenshotFolder?: string;
}

/** A VS Code window in a browser, and what a person does in it. */
export interface EditorPage {
  page: Page;
  browser: Browser;
  /** The exit code of the tests at `testsPath`; settles only if there are any. */
  testsExit: Promise<number>;
  /** Waits until the window is drawn and its extensions can run. */
  waitForWorkbench: () => Promise<void>;
  /** Runs a command by its title, as a person does through the command palette. */
  runCommand: (title: string) => Promise<void>;
  /** Switches the colour theme, by its id such as `Light 2026` or `Default High Contrast`. */
  setColorTheme: (theme: string) => Promise<void>;
  /** The inside of a webview; the only visible one unless a CSS selector for its outer frame says which. */
  webview: (selector?: string) => FrameLocator;
  /** Takes a picture and returns its path. */
  screenshot: (name: string) => Promise<string>;
  dispose: () => Promise<void>;
}

/** Flags under which Chromium asks nothing of the network, and runs as root. */
const chromiumFlags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  // The workbench asks the Marketplace and a CDN now and then; a test must neither wait for them nor depend on them.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** Starts the headless browser that the other helpers drive. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await ensureChromium(), headless: true, args: [...chromiumFlags] });
}

function remoteUri(server: VsCodeServer, file: string): string {
  const slashed = path.resolve(file).replaceAll('\\', '/');
  return `vscode-remote://127.0.0.1:${server.port}${slashed.startsWith('/') ? '' : '/'}${encodeURI(slashed)}`;
}

/** The address at which a browser finds that window; any browser on this machine can open it. */
export function editorAddress(options: EditorPageOptions): string {
  const payload: [string, string][] = [['skipWelcome', 'true']];
  if (options.extensionPath)
    payload.push(['extensionDevelopmentPath', remoteUri(options.server, options.extensionPath)]);
  if (options.testsPath) payload.push(['extensionTestsPath', remoteUri(options.server, options.testsPath)]);
  const url = new URL(options.server.url);
  if (options.workspaceFolder)
    url.searchParams.set('folder', path.resolve(options.workspaceFolder).replaceAll('\\', '/'));
  else url.searchParams.set('ew', 'true');
  url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

/** What one of VS Code's own themes is called, and the class that the workbench wears while it is on. */
function findTheme(server: VsCodeServer, id: string): { label: string; className: string } {
  const read = (file: string): unknown =>
    JSON.parse(fs.readFileSync(path.join(server.root, 'extensions', 'theme-defaults', file), 'utf8'));
  const { contributes } = read('package.json') as {
    contributes: { themes: { id: string; label: string; path: string }[] };
  };
  const found = contributes.themes.find((theme) => theme.id === id);
  if (found === undefined) {
    throw new Error(`No theme ${id}; there are: ${contributes.themes.map((theme) => theme.id).join(', ')}`);
  }
  const labels = read('package.nls.json') as Record<string, string>;
  return {
    label: labels[found.label.replaceAll('%', '')] ?? found.label,
    className: `vscode-theme-defaults-themes-${path.posix.basename(found.path).replace('.', '-')}`,
  };
}

/** The workbench reports its own doings the same way as the tests theirs; these lines say nothing about an extension. */
function isWorkbenchChatter(text: string): boolean {
  return (
    /^\[(AgentHost|RemoteAgentHost|ChatModelSelection|AccountPolicy|reconnection-grace|Service Worker)/.test(text) ||
    /^(Creating a socket|Resolv(ing|ed) connection token|Updating additional builtin|Ignoring fetching additional|Creation of workbench contribution|Canceled: )/.test(
      text,
    )
  );
}

/** Opens a VS Code window on a running server. */
export async function openEditorPage(options: EditorPageOptions): Promise<EditorPage> {
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({
      viewport: options.viewport ?? { width: 1280, height: 800 },
      deviceScaleFactor: options.scale ?? 1,
      permissions: ['clipboard-read', 'clipboard-write'],
      colorScheme: 'dark',
      reducedMotion: 'reduce',
    });
    // A whole editor on a busy machine can take longer than a page that Playwright's default is made for.
    context.setDefaultTimeout(WORKBENCH_MS);
    const page = await context.newPage();
    const testsExit = new Promise<number>((resolve, reject) => {
      void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
      page.on('crash', () => reject(new Error('The page of the editor crashed.')));
      browser.on('disconnected', () => reject(new Error('The browser ended before the tests did.')));
    });
    // Nobody may be waiting for it.
    testsExit.catch(() => {});
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      // The arguments are those of console.log, placeholders and all.
      const text = format(...args);
      if (!isWorkbenchChatter(text)) options.onLog?.(`${text}\n`);
    });
    await page.goto(editorAddress(options));
    return { browser, page, testsExit, ...gestures(page, options), dispose: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Waits until something can be seen, but no longer than the given time; tells whether it came. */
async function appears(what: Locator, ms: number): Promise<boolean> {
  await what.waitFor({ state: 'visible', timeout: ms }).catch(() => undefined);
  return what.isVisible();
}

function gestures(
  page: Page,
  options: EditorPageOptions,
): Pick<EditorPage, 'waitForWorkbench' | 'runCommand' | 'setColorTheme' | 'webview' | 'screenshot'> {
  const input = page.locator('.quick-input-widget .quick-input-box input');
  const rows = page.locator('.quick-input-list .monaco-list-row');

  async function runCommand(title: string): Promise<void> {
    // The palette also offers what merely resembles the words, so the row is chosen by its own title.
    const row = rows.filter({ hasText: title }).first();
    const until = Date.now() + COMMAND_MS;
    do {
      // A webview that is just being loaded swallows keys, and takes the focus from the palette.
      if (!(await input.isVisible())) {
        await page.keyboard.press('F1');
        if (!(await appears(input, 2_000))) continue;
      }
      // Typed again and again, since the list does not take up commands of extensions that load after it opened.
      try {
        await input.fill('>', { timeout: 1_000 });
        await input.fill(`>${title}`, { timeout: 1_000 });
        await row.click({ timeout: 1_000 });
        return;
      } catch (error) {
        if (Date.now() > until) throw error;
      }
    } while (Date.now() < until);
    throw new Error(`The command palette could not be opened to run "${title}".`);
  }

  return {
    waitForWorkbench: async () => {
      await page.waitForSelector('.monaco-workbench .part.statusbar .statusbar-item', { timeout: WORKBENCH_MS });
    },
    runCommand,
    setColorTheme: async (theme) => {
      const { label, className } = findTheme(options.server, theme);
      await runCommand('Preferences: Color Theme');
      // The rows say what each theme is called; the first that contains the words may be a longer name, so all of it is asked.
      await input.fill(label);
      await rows
        .filter({ has: page.getByText(label, { exact: true }) })
        .first()
        .click();
      await page.locator(`.monaco-workbench.${className}`).waitFor();
    },
    webview: (selector = 'iframe.webview.ready') =>
      page.frameLocator(`${selector}:visible`).frameLocator('iframe#active-frame'),
    screenshot: async (name) => {
      const folder = options.screenshotFolder ?? path.join(process.cwd(), 'dist', 'screenshots');
      fs.mkdirSync(folder, { recursive: true });
      const file = path.join(folder, `${name}.png`);
      await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
      return file;
    },
  };
}
