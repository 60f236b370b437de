import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Locator, Page } from 'playwright-core';
import { openEditorPage, type EditorPage } from '../../scripts/toolbox/editorPage';
import { settlesWithin } from '../../scripts/toolbox/processGroup';
import { startVsCodeServer, type VsCodeServer } from '../../scripts/toolbox/vscodeServer';
import { startEditorSandbox, type EditorSandbox } from '../support/editorSandbox';

const root = path.join(import.meta.dirname, '..', '..');

/** The folder of the extension as it is shipped. */
export const builtExtension = process.env['MCP_WORKBENCH_TEST_EXTENSION'] ?? root;

/** What a window is opened on. */
interface Sandbox {
  workspace: string;
  env: Record<string, string>;
  /** Where the server keeps its home and settings; default: a folder of its own. */
  dataFolder?: string;
  /** Whether the editor asks for trust in the folder, as it does for people. */
  workspaceTrust?: boolean;
  dispose(): Promise<void>;
}

/** A window of the real editor with the extension and a local AWS, and where things are in it. */
export class EditorWindow<S extends Sandbox = EditorSandbox> {
  readonly sandbox: S;
  readonly server: VsCodeServer;
  readonly editor: EditorPage;

  private constructor(sandbox: S, server: VsCodeServer, editor: EditorPage) {
    this.sandbox = sandbox;
    this.server = server;
    this.editor = editor;
  }

  static async open(): Promise<EditorWindow> {
    return EditorWindow.openWith(await startEditorSandbox());
  }

  /** Opens a window on a sandbox, which is closed with it. */
  static async openWith<S extends Sandbox>(
    sandbox: S,
    userSettings: Record<string, unknown> = {},
    extensionPath = builtExtension,
  ): Promise<EditorWindow<S>> {
    const server = await startVsCodeServer({
      env: sandbox.env,
      // What changes something is offered from the start: the host suite tests how that is switched.
      userSettings: { 'mcpWorkbench.access': 'readWrite', ...userSettings },
      ...(sandbox.dataFolder === undefined ? {} : { dataFolder: sandbox.dataFolder }),
      ...(sandbox.workspaceTrust === undefined ? {} : { workspaceTrust: sandbox.workspaceTrust }),
    });
    const editor = await openEditorPage({
      server,
      extensionPath,
      workspaceFolder: sandbox.workspace,
      viewport: { width: 1280, height: 800 },
      screenshotFolder: path.join(root, 'test', 'ui', 'artifacts'),
    });
    await editor.waitForWorkbench();
    return new EditorWindow(sandbox, server, editor);
  }

  async close(): Promise<void> {
    await this.editor.dispose();
    await this.server.dispose();
    await this.sandbox.dispose();
  }

  /** The status-bar item that says who tools act as. */
  get identity(): Locator {
    return this.editor.page.locator('#mcp-workbench\\.mcp-workbench\\.mcpWorkbench\\.identity');
  }

