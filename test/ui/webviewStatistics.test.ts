import assert from 'node:assert/strict';
import { recordMany, recordSample } from '../support/sampleTraffic';
import { InspectorWorld } from './inspectorWorld';
import { themes } from './webviewPage';

describe('inspector page, statistics', () => {
  const world = InspectorWorld.use('Statistics');

  function record(): void {
    recordMany(world.recorder, world.clock, 400);
    recordSample(world.recorder, world.clock);
  }

  for (const theme of themes) {
    it(`shows tools, servers and clients in ${theme}, wide and narrow, with no accessibility finding`, async () => {
      record();
      const wide = await world.show({ theme });
      await wide.statisticsRow('lambda list functions').waitFor();
      await wide.screenshot(`statistics-${theme}-tools`);
      const findings = await wide.accessibilityFindings();
      await wide.page.getByRole('radio', { name: 'Clients' }).click();
      await wide.statisticsRow('Visual Studio Code').focus();
      await wide.screenshot(`statistics-${theme}-clients`);
      findings.push(...(await wide.accessibilityFindings()));
      const narrow = await world.show({ theme, surface: 'view', width: 320, height: 620 });
      await narrow.statisticsRow('lambda list functions').waitFor();
      await narrow.screenshot(`statistics-${theme}-side-bar`);
      findings.push(...(await narrow.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });
  }

  it('sorts by every column, and turns the order round', async () => {
    record();
    const page = await world.show();
    await page.statisticsRow('lambda list functions').waitFor();
    const first = (): Promise<string | null> => page.page.locator('.statistics tbody .label').first().textContent();
    await page.page.getByRole('button', { name: 'Slowest ms' }).click();
    await page.until(async () => (await first()) === 'cdk_synth_stack');
    assert.equal(await page.page.locator('th.slowest').getAttribute('aria-sort'), 'descending');
    await page.page.getByRole('button', { name: 'Slowest ms' }).click();
    await page.until(async () => (await first()) === 'initialize');
    await page.page.getByRole('button', { name: 'Tool', exact: true }).click();
    await page.until(async () => (await first()) === 'cdk_synth_stack');
    await page.page.getByRole('button', { name: 'Errors', exact: true }).click();
    await page.until(async () => (await first()) === 's3_get_object');
  });

  it('opens the slowest call, and lists the calls of a line', async () => {
    record();
    const page = await world.show();
    await page.statisticsRow('cdk synth stack').getByRole('button').click();
    await page.detail.getByRole('heading', { name: 'cdk_synth_stack' }).waitFor();
    await page.detail.getByText('2.10 s').first().waitFor();
    await page.screenshot('statistics-slowest');
    await page.statisticsRow('s3 get object').dblclick();
    await page.footer.getByText('101 matches').waitFor();
    assert.equal(await page.filter.inputValue(), 'tool:s3_get_object server:"AWS tools"');
  });

  it('does everything by keyboard', async () => {
    record();
    const page = await world.show();
    const { keyboard } = page.page;
    await page.statisticsRow('lambda list functions').waitFor();
    await page.page.getByRole('tab', { name: 'Statistics' }).focus();
    await keyboard.press('Tab');
    await keyboard.press('ArrowRight');
    await page.page.getByRole('radio', { name: 'Servers', checked: true }).and(page.page.locator(':focus')).waitFor();
    await keyboard.press('ArrowLeft');
    await page.page.getByRole('radio', { name: 'Tools', checked: true }).waitFor();
    await page.statisticsRow('cdk synth stack').focus();
    await keyboard.press('ArrowDown');
    await page.statisticsRow('cloudformation list stacks').and(page.page.locator(':focus')).waitFor();
    await keyboard.press('End');
    await page.statisticsRow('tools list').and(page.page.locator(':focus')).waitFor();
    await keyboard.press('Home');
    await page.statisticsRow('cdk synth stack').and(page.page.locator(':focus')).waitFor();
    await keyboard.press('s');
    await page.detail.getByRole('heading', { name: 'cdk_synth_stack' }).waitFor();
    await page.statisticsRow('cdk synth stack').and(page.page.locator(':focus')).waitFor();
    await keyboard.press('Enter');
    await page.footer.getByText('101 matches').waitFor();
  });

  it('follows the filter and the traffic, and exports what is shown', async () => {
    const page = await world.show();
    await page.page.getByText('No call was recorded yet.').waitFor();
    record();
    await page.statisticsRow('lambda list functions').waitFor();
    await page.filter.fill('tool:lambda_*');
    await page.until(async () => (await page.page.locator('.statistics tbody tr').count()) === 2);
    await page.page.getByRole('button', { name: 'Export as CSV' }).click();
    await page.until(async () => page.saved.length === 1);
    assert.equal(page.saved[0]?.name, 'mcp-statistics-by-tool.csv');
    assert.match(page.saved[0].text, /\r\nlambda_list_functions,AWS tools,101,0,0,0,0,/);
    assert.equal(page.saved[0].text.trimEnd().split('\r\n').length, 3);
    await page.filter.fill('no such thing');
    await page.page.getByText('No recorded call matches this filter.').waitFor();
  });

  it('lets the traffic be saved, and a trace be neither paused nor cleared', async () => {
    record();
    const page = await world.show();
    await page.filter.fill('tool:lambda_*');
    await page.page.getByRole('button', { name: 'Save the traffic' }).click();
    await page.until(async () => page.saved.length === 1);
    assert.deepEqual(page.saved, [{ name: 'traffic', text: 'tool:lambda_*' }]);
    const trace = await world.show({ isReadOnly: true });
    await trace.page.getByRole('button', { name: 'Save the traffic' }).waitFor();
    for (const name of ['Pause recording (p)', 'Clear', 'Follow the newest (f)']) {
      assert.equal(await trace.page.getByRole('button', { name, exact: true }).count(), 0, name);
    }
  });
});
