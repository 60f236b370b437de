import assert from 'node:assert/strict';
import { claudeMcpAddCommand, mcpJsonEntry } from '../../../../src/editor/servers/clientSetup';

const endpoint = { url: 'http://127.0.0.1:4711/mcp', token: 'tHe-tOkEn_1' };

describe('claudeMcpAddCommand', () => {
  it('is the command that the Claude Code documentation gives', () => {
    assert.equal(
      claudeMcpAddCommand(endpoint),
      'claude mcp add --transport http mcp-workbench http://127.0.0.1:4711/mcp --header "Authorization: Bearer tHe-tOkEn_1"',
    );
  });
});

describe('mcpJsonEntry', () => {
  for (const form of ['servers', 'mcpServers'] as const) {
    it(`is a whole file of the form ${form}`, () => {
      assert.deepEqual(JSON.parse(mcpJsonEntry(endpoint, form)), {
        [form]: {
          'mcp-workbench': { type: 'http', url: endpoint.url, headers: { Authorization: 'Bearer tHe-tOkEn_1' } },
        },
      });
    });
  }
});