  /** A row of the side bar's trees, by its label. */
  row(label: string | RegExp): Locator {
    return this.editor.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: label });
  }

  /** A row of the open quick pick. */
  pick(label: string | RegExp): Locator {
    return this.editor.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label });
  }

  get quickInput(): Locator {
    return this.editor.page.locator('.quick-input-widget .quick-input-box input');
  }

  get dialog(): Locator {
    return this.editor.page.locator('.monaco-dialog-box');
  }

  /**
   * A notification, in the notification centre: an editor that can be driven by tests shows no toasts.
   * @returns the notification once it is there, with the centre open.
   */
  async notification(text: string | RegExp): Promise<Locator> {
    const { page } = this.editor;
    const centre = page.locator('.notifications-center');
    // The newest stands first.
    const found = centre.locator('.notification-list-item').filter({ hasText: text }).first();
    await this.until(`a notification that says ${String(text)}`, async () => {
      // What opens something else, as the command palette, closes the centre.
      if (!(await centre.isVisible())) await page.locator('#status\\.notifications').click();
      return settlesWithin(found.waitFor(), 1_000);
    });
    return found;
  }

  /** How many notifications say that, dismissed ones not counted. */
  async countNotifications(text: string | RegExp): Promise<number> {
    await this.notification(text);
    return this.editor.page.locator('.notifications-center .notification-list-item').filter({ hasText: text }).count();
  }

  /** The page that opens in another tab of the browser while `act` runs. */
  async popup(act: () => Promise<unknown>): Promise<Page> {
    const [page] = await Promise.all([this.editor.page.context().waitForEvent('page'), act()]);
    await page.waitForLoadState();
    return page;
  }

  /** A button of a row in the side bar, seen while the pointer is over the row. */
  async pressInline(row: Locator, title: string | RegExp): Promise<void> {
    // A row that is drawn anew while it is pressed is no longer known to the editor, and the command asks which is meant.
    const which = this.editor.page.locator('.quick-input-widget').getByPlaceholder('Which server?');
    for (let tries = 0; tries < 5; tries += 1) {
      await row.hover();
      await row.getByRole('button', { name: title }).click();
      await which.waitFor({ timeout: 400 }).catch(() => undefined);
      if (!(await which.isVisible())) return;
      await this.editor.page.keyboard.press('Escape');
      await which.waitFor({ state: 'hidden' });
    }
    throw new Error('The row was drawn anew each time it was pressed.');
  }

  /** Opens the menu of a row and picks something from it. */
  async pickFromMenu(row: Locator, label: string): Promise<void> {
    await row.click({ button: 'right' });
    const item = this.editor.page.getByRole('menuitem', { name: label });
    await item.waitFor();
    // A menu takes no clicks in its first moments, so that the click which opened it picks nothing.
    await this.until('the menu to go away', async () => {
      if (await item.isVisible()) await item.click({ timeout: 1_000 }).catch(() => undefined);
      return !(await item.isVisible());
    });
  }

  /** Looks until something is so; fails with what was looked for. */
  async until(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
    for (const end = Date.now() + 30_000; Date.now() < end; await delay(200)) if (await look()) return;
    throw new Error(`Waited in vain for ${what}.`);
  }

  /** Opens our container in the side bar. */
  async openSideBar(): Promise<void> {
    const icon = this.editor.page.locator('.activitybar .action-item').filter({
      has: this.editor.page.locator('.action-label[aria-label="MCP Workbench"]'),
    });
    // A click on the icon of what is open would close it.
    if (!/checked/.test((await icon.getAttribute('class')) ?? '')) await icon.click();
    await this.editor.page.locator('.part.sidebar .pane-header').filter({ hasText: 'AWS' }).first().waitFor();
  }

  /** Opens our container with room for nothing but the user's servers. */
  async openServers(): Promise<void> {
    const { page } = this.editor;
    await this.openSideBar();
    for (const other of ['AWS Section', 'Traffic Section']) await page.getByLabel(other).first().click();
    // Rows that come while the view fills up can undo it.
    await this.until('our own tools to be folded', async () => {
      await this.row('AWS tools').first().click();
      await page.keyboard.press('ArrowLeft');
      return settlesWithin(this.row('Clients').first().waitFor({ state: 'detached' }), 2_000);
    });
  }

  /** Runs "Connect Claude Code" and takes apart what it put on the clipboard. */
  async connectClaudeCode(): Promise<{ url: string; token: string }> {
    await this.editor.page.evaluate(`navigator.clipboard.writeText('')`);
    await this.editor.runCommand('MCP Workbench: Connect Claude Code');
    await this.notification('The command for Claude Code is on the clipboard');
    await this.editor.runCommand('Notifications: Clear All Notifications');
    const line = await this.editor.page.evaluate<string>('navigator.clipboard.readText()');
    const [, url, token] = /(http:\S+) --header "Authorization: Bearer ([\w-]+)"/.exec(line) ?? [];
    if (url === undefined || token === undefined) throw new Error(`Not the line for Claude Code: ${line}`);
    return { url, token };
  }
}

/** A client outside the editor, connected by what the command copied. */
export async function connectOutside({ url, token }: { url: string; token: string }): Promise<Client> {
  const client = new Client({ name: 'outside-agent', version: '2.1.0' });
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}
