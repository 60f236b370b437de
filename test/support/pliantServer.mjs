// An MCP server over stdio that does what a test wants: its tools stand in a file that the test writes, and `crash` ends
// it in the middle of a call.
import * as fs from 'node:fs';
import * as readline from 'node:readline';

const [, , toolsFile] = process.argv;
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

process.stderr.write('pliant server is up\n');
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') {
    const { protocolVersion } = params;
    send({
      id,
      result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'pliant', version: '1.0.0' } },
    });
  } else if (method === 'ping') {
    send({ id, result: {} });
  } else if (method === 'tools/list') {
    send({ id, result: { tools: JSON.parse(fs.readFileSync(toolsFile, 'utf8')) } });
  } else if (method === 'tools/call' && params.name === 'crash') {
    process.stderr.write('it was told to crash\n');
    process.exit(3);
  } else if (method === 'tools/call') {
    send({ id, result: { content: [{ type: 'text', text: JSON.stringify(params.arguments ?? {}) }] } });
  } else {
    send({ id, error: { code: -32601, message: 'Method not found' } });
  }
});
