import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseQuery, queryFields, queryTerms } from '../../../src/traffic/query';
import type { WireSummary } from '../../../src/traffic/wireRecord';

const call: WireSummary = {
  seq: 1,
  time: 0,
  direction: 'clientToServer',
  kind: 'request',
  server: 'AWS tools',
  client: 'claude-code',
  session: 's1',
  era: 'modern',
  method: 'tools/call',
  target: 'lambda_invoke_function',
  id: '17',
  bytes: 300,
  tokens: 80,
  status: 'error',
  durationMs: 1240,
  note: 'Unhandled: TypeError "x"',
  awsRequests: [
    {
      service: 'Lambda',
      operation: 'Invoke',
      region: 'us-east-1',
      account: '111122223333',
      requestId: '4c1f',
      attempts: 1,
      startedAt: 0,
      durationMs: 1,
    },
  ],
};

const response: WireSummary = {
  ...call,
  seq: 2,
  kind: 'response',
  direction: 'serverToClient',
  bytes: 20_000,
  tokens: 5000,
};

function matches(text: string, record = call): boolean {
  const query = parseQuery(text);
  assert.deepEqual(query.problems, [], text);
  return query.matches(record, record === call ? response : undefined);
}

describe('parseQuery', () => {
  for (const text of [
    '',
    '   ',
    'lambda',
    'LAMBDA invoke',
    'claude',
    'TypeError',
    'lambda.invoke',
    '4c1f',
    '"AWS tools"',
    '"typeerror \\"x"',
    'inv*func',
    'tool:lambda_*',
    'tool:LAMBDA_invoke_functio?',
    'tool:s3_*|lambda_*',
    'method:tools/call',
    'method:*/call',
    'client:claude-code -client:vscode',
    'server:"aws tools"',
    'session:s1',
    'status:error',
    'status:ok|error',
    'status:err',
    'dur:>200',
    'dur:>=1240 dur:<=1240',
    'dur:1240',
    'dur:>1.2s',
    'dur:1s..2s',
    'dur:1000..',
    'dur:..2000',
    'dur:<1min',
    'size:>10k',
    'size:<1mb',
    'tokens:>2k',
    'era:modern',
    'kind:request',
    'from:client',
    'aws:lambda.Invoke',
    'aws:lambda',
    'aws:*.inv*',
    'account:111122223333',
    'id:17',
    'tool:',
    'dur:>',
    '-',
    '- lambda',
    '"lambda',
  ]) {
    it(`finds with ${text === '' ? 'nothing' : text}`, () => assert.equal(matches(text), true));
  }

  for (const text of [
    'nothing',
    '-lambda',
    'tool:lambda',
    'tool:lambda_?',
    'tool:s3_* lambda',
    '-tool:lambda_*',
    'status:ok',
    'status:pending|cancelled',
    '-status:error',
    'dur:>1240',
    'dur:<1240',
    'dur:2s..3s',
    'size:<1k',
    'era:legacy',
    'kind:notification',
    'from:server',
    'aws:s3',
    'aws:Invoke',
    'account:000000000000',
    'id:1',
    '-"AWS tools"',
    '"lambda  invoke"',
    'https://example.com',
    'arn:aws:lambda',
  ]) {
    it(`does not find with ${text}`, () => assert.equal(matches(text), false));
  }

  it('knows times of day and dates, in the zone of the person', () => {
    const at = { ...call, time: Date.UTC(2026, 10, 20, 10, 42, 7, 113) };
    const found = (text: string, offset = 0): boolean => {
      const { problems, matches: test } = parseQuery(text, offset);
      assert.deepEqual(problems, [], text);
      return test(at);
    };
    for (const text of [
      'time:10:42',
      'time:10:42:07',
      'time:10:42:07.113',
      'time:10:42:07.1',
      'time:>10:41',
      'time:>=10:42',
      'time:<=10:42',
      'time:<10:43',
      'time:10:40..10:42',
      'time:10:42..',
      'time:..10:42:08',
      'time:2026-11-20',
      'time:2026-11-20T10:42',
      'time:>2026-11-19',
      'time:2026-11-19..2026-11-20',
      'time:',
      'time:>',
    ]) {
      assert.equal(found(text), true, text);
    }
    for (const text of [
      'time:10:43',
      'time:>10:42',
      'time:<10:42',
      'time:10:43..',
      'time:..10:41',
      'time:2026-11-21',
    ]) {
      assert.equal(found(text), false, text);
    }
    assert.equal(found('time:12:42', 120), true);
    assert.equal(found('time:02:42', -480), true);
    assert.equal(found('time:2026-11-20T12:42', 120), true);
    for (const text of ['time:noon', 'time:25:00', 'time:10:42..x', 'time:1..2..3']) {
      assert.equal(parseQuery(text).problems.length, 1, text);
    }
  });

  it('looks for free text in bodies too, where it is told what they hold', () => {
    const { texts, marks, matches: test } = parseQuery('lambda "access denied" -secret inv*func');
    assert.deepEqual(texts, ['lambda', 'access denied', 'secret', 'inv*func']);
    assert.deepEqual(marks, ['lambda', 'access denied', 'inv', 'func']);
    assert.equal(test(call, response), false);
    assert.equal(
      test(call, response, (text, seq) => text === 1 && seq === response.seq),
      true,
    );
    assert.equal(
      test(call, response, (_text, seq) => seq === response.seq),
      false,
    );
  });

  it('lets a part make up for what the exchange does not hold, but not for what it must not hold', () => {
    const part: WireSummary = { ...call, kind: 'notification', status: undefined, note: '3/5 synthesising' };
    const test = parseQuery('tool:lambda_* synthesising').matches;
    assert.equal(test(call, response), false);
    assert.equal(test(call, response, undefined, part), true);
    assert.equal(parseQuery('-status:error').matches(call, response, undefined, part), false);
  });

  it('says where each term stands', () => {
    const text = ' -tool:"a b"  free';
    assert.deepEqual(
      queryTerms(text).map(({ start, end, valueStart, field, value, isNegated }) => [
        text.slice(start, end),
        text.slice(valueStart, end),
        field,
        value,
        isNegated,
      ]),
      [
        ['-tool:"a b"', '"a b"', 'tool', 'a b', true],
        ['free', 'free', undefined, 'free', false],
      ],
    );
  });

  it('compares no duration that is not known', () => {
    const pending = { ...call, seq: 3, status: 'pending', durationMs: undefined } as const;
    for (const text of ['dur:>0', 'dur:<9s', 'dur:0..', 'dur:0']) assert.equal(matches(text, pending), false);
    assert.equal(matches('-dur:>0', pending), true);
  });

  it('says what it cannot understand, and leaves that out', () => {
    for (const [text, problem] of [
      ['status:broken', 'status: takes ok, error, pending, cancelled, not "broken".'],
      ['dur:long', 'dur: takes a number with >, >=, <, <= or a range such as 100..500, not "long".'],
      ['size:>1x', 'size: takes a number with >, >=, <, <= or a range such as 100..500, not ">1x".'],
      ['dur:1..2..3', 'dur: takes a number with >, >=, <, <= or a range such as 100..500, not "1..2..3".'],
    ] as const) {
      const query = parseQuery(`${text} lambda`);
      assert.deepEqual(query.problems, [{ text: problem, start: 0, end: text.length }]);
      assert.equal(query.matches(call), true);
    }
  });

  it('never throws, and never takes long for a text that would make a regular expression explode', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => {
        const { matches: test, isEmpty } = parseQuery(text);
        test(call, response);
        if (isEmpty) assert.equal(test(call), true);
      }),
    );
    const hostile = parseQuery(`tool:${'*a'.repeat(400)}b`);
    assert.equal(hostile.matches({ ...call, target: 'a'.repeat(256) }), false);
  });

  it('agrees with a plain reading of globs', () => {
    const part = fc.stringMatching(/^[ab*?]{0,6}$/);
    fc.assert(
      fc.property(part, fc.stringMatching(/^[ab]{1,8}$/), (pattern, target) => {
        if (pattern === '') return;
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        assert.equal(parseQuery(`tool:${pattern}`).matches({ ...call, target }), expression.test(target));
      }),
    );
  });

  it('knows every field that it offers', () => {
    for (const { name } of queryFields) {
      const { problems, isEmpty } = parseQuery(`${name}:1`);
      assert.ok(problems.length === 1 || !isEmpty, name);
    }
  });
});
