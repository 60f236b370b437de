// An MCP server over stdio that offers what a JSON file says: { tools, prompts, resources, resourceTemplates, delayMs }.
// The file is read for every list, so a test can change it while the server runs.
import * as fs from 'node:fs';
import * as readline from 'node:readline';

const [, , file] = process.argv;
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const members = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const offer = JSON.parse(fs.readFileSync(file, 'utf8'));
  const member = members[method];
  if (method === 'initialize') {
    const { protocolVersion } = params;
    send({
      id,
      result: {
        protocolVersion,
        capabilities: { tools: {}, prompts: {}, resources: {} },
        serverInfo: { name: 'offering', version: '1.0.0' },
      },
    });
  } else if (method === 'ping') {
    send({ id, result: {} });
  } else if (member) {
    setTimeout(() => send({ id, result: { [member]: offer[member] ?? [] } }), offer.delayMs ?? 0);
  } else {
    send({ id, error: { code: -32601, message: 'Method not found' } });
  }
});
