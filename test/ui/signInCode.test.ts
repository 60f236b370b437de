import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { CallToolResult, Client } from '@modelcontextprotocol/client';
import type { Page } from 'playwright-core';
import { sampleFunction } from '../support/editorSandbox';
import { filesBelow, findLeaks } from '../support/leaks';
import { startSignInSandbox, type SignInSandbox } from '../support/signInSandbox';
import { connectOutside, EditorWindow } from './editorWindow';

/** What a tool of ours says about who it acted as. */
interface Receipt {
  account: string;
  role: string;
  region: string;
  profile: string;
  label?: string;
  production?: boolean;
}

function receiptOf(result: CallToolResult): Receipt {
  assert(!result.isError, JSON.stringify(result.content));
  return (result.structuredContent as { identity: Receipt }).identity;
}

describe('Signing in with a code, as a new user', () => {
  let sandbox: SignInSandbox;
  let window: EditorWindow<SignInSandbox>;
  let client: Client;
  let page: Page;

  before(async () => {
    // Credentials that are asked for at each use, so that the end of a session shows at the next call.
    sandbox = await startSignInSandbox(undefined, { roleCredentialsSeconds: 4 });
    window = await EditorWindow.openWith(sandbox);
    page = window.editor.page;
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.editor.screenshot('zz-failed');
  });

  after(async () => {
    await client?.close();
    await window?.close();
  });

  const call = (args: Record<string, unknown> = {}): Promise<CallToolResult> =>
    client.callTool({ name: 'aws_get_caller_identity', arguments: args });

  const invoke = (): Promise<CallToolResult> =>
    client.callTool({ name: 'lambda_invoke_function', arguments: { functionName: sampleFunction } });

  /** Presses "Copy the code and open the page" and allows access on the page. */
  async function allowWithCode(): Promise<string> {
    const title = page.locator('.quick-input-title').filter({ hasText: /code [A-Z]{4}-[A-Z]{4}/ });
    await title.waitFor();
    const code = /code (\S+)/.exec((await title.textContent()) ?? '')?.[1] ?? '';
    const portal = await window.popup(() => window.pick('Copy the code and open the page').click());
    assert.equal(await portal.locator('#user_code').inputValue(), code);
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), code);
    await portal.locator('#allow').click();
    await portal.getByText('Request approved').waitFor();
    await portal.close();
    return code;
  }

  it('one sentence says what to do, and leads to a new session', async () => {
    await window.openSideBar();
    const welcome = page.locator('.welcome-view').filter({ hasText: 'No AWS profile yet' }).last();
    await window.editor.screenshot('sign-in-welcome');
    await welcome.getByText('Sign in with IAM Identity Center').click();
    await window.quickInput.fill('acme.awsapps.com');
    await page
      .locator('.quick-input-message')
      .filter({ hasText: 'Copy the address of the AWS access portal' })
      .waitFor();
    await window.editor.screenshot('sign-in-start-url');
    await window.quickInput.fill(sandbox.center.startUrl);
    await page.keyboard.press('Enter');
    await window.pick('eu-west-1').waitFor();
    await window.quickInput.fill('Ireland');
    await window.pick('eu-west-1').click();
    await page.locator('.quick-input-title').filter({ hasText: 'name' }).waitFor();
    await window.quickInput.fill('acme');
    await page.keyboard.press('Enter');
  });

  it('the config file is written only when the change was seen', async () => {
    await window.pick('Write the change').waitFor();
    await page.locator('.monaco-diff-editor .view-line').filter({ hasText: 'sso_start_url' }).first().waitFor();
    assert(!fs.existsSync(sandbox.configFile));
    await window.editor.screenshot('sign-in-new-session');
    await window.pick('Write the change').click();
    await page.locator('.quick-input-title').filter({ hasText: 'Sign in to acme' }).waitFor();
    assert.equal(
      fs.readFileSync(sandbox.configFile, 'utf8').trim(),
      `[sso-session acme]\nsso_start_url = ${sandbox.center.startUrl}\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access`,
    );
  });

  it('the code is shown, and after a yes on the page the roles are offered', async () => {
    await window.pick('Copy the code and open the page').waitFor();
    await window.editor.screenshot('sign-in-code');
    await allowWithCode();
    await window.pick('acme-prod · ReadOnly').waitFor();
    await window.editor.screenshot('sign-in-roles');
    await window.pick('acme-dev · Developer').click();
    await window.identity.filter({ hasText: 'acme-dev · Developer · eu-west-1' }).waitFor();
  });

  it('tools act as that role, with no profile anywhere', async () => {
    client = await connectOutside(await window.connectClaudeCode());
    const receipt = receiptOf(await call());
    assert.deepEqual(receipt, {
      account: '111122223333',
      role: 'Developer',
      region: 'eu-west-1',
      profile: 'sso-session acme',
    });
    const stacks = await client.callTool({ name: 'cloudformation_list_stacks', arguments: {} });
    assert.equal(receiptOf(stacks).account, '111122223333');
    assert.match(JSON.stringify(stacks.structuredContent), /orders-dev/);
  });

  it('the Region in force may be named by a call, and another one names the setting', async () => {
    assert.equal(receiptOf(await call({ region: 'eu-west-1' })).region, 'eu-west-1');
    const refused = JSON.stringify((await call({ region: 'us-west-2' })).content);
    assert.match(refused, /PolicyDenied/);
    assert.match(refused, /mcpWorkbench\.allowedRegions/);
  });

  it('the tree shows accounts and roles, the current one marked', async () => {
    await window.row('acme-prod').waitFor();
    assert.match((await window.row(/^Developer/).textContent()) ?? '', /current/);
    assert.equal(await window.row(/^ReadOnly/).count(), 2);
    await window.editor.screenshot('aws-tree');
  });

  it('another role is one click away, in the running server', async () => {
    await window
      .row(/^ReadOnly/)
      .last()
      .click();
    await window.identity.filter({ hasText: 'acme-prod · ReadOnly · eu-west-1' }).waitFor();
    assert.equal(receiptOf(await call()).account, '444455556666');
    await window.row(/^Developer/).click();
    await window.identity.filter({ hasText: 'acme-dev · Developer' }).waitFor();
  });

  it('a pinned role stands first', async () => {
    await window.pressInline(window.row(/^Developer/), 'Pin Role');
    const pinned = window.row(/^Developer.*acme-dev/);
    await pinned.waitFor();
    await window.editor.runCommand('MCP Workbench: Select AWS Role');
    await window.pick('acme-dev · Developer').first().waitFor();
    assert.match((await window.pick(/./).first().textContent()) ?? '', /acme-dev · Developer/);
    await window.editor.screenshot('aws-roles');
    await page.keyboard.press('Escape');
    await window.pressInline(pinned, 'Unpin Role');
    await pinned.waitFor({ state: 'detached' });
  });

  it('a filter leaves what matches', async () => {
    await window.editor.runCommand('MCP Workbench: Filter AWS Accounts');
    await window.quickInput.fill('prod');
    await page.keyboard.press('Enter');
    await window.row('acme-dev').waitFor({ state: 'detached' });
    assert.equal(await window.row('acme-prod').count(), 1);
    await window.editor.screenshot('aws-filter');
    await window.editor.runCommand('MCP Workbench: Clear Filter of AWS Accounts');
    await window.row('acme-dev').waitFor();
  });

  it('a role becomes a profile when the change was seen, and the tree finds it', async () => {
    const before = fs.readFileSync(sandbox.configFile, 'utf8');
    await window.pickFromMenu(window.row(/^Developer/), 'Save Role as Profile');
    await window.quickInput.fill('acme-dev');
    await page.keyboard.press('Enter');
    await window.pick('Write the change').waitFor();
    await window.editor.screenshot('aws-save-profile');
    await window.pick('Write the change').click();
    await window.row(/^Developer.*profile acme-dev/).waitFor();
    const after = fs.readFileSync(sandbox.configFile, 'utf8');
    assert(after.startsWith(before.trimEnd()));
    assert.match(after, /\[profile acme-dev\]\nsso_session = acme\nsso_account_id = 111122223333\n/);
    await window.identity.filter({ hasText: 'acme-dev · Developer · eu-west-1' }).waitFor();
  });

  it('a label of an account stands in the status bar, on results, and in questions', async () => {
    await window.pickFromMenu(window.row('acme-dev').first(), 'Label AWS Account');
    await window.quickInput.fill('shop');
    await page.keyboard.press('Enter');
    await window.pick('yellow').click();
    await window.identity.filter({ hasText: 'shop · Developer' }).waitFor();
    assert.equal(receiptOf(await call()).label, 'shop');
    const pending = invoke();
    await window.dialog.getByText('shop (111122223333)').waitFor();
    await window.editor.screenshot('aws-labelled-consent');
    await window.dialog.getByRole('button', { name: 'Refuse' }).click();
    assert.match(JSON.stringify((await pending).content), /ConsentRefused/);
  });

  it('an account marked as production says so, and changes there are not even asked about', async () => {
    await window.pickFromMenu(window.row('shop').first(), 'Label AWS Account');
    await window.quickInput.fill('shop');
    await page.keyboard.press('Enter');
    await window.pick('Production').click();
    await window.identity.filter({ hasText: 'shop · production · Developer' }).waitFor();
    await window.row(/shop.*production · 111122223333/).waitFor();
    assert.equal(receiptOf(await call()).production, true);
    const refused = JSON.stringify((await invoke()).content);
    assert.match(refused, /PolicyDenied/);
    assert.match(refused, /production/);
    await window.editor.screenshot('aws-production');
  });

  it('a renewal shows nowhere but in its result', async () => {
    // Whatever the status bar says from now on is written down.
    await page.evaluate(`(() => {
      const element = document.getElementById('mcp-workbench.mcp-workbench.mcpWorkbench.identity');
      globalThis.identityTexts = new Set([element.textContent]);
      const note = () => globalThis.identityTexts.add(element.textContent);
      new MutationObserver(note).observe(element, { childList: true, characterData: true, subtree: true });
    })()`);
    await window.pressInline(window.row('acme').first(), 'Renew Session');
    await window.until('the renewal', () => sandbox.center.callsTo('CreateToken').at(-1)?.detail === 'refresh_token');
    assert.equal(receiptOf(await call()).role, 'Developer');
    const texts = await page.evaluate<string[]>('[...globalThis.identityTexts]');
    assert(texts.length > 0);
    assert.deepEqual(
      texts.filter((text) => !text.includes('Developer · eu-west-1')),
      [],
    );
  });

  it('a session that AWS ended fails calls at once, with one notification for all of them', async () => {
    sandbox.center.revokeSessions();
    await window.until('credentials of the old session to be too old', async () => (await call()).isError === true);
    const results = await Promise.all(Array.from({ length: 6 }, () => call()));
    for (const result of results) {
      assert.equal(result.isError, true);
      assert.match(JSON.stringify(result.content), /SignInRequired/);
    }
    await window.identity.filter({ hasText: 'sign in' }).waitFor();
    assert.equal(await window.countNotifications('The session of acme ended'), 1);
    await window.editor.screenshot('sign-in-required');
  });

  it('after the sign-in that it offers the same call works', async () => {
    const notice = await window.notification('The session of acme ended');
    await notice.getByText('Sign In').click();
    await allowWithCode();
    await window.identity.filter({ hasText: 'Developer · eu-west-1' }).waitFor();
    assert.equal(receiptOf(await call()).role, 'Developer');
  });

  it('a sign-out revokes, deletes the token and shows', async () => {
    const cache = path.join(sandbox.home, '.aws', 'sso', 'cache');
    const tokens = (): string[] => fs.readdirSync(cache).filter((name) => /^[0-9a-f]{40}\.json$/.test(name));
    assert.equal(tokens().length, 1);
    await window.pressInline(window.row('acme').first(), 'Sign Out');
    await window.row('signed out').waitFor();
    await window.identity.filter({ hasText: 'sign in' }).waitFor();
    assert.equal(sandbox.center.callsTo('Logout').at(-1)?.status, 200);
    assert.deepEqual(tokens(), []);
    assert.match(JSON.stringify((await call()).content), /SignInRequired/);
    await window.editor.screenshot('sign-in-signed-out');
  });

  it('no secret is in any log, setting, record or text on the screen', async () => {
    await window.editor.runCommand('MCP Workbench: Open Traffic Inspector');
    const readFrames = (): Promise<string[]> =>
      Promise.all(
        page.frames().map((frame) => frame.evaluate<string>('document.documentElement.outerHTML').catch(() => '')),
      );
    await window.until('the inspector to show the calls', async () => {
      const texts = await readFrames();
      return texts.filter((text) => text.includes('aws_get_caller_identity')).length >= 2;
    });
    const texts = await readFrames();
    const cache = path.join(sandbox.home, '.aws', 'sso', 'cache');
    const files = filesBelow(sandbox.dataFolder, [cache]);
    const outputs = [
      ...texts.map((text, index) => ({ name: `frame ${index}`, text })),
      ...files.map((file) => ({ name: file, text: fs.readFileSync(file, 'latin1') })),
      { name: 'output of the server', text: window.server.output() },
    ];
    assert(
      files.some((file) => /MCP Workbench.*\.log$/.test(file)),
      'there is no log to look at',
    );
    assert(sandbox.center.secrets.size > 10);
    assert.deepEqual(findLeaks(sandbox.center.secrets, outputs), []);
  });
});
