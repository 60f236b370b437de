import assert from 'node:assert/strict';
import { recordMany, recordSample } from '../support/sampleTraffic';
import { InspectorWorld } from './inspectorWorld';
import { themes, type WebviewPage } from './webviewPage';

describe('inspector list', () => {
  const world = InspectorWorld.use();

  async function names(page: WebviewPage): Promise<string[]> {
    await page.settle();
    return page.page.locator('.drawn > .row .name').allTextContents();
  }

  for (const theme of themes) {
    it(`folds, sorts, completes and lists messages in ${theme}, with no accessibility finding`, async () => {
      recordSample(world.recorder, world.clock);
      const page = await world.show({ theme });
      const findings: string[] = [];
      await page.row('cdk_synth_stack').locator('.twistie').click();
      await page.page.getByText('2/3 Running the app').waitFor();
      await page.row('cloudformation_list_stack_events').locator('.twistie').click();
      await page.page.getByText('elicitation/create').waitFor();
      await page.screenshot(`inspector-${theme}-folded`);
      findings.push(...(await page.accessibilityFindings()));
      await page.page.locator('.sorter[data-column=duration]').click();
      await page.page
        .getByRole('columnheader', { name: 'ms' })
        .and(page.page.locator('[aria-sort=descending]'))
        .waitFor();
      await page.page.locator('.row.header').click({ button: 'right' });
      await page.page.getByRole('menuitemcheckbox', { name: 'Status' }).click();
      await page.page.getByRole('columnheader', { name: 'Status' }).waitFor();
      await page.screenshot(`inspector-${theme}-columns`);
      findings.push(...(await page.accessibilityFindings()));
      await page.page.keyboard.press('Escape');
      await page.filter.focus();
      await page.page.keyboard.type('status:err tool:lam');
      await page.page.getByRole('option', { name: 'lambda_list_functions' }).waitFor();
      await page.page.keyboard.press('ArrowDown');
      await page.screenshot(`inspector-${theme}-completion`);
      findings.push(...(await page.accessibilityFindings()));
      await page.page.keyboard.press('Escape');
      await page.page.keyboard.press('Escape');
      await page.page.getByRole('tab', { name: 'Messages' }).click();
      await page.footer.getByText('22 messages').waitFor();
      await page.screenshot(`inspector-${theme}-messages`);
      findings.push(...(await page.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });
  }

  it('folds by keyboard, and goes between a request and its parts', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    const { keyboard } = page.page;
    await page.row('cdk_synth_stack').click();
    await page.grid.focus();
    assert.equal(await page.rows.count(), 10);
    await keyboard.press('ArrowRight');
    await page.grid.getByText('3/3 Synthesising orders').first().waitFor();
    assert.equal(await page.rows.count(), 13);
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowDown');
    assert.match((await page.page.locator('.row.active').getAttribute('aria-label')) ?? '', /2\/3 Running the app/);
    await keyboard.press('ArrowLeft');
    assert.equal(await page.page.locator('.row.active').getAttribute('aria-expanded'), 'true');
    await page.page.reload();
    await page.grid.getByText('3/3 Synthesising orders').first().waitFor();
    await page.grid.focus();
    await keyboard.press('ArrowLeft');
    await page.page.locator('.row.active[aria-expanded=false]').waitFor();
    await page.settle();
    assert.equal(await page.rows.count(), 10);
  });

  it('sorts by keyboard, both ways, and comes back to its own order', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    const { keyboard } = page.page;
    await page.row('initialize').waitFor();
    const unsorted = await names(page);
    await page.page.getByRole('button', { name: 'Time', exact: true }).focus();
    await keyboard.press('End');
    await keyboard.press('ArrowLeft');
    await keyboard.press('Enter');
    await page.page.locator('[aria-sort=descending]', { hasText: 'Tokens' }).waitFor();
    const descending = await names(page);
    assert.equal(descending[0], 'lambda_list_functions');
    assert.deepEqual([...descending].sort(), [...unsorted].sort());
    await keyboard.press('Enter');
    await page.page.locator('[aria-sort=ascending]', { hasText: 'Tokens' }).waitFor();
    assert.equal((await names(page)).at(-1), 'lambda_list_functions');
    await keyboard.press('Enter');
    await page.page.locator('[aria-sort=ascending]', { hasText: 'Time' }).waitFor();
    assert.deepEqual(await names(page), unsorted);
  });

  it('keeps the order while calls come, and the row that is read in its place', async () => {
    recordMany(world.recorder, world.clock, 400);
    const page = await world.show();
    await page.rowNumber(400).waitFor();
    await page.page.locator('.sorter[data-column=duration]').click();
    await page.page.locator('[aria-sort=descending]', { hasText: 'ms' }).waitFor();
    await page.page.evaluate(`document.querySelector('.grid').scrollTop = 22 * 200`);
    await page.rowNumber(210).click();
    await page.settle();
    const before = await page.page.locator('.row.active').boundingBox();
    const label = await page.page.locator('.row.active').getAttribute('aria-label');
    recordMany(world.recorder, world.clock, 300, 400);
    await page.footer.getByText('700 exchanges').waitFor();
    await page.settle();
    assert.equal(await page.page.locator('.row.active').getAttribute('aria-label'), label);
    const after = await page.page.locator('.row.active').boundingBox();
    assert.ok(Math.abs((after?.y ?? 0) - (before?.y ?? -99)) <= 22, `${before?.y} ${after?.y}`);
  });

  it('resizes and hides columns by pointer and by keyboard, and remembers that', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.row('initialize').waitFor();
    const client = page.page.getByRole('columnheader', { name: 'Client' });
    const width = async (): Promise<number> => {
      await page.settle();
      return Math.round((await client.boundingBox())?.width ?? 0);
    };
    const first = await width();
    const edge = (await client.locator('.edge').boundingBox())!;
    await page.page.mouse.move(edge.x + 3, edge.y + 5);
    await page.page.mouse.down();
    await page.page.mouse.move(edge.x + 63, edge.y + 5, { steps: 3 });
    await page.page.mouse.up();
    assert.equal(await width(), first + 60);
    assert.equal(
      await page.page
        .locator('[aria-sort]')
        .textContent()
        .then((text) => text?.trim().slice(0, 4)),
      'Time',
    );
    await client.getByRole('button').focus();
    await page.page.keyboard.press('Shift+ArrowLeft');
    await page.page.keyboard.press('Shift+ArrowLeft');
    assert.equal(await width(), first + 40);

    await page.page.keyboard.press('Shift+F10');
    await page.page.getByRole('menu', { name: 'Columns' }).waitFor();
    for (let step = 0; step < 2; step += 1) await page.page.keyboard.press('ArrowDown');
    await page.page.keyboard.press('Enter');
    await page.page.keyboard.press('Escape');
    await page.page.getByRole('columnheader', { name: 'Server' }).waitFor({ state: 'detached' });
    await page.page.reload();
    await page.row('initialize').waitFor();
    assert.equal(await width(), first + 40);
    assert.equal(await page.page.getByRole('columnheader', { name: 'Server' }).count(), 0);
    await page.page.locator('.row.header').click({ button: 'right' });
    await page.page.getByRole('menuitem', { name: 'Reset columns' }).click();
    await page.page.getByRole('columnheader', { name: 'Server' }).waitFor();
    assert.equal(await width(), first);
  });

  it('completes a filter by keyboard and by pointer', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    const { keyboard } = page.page;
    await page.row('initialize').waitFor();
    await keyboard.press('/');
    await keyboard.type('sta');
    await page.page.getByRole('option', { name: 'status:' }).waitFor();
    assert.equal(await page.filter.getAttribute('aria-expanded'), 'true');
    await keyboard.press('ArrowDown');
    await keyboard.press('Tab');
    await page.page.getByRole('option', { name: 'error' }).click();
    assert.equal(await page.filter.inputValue(), 'status:error ');
    await page.footer.getByText('2 matches').waitFor();
    await keyboard.type('client:');
    await page.page.getByRole('option', { name: '"Visual Studio Code"' }).waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    assert.equal(await page.filter.inputValue(), 'status:error client:"Visual Studio Code" ');
    await keyboard.press('Control+Space');
    await page.page.getByRole('option', { name: /^method:/ }).waitFor();
    await keyboard.press('Escape');
    await page.page.getByRole('option').first().waitFor({ state: 'detached' });
    assert.equal(await page.filter.inputValue(), 'status:error client:"Visual Studio Code" ');
    await keyboard.press('Escape');
    assert.equal(await page.filter.inputValue(), '');
  });

  it('saves filters, uses them again and forgets them', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.row('initialize').waitFor();
    await page.filter.fill('tool:lambda_*');
    await page.page.getByRole('button', { name: 'Saved filters' }).click();
    await page.page.getByRole('menuitem', { name: 'Save this filter' }).click();
    await page.filter.fill('');
    await page.page.getByRole('button', { name: 'Saved filters' }).click();
    await page.screenshot('inspector-saved-filters');
    await page.page.getByRole('menuitem', { name: 'tool:lambda_*' }).click();
    await page.footer.getByText('2 matches').waitFor();
    await page.page.getByRole('button', { name: 'Saved filters' }).click();
    await page.page.getByRole('menuitem', { name: 'Copy a link to this filter' }).click();
    assert.deepEqual(page.copied, ['vscode://mcp-workbench.mcp-workbench/inspect?filter=tool%3Alambda_*']);
    await page.page.getByRole('button', { name: 'Saved filters' }).click();
    await page.page.keyboard.press('End');
    await page.page.keyboard.press('Delete');
    await page.page.getByRole('button', { name: 'Saved filters' }).click();
    await page.page.getByRole('menuitem', { name: 'Save this filter' }).waitFor();
  });

  it('narrows the list from the menu of a row', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.row('s3_get_object').click({ button: 'right' });
    await page.screenshot('inspector-row-menu');
    await page.page.getByRole('menuitem', { name: 'Hide this tool' }).click();
    await page.footer.getByText('9 matches').waitFor();
    assert.equal(await page.filter.inputValue(), '-tool:s3_get_object');
    await page.row('tools/list').click();
    await page.grid.focus();
    await page.page.keyboard.press('Shift+F10');
    await page.page.getByRole('menu', { name: 'Call' }).waitFor();
    await page.page.keyboard.press('Escape');
    assert.equal(await page.page.locator('.grid:focus').count(), 1);
  });

  it('finds what is only in bodies, and marks it there', async () => {
    recordMany(world.recorder, world.clock, 2000);
    const page = await world.show();
    await page.rowNumber(2000).waitFor();
    await page.filter.fill('"result of call 1234"');
    await page.footer.getByText('1 match', { exact: true }).waitFor();
    await page.rows.first().click();
    await page.detail.getByRole('tab', { name: 'Response' }).click();
    await page.detail.locator('mark.found', { hasText: 'Result of call 1234' }).first().waitFor();
    await page.screenshot('inspector-body-search');
  });

  it('shows what a link or another part of the editor asks for', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.row('initialize').waitFor();
    page.bridge.filter('tool:s3_*', 'messages');
    await page.footer.getByText('2 matches').waitFor();
    assert.equal(await page.filter.inputValue(), 'tool:s3_*');
    await page.page.getByRole('tab', { name: 'Messages', selected: true }).waitFor();
  });
});
