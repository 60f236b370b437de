import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { makeTemporaryFolder, removeFolder } from '../../scripts/toolbox/cache';
import { peerCommand, type PeerName } from '../../scripts/toolbox/peers';
import { isAlive, RelayRig } from '../unit/mcp/upstream/relayRig';

/** Servers that others wrote, driven by the earlier SDK's client, which is not ours either. */
const servers: {
  name: PeerName;
  args: (folder: string) => string[];
  call: { name: string; arguments: (folder: string) => Record<string, unknown>; expected: RegExp };
}[] = [
  {
    name: 'server-everything',
    args: () => ['stdio'],
    call: { name: 'echo', arguments: () => ({ message: 'through the relay' }), expected: /through the relay/ },
  },
  {
    name: 'server-filesystem',
    args: (folder) => [folder],
    call: {
      name: 'read_text_file',
      arguments: (folder) => ({ path: path.join(folder, 'note.txt') }),
      expected: /written before/,
    },
  },
  {
    name: 'server-memory',
    args: () => [],
    call: {
      name: 'create_entities',
      arguments: () => ({ entities: [{ name: 'relay', entityType: 'thing', observations: ['it works'] }] }),
      expected: /it works/,
    },
  },
];

describe('relay of real servers', () => {
  for (const { name, args, call } of servers) {
    it(`${name}: lists and calls through the relay what it offers, and ends with its session`, async () => {
      const folder = fs.realpathSync(makeTemporaryFolder());
      fs.writeFileSync(path.join(folder, 'note.txt'), 'written before');
      const peer = await peerCommand(name);
      const rig = await RelayRig.start({
        name,
        transport: 'stdio',
        command: peer.command,
        args: [...peer.args, ...args(folder)],
        env: { MEMORY_FILE_PATH: path.join(folder, 'memory.jsonl') },
      });
      const client = new Client({ name: 'earlier', version: '1' });
      try {
        const transport = new StreamableHTTPClientTransport(new URL(rig.url), {
          requestInit: { headers: { Authorization: `Bearer ${rig.token}` } },
        });
        await client.connect(transport);
        const { tools } = await client.listTools();
        assert.ok(
          tools.some((tool) => tool.name === call.name),
          tools.map((tool) => tool.name).join(' '),
        );
        const result = await client.callTool({ name: call.name, arguments: call.arguments(folder) });
        assert.match(JSON.stringify(result.content), call.expected);
        const pids = [...rig.supervisor.pids];
        assert.equal(pids.length, 1);
        assert.equal(rig.supervisor.state.kind, 'ready');
        await transport.terminateSession();
        while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10));
      } finally {
        await client.close();
        await rig.close();
        await removeFolder(folder);
      }
    });
  }
});
