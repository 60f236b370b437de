import * as assert from 'node:assert/strict';
import { ServerStats } from '../../../../src/mcp/upstream/serverStats';

describe('ServerStats', () => {
  it('counts requests, calls and errors, and what waits', () => {
    const stats = new ServerStats();
    stats.begin('tools/list');
    stats.begin('tools/call');
    assert.equal(stats.figures.pendingCount, 2);
    stats.end(10, false);
    stats.end(undefined, true);
    const { requestCount, callCount, errorCount, pendingCount, latencyMs, silentMs } = stats.figures;
    assert.deepEqual([requestCount, callCount, errorCount, pendingCount, latencyMs, silentMs], [2, 1, 1, 0, 10, 0]);
  });

  it('takes a stream of changes for no request that waits, however long it is open', () => {
    const stats = new ServerStats();
    stats.begin('subscriptions/listen');
    assert.deepEqual([stats.pendingCount, stats.figures.silentMs], [0, 0]);
    stats.begin('tools/call');
    stats.end(5, false, 'subscriptions/listen');
    assert.equal(stats.pendingCount, 1);
    stats.end(7, false, 'tools/call');
    assert.deepEqual([stats.pendingCount, stats.figures.latencyMs], [0, 7]);
  });
});
