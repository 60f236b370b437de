import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import type { Page } from 'playwright-core';
import { makeTemporaryFolder, removeFolder } from '../../scripts/toolbox/cache';
import { startAuthorizationServer, type AuthorizationServer } from '../fakes/authorizationServer';
import { startGatedMcpServer } from '../support/gatedMcpServer';
import { startLoopbackRedirect } from '../support/loopbackRedirect';
import { connectOutside, EditorWindow } from './editorWindow';

interface SignInWorld {
  workspace: string;
  dataFolder: string;
  env: Record<string, string>;
  authorization: AuthorizationServer;
  url: string;
  dispose(): Promise<void>;
}

/** A server that demands OAuth, with the authorization server that it trusts, and a user who has the address only. */
async function makeWorld(): Promise<SignInWorld> {
  const folder = makeTemporaryFolder();
  const [authorization, redirect] = await Promise.all([startAuthorizationServer(), startLoopbackRedirect()]);
  const server = await startGatedMcpServer({ era: 'legacy', gate: (request) => authorization.gate(request) });
  authorization.resourceOrigin = server.origin;
  const workspace = path.join(folder, 'workspace');
  for (const made of [workspace, path.join(folder, 'tmp')]) fs.mkdirSync(made);
  const config = path.join(folder, 'config');
  fs.writeFileSync(config, '');
  return {
    workspace,
    dataFolder: path.join(folder, 'data'),
    env: {
      ...redirect.env,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      TMPDIR: path.join(folder, 'tmp'),
    },
    authorization,
    url: `${server.origin}/mcp`,
    dispose: async () => {
      await Promise.all([server.dispose(), authorization.dispose(), redirect.dispose()]);
      await removeFolder(folder);
    },
  };
}

describe('A server that wants OAuth, in the editor', () => {
  let window: EditorWindow<SignInWorld>;
  let page: Page;
  let client: Client | undefined;

  before(async () => {
    const world = await makeWorld();
    const servers = { vault: { type: 'http', url: world.url } };
    window = await EditorWindow.openWith(world, { 'mcpWorkbench.servers': servers });
    ({ page } = window.editor);
    await window.openServers();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.editor.screenshot('zz-failed-managed-sign-in');
  });

  after(async () => {
    await client?.close();
    await window?.close();
  });

  const row = (words: string | RegExp): ReturnType<typeof window.row> => window.row(words).first();

  /** The page of the authorization server, opened by the action of the row. */
  const signIn = (): Promise<Page> => window.popup(() => window.pressInline(row('vault'), 'Sign In to Server'));

  /** Calls the tool as a program outside the editor does, through the relay. */
  async function call(): Promise<string> {
    assert(client);
    const { content } = await client.callTool({ name: 'whoami', arguments: {} });
    return JSON.stringify(content);
  }

  it('needs a sign-in, which the row and a message offer', async () => {
    await window.pressInline(row('vault'), 'Start Server');
    await row(/vault.*needs sign-in/).waitFor();
    const notice = await window.notification('vault wants you to sign in');
    await window.editor.screenshot('servers-needs-sign-in');
    const authorizing = await window.popup(() => notice.getByRole('button', { name: 'Sign In' }).click());
    assert.equal(await authorizing.locator('#scope').textContent(), 'tools:list');
    await authorizing.locator('#deny').click();
    await authorizing.getByText('Signing in failed').waitFor();
    await authorizing.close();
    await window.notification(/Signing in to vault failed.*access_denied/);
    await row(/vault.*needs sign-in/).waitFor();
    await window.editor.runCommand('Notifications: Clear All Notifications');
  });

  it('goes back to that when the sign-in is given up, and its page then leads nowhere', async () => {
    const authorizing = await signIn();
    const waiting = await window.notification('Signing in to vault in the browser');
    await waiting.getByText('Cancel').click();
    await row(/vault.*needs sign-in/).waitFor();
    await authorizing
      .locator('#allow')
      .click()
      .catch(() => undefined);
    await window.until('the page to find nobody', () => authorizing.url().startsWith('chrome-error:'));
    await authorizing.close();
    assert.deepEqual(window.sandbox.authorization.grants, []);
  });

  it('is ready after the sign-in, and shows what it offers', async () => {
    const authorizing = await signIn();
    await authorizing.locator('#allow').click();
    await authorizing.getByText('You are signed in').waitFor();
    // Through what the editor forwards, as its window is a web page: the port itself is on the machine of the extension.
    assert.match(authorizing.url(), /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback\?/);
    assert.match(window.sandbox.authorization.redirects.join(), /^http:\/\/127\.0\.0\.1:\d+\/\d+\/oauth\/callback$/);
    await authorizing.close();
    await row(/vault.*ready/).waitFor();
    await row(/vault.*ready/).click();
    await row(/^Tools/).click();
    await row('whoami').waitFor();
    await window.editor.screenshot('servers-signed-in');
  });

  it('asks for more permissions when a call needs them, and lets the next call through', async () => {
    await window.pickFromMenu(row('vault'), 'Watch This Server');
    await row(/vault.*watched/).waitFor();
    const { url, token } = await window.connectClaudeCode();
    client = await connectOutside({ url: new URL('/servers/vault/mcp', url).href, token });
    await assert.rejects(call(), /wants more permissions\. Sign in to it in the Servers view/);
    await row(/vault.*needs sign-in/).waitFor();
    const authorizing = await signIn();
    assert.equal(await authorizing.locator('#scope').textContent(), 'tools:list tools:call');
    await authorizing.locator('#allow').click();
    await authorizing.getByText('You are signed in').waitFor();
    await authorizing.close();
    await row(/vault.*ready/).waitFor();
    assert.match(await call(), /tools:list tools:call/);
  });

  it('renews what has ended without asking anybody', async () => {
    const { authorization } = window.sandbox;
    authorization.expireAccessTokens();
    assert.match(await call(), /tools:call/);
    assert.deepEqual(
      authorization.grants.map(({ type }) => type),
      ['authorization_code', 'authorization_code', 'refresh_token'],
    );
    assert.deepEqual(authorization.faults, []);
    assert.equal(page.context().pages().length, 1);
  });

  it('finds its sign-in in the secret storage after a restart, and nothing of it is in a file', async () => {
    await window.pickFromMenu(row('vault'), 'Restart Server');
    await row(/vault.*ready/).waitFor();
    assert.equal(page.context().pages().length, 1);
    const { dataFolder, authorization } = window.sandbox;
    assert.deepEqual(filesWith(dataFolder, /access-[0-9a-f]{32}|refresh-[0-9a-f]{32}/), []);
    await window.pickFromMenu(row('vault'), 'Sign Out of Server');
    await row(/vault.*stopped/).waitFor();
    await window.pressInline(row('vault'), 'Start Server');
    await row(/vault.*needs sign-in/).waitFor();
    assert.deepEqual(authorization.faults, []);
  });
});

/** Files below a folder whose content matches. */
function filesWith(folder: string, secret: RegExp): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules/.test(entry.parentPath))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => fs.statSync(file).size < 20_000_000 && secret.test(fs.readFileSync(file, 'latin1')));
}
