import assert from 'node:assert/strict';
import { routedTemplate, routeState } from '../../../../src/editor/managedServers/routedAddress';

describe('the address of a routed server', () => {
  const endpoint = { url: 'http://127.0.0.1:4711/mcp', token: 'secret' };

  it('is right only with the port and the token of this window, and while access is on', () => {
    const written = routedTemplate('team', endpoint);
    assert(written.transport === 'http');
    assert.equal(written.url, 'http://127.0.0.1:4711/servers/team/mcp');
    assert.equal(routeState(written, 'team', endpoint), 'routed');
    assert.equal(routeState(written, 'team', undefined), 'closed');
    for (const other of [
      { ...endpoint, token: 'another' },
      { ...endpoint, url: 'http://127.0.0.1:4712/mcp' },
    ]) {
      assert.equal(routeState(written, 'team', other), 'outdated');
    }
    assert.equal(routeState(written, 'other', endpoint), 'outdated');
    assert.equal(routeState({ transport: 'stdio', command: 'a', args: [], env: {} }, 'team', endpoint), 'outdated');
  });
});
