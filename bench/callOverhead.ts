import { spawn, type ChildProcess } from 'node:child_process';
import { Agent, request as httpRequest } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { atMost, summarise, type Bench } from './measure';

const rounds = 8;
const callsPerRound = 400;

interface EchoServer {
  child: ChildProcess;
  url: string;
  token: string;
  sessionId: string;
  agent: Agent;
}

function post(server: EchoServer, message: object): Promise<{ sessionId: string; text: string }> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(message);
    const request = httpRequest(
      server.url,
      {
        method: 'POST',
        agent: server.agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          accept: 'application/json, text/event-stream',
          ...(server.token === '' ? {} : { authorization: `Bearer ${server.token}` }),
          ...(server.sessionId === '' ? {} : { 'mcp-session-id': server.sessionId }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          if ((response.statusCode ?? 500) >= 300) reject(new Error(`HTTP ${response.statusCode}: ${text}`));
          else resolve({ sessionId: String(response.headers['mcp-session-id'] ?? ''), text });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function start(kind: 'raw' | 'host' | 'unrecorded'): Promise<EchoServer> {
  const child = spawn(
    process.execPath,
    ['--require', 'tsx/cjs', path.join(import.meta.dirname, 'echoServer.ts'), kind],
    { stdio: ['pipe', 'pipe', 'inherit'], cwd: path.join(import.meta.dirname, '..') },
  );
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error(`The ${kind} echo server did not start`)));
  });
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  const server: EchoServer = { child, url, token, sessionId: '', agent: new Agent({ keepAlive: true }) };
  const answer = await post(server, {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  });
  server.sessionId = answer.sessionId;
  await post(server, { jsonrpc: '2.0', method: 'notifications/initialized' });
  return server;
}

let nextId = 1;

async function round(server: EchoServer): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < callsPerRound; call++) {
    const started = performance.now();
    const { text } = await post(server, {
      jsonrpc: '2.0',
      id: nextId++,
      method: 'tools/call',
      params: { name: 'echo', arguments: { text: 'twenty bytes of text' } },
    });
    times.push(performance.now() - started);
    if (!text.includes('twenty bytes of text')) throw new Error(`Unexpected answer: ${text}`);
  }
  return times;
}

/** One client, one call at a time, against the bare SDK and against our host with recording on, in turns. */
export const callOverhead: Bench = async () => {
  const raw = await start('raw');
  const host = await start('host');
  const unrecorded = await start('unrecorded');
  try {
    const rawTimes: number[] = [];
    const hostTimes: number[] = [];
    const unrecordedTimes: number[] = [];
    await round(raw);
    await round(host);
    await round(unrecorded);
    for (let turn = 0; turn < rounds; turn++) {
      rawTimes.push(...(await round(raw)));
      hostTimes.push(...(await round(host)));
      unrecordedTimes.push(...(await round(unrecorded)));
    }
    const [bare, ours] = [summarise(rawTimes), summarise(hostTimes)];
    const ratio = ours.p50 / bare.p50;
    const cost = (ours.p50 / summarise(unrecordedTimes).p50 - 1) * 100;
    return {
      title: 'Overhead of a tool call',
      method:
        `\`tools/call\` of an echo tool over loopback HTTP (sessions, keep-alive), ${rounds} rounds of ${callsPerRound} ` +
        'calls each in turns, after one round to warm up.',
      rows: [
        { what: 'Bare SDK, p50 / p99', measured: `${bare.p50.toFixed(2)} / ${bare.p99.toFixed(2)} ms` },
        { what: 'Our host, recording on, p50 / p99', measured: `${ours.p50.toFixed(2)} / ${ours.p99.toFixed(2)} ms` },
        { what: 'Ratio of p50', measured: `${ratio.toFixed(2)}x`, budget: '< 1.3x', isWithin: ratio < 1.3 },
        atMost('What recording adds to the p50', cost, 5, '%'),
      ],
    };
  } finally {
    for (const { child, agent } of [raw, host, unrecorded]) {
      agent.destroy();
      child.kill('SIGKILL');
    }
  }
};
