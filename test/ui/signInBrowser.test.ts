import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { CallToolResult, Client } from '@modelcontextprotocol/client';
import type { Page } from 'playwright-core';
import type { IdentityCenter } from '../fakes/identityCenter';
import { sessionSection, startSignInSandbox, type SignInSandbox } from '../support/signInSandbox';
import { connectOutside, EditorWindow } from './editorWindow';

/** The config file of somebody who has had AWS for years. */
function config(center: IdentityCenter): string {
  return `# Kept by hand since 2019.
${sessionSection(center)}
[profile dev]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-west-1

[profile gone]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Retired
region = eu-west-1

[profile old]   # from before there were sessions
sso_start_url = ${center.oidcEndpoint}/start
sso_region = ${center.region}
sso_account_id = 444455556666
sso_role_name = ReadOnly
region = eu-west-1

[profile deploy]
role_arn = arn:aws:iam::444455556666:role/Deploy
source_profile = dev
mfa_serial = arn:aws:iam::444455556666:mfa/phone
region = eu-west-1

[profile tool]
credential_process = /usr/bin/false
region = eu-west-1

[profile keys]
aws_access_key_id = 111122223333
aws_secret_access_key = local
region = eu-west-1

[profile half]
region = eu-west-1
`;
}

describe('Signing in in the browser, with profiles of many kinds', () => {
  let sandbox: SignInSandbox;
  let window: EditorWindow<SignInSandbox>;
  let client: Client;
  let page: Page;

  before(async () => {
    sandbox = await startSignInSandbox(config, { roleCredentialsSeconds: 4 });
    sandbox.writeMachineSettings({ 'mcpWorkbench.sso.flow': 'browser' });
    window = await EditorWindow.openWith(sandbox, {
      'mcpWorkbench.sso.waitForSignIn': true,
      'mcpWorkbench.accounts': { '444455556666': { label: 'acme-prod', production: true, color: 'red' } },
    });
    page = window.editor.page;
    await window.openSideBar();
    client = await connectOutside(await window.connectClaudeCode());
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.editor.screenshot('zz-failed-browser');
  });

  after(async () => {
    await client?.close();
    await window?.close();
  });

  const call = (): Promise<CallToolResult> =>
    client.callTool({ name: 'aws_get_caller_identity', arguments: {} }, { timeout: 150_000 });

  /** Writes a token as the AWS CLI does for a profile without a session section. */
  function signInLegacyWithCli(secondsLeft: number): void {
    const { center, home } = sandbox;
    const token = center.issueToken();
    const cache = path.join(home, '.aws', 'sso', 'cache');
    fs.mkdirSync(cache, { recursive: true });
    const file = path.join(cache, `${createHash('sha1').update(center.startUrl).digest('hex')}.json`);
    fs.writeFileSync(
      file,
      JSON.stringify({
        startUrl: center.startUrl,
        region: center.region,
        accessToken: token.accessToken,
        expiresAt: new Date(Date.now() + secondsLeft * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
      }),
    );
  }

  it('each kind of credentials is named for what it is', async () => {
    await window.row(/^acme.*signed out/).waitFor();
    const words: Record<string, RegExp> = {
      deploy: /assumes a role with MFA/,
      tool: /credential process/,
      keys: /access keys/,
      half: /incomplete/,
    };
    for (const [profile, kind] of Object.entries(words)) {
      assert.match((await window.row(new RegExp(`^${profile}`)).textContent()) ?? '', kind);
    }
    await window.editor.screenshot('aws-kinds-dark');
    await window.editor.setColorTheme('Light 2026');
    await window.editor.screenshot('aws-kinds-light');
  });

  it('choosing a profile of a session lets the user sign in at once, and a code can be taken instead', async () => {
    const portal = await window.popup(() =>
      window.editor.runCommand('MCP Workbench: Select AWS Profile').then(() => window.pick(/^dev/).click()),
    );
    assert.match(portal.url(), /\/authorize\?.*code_challenge_method=S256/);
    await portal.close();
    await page.locator('.quick-input-title').filter({ hasText: 'Sign in to acme' }).waitFor();
    await window.identity.filter({ hasText: 'signing in' }).waitFor();
    await window.editor.screenshot('sign-in-browser-light');
    await window.pick('Use a device code instead').click();
    await page
      .locator('.quick-input-title')
      .filter({ hasText: /code [A-Z]{4}-[A-Z]{4}/ })
      .waitFor();
    await window.editor.screenshot('sign-in-code-light');
    await window.pick('Cancel the sign-in').click();
    await window.identity.filter({ hasText: 'sign in' }).waitFor();
    assert.equal(await window.dialog.count(), 0);
  });

  it('a call that needs the sign-in waits for it, and then goes on', async () => {
    const waiting = call();
    await window.notification(/outside-agent.* waits for you to sign in to acme/);
    await window.editor.screenshot('sign-in-waiting-light');
    const notice = await window.notification('Nobody is signed in to acme');
    const portal = await window.popup(() => notice.getByText('Sign In').click());
    await portal.locator('#allow').click();
    await portal.getByText('You are signed in to acme').waitFor();
    await portal.screenshot({ path: path.join('test', 'ui', 'artifacts', 'sign-in-callback-page.png') });
    await portal.close();
    const result = await waiting;
    assert(!result.isError, JSON.stringify(result.content));
    assert.match(JSON.stringify(result.structuredContent), /"profile":"dev"/);
    await window.identity.filter({ hasText: 'Developer · eu-west-1' }).waitFor();
  });

  it('profiles are found at their roles, and one whose role is gone says so', async () => {
    await window.row(/^acme.*signed in/).waitFor();
    await window.row(/^Developer.*current · profile dev/).waitFor();
    await window.row(/^gone.*not among your roles/).waitFor();
    await window.row(/^acme-prod.*production · 444455556666/).waitFor();
    await window.editor.screenshot('aws-tree-light');
  });

  it('a call that waits ends when the user gives it up', async () => {
    await window.editor.runCommand('MCP Workbench: Sign Out');
    await window.row(/^acme.*signed out/).waitFor();
    const waiting = call();
    const notice = await window.notification(/outside-agent.* waits for you to sign in to acme/);
    await notice.getByText('Cancel').click();
    assert.match(JSON.stringify((await waiting).content), /SignInRequired/);
  });

  it('a session that the AWS CLI made is there at once, and says when it ends', async () => {
    await window.editor.runCommand('Notifications: Clear All Notifications');
    signInLegacyWithCli(10 * 60);
    await window.row(/^127\.0\.0\.1.*ends \d\d:\d\d/).waitFor();
    await window.editor.runCommand('MCP Workbench: Select AWS Profile');
    await window.pick(/^old/).click();
    await window.identity
      .filter({ hasText: /acme-prod · production · ReadOnly · eu-west-1 · ends \d\d:\d\d/ })
      .waitFor();
    assert.match((await window.identity.getAttribute('class')) ?? '', /warning/);
    await window.identity.click();
    await window.pick('Renew the Session').waitFor();
    await window.editor.screenshot('sign-in-ending-light');
    await page.keyboard.press('Escape');
    await window.editor.setColorTheme('Dark 2026');
    await window.editor.screenshot('sign-in-ending-dark');
  });

  it('when it has ended the status bar says so by itself', async () => {
    signInLegacyWithCli(3);
    await window.identity.filter({ hasText: 'sign in' }).waitFor();
    await window.row(/^127\.0\.0\.1.*ended/).waitFor();
  });

  it('profiles without a session are converted, and the rest of the file stays', async () => {
    const before = fs.readFileSync(sandbox.configFile, 'utf8');
    await window.pickFromMenu(window.row(/^127\.0\.0\.1/), 'Convert to sso-session');
    await window.quickInput.fill('acme-old');
    await page.keyboard.press('Enter');
    await window.pick('Write the change').waitFor();
    await window.editor.screenshot('sign-in-convert');
    await window.pick('Write the change').click();
    await window.row(/^acme-old.*signed out/).waitFor();
    const after = fs.readFileSync(sandbox.configFile, 'utf8');
    assert.match(
      after,
      /\[profile old\] {3}# from before there were sessions\nsso_account_id[^[]*sso_session = acme-old\n/,
    );
    assert.match(after, /\[sso-session acme-old\]\nsso_start_url/);
    assert.equal(after.match(/sso_start_url/g)?.length, 2);
    assert(after.startsWith(before.slice(0, before.indexOf('[profile old]'))));
  });

  it('a profile with MFA asks for the code, unseen, and takes a no', async () => {
    const portal = await window.popup(() => window.pressInline(window.row(/^acme(?!-old)/), 'Sign In'));
    await portal.locator('#allow').click();
    await window.row(/^acme(?!-old).*signed in/).waitFor();
    await portal.close();
    await page.keyboard.press('Escape');
    await window.editor.runCommand('MCP Workbench: Select AWS Profile');
    await window.pick(/^deploy/).click();
    const box = page.locator('.quick-input-title').filter({ hasText: 'MFA code for profile deploy' });
    await box.waitFor();
    assert.equal(await window.quickInput.getAttribute('type'), 'password');
    await window.editor.screenshot('sign-in-mfa');
    await page.keyboard.press('Escape');
    await window.notification('needs the current code of');
  });
});
