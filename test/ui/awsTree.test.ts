import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { sessionSection, startSignInSandbox, type SignInSandbox } from '../support/signInSandbox';
import { EditorWindow } from './editorWindow';

const accounts = Array.from({ length: 200 }, (_, index) => ({
  accountId: String(100_000_000_000 + index),
  accountName: `team-${String(index).padStart(3, '0')}`,
  roles: ['Admin', 'Billing', 'Developer', 'Operator', 'ReadOnly'],
}));

describe('The AWS view with 200 accounts', () => {
  let sandbox: SignInSandbox;
  let window: EditorWindow<SignInSandbox>;
  let page: Page;

  before(async () => {
    sandbox = await startSignInSandbox((center) => sessionSection(center), { accounts, consent: 'allow' });
    sandbox.writeMachineSettings({ 'mcpWorkbench.sso.flow': 'browser' });
    window = await EditorWindow.openWith(sandbox);
    page = window.editor.page;
    await window.openSideBar();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.editor.screenshot('zz-failed-tree');
  });

  after(async () => {
    await window?.close();
  });

  it('lists them while it can be watched and stopped', async () => {
    // AWS asks to slow down, again and again: a listing that takes its time.
    sandbox.center.addFault({
      operation: 'ListAccountRoles',
      kind: 'error',
      error: 'TooManyRequestsException',
      times: 400,
    });
    const portal = await window.popup(() => window.pressInline(window.row('acme'), 'Sign In'));
    await portal.getByText('You are signed in to acme').waitFor();
    await portal.close();
    // Whoever has not chosen a role is asked for one; the list behind it goes on without.
    await page.locator('.quick-input-title').filter({ hasText: 'AWS Role' }).waitFor();
    await window.row(/^acme.*\d+ of \d+\+? accounts/).waitFor();
    await window.editor.screenshot('aws-tree-listing');
    await page.keyboard.press('Escape');
    await window.row('Stopped. List them again').waitFor();
    const asked = sandbox.center.callsTo('ListAccountRoles').length;
    await window.until('requests to have ended', () => sandbox.center.inFlight === 0);
    assert.equal(sandbox.center.callsTo('ListAccountRoles').length, asked);
  });

  it('goes on when it is told to, and shows all of them', async () => {
    sandbox.center.clearFaults();
    await window.row('Stopped. List them again').click();
    await window.row(/^acme.*signed in$/).waitFor();
    await window.row('team-000').waitFor();
    await window.editor.screenshot('aws-tree-many');
  });

  it('finds a role in a few strokes', async () => {
    await window.editor.runCommand('MCP Workbench: Select AWS Role');
    await window.quickInput.fill('team-123 dev');
    await window.pick('team-123 · Developer').waitFor();
    assert.equal(await window.pick(/./).count(), 1);
    await page.keyboard.press('Enter');
    await window.identity.filter({ hasText: 'team-123 · Developer · eu-west-1' }).waitFor();
  });

  it('filters by account id and by role', async () => {
    await window.editor.runCommand('MCP Workbench: Filter AWS Accounts');
    await window.quickInput.fill('100000000123');
    await page.keyboard.press('Enter');
    await window.row('team-000').waitFor({ state: 'detached' });
    assert.match((await window.row(/^Developer/).textContent()) ?? '', /current/);
    await window.editor.screenshot('aws-tree-filtered');
    await window.editor.runCommand('MCP Workbench: Clear Filter of AWS Accounts');
    await window.row('team-000').waitFor();
  });

  it('can be walked with the keyboard alone', async () => {
    await window.row('team-000').click();
    await window
      .row(/^Billing/)
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await window.identity.filter({ hasText: 'team-000 · Billing' }).waitFor();
  });

  it('says what went wrong when accounts cannot be listed, and lists them later', async () => {
    sandbox.center.addFault({ operation: 'ListAccounts', kind: 'status', status: 503, times: 100 });
    await window.editor.runCommand('MCP Workbench: Refresh AWS Accounts');
    await window.row(/could not be listed/).waitFor();
    await window.editor.screenshot('aws-tree-problem');
    sandbox.center.clearFaults();
    await window.row(/could not be listed/).click();
    await window.row('team-000').waitFor();
  });

  it('remembers the role after a reload of the window', async () => {
    await page.reload();
    await window.editor.waitForWorkbench();
    await window.identity.filter({ hasText: 'team-000 · Billing · eu-west-1' }).waitFor();
  });
});
