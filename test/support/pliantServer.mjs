// An MCP server over stdio that does what a test wants: its tools stand in a file that the test writes; `crash` ends it
// in the middle of a call, `announce` makes it say that its tools changed, `hang` never answers, `flood` fills standard
// error, `garbage` says what is no message, `close` closes its output and lives on.
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
      result: {
        protocolVersion,
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'pliant', version: '1.0.0' },
      },
    });
  } else if (method === 'ping') {
    send({ id, result: {} });
  } else if (method === 'tools/list') {
    send({ id, result: { tools: JSON.parse(fs.readFileSync(toolsFile, 'utf8')) } });
  } else if (method === 'tools/call' && params.name === 'crash') {
    process.stderr.write('it was told to crash\n');
    process.exit(3);
  } else if (method === 'tools/call' && params.name === 'hang') {
    process.stderr.write('it hangs\n');
  } else if (method === 'tools/call' && params.name === 'close') {
    process.stdout.end();
    setInterval(() => undefined, 1000);
  } else if (method === 'tools/call') {
    if (params.name === 'announce') send({ method: 'notifications/tools/list_changed' });
    if (params.name === 'garbage') process.stdout.write('no message\n{"half":\n42\n');
    if (params.name === 'flood') for (let line = 0; line < 2000; line++) process.stderr.write(`${'x'.repeat(2000)}\n`);
    send({ id, result: { content: [{ type: 'text', text: JSON.stringify(params.arguments ?? {}) }] } });
  } else {
    send({ id, error: { code: -32601, message: 'Method not found' } });
  }
});
