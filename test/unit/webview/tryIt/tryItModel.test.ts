import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { TryItHostMessage } from '../../../../src/protocol/tryIt';
import type { HostConnection, WebviewMessage } from '../../../../webview/hostConnection';
import { InspectorModel } from '../../../../webview/inspectorModel';
import { readState } from '../../../../webview/savedState';
import { TryItModel } from '../../../../webview/tryIt/tryItModel';
import { isSameJson, valueAt } from '../../../../webview/tryIt/schema/jsonPath';
import type { FormField } from '../../../../webview/tryIt/schema/schemaForm';
import { anySchema, jsonValue } from './arbitrarySchemas';

/** The editor's end of the page. */
class TestHost implements HostConnection {
  readonly posted: WebviewMessage[] = [];
  readonly parts = new Map<string, unknown>();
  #listener: (message: unknown) => void = () => undefined;

  post = (message: WebviewMessage): void => void this.posted.push(message);
  load = (): ReturnType<typeof readState> => readState(undefined);
  save = (): void => undefined;
  loadPart = (name: string): unknown => this.parts.get(name);
  savePart = (name: string, value: unknown): void => void this.parts.set(name, structuredClone(value));
  onMessage = (): void => undefined;
  onAnyMessage = (listener: (message: unknown) => void): void => void (this.#listener = listener);

  tell(message: TryItHostMessage): void {
    this.#listener(message);
  }
}

describe('TryItModel', () => {
  const target = { server: 's', kind: 'tools', name: 't' } as const;
  let host: TestHost;
  let model: TryItModel;

  beforeEach(() => {
    host = new TestHost();
    model = makeModel();
  });

  function makeModel(): TryItModel {
    return new TryItModel(host, new InspectorModel(host));
  }

  function define(schema: unknown): void {
    host.tell({ type: 'tryItServers', servers: [{ key: 's', label: 'S', state: 'ready' }] });
    model.open('s', 'tools', 't');
    host.tell({ type: 'tryItDefinition', target, schema: JSON.stringify(schema), completes: false, saved: [] });
  }

  const value = (): unknown => JSON.parse(model.text);

  function field(...path: string[]): FormField {
    let at = model.root;
    for (const name of path) at = at && model.form?.members(at).find((each) => each.name === name);
    assert.ok(at, `no field ${path.join('.')}`);
    return at;
  }

  it('gives the same JSON back that the form was given, for any schema and value', () => {
    fc.assert(
      fc.property(anySchema, jsonValue, (schema, given) => {
        host = new TestHost();
        model = makeModel();
        define(schema);
        model.setText(JSON.stringify(given));
        const { root } = model;
        assert.ok(isSameJson(root?.value, given));
        // Filled in again as it is, field by field.
        for (const each of [
          ...(root && model.form ? model.form.members(root) : []),
          ...(root && model.form ? model.form.items(root) : []),
        ]) {
          if (each.value !== undefined) model.setAt(each.path, each.value);
        }
        assert.ok(isSameJson(value(), given));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps form and text in step', () => {
    define({ properties: { a: { type: 'string' }, n: { type: 'integer' } }, required: ['a'] });
    assert.deepEqual(value(), {});
    assert.deepEqual(
      model.problems.map(({ pointer, text }) => `${pointer} ${text}`),
      ['/a must be given'],
    );
    model.setAt(['a'], 'x');
    assert.deepEqual(value(), { a: 'x' });
    model.setText('{"a": "y", "n": 1}');
    assert.equal(field('n').value, 1);
    model.setText('{"a": ');
    assert.match(model.textProblem ?? '', /^Line 1, column/);
    assert.equal(model.canRun, false);
    assert.equal(field('n').value, 1);
    model.setText('{"a": "z"}');
    assert.equal(model.textProblem, undefined);
    assert.equal(model.canRun, true);
    model.setText('[]');
    assert.equal(model.canRun, false);
  });

  it('adds, moves, renames and leaves out', () => {
    define({
      properties: {
        list: { type: 'array', items: { type: 'string' } },
        map: { type: 'object', additionalProperties: { type: 'integer' } },
      },
    });
    model.add(field('list'));
    model.addItem(field('list'));
    assert.equal(model.takeFocus(), '/list/0');
    model.setAt(['list', 0], 'one');
    model.addItem(field('list'));
    model.setAt(['list', 1], 'two');
    const items = model.form?.items(field('list')) ?? [];
    assert.ok(items[1]);
    model.move(items[1], -1);
    assert.deepEqual(value(), { list: ['two', 'one'] });
    model.setAt(['list', 0], undefined);
    model.add(field('map'));
    assert.ok(model.addMember(field('map'), 'a'));
    assert.ok(!model.addMember(field('map'), 'a'));
    assert.ok(model.rename(field('map', 'a'), 'b'));
    assert.deepEqual(value(), { list: ['one'], map: { b: 0 } });
    model.setAt(['list'], undefined);
    assert.deepEqual(value(), { map: { b: 0 } });
    model.reset();
    assert.deepEqual(value(), {});
  });

  it('keeps what both forms of a union have when another is chosen', () => {
    define({
      properties: {
        to: {
          oneOf: [
            { properties: { kind: { const: 'a' }, note: { type: 'string' } }, required: ['kind'] },
            { properties: { kind: { const: 'b' }, note: { type: 'string' } }, required: ['kind'] },
            { type: 'null' },
          ],
        },
      },
    });
    model.add(field('to'));
    model.setAt(['to', 'note'], 'kept');
    model.chooseVariant(field('to'), 1);
    assert.deepEqual(value(), { to: { kind: 'b', note: 'kept' } });
    model.chooseVariant(field('to'), 2);
    assert.deepEqual(value(), { to: null });
    assert.equal(valueAt(value(), ['to']), null);
  });

  it('keeps the input across reloads of the page, but no secrets', async () => {
    define({
      properties: {
        a: { type: 'string' },
        pin: { type: 'string', writeOnly: true },
        list: { type: 'array', items: { type: 'string', format: 'password' } },
      },
    });
    model.setText('{"a": "x", "pin": "1234", "list": ["p", "q"], "password": "r"}');
    model.send();
    const [run] = host.posted.filter((message) => message.type === 'runTryIt');
    assert.ok(run);
    assert.ok(run.input.includes('1234'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.doesNotMatch(JSON.stringify([...host.parts]), /1234|"p|"r\\/);
    const reloaded = makeModel();
    assert.deepEqual(JSON.parse(reloaded.text), { a: 'x', list: [] });
    assert.deepEqual(reloaded.target, target);
    // The editor still knows how the run went that the page left.
    host.tell({
      type: 'tryItEnd',
      run: run.run,
      end: { kind: 'failure', message: 'No', remedy: '', isCancelled: false },
    });
    assert.equal(reloaded.run?.end?.kind, 'failure');
  });

  it('survives whatever state it finds', () => {
    for (const state of [
      undefined,
      3,
      [],
      { target: 3, inputs: 'x' },
      { inputs: [[1, 2], ['a']], target: { server: 's', kind: 'odd', name: 'n' } },
    ]) {
      host.parts.set('tryIt', state);
      const found = makeModel();
      assert.equal(found.target, undefined);
      assert.equal(found.text, '');
    }
  });

  it('says for which place patterns are still to be matched, and learns', async () => {
    define({ properties: { code: { type: 'string', pattern: '^[A-Z]+$' } } });
    model.setText('{"code": "x"}');
    assert.equal(model.isChecked, false);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const asked = host.posted.find((message) => message.type === 'matchTryIt');
    assert.deepEqual(asked, { type: 'matchTryIt', tests: [{ pattern: '^[A-Z]+$', text: 'x' }] });
    host.tell({ type: 'tryItPatterns', results: [{ pattern: '^[A-Z]+$', text: 'x', isMatch: false }] });
    assert.equal(model.problemsAt('/code')[0]?.text, 'must match ^[A-Z]+$');
    assert.equal(model.isChecked, true);
  });
});
