import assert from 'node:assert/strict';
import { recordMany, recordSample } from '../support/sampleTraffic';
import { InspectorWorld } from './inspectorWorld';
import { themes } from './webviewPage';

describe('inspector page, timeline', () => {
  const world = InspectorWorld.use('Timeline');

  for (const theme of themes) {
    it(`shows lanes in ${theme}, wide and narrow, with no accessibility finding`, async () => {
      recordSample(world.recorder, world.clock);
      const wide = await world.show({ theme });
      await wide.lanes.waitFor();
      await wide.settle();
      await wide.screenshot(`timeline-${theme}`);
      const findings = await wide.accessibilityFindings();
      await wide.lanes.focus();
      for (let step = 0; step < 4; step += 1) await wide.page.keyboard.press('ArrowRight');
      await wide.page.keyboard.press('Enter');
      await wide.detail.waitFor();
      await wide.screenshot(`timeline-${theme}-detail`);
      findings.push(...(await wide.accessibilityFindings()));
      const narrow = await world.show({ theme, surface: 'view', width: 320, height: 620 });
      await narrow.lanes.waitFor();
      await narrow.screenshot(`timeline-${theme}-side-bar`);
      findings.push(...(await narrow.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });
  }

  it('shows 100,000 messages, merged where they are dense, apart where somebody zooms in', async () => {
    world.recorder.setMaxBytes(1e9);
    recordMany(world.recorder, world.clock, 50_000);
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.lanes.waitFor();
    await page.settle();
    await page.screenshot('timeline-100000');
    await page.lanes.hover();
    for (let turn = 0; turn < 8; turn += 1) await page.page.mouse.wheel(0, -400);
    await page.timelineSpan.getByText(/^\d(\.\d+)? s$/).waitFor();
    await page.settle();
    await page.screenshot('timeline-100000-zoomed');
    assert.ok(page.posted.every((message) => message.type !== 'timeline' || JSON.stringify(message).length < 400_000));
  });

  it('zooms, pans and shows all with the pointer', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    const all = await page.timelineSpan.textContent();
    await page.lanes.hover();
    await page.page.mouse.wheel(0, -300);
    await page.until(async () => (await page.timelineSpan.textContent()) !== all);
    const zoomed = await page.timelineSpan.textContent();
    const box = await page.lanes.boundingBox();
    assert.ok(box);
    const y = box.y + box.height - 20;
    await page.page.mouse.move(box.x + 600, y);
    await page.page.mouse.down();
    await page.page.mouse.move(box.x + 500, y, { steps: 4 });
    await page.page.mouse.up();
    await page.until(async () => (await page.timelineSpan.textContent()) !== zoomed);
    await page.page.getByRole('button', { name: 'Show all (0)' }).click();
    await page.until(async () => (await page.timelineSpan.textContent()) === all);
  });

  it('limits the filter to a range that is marked on the ruler, and lists it', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.lanes.waitFor();
    await page.settle();
    const box = await page.page.locator('.ruler').boundingBox();
    assert.ok(box);
    await page.page.mouse.move(box.x + 900, box.y + 10);
    await page.page.mouse.down();
    await page.page.mouse.move(box.x + 1000, box.y + 10, { steps: 4 });
    await page.page.mouse.up();
    await page.page.getByText(', 1 call').waitFor();
    assert.match(await page.filter.inputValue(), /^time:2026-11-20T10:42:14\.\d{3}\.\.2026-11-20T10:42:15\.\d{3}$/);
    await page.settle();
    await page.screenshot('timeline-marked');
    await page.page.getByRole('button', { name: 'List the marked calls' }).click();
    await page.row('lambda_invoke_function').waitFor();
    await page.footer.getByText('1 match', { exact: true }).waitFor();
    await page.page.getByRole('tab', { name: 'Timeline' }).click();
    await page.page.getByText(', 1 call').waitFor();
    await page.page.getByRole('button', { name: 'Take the mark away (Esc)' }).click();
    await page.until(async () => (await page.filter.inputValue()) === '');
  });

  it('says what is under the pointer, and opens what is clicked', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    await page.lanes.waitFor();
    await page.settle();
    const box = await page.lanes.boundingBox();
    assert.ok(box);
    const at = { x: box.x + 990, y: box.y + 49 + 22 + 8 };
    await page.page.mouse.move(at.x, at.y);
    const tip = page.page.getByRole('tooltip');
    await tip.getByText('lambda_invoke_function').waitFor();
    await tip.getByText(/1\.24 s · failed/).waitFor();
    await page.page.mouse.move(at.x, at.y + 8);
    await tip.getByText(/AWS Lambda\./).waitFor();
    await page.screenshot('timeline-tip');
    await page.page.mouse.click(at.x, at.y);
    await page.detail.getByRole('heading', { name: 'lambda_invoke_function' }).waitFor();
  });

  it('does everything by keyboard, and says where it is', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    const { keyboard } = page.page;
    const said = page.lanes.page().locator('mcpw-timeline [role=status]');
    await page.lanes.focus();
    await keyboard.press('ArrowRight');
    await said.getByText(/^initialize, succeeded/).waitFor();
    await keyboard.press('ArrowDown');
    await said.getByText(/^lambda list functions, succeeded, 84 milliseconds, claude-code/).waitFor();
    await keyboard.press('End');
    await said.getByText(/^cloudformation list stacks, pending/).waitFor();
    await keyboard.press('ArrowLeft');
    await said.getByText(/^lambda invoke function, failed, 1\.24 seconds/).waitFor();
    const all = await page.timelineSpan.textContent();
    await keyboard.press('+');
    await keyboard.press('+');
    await page.until(async () => (await page.timelineSpan.textContent()) !== all);
    await keyboard.press('Shift+ArrowLeft');
    await keyboard.press('0');
    await page.until(async () => (await page.timelineSpan.textContent()) === all);
    await keyboard.press('[');
    await keyboard.press(']');
    await page.page.getByText('Marked 1.24 s, 1 call').waitFor();
    await keyboard.press('Escape');
    await page.until(async () => (await page.filter.inputValue()) === '');
    await keyboard.press('Enter');
    await page.detail.getByRole('heading', { name: 'lambda_invoke_function' }).waitFor();
    await keyboard.press('Escape');
    assert.equal(await page.detail.count(), 0);
    await page.lanes.and(page.page.locator(':focus')).waitFor();
    await keyboard.press('l');
    await page.row('lambda_invoke_function').waitFor();
  });

  it('grows with the traffic, and says when nothing matches', async () => {
    const page = await world.show();
    await page.page.getByText('No call was recorded yet.').waitFor();
    recordSample(world.recorder, world.clock);
    await page.lanes.waitFor();
    await page.page.getByText('4 calls').waitFor();
    const before = await page.timelineSpan.textContent();
    recordMany(world.recorder, world.clock, 20);
    await page.until(async () => (await page.timelineSpan.textContent()) !== before);
    await page.filter.fill('no such thing');
    await page.page.getByText('No recorded call matches this filter.').waitFor();
    await page.page.getByText('Clear the filter', { exact: true }).click();
    await page.lanes.waitFor();
  });

  it('shows hostile names as what they are', async () => {
    const hostile = '<img src=x onerror="document.title=\'run\'">\u202eevil';
    const channel = world.recorder.openChannel({ server: hostile, client: hostile, session: 's1', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: hostile } });
    world.clock.advance(500);
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: {} });
    const page = await world.show();
    await page.page.locator('.lane-title').getByText('\\u{202e}evil').first().waitFor();
    await page.settle();
    await page.screenshot('timeline-hostile');
    assert.equal(await page.page.title(), 'MCP traffic');
    assert.equal(await page.page.locator('img').count(), 0);
  });
});
