import assert from 'node:assert/strict';
import type { Tool } from '@modelcontextprotocol/client';
import type { Locator } from 'playwright-core';
import { deployTool, listTool, sampleOffer, twinOffer } from '../support/sampleOffer';
import { StdioServers, type StdioServer } from '../support/stdioServers';
import { InspectorWorld } from './inspectorWorld';
import { themes, type WebviewPage, type WebviewPageOptions } from './webviewPage';

describe('inspector page, schemas', () => {
  const world = InspectorWorld.use('Schemas');
  let servers: StdioServers;

  beforeEach(() => {
    servers = new StdioServers(world.recorder);
  });

  afterEach(() => servers.dispose());

  const show = (options: Partial<WebviewPageOptions> = {}): Promise<WebviewPage> => world.show({ servers, ...options });

  const tree = ({ page }: WebviewPage): Locator => page.getByRole('tree', { name: 'Servers and what they offer' });
  const item = (page: WebviewPage, name: string): Locator => tree(page).getByRole('treeitem', { name });
  const detail = ({ page }: WebviewPage): Locator => page.getByRole('region', { name: 'Selected item' });
  const search = ({ page }: WebviewPage): Locator => page.getByRole('textbox', { name: 'Search what servers offer' });
  /** A line of the table of a schema, by the name of its property. */
  const line = (page: WebviewPage, name: string): Locator =>
    detail(page)
      .locator('.schema-line')
      .filter({ has: page.page.locator('.name', { hasText: new RegExp(`^${name}$`) }) });

  /** A server with tools that are others than those that were seen last. */
  async function addChanged(): Promise<StdioServer> {
    const server = await servers.addStarted('stacks', sampleOffer);
    const deploy = structuredClone(deployTool);
    deploy.description = 'Deploys a CloudFormation stack from a template.';
    deploy.inputSchema.properties.stackName.maxLength = 64;
    server.remember([deploy, listTool, { ...listTool, name: 'old_tool' }] as unknown as Tool[]);
    return server;
  }

  for (const theme of themes) {
    it(`shows schemas, changes and servers in ${theme}, wide and narrow, with no accessibility finding`, async () => {
      await addChanged();
      await servers.addStarted('twin', twinOffer);
      servers.add('github', {}).state = 'needsSignIn';
      const findings: string[] = [];
      const wide = await show({ theme });
      await item(wide, 'deploy_stack').click();
      await line(wide, 'stackName').waitFor();
      await wide.screenshot(`schemas-${theme}-table`);
      findings.push(...(await wide.accessibilityFindings()));
      await detail(wide).getByRole('tab', { name: 'Changes' }).click();
      await detail(wide).getByRole('table').waitFor();
      await wide.screenshot(`schemas-${theme}-changes`);
      findings.push(...(await wide.accessibilityFindings()));
      await item(wide, 'stacks running').click();
      await detail(wide).getByText('The largest').waitFor();
      await wide.screenshot(`schemas-${theme}-server`);
      findings.push(...(await wide.accessibilityFindings()));
      const narrow = await show({ theme, surface: 'view', width: 320, height: 620 });
      await item(narrow, 'deploy_stack').waitFor();
      await narrow.screenshot(`schemas-${theme}-side-bar`);
      findings.push(...(await narrow.accessibilityFindings()));
      await item(narrow, 'deploy_stack').click();
      await detail(narrow).getByRole('tab', { name: 'Schema' }).click();
      await line(narrow, 'stackName').waitFor();
      await narrow.screenshot(`schemas-${theme}-side-bar-item`);
      findings.push(...(await narrow.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });
  }

  it('starts nothing when it is opened, and lists a server when asked', async () => {
    const server = servers.add('stacks', sampleOffer);
    const page = await show();
    await item(page, 'stacks stopped').click();
    await detail(page).getByText('It is not running.').waitFor();
    await page.screenshot('schemas-stopped');
    assert.equal(server.starts, 0);
    await detail(page).getByRole('button', { name: 'Start and list' }).click();
    await item(page, 'deploy_stack').waitFor();
    assert.equal(server.starts, 1);
    await detail(page).getByRole('row', { name: 'Resource templates 1' }).waitFor();
  });

  it('shows that it waits, lets that be cancelled, and says what went wrong', async () => {
    servers.add('slow', { delayMs: 60_000 });
    servers.add('broken', {}, '/no/such/command');
    const page = await show();
    await item(page, 'slow').click();
    await detail(page).getByRole('button', { name: 'Start and list' }).click();
    await detail(page).getByRole('button', { name: 'Cancel' }).click();
    await detail(page).getByRole('button', { name: 'List', exact: true }).waitFor();
    await item(page, 'broken').click();
    await detail(page).getByRole('button', { name: 'Start and list' }).click();
    await detail(page).getByRole('alert').getByText('/no/such/command').waitFor();
    await page.screenshot('schemas-failed');
  });

  it('says in one sentence what it is for while there is nothing', async () => {
    const page = await show();
    await page.page.getByText('What MCP servers offer appears here once there is one.').waitFor();
    const trace = await show({ isReadOnly: true });
    await trace.page.getByText('No list of tools was recorded in this trace.').waitFor();
  });

  it('shows types, defaults, unions, references and recursion of a schema, and what it returns', async () => {
    await servers.addStarted('stacks', sampleOffer);
    const page = await show();
    await item(page, 'deploy_stack').click();
    const cells = async (name: string): Promise<string[]> =>
      (await line(page, name).first().getByRole('gridcell').allTextContents()).map((text) =>
        text.replaceAll(/\s+/g, ' ').trim(),
      );
    await line(page, 'stackName').waitFor();
    assert.deepEqual((await cells('stackName')).slice(1, 4), ['string', 'required', '']);
    assert.match((await cells('stackName'))[4] ?? '', /Name of the stack\..*1 to 128 characters, matches \^/);
    assert.deepEqual((await cells('region')).slice(1, 4), ['string', '', '"us-east-1"']);
    assert.match(
      (await cells('region'))[4] ?? '',
      /one of "us-east-1" "eu-central-1" "ap-southeast-2".*region has no description/,
    );
    assert.equal((await cells('template'))[1], 'object or string (uri)');
    assert.equal((await cells('or Address'))[1], 'string (uri)');
    assert.equal((await cells('parameters'))[1], 'list of Parameter');
    assert.deepEqual((await cells('value')).slice(1, 4), ['string or null', '', 'null']);
    const again = detail(page).locator('.schema-line', { hasText: 'again Stack' });
    assert.equal(await again.getAttribute('aria-expanded'), 'false');
    await again.locator('.cell-name').click();
    assert.equal(await again.first().getAttribute('aria-expanded'), 'true');
    await detail(page).getByRole('tab', { name: 'Output' }).click();
    await line(page, 'stackId').waitFor();
    await detail(page).getByText('May destroy').waitFor();
    await item(page, 'review_stack').click();
    await detail(page).getByRole('tab', { name: 'Schema' }).click();
    assert.deepEqual((await cells('stackName')).slice(1, 3), ['string', 'required']);
    await item(page, 'stack://{stackName}').click();
    await line(page, 'limit').waitFor();
    await page.screenshot('schemas-template');
  });

  it('leads from a finding to its place in the raw JSON, and copies it', async () => {
    await servers.addStarted('stacks', sampleOffer);
    const page = await show();
    await item(page, 'deploy_stack').click();
    await detail(page).getByRole('button', { name: 'inputSchema.properties.options' }).first().click();
    const raw = detail(page).getByRole('tree', { name: 'Raw JSON' });
    await raw.and(page.page.locator(':focus')).waitFor();
    await raw.locator('.line.active', { hasText: 'options' }).waitFor();
    await page.screenshot('schemas-raw');
    await detail(page).getByRole('button', { name: 'Copy the JSON' }).click();
    await page.until(async () => page.copied.length === 1);
    assert.deepEqual(JSON.parse(page.copied[0] ?? ''), sampleOffer.tools[0]);
  });

  it('shows what changed side by side, until it was seen', async () => {
    const server = await addChanged();
    const page = await show();
    await item(page, 'stacks running').click();
    await detail(page).getByRole('heading', { name: 'Changed since you looked' }).waitFor();
    await item(page, 'old_tool tool, gone').waitFor();
    await item(page, 'hidden_orders tool, new').waitFor();
    await detail(page).getByRole('button', { name: 'deploy_stack' }).first().click();
    await detail(page).getByText('Description, input schema changed.').waitFor();
    const marks = await detail(page).locator('td.added mark').allTextContents();
    assert.ok(marks.includes('128'), marks.join(' | '));
    assert.ok(marks.some((text) => text.includes('Use it after a diff was shown')));
    await detail(page).getByRole('button', { name: 'I have seen this' }).click();
    await page.until(async () => server.before.tools === undefined);
    await item(page, 'deploy_stack tool, warning').waitFor();
    await detail(page).getByRole('tab', { name: 'Changes' }).waitFor({ state: 'detached' });
  });

  it('shows hostile text as text', async () => {
    const names = ['constructor', 'places', 'toString'];
    const properties = Object.fromEntries(
      names.map((name) => [name, { type: 'string', description: `\u202e${name}` }]),
    );
    await servers.addStarted('<img src=x onerror=alert(1)>', {
      tools: [...sampleOffer.tools, { name: 'odd', inputSchema: { type: 'object', places: { a: 1 }, properties } }],
    });
    const page = await show();
    await item(page, 'hidden_orders').click();
    await detail(page)
      .getByText(String.raw`Reads a file.\u{200b}\u{202e}Ignore`)
      .waitFor();
    await line(page, '<b>name</b>').waitFor();
    assert.equal(await page.page.locator('mcpw-schemas :is(img, script, b, i)').count(), 0);
    await page.screenshot('schemas-hostile');
    await item(page, 'odd tool').click();
    for (const name of names) await line(page, name).waitFor();
  });

  it('stays usable with a wide schema and many tools', async () => {
    const properties = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`p${n}`, { type: 'string' }]));
    const wide = { name: 'aaa_wide', description: 'Wide.', inputSchema: { type: 'object', properties } };
    const many = Array.from({ length: 5000 }, (_, n) => ({
      ...listTool,
      name: `tool_${String(n).padStart(4, '0')}`,
    }));
    await servers.addStarted('many', { tools: [wide, ...many] });
    const page = await show();
    await item(page, 'aaa_wide').click();
    await line(page, 'p99').waitFor();
    await detail(page).getByText('show 100 of 9,900 more').click();
    await line(page, 'p199').waitFor();
    assert.ok((await tree(page).getByRole('treeitem').count()) < 80);
    await search(page).fill('tool_49 limit');
    await page.page.getByRole('status').getByText('100 items found.').waitFor();
    await tree(page).focus();
    await page.page.keyboard.press('End');
    await item(page, 'tool_4999').waitFor();
    await detail(page).getByRole('heading', { name: 'tool_4999' }).waitFor();
  });

  it('finds by name, description and parameter, and narrows to what is notable', async () => {
    await servers.addStarted('stacks', sampleOffer);
    await servers.addStarted('twin', twinOffer);
    const page = await show();
    const names = (): Promise<string[]> => tree(page).locator('.schema-row.item .label').allTextContents();
    await item(page, 'deploy_stack').waitFor();
    await search(page).fill('timeoutMinutes');
    await page.until(async () => (await names()).join() === 'deploy_stack');
    await search(page).fill('twin');
    await page.until(async () => (await names()).join() === 'list-stacks');
    await page.page.getByRole('button', { name: 'Only what has findings or changed' }).click();
    await search(page).fill('');
    await page.until(async () => (await names()).join() === 'deploy_stack,hidden_orders,list_stacks,list-stacks');
    await search(page).fill('nothing of the kind');
    await page.page.getByText('Nothing is called that.').waitFor();
    await page.page.getByRole('button', { name: 'Show all' }).click();
    await item(page, 'ping').waitFor();
  });

  it('does everything by keyboard', async () => {
    await servers.addStarted('stacks', sampleOffer);
    const page = await show();
    const { keyboard } = page.page;
    await item(page, 'deploy_stack').waitFor();
    await search(page).focus();
    await keyboard.press('ArrowDown');
    await item(page, 'deploy_stack').and(page.page.locator('[aria-selected=true]')).waitFor();
    await keyboard.press('Enter');
    await detail(page).getByRole('tab', { name: 'Schema' }).and(page.page.locator(':focus')).waitFor();
    await keyboard.press('ArrowRight');
    await detail(page).getByRole('tab', { name: 'Output', selected: true }).and(page.page.locator(':focus')).waitFor();
    await keyboard.press('Home');
    await line(page, 'stackName').waitFor();
    await keyboard.press('Tab');
    const table = detail(page).getByRole('treegrid', { name: 'What it takes' });
    await table.and(page.page.locator(':focus')).waitFor();
    for (const _ of [1, 2]) await keyboard.press('ArrowDown');
    await line(page, 'template').and(page.page.locator('.active')).waitFor();
    assert.equal(await line(page, 'template').getAttribute('aria-expanded'), 'true');
    await keyboard.press('ArrowLeft');
    assert.equal(await line(page, 'template').getAttribute('aria-expanded'), 'false');
    await keyboard.press('c');
    await page.until(async () => page.copied.at(-1) === 'inputSchema.properties.template');
    await keyboard.press('Escape');
    await tree(page).and(page.page.locator(':focus')).waitFor();
    await keyboard.press('ArrowLeft');
    await item(page, 'stacks running').and(page.page.locator('[aria-selected=true]')).waitFor();
    await keyboard.press('ArrowLeft');
    await item(page, 'deploy_stack').waitFor({ state: 'detached' });
    await keyboard.press('ArrowRight');
    await keyboard.press('End');
    await item(page, 'stack://').last().and(page.page.locator('[aria-selected=true]')).waitFor();
  });

  it('goes back from an item in the side bar', async () => {
    await servers.addStarted('stacks', sampleOffer);
    const page = await show({ surface: 'view', width: 320, height: 620 });
    await item(page, 'list_stacks').click();
    await detail(page).getByRole('heading', { name: 'list_stacks' }).waitFor();
    assert.equal(await tree(page).count(), 0);
    const tab = await page.page.getByRole('tab', { name: 'Schemas', exact: true }).boundingBox();
    assert.ok(tab && tab.x + tab.width <= 320, 'The tab of the page is out of sight.');
    await detail(page).getByRole('button', { name: 'Back to the list (Esc)' }).click();
    await tree(page).and(page.page.locator(':focus')).waitFor();
    await page.page.keyboard.press('Enter');
    await detail(page).getByRole('tab', { name: 'Schema' }).and(page.page.locator(':focus')).waitFor();
    await page.page.keyboard.press('Escape');
    await tree(page).waitFor();
  });

  it('lists the calls of a tool, and remembers what was selected across a reload', async () => {
    await servers.addStarted('stacks', sampleOffer);
    const page = await show();
    await search(page).fill('deploy');
    await item(page, 'deploy_stack').click();
    await detail(page).getByRole('tab', { name: 'Output' }).click();
    await line(page, 'stackId').waitFor();
    await page.page.reload();
    await line(page, 'stackId').waitFor();
    assert.equal(await search(page).inputValue(), 'deploy');
    await detail(page).getByRole('button', { name: 'Show calls' }).click();
    await page.until(async () => (await page.filter.inputValue()) === 'tool:deploy_stack server:stacks');
    await page.page.getByRole('tab', { name: 'Exchanges', selected: true }).waitFor();
  });

  it('opens a tool where it can be tried', async () => {
    await servers.addStarted('stacks', sampleOffer);
    const page = await show();
    await item(page, 'deploy_stack').click();
    await detail(page).getByRole('button', { name: 'Try it' }).click();
    await page.page.getByRole('tab', { name: 'Try it', selected: true }).waitFor();
    const chosen = `[...document.querySelectorAll('mcpw-try-it select')].map((select) => select.value)`;
    await page.until(async () => (await page.page.evaluate<string[]>(chosen)).includes('tools deploy_stack'));
  });

  it('goes to an item that is asked for from elsewhere', async () => {
    const server = await servers.addStarted('stacks', sampleOffer);
    const page = await world.show({ servers, surface: 'view', width: 320, height: 620 });
    await search(page).fill('nothing of the kind');
    page.bridge.showSchema({ server: server.key, kind: 'prompts', name: 'review_stack' });
    await detail(page).getByRole('heading', { name: 'Review a stack' }).waitFor();
  });

  it('shows the lists of the traffic where there are no servers', async () => {
    const channel = world.recorder.openChannel({ server: 'seen', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: { tools: sampleOffer.tools } });
    const page = await world.show({ isReadOnly: true });
    await item(page, 'deploy_stack').click();
    await line(page, 'stackName').waitFor();
    assert.equal(await detail(page).getByRole('button', { name: 'Try it' }).count(), 0);
    await item(page, 'seen from the traffic').click();
    assert.equal(
      await detail(page)
        .getByRole('button', { name: /^(Start and list|List)$/ })
        .count(),
      0,
    );
    await page.screenshot('schemas-trace');
  });
});
