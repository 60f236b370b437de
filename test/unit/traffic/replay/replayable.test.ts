import * as assert from 'node:assert/strict';
import { fillGaps, findGaps } from '../../../../src/traffic/replay/gaps';
import { pathText, readPath, valueAt } from '../../../../src/traffic/replay/jsonPath';
import { readParams, writeParams } from '../../../../src/traffic/replay/paramsText';
import { resolveReferences } from '../../../../src/traffic/replay/references';
import { replayParams, whyNotReplayable } from '../../../../src/traffic/replay/replayable';
import { redactedMessageText } from '../../../../src/traffic/messageText';

describe('replayable', () => {
  it('knows which messages can be sent again', () => {
    const request = { kind: 'request', direction: 'clientToServer' } as const;
    for (const method of ['tools/call', 'tools/list', 'prompts/get', 'resources/read', 'ping', 'vendor/thing'])
      assert.equal(whyNotReplayable({ ...request, method }), undefined, method);
    for (const method of ['initialize', 'subscriptions/listen', 'resources/subscribe', 'tasks/get'])
      assert.match(whyNotReplayable({ ...request, method }) ?? '', /cannot run again/, method);
    assert.equal(whyNotReplayable({ kind: 'response', direction: 'serverToClient', method: 'tools/call' }), undefined);
    assert.match(whyNotReplayable({ ...request, direction: 'serverToClient', method: 'ping' }) ?? '', /its client/);
    assert.match(whyNotReplayable({ ...request, kind: 'notification', method: 'x' }) ?? '', /notification/);
  });

  it('leaves out what belongs to the one exchange', () => {
    assert.deepEqual(
      replayParams({
        name: 'x',
        arguments: { a: 1 },
        inputResponses: {},
        requestState: 's',
        _meta: {
          progressToken: 1,
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          traceparent: '00-…',
          'vendor.example/kept': true,
        },
      }),
      { name: 'x', arguments: { a: 1 }, _meta: { 'vendor.example/kept': true } },
    );
    assert.deepEqual(replayParams({ _meta: { progressToken: 1 } }), {});
    assert.deepEqual(replayParams(undefined), {});
  });
});

describe('gaps in recorded parameters', () => {
  it('are what the recorder redacted and cut', () => {
    const params = { arguments: { password: 'hunter22', note: 'Bearer abcdefghijklmnop', long: 'x y '.repeat(5000) } };
    const { text, isCut } = redactedMessageText(params, 2000);
    assert.deepEqual(findGaps(JSON.parse(text), isCut), [
      { path: 'arguments.password', kind: 'redacted', isWhole: true },
      { path: 'arguments.note', kind: 'redacted', isWhole: false },
      { path: 'arguments.long', kind: 'cut', isWhole: false },
    ]);
    const list = redactedMessageText({ items: Array.from({ length: 500 }, () => 'some text') }, 1000);
    assert.equal(findGaps(JSON.parse(list.text), true).at(-1)?.kind, 'cut');
  });

  it('are not seen where a value only looks like one', () => {
    assert.deepEqual(findGaps({ text: 'and so on … [12 more characters]' }, false), []);
  });

  it('are filled in by their paths', () => {
    const params = { a: ['[redacted]', { 'odd key': '[redacted]' }], b: '[redacted]' };
    const fills = new Map([
      ['a[0]', 'one'],
      ['a[1]["odd key"]', 'two'],
    ]);
    assert.deepEqual(fillGaps(params, fills), { a: ['one', { 'odd key': 'two' }], b: '[redacted]' });
  });
});

describe('paths', () => {
  it('are read as they are written', () => {
    for (const path of [['a', 0, 'odd "key"', 'b-c'], [3], ['__proto__', 'x'], []]) {
      assert.deepEqual(readPath(pathText(path)), path);
    }
    for (const text of ['a..b', 'a[', '[x]', 'a b', '["a]']) assert.equal(readPath(text), undefined, text);
  });

  it('lead to own members only', () => {
    assert.equal(valueAt({}, ['constructor']), undefined);
    assert.equal(valueAt([1], ['length']), undefined);
    assert.equal(valueAt({ a: [{ b: 2 }] }, ['a', 0, 'b']), 2);
  });
});

describe('references to earlier steps', () => {
  const results = [{ result: { structuredContent: { name: 'orders', count: 3, list: [{ id: 'x' }] } } }, undefined];

  it('become values, or text in a longer text', () => {
    const params = {
      name: '${steps.1.result.structuredContent.name}',
      count: '${steps.1.result.structuredContent.count}',
      text: 'the ${steps.1.result.structuredContent.list[0].id} of ${steps.1.result.structuredContent.count}',
      kept: ['$${steps.1.result.x}', '${HOME}', '$(id)'],
    };
    assert.deepEqual(resolveReferences(params, results), {
      params: { name: 'orders', count: 3, text: 'the x of 3', kept: ['${steps.1.result.x}', '${HOME}', '$(id)'] },
      problems: [],
    });
  });

  it('say what is missing', () => {
    const { problems } = resolveReferences(
      ['${steps.1.result.nothing}', '${steps.2.result.a}', '${steps.9.result.a}', '${steps.1.result.constructor}'],
      results,
    );
    assert.deepEqual(problems, [
      'Step 1 has no result.nothing.',
      'Step 2 has no result that a later step could use.',
      'Step 9 has no result that a later step could use.',
      'Step 1 has no result.constructor.',
    ]);
  });
});

describe('the text of parameters', () => {
  it('is read back, and says what is wrong with it', () => {
    const params = { a: [1, { b: '✓ \u202e\u200b\n🙂' }] };
    assert.doesNotMatch(writeParams(params), /\p{Cf}/u);
    assert.deepEqual(readParams(writeParams(params)), { params });
    assert.deepEqual(readParams(' \n'), { params: {} });
    for (const [text, problem] of [
      ['[1]', /JSON object/],
      ['{"a": 1,\n  "b" 2}', /line 2, column 7/],
      ['{"a": 1', /too early|line 1/],
      [`{"a":${'['.repeat(9000)}${']'.repeat(9000)}}`, /nest deeper/],
    ] as const) {
      const read = readParams(text);
      assert.match('problem' in read ? read.problem : 'none', problem);
    }
  });
});
