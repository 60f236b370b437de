// The least that a relay can be: Node's HTTP server in front of the stdio echo server, with no session, no guard and no
// recording, for one call at a time. What it takes is what every relay takes, so nothing can be faster than this.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import path from 'node:path';

const child = spawn(process.execPath, [path.join(import.meta.dirname, 'stdioEcho.mjs')], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
let waiting;
let rest = '';
child.stdout.on('data', (chunk) => {
  rest += chunk;
  const end = rest.indexOf('\n');
  if (end < 0) return;
  const line = rest.slice(0, end);
  rest = rest.slice(end + 1);
  const head = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(line),
    'mcp-session-id': 'one',
  };
  waiting.writeHead(200, head).end(line);
});
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    child.stdin.write(`${body}\n`);
    if (body.includes('"id"')) waiting = response;
    else response.writeHead(202).end();
  });
});
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}/mcp`;
  process.stdout.write(`${JSON.stringify({ url, token: '' })}\n`);
});
process.stdin.resume().on('end', () => process.exit());
