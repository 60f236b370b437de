import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { recordMany, recordSample } from '../support/sampleTraffic';
import { InspectorWorld } from './inspectorWorld';
import { themes } from './webviewPage';

describe('inspector page', () => {
  const world = InspectorWorld.use();

  for (const theme of themes) {
    it(`shows calls and their details in ${theme}, wide and narrow`, async () => {
      recordSample(world.recorder, world.clock);
      const wide = await world.show({ theme });
      await wide.row('lambda_invoke_function').click();
      await wide.detail.getByText('2 requests').waitFor();
      await wide.screenshot(`inspector-${theme}-overview`);
      await wide.row('lambda_list_functions').click();
      await wide.detail.getByRole('tab', { name: 'Response' }).click();
      await wide.detail.getByText('orders-refund').first().waitFor();
      await wide.screenshot(`inspector-${theme}-response`);
      await wide.row('s3_get_object').click();
      await wide.detail.getByRole('tab', { name: 'AWS' }).click();
      await wide.detail.getByText('AccessDenied').waitFor();
      await wide.screenshot(`inspector-${theme}-aws`);

      const narrow = await world.show({ theme, surface: 'view', width: 320, height: 620 });
      await narrow.row('cdk_synth_stack').waitFor();
      await narrow.screenshot(`inspector-${theme}-side-bar`);
      await narrow.row('cdk_synth_stack').click();
      await narrow.detail.getByText('3/3 Synthesising orders').waitFor();
      await narrow.screenshot(`inspector-${theme}-side-bar-detail`);
    });
  }

  for (const theme of themes) {
    it(`has no accessibility finding in ${theme}, in any state`, async () => {
      const page = await world.show({ theme });
      await page.page.getByText('What MCP clients and servers say').waitFor();
      const findings = await page.accessibilityFindings();
      recordSample(world.recorder, world.clock);
      await page.row('lambda_invoke_function').click();
      for (const tab of ['Overview', 'Request', 'Response', 'AWS']) {
        await page.detail.getByRole('tab', { name: tab }).click();
        findings.push(...(await page.accessibilityFindings()));
      }
      await page.filter.fill('dur:long status:pending');
      await page.page.getByRole('alert').waitFor();
      findings.push(...(await page.accessibilityFindings()));
      const narrow = await world.show({ theme, surface: 'view', width: 320, height: 620 });
      await narrow.row('cdk_synth_stack').click();
      await narrow.detail.getByText('3/3 Synthesising orders').waitFor();
      findings.push(...(await narrow.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });
  }

  it('says one thing while there is nothing, and fills as calls come', async () => {
    const page = await world.show();
    await page.page.getByText('What MCP clients and servers say to each other appears here').waitFor();
    await page.screenshot('inspector-empty');
    recordSample(world.recorder, world.clock);
    await page.row('lambda_list_functions').waitFor();
    assert.equal(await page.rows.count(), 10);
    await page.footer.getByText('10 exchanges').waitFor();
  });

  it('completes a row when the response comes', async () => {
    const page = await world.show();
    const channel = world.recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow_tool' } });
    await page.page.getByRole('row', { name: 'slow tool, pending, c' }).click();
    await page.detail.getByRole('tab', { name: 'Response' }).click();
    await page.detail.getByText('No response yet.').waitFor();
    world.clock.advance(1500);
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: { answer: 42 } });
    await page.page.getByRole('row', { name: 'slow tool, succeeded, 1.5 seconds, c' }).waitFor();
    await page.detail.getByText('answer').waitFor();
  });

  it('does everything by keyboard', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    const { keyboard } = page.page;
    const active = (): Promise<string | null> =>
      page.page.evaluate<string | null>(
        `document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.getAttribute('aria-label') ?? null`,
      );
    await page.row('initialize').waitFor();

    await keyboard.press('/');
    await page.filter.and(page.page.locator(':focus')).waitFor();
    await keyboard.type('tool:lambda_*');
    await page.footer.getByText('2 matches').waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    assert.equal(await active(), 'lambda list functions, succeeded, 84 milliseconds, claude-code');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    assert.match((await active()) ?? '', /^lambda invoke function, failed, 1\.24 seconds, claude-code/);
    await keyboard.press('Home');
    await keyboard.press('Enter');
    await page.page.locator('[role=tab][aria-selected=true]:focus').waitFor();
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    assert.equal(
      await page.page
        .locator('[role=tab]:focus')
        .textContent()
        .then((text) => text?.trim()),
      'Response',
    );

    const tree = page.detail.getByRole('tree', { name: 'Response' });
    await tree.focus();
    await keyboard.press('End');
    await keyboard.press('ArrowLeft');
    await keyboard.press('Shift+C');
    assert.deepEqual(page.copied, ['result.structuredContent.identity']);
    await keyboard.press('ArrowLeft');
    await keyboard.press('ArrowRight');
    await keyboard.press('c');
    assert.deepEqual(JSON.parse(page.copied[1] ?? ''), {
      account: '111122223333',
      role: 'Developer',
      region: 'us-east-1',
      profile: 'acme-dev',
    });

    await keyboard.press('Escape');
    assert.equal(await page.detail.count(), 0);
    assert.equal(await page.page.locator('.grid:focus').count(), 1);
    await keyboard.press('p');
    await page.footer.getByText('Paused').waitFor();
    assert.equal(world.recorder.isPaused, true);
    await keyboard.press('p');
    await page.footer.getByText('Paused').waitFor({ state: 'detached' });
    await keyboard.press('/');
    await keyboard.press('Escape');
    await page.footer.getByText('10 exchanges').waitFor();
    await keyboard.press('Escape');
    await keyboard.press('f');
    await page.page.getByRole('button', { name: 'Follow the newest (f)', pressed: true }).waitFor();
  });

  it('follows the newest, but not while somebody reads', async () => {
    recordMany(world.recorder, world.clock, 300);
    const page = await world.show();
    await page.rowNumber(300).waitFor();
    recordMany(world.recorder, world.clock, 10, 300);
    await page.rowNumber(310).waitFor();

    await page.grid.hover();
    await page.page.mouse.wheel(0, -2000);
    await page.rowNumber(310).waitFor({ state: 'detached' });
    const before = await page.firstInSight();
    recordMany(world.recorder, world.clock, 200, 310);
    await page.footer.getByText('510 exchanges').waitFor();
    await page.settle();
    assert.equal(await page.firstInSight(), before);

    await page.page.keyboard.press('f');
    await page.rowNumber(510).waitFor();
  });

  it('keeps the rows in place when older ones are dropped, and counts those', async () => {
    world.recorder.setMaxBytes(600_000);
    recordMany(world.recorder, world.clock, 500);
    const page = await world.show();
    await page.rowNumber(500).waitFor();
    await page.grid.hover();
    await page.page.mouse.wheel(0, -600);
    await page.settle();
    const before = await page.labelInSight();
    recordMany(world.recorder, world.clock, 150, 500);
    await page.footer.getByText(/older ones dropped/).waitFor();
    await page.settle();
    assert.equal(await page.labelInSight(), before);
  });

  it('shows any of 100,000 messages at once, with few elements', async () => {
    world.recorder.setMaxBytes(1e9);
    recordMany(world.recorder, world.clock, 50_000);
    const page = await world.show();
    await page.footer.getByText('50,000 exchanges').waitFor();
    await page.rowNumber(50_000).waitFor();
    await page.screenshot('inspector-100000');
    for (const position of [25_000, 3, 49_000, 12_345]) {
      await page.page.evaluate(`document.querySelector('.grid').scrollTop = ${(position - 1) * 22}`);
      await page.page.locator(`.row[aria-rowindex="${position + 1}"] .name`).waitFor();
    }
    assert.ok((await page.rows.count()) < 80);
    await page.grid.focus();
    await page.page.keyboard.press('Home');
    await page.rowNumber(1).waitFor();
    await page.page.keyboard.press('End');
    await page.rowNumber(50_000).waitFor();
    await page.filter.fill('tool:s3_* status:error');
    await page.footer.getByText('2,500 matches').waitFor();
    await page.filter.fill('no such thing');
    await page.page.getByText('Nothing recorded matches this filter.').waitFor();
    await page.page.getByText('Clear the filter', { exact: true }).click();
    await page.footer.getByText('50,000 exchanges').waitFor();
    assert.ok(page.posted.every((message) => !('rows' in message) || message.rows.length <= 500));
  });

  it('says what is wrong with a filter', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.filter.fill('dur:long');
    await page.page.getByRole('alert').getByText('dur: takes a number').waitFor();
    await page.screenshot('inspector-filter-problem');
    await page.filter.fill('dur:>200');
    await page.page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('shows hostile messages as what they are', async () => {
    const channel = world.recorder.openChannel({
      server: '<b>bold</b>',
      client: '\u202eelpoep',
      session: 's1',
      era: 'legacy',
    });
    const markup = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>';
    channel.message('clientToServer', {
      jsonrpc: '2.0',
      id: markup,
      method: 'tools/call',
      params: {
        name: markup,
        [markup]: markup,
        '\u200bhidden': 'a\u202eb\u0000c\ud800',
        deep: JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) as unknown,
      },
    });
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      id: markup,
      error: { code: 1, message: markup, data: 'x'.repeat(3_000_000) },
    });
    const page = await world.show();
    await page.rows.first().click();
    await page.detail.getByText('\\u{202e}elpoep').waitFor();
    await page.detail.getByRole('tab', { name: 'Request' }).click();
    await page.detail.getByText('"a\\u{202e}b\\u{0}c\\u{d800}"').waitFor();
    await page.detail.getByText('\\u{200b}hidden', { exact: true }).waitFor();
    const tree = page.detail.getByRole('tree');
    await tree.focus();
    await page.page.keyboard.press('End');
    for (let level = 0; level < 60; level += 1) await page.page.keyboard.press('ArrowRight');
    await page.screenshot('inspector-hostile');
    await page.detail.getByRole('tab', { name: 'Response' }).click();
    await page.detail.getByRole('button', { name: 'Open the whole message' }).first().click();
    assert.equal(page.opened[0], world.recorder.get(2)?.body);
    assert.equal(await page.page.title(), 'MCP traffic');
    assert.equal(await page.page.locator('img, b').count(), 0);
  });

  it('unfolds long texts and long lists step by step', async () => {
    const channel = world.recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    const items = Array.from({ length: 250 }, (_, index) => `item number ${index}`);
    channel.message('clientToServer', {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'x', text: 'word '.repeat(500), items },
    });
    const page = await world.show();
    await page.rows.first().click();
    await page.detail.getByRole('tab', { name: 'Request' }).click();
    await page.detail.getByText('… 2,260 more characters').click();
    await page.detail.getByText('… 2,260 more characters').waitFor({ state: 'detached' });
    await page.detail.getByText('["item number 0"').click();
    await page.detail.getByText('show 100 of 150 more').click();
    await page.detail.getByText('show 50 of 50 more').waitFor();
    assert.equal(await page.detail.getByText('"item number 199"').count(), 1);
  });

  it('comes back as it was left', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.filter.fill('lambda');
    await page.footer.getByText('2 matches').waitFor();
    await page.row('lambda_list_functions').click();
    await page.detail.getByRole('tab', { name: 'Request' }).click();
    await page.page.reload();
    await page.footer.getByText('2 matches').waitFor();
    assert.equal(await page.filter.inputValue(), 'lambda');
    await page.detail.getByRole('tab', { name: 'Request', selected: true }).waitFor();
    assert.equal(await page.page.locator('.row.active').getAttribute('aria-selected'), 'true');
  });

  it('shows what happened while it was hidden', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.row('initialize').waitFor();
    page.bridge.setVisible(false);
    const before = page.posted.length;
    recordMany(world.recorder, world.clock, 7);
    await delay(100);
    assert.equal(page.posted.length, before);
    page.bridge.setVisible(true);
    await page.footer.getByText('17 exchanges').waitFor();
  });

  it('opens what it is told to reveal', async () => {
    recordMany(world.recorder, world.clock, 1000);
    const page = await world.show();
    await page.rowNumber(1000).waitFor();
    page.bridge.reveal(401);
    await page.detail.waitFor();
    await page.page.locator('.row.active[aria-rowindex="202"]').waitFor();
  });

  it('clears, and says when what is open is no longer kept', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.row('initialize').click();
    await page.detail.waitFor();
    world.recorder.setMaxBytes(1);
    await page.detail.getByText('This message is no longer kept').waitFor();
    world.recorder.setMaxBytes(1e6);
    recordSample(world.recorder, world.clock);
    await page.row('initialize').waitFor();
    await page.page.getByRole('button', { name: 'Clear', exact: true }).click();
    await page.footer.getByText('0 exchanges').waitFor();
    assert.equal(await page.detail.count(), 0);
  });

  it('resizes the detail by keyboard and by pointer', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.row('initialize').click();
    const line = page.page.getByRole('separator');
    const width = async (): Promise<number> => (await page.detail.boundingBox())?.width ?? 0;
    const before = await width();
    await line.focus();
    await page.page.keyboard.press('ArrowLeft');
    await page.settle();
    const wider = await width();
    assert.ok(wider > before);
    const box = (await line.boundingBox())!;
    await page.page.mouse.move(box.x, box.y + 100);
    await page.page.mouse.down();
    await page.page.mouse.move(box.x + 200, box.y + 100, { steps: 4 });
    await page.page.mouse.up();
    await page.settle();
    assert.ok((await width()) < wider - 150);
  });
});
