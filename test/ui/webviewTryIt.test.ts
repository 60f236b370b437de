import assert from 'node:assert/strict';
import { InspectorWorld } from './inspectorWorld';
import { TrialServers } from './trialServers';
import { themes, type WebviewPage, type WebviewPageOptions } from './webviewPage';

describe('inspector page, try it', () => {
  const world = InspectorWorld.use('Try it');
  let servers: TrialServers;

  beforeEach(() => {
    servers = new TrialServers(world.recorder);
  });

  afterEach(() => servers.dispose());

  const show = (options: Partial<WebviewPageOptions> = {}): Promise<WebviewPage> => world.show({ servers, ...options });

  async function choose(page: WebviewPage, name: string): Promise<void> {
    const select = page.page.getByRole('combobox', { name: 'Try', exact: true });
    await page.until(async () => (await select.locator('option').count()) > 3);
    await select.selectOption({ label: name });
    await page.page.getByRole('button', { name: 'Run' }).waitFor();
  }

  const json = (page: WebviewPage): Promise<unknown> =>
    page.page
      .getByLabel('JSON', { exact: true })
      .inputValue()
      .then((text) => JSON.parse(text) as unknown);

  async function fillDeploy(page: WebviewPage): Promise<void> {
    const { page: view } = page;
    await view.getByLabel('stack', { exact: true }).fill('orders');
    await view.getByLabel('region', { exact: true }).selectOption('eu-central-1');
    await view.getByLabel('Form of source').selectOption({ label: 'A folder' });
    await view.getByLabel('path', { exact: true }).fill('/srv');
  }

  for (const theme of themes) {
    it(`shows forms and results in ${theme}, wide and narrow, with no accessibility finding`, async () => {
      const wide = await show({ theme, height: 900 });
      await choose(wide, 'deploy_stack');
      await wide.screenshot(`try-it-${theme}-empty`);
      const findings = await wide.accessibilityFindings();
      await fillDeploy(wide);
      await wide.page.getByLabel('replicas', { exact: true }).fill('70');
      await wide.page.getByRole('button', { name: 'Add tags' }).click();
      await wide.page.getByRole('textbox', { name: 'Name of a new member to tags' }).fill('team');
      await wide.page.keyboard.press('Enter');
      await wide.page.getByRole('button', { name: 'Add hosts' }).click();
      await wide.page.getByRole('button', { name: 'Add an item to hosts' }).click();
      await wide.screenshot(`try-it-${theme}-filled`);
      findings.push(...(await wide.accessibilityFindings()));
      await choose(wide, 'show_much');
      await wide.page.getByRole('button', { name: 'Run' }).click();
      await wide.page.getByText('Notes of today').first().waitFor();
      await wide.screenshot(`try-it-${theme}-result`);
      findings.push(...(await wide.accessibilityFindings()));
      const narrow = await show({ theme, surface: 'view', width: 320, height: 900 });
      await choose(narrow, 'deploy_stack');
      await fillDeploy(narrow);
      await narrow.page.getByRole('button', { name: 'Run' }).click();
      const answer = narrow.page.getByText('Answered in');
      await answer.waitFor();
      await narrow.until(async () => {
        const box = await answer.boundingBox();
        return box !== null && box.y + box.height <= 900;
      });
      await narrow.screenshot(`try-it-${theme}-side-bar`);
      findings.push(...(await narrow.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });
  }

  it('keeps form and JSON in step, both ways', async () => {
    const page = await show();
    await choose(page, 'deploy_stack');
    assert.deepEqual(await json(page), { source: { kind: 'bucket' } });
    await fillDeploy(page);
    assert.deepEqual(await json(page), {
      source: { kind: 'folder', path: '/srv' },
      stack: 'orders',
      region: 'eu-central-1',
    });
    const text = page.page.getByLabel('JSON', { exact: true });
    await text.fill(
      '{"stack": "other", "source": {"kind": "bucket", "bucket": "b"}, "share": 0.5, "hosts": ["a.example"], "x": [null]}',
    );
    assert.equal(await page.page.getByLabel('stack', { exact: true }).inputValue(), 'other');
    assert.equal(await page.page.getByLabel('bucket', { exact: true }).inputValue(), 'b');
    assert.equal(await page.page.getByLabel('share', { exact: true }).inputValue(), '0.5');
    await page.page.getByText('This is not known here.').waitFor();
    await text.fill('{"stack": "oth');
    await page.page.getByText('The form waits until the JSON can be read.').waitFor();
    await page.page
      .getByRole('alert')
      .filter({ hasText: /Line 1, column/ })
      .waitFor();
    assert.ok(await page.page.getByRole('button', { name: 'Run' }).isDisabled());
  });

  it('says at the field what is wrong as one types, and goes there', async () => {
    const page = await show();
    await choose(page, 'deploy_stack');
    await page.page.getByRole('button', { name: '3 problems' }).waitFor();
    await page.page.getByLabel('stack', { exact: true }).fill('Bad Name');
    await page.page.getByText('This must match ^[a-z][a-z0-9-]*$.').waitFor();
    await page.page.getByLabel('replicas', { exact: true }).pressSequentially('1.5');
    await page.page.getByText('This must be a whole number.').waitFor();
    assert.equal(await page.page.getByLabel('replicas', { exact: true }).inputValue(), '1.5');
    await page.page.getByLabel('replicas', { exact: true }).fill('11');
    await page.page.getByText('This must be at most 10.').waitFor();
    await page.page.getByLabel('replicas', { exact: true }).fill('');
    assert.deepEqual(await json(page), { source: { kind: 'bucket' }, stack: 'Bad Name' });
    await page.page.getByLabel('stack', { exact: true }).fill('good-name');
    await page.page.getByRole('button', { name: '2 problems' }).click();
    await page.page.getByLabel('region', { exact: true }).and(page.page.locator(':focus')).waitFor();
    await page.page.getByRole('button', { name: 'Fill in samples' }).click();
    await page.until(async () => (await page.page.getByRole('button', { name: /problem/ }).count()) === 0);
    assert.deepEqual(await json(page), {
      stack: 'good-name',
      region: 'eu-central-1',
      source: { kind: 'bucket', bucket: 'text' },
    });
  });

  it('runs with Ctrl+Enter and opens the recorded exchange', async () => {
    const page = await show();
    await choose(page, 'deploy_stack');
    await page.page.getByText('May change or delete something, as the server says.').waitFor();
    await fillDeploy(page);
    await page.page.keyboard.press('Control+Enter');
    await page.page.getByText('Answered in').waitFor();
    assert.deepEqual(servers.features.calls, [
      {
        name: 'deploy_stack',
        arguments: { source: { kind: 'folder', path: '/srv' }, stack: 'orders', region: 'eu-central-1' },
      },
    ]);
    await page.page.getByRole('button', { name: 'Open the recorded exchange' }).click();
    await page.detail.getByRole('heading', { name: 'deploy_stack' }).waitFor();
    await page.screenshot('try-it-recorded');
  });

  it('shows progress, and cancels at the server', async () => {
    const page = await show();
    await choose(page, 'wait_long');
    await page.page.getByRole('button', { name: 'Run' }).click();
    await page.page.getByText('Synthesising').waitFor();
    assert.ok(await page.page.getByRole('button', { name: 'Run' }).isDisabled());
    await page.screenshot('try-it-progress');
    await page.page.getByRole('button', { name: 'Cancel' }).click();
    await page.page.getByText('Cancelled', { exact: true }).waitFor();
    await page.until(() => Promise.resolve(servers.features.aborted === 1));
  });

  it('shows what a tool says of an error as text', async () => {
    const page = await show();
    await choose(page, 'refuse');
    await page.page.getByRole('button', { name: 'Run' }).click();
    await page.page.getByText('This account is <b>closed</b>.').first().waitFor();
    await page.page.getByText('Answered with an error').waitFor();
  });

  it('gets prompts with completion, and reads resources and templates', async () => {
    const page = await show();
    await choose(page, 'explain_failure');
    await page.page.getByLabel('stack', { exact: true }).pressSequentially('ord');
    await page.until(async () => (await page.page.locator('datalist option').count()) === 2);
    await page.page.getByLabel('stack', { exact: true }).fill('orders');
    await page.page.keyboard.press('Control+Enter');
    await page.page.getByText('Explain orders').first().waitFor();
    await page.screenshot('try-it-prompt');
    await choose(page, 'trial://notes/{day}');
    await page.page.getByLabel('day', { exact: true }).fill('a b');
    await page.page.keyboard.press('Control+Enter');
    await page.page.getByText('Notes at trial://notes/a%20b').first().waitFor();
    await choose(page, 'show_much');
    await page.page.getByRole('button', { name: 'Run' }).click();
    await page.page.getByRole('button', { name: 'Read it' }).click();
    await page.page.getByText('Takes nothing.').waitFor();
    await page.page.getByRole('button', { name: 'Run' }).click();
    await page.page.getByText('Notes at trial://notes/today').first().waitFor();
  });

  it('starts a server only when a person says so', async () => {
    const page = await show();
    await page.page.getByRole('combobox', { name: 'Server' }).selectOption('other');
    await page.page.getByText('This server is not started.').waitFor();
    await page.settle();
    assert.equal(servers.isOtherStarted, false);
    await page.screenshot('try-it-not-started');
    assert.deepEqual(await page.accessibilityFindings(), []);
    await page.page.getByRole('button', { name: 'Start filesystem' }).click();
    await choose(page, 'list_things');
    assert.equal(servers.isOtherStarted, true);
    await page.page.getByText('Only reads, as the server says.').waitFor();
  });

  it('keeps the input across hiding and loading anew, without secrets', async () => {
    const page = await show();
    await choose(page, 'deploy_stack');
    await fillDeploy(page);
    await page.page.getByLabel('apiToken', { exact: true }).fill('very-secret-value');
    await page.page.getByRole('tab', { name: 'Statistics' }).click();
    await page.page.getByRole('tab', { name: 'Try it' }).click();
    assert.equal(await page.page.getByLabel('stack', { exact: true }).inputValue(), 'orders');
    assert.equal(await page.page.getByLabel('apiToken', { exact: true }).inputValue(), 'very-secret-value');
    await page.page.getByRole('tab', { name: 'Statistics' }).click();
    await page.page.reload();
    await page.page.getByRole('tab', { name: 'Try it' }).click();
    await page.page.getByRole('button', { name: 'Run' }).waitFor();
    assert.equal(await page.page.getByLabel('path', { exact: true }).inputValue(), '/srv');
    assert.equal(await page.page.getByLabel('apiToken', { exact: true }).inputValue(), '');
  });

  it('saves inputs under names, without secrets, and forgets them', async () => {
    const page = await show();
    await choose(page, 'deploy_stack');
    await fillDeploy(page);
    await page.page.getByLabel('apiToken', { exact: true }).fill('very-secret-value');
    await page.page.getByRole('button', { name: 'Save input' }).click();
    await page.page.keyboard.type('Usual');
    await page.page.keyboard.press('Enter');
    await page.page.getByRole('button', { name: 'Saved inputs (1)' }).waitFor();
    await page.page.getByRole('button', { name: 'Reset' }).click();
    assert.deepEqual(await json(page), { source: { kind: 'bucket' } });
    await page.page.getByRole('button', { name: 'Saved inputs (1)' }).click();
    await page.page.getByRole('menuitem', { name: 'Usual' }).click();
    assert.deepEqual(await json(page), {
      source: { kind: 'folder', path: '/srv' },
      stack: 'orders',
      region: 'eu-central-1',
    });
    await page.page.getByRole('button', { name: 'Saved inputs (1)' }).click();
    await page.page.keyboard.press('Delete');
    await page.until(async () => (await page.page.getByRole('button', { name: /Saved inputs/ }).count()) === 0);
    await page.page.getByRole('button', { name: 'Copy as JSON' }).click();
    await page.until(() => Promise.resolve(page.copied.length === 1));
  });

  it('does everything by keyboard', async () => {
    const page = await show();
    const { keyboard } = page.page;
    await page.page.getByRole('tab', { name: 'Try it' }).focus();
    await keyboard.press('Tab');
    await page.page.getByRole('combobox', { name: 'Server' }).and(page.page.locator(':focus')).waitFor();
    await page.until(async () => !(await page.page.getByRole('combobox', { name: 'Try', exact: true }).isDisabled()));
    await keyboard.press('Tab');
    await keyboard.type('deploy');
    await page.page.getByLabel('stack', { exact: true }).waitFor();
    await keyboard.press('Tab');
    await page.page.getByLabel('stack', { exact: true }).and(page.page.locator(':focus')).waitFor();
    await keyboard.type('orders');
    await keyboard.press('Tab');
    await keyboard.type('us');
    await page.page.getByRole('button', { name: 'Add hosts' }).focus();
    await keyboard.press('Enter');
    await page.page.getByRole('button', { name: 'hosts', exact: true }).and(page.page.locator(':focus')).waitFor();
    await page.page.getByRole('button', { name: 'Add an item to hosts' }).focus();
    await keyboard.press('Enter');
    await page.page.getByLabel('Item 1', { exact: true }).and(page.page.locator(':focus')).waitFor();
    await keyboard.type('a.example');
    await keyboard.press('Control+Enter');
    await page.page.getByText('Answered in').waitFor();
    assert.deepEqual(await json(page), {
      source: { kind: 'bucket' },
      stack: 'orders',
      region: 'us-east-1',
      hosts: ['a.example'],
    });
  });

  it('goes to an item that another view names, with an input', async () => {
    const page = await world.show({ servers });
    await page.page.getByRole('tab', { name: 'Statistics' }).click();
    page.bridge.tryIt({ server: 'own', kind: 'tools', name: 'deploy_stack' }, '{"stack":"from-elsewhere"}');
    await page.page.getByRole('tab', { name: 'Try it', selected: true }).waitFor();
    await page.until(
      async () => (await page.page.getByLabel('stack', { exact: true }).inputValue()) === 'from-elsewhere',
    );
  });

  it('stays usable with a schema that is meant to hang it', async () => {
    const page = await show();
    await choose(page, 'huge_form');
    await page.page.getByLabel('slow', { exact: true }).fill(`${'a'.repeat(40)}!`);
    await page.page.getByRole('button', { name: /Show 50 of/ }).click();
    await page.page
      .getByText('Not everything could be checked')
      .or(page.page.getByRole('button', { name: /problem/ }))
      .waitFor();
    await page.screenshot('try-it-huge');
    await page.page.getByRole('button', { name: 'Reset' }).click();
    await page.page.getByRole('button', { name: 'Run' }).click();
    await page.page.getByText('Answered in').waitFor();
  });
});
