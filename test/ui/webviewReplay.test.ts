import assert from 'node:assert/strict';
import { Emitter } from '../../src/core/emitter';
import type { CallableServer, CallableServers, CallOptions, CallOutcome } from '../../src/mcp/caller/callableServer';
import type { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { InspectorWorld } from './inspectorWorld';
import { themes, type WebviewPage } from './webviewPage';

type Answer = (params: Record<string, unknown>, options: CallOptions) => Promise<Record<string, unknown>>;

/** A server whose answers a test decides; its calls are recorded as real ones are. */
class ScriptedServer implements CallableServer {
  readonly key: string;
  readonly label: string;
  readonly era = 'legacy';
  readonly before = {};
  readonly lists: CallableServer['lists'];
  state: CallableServer['state'] = 'ready';
  readonly asked: { method: string; params: Readonly<Record<string, unknown>> }[] = [];
  answer: Answer;
  readonly #recorder: () => TrafficRecorder;
  #ids = 100;

  constructor(label: string, recorder: () => TrafficRecorder, answer: Answer, annotations: object = {}) {
    this.key = label.toLowerCase();
    this.label = label;
    this.#recorder = recorder;
    this.answer = answer;
    const inputSchema = { type: 'object' as const };
    this.lists = {
      tools: ['read_stack', 'delete_stack', 'sign_in'].map((name) => ({ name, inputSchema, annotations })),
    };
  }

  accept(): Promise<void> {
    return Promise.resolve();
  }

  list(): Promise<never> {
    return Promise.reject(new Error('not asked for'));
  }

  async request(method: string, params: Readonly<Record<string, unknown>>, options: CallOptions): Promise<CallOutcome> {
    this.state = 'ready';
    this.asked.push({ method, params });
    const recorder = this.#recorder();
    const channel = recorder.openChannel({
      server: this.label,
      client: 'MCP Workbench',
      session: 'own',
      era: 'legacy',
    });
    const id = (this.#ids += 1);
    const { nextSeq: seq } = recorder.extent;
    channel.message('clientToServer', { jsonrpc: '2.0', id, method, params });
    options.onSent?.(seq);
    const result = await this.answer({ ...params }, options);
    channel.message('serverToClient', { jsonrpc: '2.0', id, result });
    return { seq, result, durationMs: 42 };
  }
}

function serversOf(...all: ScriptedServer[]): CallableServers {
  const changed = new Emitter<void>();
  return { all, get: (key) => all.find((server) => server.key === key), onDidChange: changed.event };
}

const stack = {
  stackName: 'orders',
  requestId: '4c1f6a52-0d8b-4b7e-9a53-2f6a1f0f9b11',
  status: 'UPDATE_COMPLETE',
  resources: Array.from({ length: 40 }, (_, index) => ({ name: `resource-${index}`, kind: 'AWS::Lambda::Function' })),
};

describe('inspector page, replay', () => {
  const world = InspectorWorld.use();
  let acme: ScriptedServer;
  let other: ScriptedServer;

  beforeEach(() => {
    const recorder = (): TrafficRecorder => world.recorder;
    const changed = structuredClone(stack);
    changed.requestId = '5c1f6a52-0d8b-4b7e-9a53-2f6a1f0f9b11';
    changed.status = 'UPDATE_ROLLBACK_COMPLETE';
    changed.resources.splice(20, 1);
    changed.resources.push({ name: 'resource-new', kind: 'AWS::SQS::Queue' });
    acme = new ScriptedServer('acme', recorder, () => Promise.resolve({ content: [], structuredContent: changed }), {
      destructiveHint: true,
    });
    other = new ScriptedServer('other', recorder, () => Promise.resolve({ content: [], structuredContent: stack }));
    other.state = 'stopped';
  });

  /** Records calls that can be run again: of the given tools, with the same result each. */
  function record(...calls: [tool: string, given: object][]): void {
    const channel = world.recorder.openChannel({ server: 'acme', client: 'claude-code', session: 's1', era: 'legacy' });
    for (const [id, [name, given]] of calls.entries()) {
      const params = { name, arguments: given, _meta: { progressToken: `t${id}` } };
      channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params });
      world.clock.advance(120);
      channel.message('serverToClient', { jsonrpc: '2.0', id, result: { content: [], structuredContent: stack } });
    }
  }

  function show(options: Parameters<typeof world.show>[0] = {}): Promise<WebviewPage> {
    return world.show({ servers: serversOf(acme, other), ...options });
  }

  async function openReplay(page: WebviewPage, tool: string): Promise<void> {
    await page.row(tool).first().click();
    await page.detail.getByRole('tab', { name: 'Replay' }).click();
    await page.detail.getByLabel('Parameters').waitFor();
  }

  for (const theme of themes) {
    it(`runs a call again and shows the difference in ${theme}, wide and narrow, with no accessibility finding`, async () => {
      record(['delete_stack', { stackName: 'orders' }], ['sign_in', { user: 'ann', password: 'hunter22' }]);
      const wide = await show({ theme, width: 1500, height: 900 });
      await openReplay(wide, 'delete_stack');
      await wide.detail.getByText('This tool may change or delete things.').waitFor();
      await wide.detail.getByRole('button', { name: 'Run again' }).click();
      await wide.detail.getByText('Different result').waitFor();
      await wide.screenshot(`replay-${theme}-inline`);
      const findings = await wide.accessibilityFindings();
      await wide.detail.getByRole('button', { name: 'Side by side' }).click();
      await wide.screenshot(`replay-${theme}-sides`);
      findings.push(...(await wide.accessibilityFindings()));
      const narrow = await show({ theme, surface: 'view', width: 340, height: 900 });
      await openReplay(narrow, 'sign_in');
      await narrow.detail.getByText('redacted').first().waitFor();
      await narrow.screenshot(`replay-${theme}-side-bar`);
      findings.push(...(await narrow.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });

    it(`runs a selection as a sequence in ${theme}, wide and narrow, with no accessibility finding`, async () => {
      record(['read_stack', {}], ['delete_stack', { a: 1 }], ['read_stack', { b: 2 }]);
      acme.answer = ({ name }) =>
        name === 'delete_stack'
          ? Promise.resolve({ isError: true, content: [{ type: 'text', text: 'No.' }] })
          : Promise.resolve({ content: [], structuredContent: stack });
      const wide = await show({ theme, width: 1300, height: 800 });
      await wide.rowNumber(1).click();
      await wide.rowNumber(3).click({ modifiers: ['Shift'] });
      await wide.footer.getByText('3 selected').waitFor();
      await wide.screenshot(`replay-${theme}-selection`);
      await wide.page.keyboard.press('r');
      await wide.page.getByText('3 steps').waitFor();
      await wide.page.getByRole('button', { name: 'Run all' }).click();
      await wide.page.getByText(/2 of 3 steps, 1 same, 1 failed, 1 not run/).waitFor();
      await wide.page.locator('.step-head').nth(1).click();
      await wide.page.getByRole('region', { name: 'Outcome' }).waitFor();
      await wide.screenshot(`replay-${theme}-sequence`);
      const findings = await wide.accessibilityFindings();
      const narrow = await show({ theme, surface: 'view', width: 340, height: 700 });
      await narrow.page.getByRole('tab', { name: 'Replay' }).click();
      await narrow.page.getByRole('button', { name: 'Take all recorded calls' }).click();
      await narrow.page.locator('.step-head').first().click();
      await narrow.screenshot(`replay-${theme}-sequence-side-bar`);
      findings.push(...(await narrow.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
    });
  }

  it('sends no redacted value, takes one that is put in, and keeps none', async () => {
    record(['sign_in', { user: 'ann', password: 'hunter22' }]);
    const page = await show({ width: 1300 });
    await openReplay(page, 'sign_in');
    assert.equal(await page.detail.getByRole('button', { name: 'Run again' }).getAttribute('disabled'), '');
    await page.page.keyboard.press('Control+Enter');
    await page.detail.getByLabel(/arguments\.password/).fill('a-planted-secret');
    await page.detail.getByRole('button', { name: 'Run again' }).click();
    await page.until(() => Promise.resolve(acme.asked.length === 1));
    assert.deepEqual(acme.asked[0]?.params['arguments'], { user: 'ann', password: 'a-planted-secret' });
    await page.detail.getByText('Different result').waitFor();
    await page.detail.getByRole('button', { name: 'Add to the sequence' }).click();
    await page.page.getByText('arguments.password has to be filled in.').waitFor();
    const kept = await page.page.evaluate<string>('sessionStorage.getItem("state")');
    assert.ok(!kept.includes('a-planted-secret'));
    assert.ok(!JSON.stringify(page.posted).includes('a-planted-secret'));
  });

  it('does everything by keyboard', async () => {
    record(['read_stack', { n: 1 }], ['delete_stack', { n: 2 }], ['sign_in', { n: 3 }]);
    const page = await show({ width: 1300 });
    const { keyboard } = page.page;
    await page.rowNumber(3).waitFor();
    await page.grid.focus();
    await keyboard.press('Home');
    await keyboard.press('r');
    await page.detail.getByRole('tab', { name: 'Replay', selected: true }).and(page.page.locator(':focus')).waitFor();
    await page.detail.getByLabel('Parameters').focus();
    await keyboard.press('Control+Enter');
    await page.detail.getByText('Different result').waitFor();
    const diff = page.detail.getByRole('region', { name: 'Recorded result and new result' });
    await diff.focus();
    await keyboard.press('F7');
    await page.detail.getByLabel('Parameters').fill('{ "name": ');
    await page.detail.getByText(/This is no JSON/).waitFor();
    await keyboard.press('Control+Enter');
    assert.equal(acme.asked.length, 1);
    await page.detail.getByRole('button', { name: 'As recorded' }).press('Enter');
    await page.grid.focus();
    await keyboard.press('Home');
    await keyboard.press('Shift+ArrowDown');
    await keyboard.press('Shift+ArrowDown');
    await page.footer.getByText('3 selected').waitFor();
    await keyboard.press('r');
    const heads = page.page.locator('.step-head');
    const names = (): Promise<string[]> => page.page.locator('.step-name').allTextContents();
    await page.until(async () => (await names()).length === 3);
    await heads.first().focus();
    await keyboard.press('Alt+ArrowDown');
    await page.until(async () => (await names()).join() === 'delete_stack,read_stack,sign_in');
    await keyboard.press('End');
    await keyboard.press('Delete');
    await page.until(async () => (await names()).join() === 'delete_stack,read_stack');
    await page.page.locator('.step-head:focus').filter({ hasText: 'read_stack' }).waitFor();
    await keyboard.press('Enter');
    await page.page.getByLabel('Parameters').first().waitFor();
    await keyboard.press('Control+Enter');
    await page.page.getByText(/2 of 2 steps, 2 different/).waitFor();
    await page.page.getByRole('button', { name: 'Generate…' }).first().press('Enter');
    await page.page.getByRole('menuitem', { name: 'Copy as mocha test' }).waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await page.until(() => Promise.resolve(page.copied.some((text) => text.includes('describe('))));
  });

  it('starts no server by a key, only when its button is pressed, and cancels a call', async () => {
    record(['read_stack', {}]);
    const page = await show({ width: 1300 });
    await openReplay(page, 'read_stack');
    await page.detail.getByLabel('Server').selectOption({ label: 'other, stopped' });
    await page.detail.getByLabel('Parameters').press('Control+Enter');
    other.answer = (_params, { signal, onProgress }) =>
      new Promise((_resolve, reject) => {
        onProgress?.({ progress: 2, total: 5, message: 'reading <b>stacks</b>' });
        signal.addEventListener('abort', () => reject(new Error('cancelled')));
      });
    await page.detail.getByRole('button', { name: 'Start other and run again' }).click();
    await page.detail.getByText('2 of 5: reading <b>stacks</b>').waitFor();
    assert.equal(other.asked.length, 1);
    await page.detail.getByRole('button', { name: 'Cancel' }).click();
    await page.detail.getByText('Cancelled').waitFor();
    await page.screenshot('replay-cancelled');
  });

  it('shows hostile text as text, and large results a part at a time', async () => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202e\u200b';
    record([evil, { [evil]: evil }]);
    acme.answer = () =>
      Promise.resolve({
        structuredContent: {
          [evil]: evil,
          list: Array.from({ length: 50_000 }, (_, index) => ({ name: `n${index}`, evil })),
        },
      });
    const page = await show({ width: 1300 });
    await page.rowNumber(1).click();
    await page.detail.getByRole('tab', { name: 'Replay' }).click();
    await page.detail.getByRole('button', { name: 'Run again' }).click();
    await page.detail.getByText('Different result').waitFor();
    await page.detail.getByText('There is more than is shown here.').waitFor();
    assert.ok((await page.page.locator('.diff-line').count()) < 100);
    await page.page.evaluate("document.querySelector('.diff').scrollTop = 40000");
    await page.until(async () => (await page.page.locator('.diff-line').count()) < 100);
    await page.detail.getByRole('button', { name: 'Add to the sequence' }).click();
    await page.page.locator('.step-head').first().click();
    await page.screenshot('replay-hostile');
    assert.equal(await page.page.title(), 'MCP traffic');
    assert.equal(await page.page.locator('mcpw-inspector img, mcpw-inspector script').count(), 0);
  });

  it('keeps a sequence when the page is loaded anew, and selects rows by Ctrl and Shift', async () => {
    record(['read_stack', { n: 1 }], ['delete_stack', { n: 2 }], ['sign_in', { n: 3 }], ['read_stack', { n: 4 }]);
    const page = await show({ width: 1300 });
    await page.rowNumber(1).click();
    await page.rowNumber(3).click({ modifiers: ['ControlOrMeta'] });
    await page.rowNumber(4).click({ modifiers: ['ControlOrMeta'] });
    await page.footer.getByText('3 selected').waitFor();
    await page.rowNumber(3).click({ modifiers: ['ControlOrMeta'] });
    await page.footer.getByText('2 selected').waitFor();
    await page.rowNumber(4).click({ button: 'right' });
    await page.page.getByRole('menuitem', { name: /Replay these 2/ }).click();
    await page.page.getByText('2 steps').waitFor();
    await page.page.locator('.step-head').nth(1).click();
    await page.page.getByLabel('Parameters').last().fill('{"name":"read_stack","arguments":{"n":5}}');
    await page.page.reload();
    await page.page.locator('.step-head').nth(1).click();
    assert.match(await page.page.getByLabel('Parameters').last().inputValue(), /"n": ?5/);
    await page.page.getByText(', edited').waitFor();
    await page.page.getByRole('button', { name: 'Run all' }).click();
    await page.page.getByText(/2 of 2 steps, 2 different/).waitFor();
    assert.deepEqual(
      acme.asked.map(({ params }) => params['arguments']),
      [{ n: 1 }, { n: 5 }],
    );
  });
});
