import assert from 'node:assert/strict';
import { spokenRow } from '../../../webview/describeRow';
import { duration, plainKilobytes, plainMilliseconds, size, spokenDuration, tokenCount } from '../../../webview/format';

describe('format', () => {
  it('writes durations with the digits that matter', () => {
    assert.deepEqual([0.04, 6.1, 84.4, 999.4, 1240, 12_345, 200_000].map(duration), [
      '0.0 ms',
      '6.1 ms',
      '84 ms',
      '999 ms',
      '1.24 s',
      '12.3 s',
      '3 min 20 s',
    ]);
    assert.deepEqual([6.1, 84.4, 2104].map(plainMilliseconds), ['6.1', '84', '2104']);
    assert.deepEqual([84, 1240, 200_000].map(spokenDuration), [
      '84 milliseconds',
      '1.24 seconds',
      '3 minutes 20 seconds',
    ]);
  });

  it('never writes 60 seconds or 1000 milliseconds where a larger unit begins', () => {
    assert.equal(duration(999.7), '1.00 s');
    assert.equal(duration(59_999), '1 min 0 s');
    assert.equal(duration(119_999), '2 min 0 s');
    assert.equal(plainMilliseconds(9.97), '10');
  });

  it('writes sizes and tokens', () => {
    assert.deepEqual([1, 310, 12_400, 3_500_000].map(size), ['1 byte', '310 bytes', '12.1 kB', '3.3 MB']);
    assert.deepEqual([100, 12_400, 3_500_000].map(plainKilobytes), ['0.1', '12.1', '3418']);
    assert.deepEqual([80, 2140].map(tokenCount), ['~80', '~2.1k']);
  });

  it('reads a row out as a person would', () => {
    const row = {
      seq: 1,
      time: 0,
      direction: 'clientToServer',
      kind: 'request',
      server: 'AWS tools',
      client: 'claude-code',
      session: 's1',
      era: 'legacy',
      method: 'tools/call',
      target: 'lambda_invoke_function',
      bytes: 1,
      tokens: 1,
      status: 'error',
      durationMs: 1240,
    } as const;
    assert.equal(spokenRow(row), 'lambda invoke function, failed, 1.24 seconds, claude-code');
  });
});
