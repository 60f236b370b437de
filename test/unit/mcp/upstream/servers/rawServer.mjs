// A server over stdio that does what the name of the tool says, without any SDK, so that every byte is its own.
import { createInterface } from 'node:readline';
import { spawn } from 'node:child_process';

/** @param {string} text */
const say = (text) => process.stdout.write(`${text}\n`);
let isModern = false;
/** @param {string} idToken @param {object} result */
const answer = (idToken, result) => {
  const whole = isModern ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...result } : result;
  say(`{"jsonrpc":"2.0","id":${idToken},"result":${JSON.stringify(whole)}}`);
};
/** @param {string} value */
const text = (value) => ({ content: [{ type: 'text', text: value }] });

process.stderr.write('raw server is up\n');
let calls = 0;
/** @type {string | undefined} */
let waiting;
createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => {
  /** @typedef {{ id?: unknown; method?: string; params?: { name?: string; protocolVersion?: string; arguments?: { length?: number }; _meta?: Record<string, unknown> } }} Message */
  const message = /** @type {Message} */ (JSON.parse(line));
  const idToken = /"id"\s*:\s*("[^"]*"|[-\d.eE+]+)/.exec(line)?.[1] ?? 'null';
  const { method, params = {} } = message;
  isModern = params._meta?.['io.modelcontextprotocol/protocolVersion'] !== undefined;
  if (method === undefined) {
    if (waiting) answer(waiting, text(line));
    return;
  }
  if (!('id' in message)) {
    if (method === 'notifications/cancelled') process.stderr.write(`cancelled ${line}\n`);
    return;
  }
  if (method === 'initialize') {
    return answer(idToken, {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'raw', version: String(process.pid) },
    });
  }
  if (method === 'server/discover') {
    return process.argv.includes('--modern')
      ? answer(idToken, {
          supportedVersions: ['2026-07-28'],
          capabilities: { tools: {} },
          _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'raw', version: String(process.pid) } },
        })
      : say(`{"jsonrpc":"2.0","id":${idToken},"error":{"code":-32601,"message":"Method not found"}}`);
  }
  if (method === 'ping') return answer(idToken, {});
  if (method === 'tools/list') {
    return answer(idToken, {
      tools: ['line', 'crash'].map((name) => ({
        name,
        inputSchema: { type: 'object', properties: { n: { type: 'integer' } } },
        annotations: { readOnlyHint: name === 'line' },
      })),
    });
  }
  if (method !== 'tools/call')
    return say(`{"jsonrpc":"2.0","id":${idToken},"error":{"code":-32601,"message":"Method not found"}}`);
  const token = params._meta?.progressToken;
  switch (params.name ?? '') {
    case 'line':
      return answer(idToken, text(Buffer.from(line).toString('base64')));
    case 'odd':
      // Big numbers, members nobody knows, escapes and spaces: nothing of it may change.
      return say(
        `{ "future" : 123456789012345678901234567890.10, "jsonrpc":"2.0","result" : {"content":[],"a":1.0,"b":"\\u0041\\/é" }, "id":${idToken}  }`,
      );
    case 'count':
      return answer(idToken, text(`${process.pid} ${++calls}`));
    case 'crash':
      process.stderr.write('out of cheese\n');
      return setTimeout(() => process.exit(3), 20);
    case 'hang':
      return;
    case 'ask':
      waiting = idToken;
      return say('{"jsonrpc":"2.0","id":"ask-1","method":"elicitation/create","params":{"message":"?"}}');
    case 'progress':
      say(
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${JSON.stringify(token)},"progress":1}}`,
      );
      say('{"jsonrpc":"2.0","method":"notifications/future","params":{"x":1}}');
      return answer(idToken, text('done'));
    case 'flood': {
      for (let piece = 0; piece < 200; piece++) process.stderr.write(`${'x'.repeat(20_000)}\n`);
      return answer(idToken, text('flooded'));
    }
    case 'garbage':
      say('this is no message');
      say('{"half":');
      say('42');
      return answer(idToken, text('after garbage'));
    case 'close':
      process.stdout.end();
      return setInterval(() => undefined, 1000);
    case 'child': {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      return answer(idToken, text(String(child.pid)));
    }
    case 'stubborn':
      process.on('SIGTERM', () => undefined);
      process.stdin.on('end', () => undefined);
      setInterval(() => undefined, 1000);
      return answer(idToken, text('stays'));
    case 'big':
      return answer(idToken, text('z'.repeat(params.arguments?.length ?? 0)));
    default:
      return answer(idToken, { ...text('no such tool'), isError: true });
  }
});
