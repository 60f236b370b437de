import { spawn } from 'node:child_process';
import path from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { delay, startProcessGroup } from '../scripts/toolbox/processGroup';
import { freePort } from '../scripts/toolbox/freePort';
import { ensureNode24 } from '../scripts/toolbox/node24';
import { ensurePackages } from '../scripts/toolbox/peers';
import { ensurePythonEnvironment } from '../scripts/toolbox/python';
import { EchoClient, type EchoEndpoint } from './echoClient';
import { atLeast, atMost, summarise, type Bench, type BenchRow, type Series } from './measure';
import { startOurServer, type ServerUsage } from './ourServer';

const root = path.join(import.meta.dirname, '..');
const stdioEcho = path.join(import.meta.dirname, 'stdioEcho.mjs');
const callsPerRound = 300;
const atOnce = 50;
const callsAtOnce = 3000;

/** Something that answers echo calls, and how to end it. */
interface Contender {
  name: string;
  client: {
    begin(): Promise<void>;
    callInTurn(count: number): Promise<number[]>;
    callAtOnce(count: number, atOnce: number): Promise<number>;
    close(): void;
  };
  stop(): Promise<void>;
  /** What a process of ours uses. */
  usage?(isClean?: boolean): Promise<ServerUsage>;
}

interface Measured {
  inTurn: number[];
  perSecond: number[];
}

/** A script of this folder, run by the same Node.js as the peers. */
async function startOurs(name: string, script: string, args: readonly string[]): Promise<Contender> {
  const { node } = await ensureNode24();
  const server = await startOurServer(node, script, args);
  return { name, ...server };
}

/** A program that puts the stdio echo server on HTTP. @param args what it is started with, by the port it is to take */
async function startPeer(
  name: string,
  command: string,
  args: (port: number) => string[],
  urlPath = '/mcp',
): Promise<Contender> {
  const { node } = await ensureNode24();
  const port = await freePort();
  const group = startProcessGroup(command, args(port), {
    cwd: root,
    env: { ...process.env, PATH: path.dirname(node) + path.delimiter + (process.env['PATH'] ?? '') },
  });
  const client = new EchoClient({ url: `http://127.0.0.1:${port}${urlPath}`, token: '' });
  for (let attempt = 1; ; attempt++) {
    try {
      await client.begin();
      break;
    } catch (error) {
      if (attempt === 100) {
        await group.dispose();
        throw new Error(`${name} did not start: ${group.output()}`, { cause: error });
      }
      await delay(200);
    }
  }
  return { name, client: { ...bound(client), begin: () => Promise.resolve() }, stop: () => group.dispose() };
}

/** The least relay there can be, as a bound for all. */
async function startLeast(): Promise<Contender> {
  const { node } = await ensureNode24();
  const child = spawn(node, [path.join(import.meta.dirname, 'leastRelay.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const client = new EchoClient(JSON.parse(line) as EchoEndpoint);
  return {
    name: 'least',
    client,
    stop() {
      child.stdin.end();
      return Promise.resolve();
    },
  };
}

/** Whether it serves one call at a time only. */
function isAlone(name: string): boolean {
  return name === 'least';
}

/** A script of the pinned packages from npm, to be run by Node 24. */
async function npmPeer(script: string): Promise<{ node: string; file: string }> {
  const modules = await ensurePackages('bench-peers', path.join(import.meta.dirname, 'peers'));
  const { node } = await ensureNode24();
  return { node, file: path.join(modules, script) };
}

function bound(client: EchoClient): Contender['client'] {
  return {
    begin: () => client.begin(),
    callInTurn: (count) => client.callInTurn(count),
    callAtOnce: (count, many) => client.callAtOnce(count, many),
    close: () => client.close(),
  };
}

/** A bridge that puts an HTTP server on stdio, spoken to over stdio. */
async function startRemote(target: string): Promise<Contender> {
  const { node, file } = await npmPeer('mcp-remote/dist/proxy.js');
  const child = spawn(node, [file, target, '--allow-http', '--transport', 'http-only'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: root,
  });
  const waiting = new Map<number, () => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id } = JSON.parse(line) as { id?: number };
    if (id === undefined) return;
    waiting.get(id)?.();
    waiting.delete(id);
  });
  let nextId = 0;
  const request = (method: string, params: object): Promise<void> =>
    new Promise((resolve) => {
      const id = nextId++;
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  const call = async (): Promise<number> => {
    const started = performance.now();
    await request('tools/call', { name: 'echo', arguments: { text: 'twenty bytes of text' } });
    return performance.now() - started;
  };
  return {
    name: 'mcp-remote',
    client: {
      async begin() {
        const clientInfo = { name: 'bench', version: '1' };
        await request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
        child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
      },
      async callInTurn(count) {
        const times: number[] = [];
        for (let turn = 0; turn < count; turn++) times.push(await call());
        return times;
      },
      async callAtOnce(count, many) {
        let left = count;
        const started = performance.now();
        const worker = async (): Promise<void> => {
          while (left-- > 0) await call();
        };
        await Promise.all(Array.from({ length: many }, worker));
        return (count / (performance.now() - started)) * 1000;
      },
      close: () => undefined,
    },
    stop() {
      child.kill('SIGKILL');
      return Promise.resolve();
    },
  };
}

/** Everybody in turns, so that what else the machine does falls on all of them alike. */
async function measure(contenders: readonly Contender[], rounds: number): Promise<Map<string, Measured>> {
  const measured = new Map<string, Measured>(contenders.map(({ name }) => [name, { inTurn: [], perSecond: [] }]));
  for (const { name, client } of contenders) {
    await client.begin();
    await client.callInTurn(1500);
    if (!isAlone(name)) await client.callAtOnce(callsAtOnce / 3, atOnce);
  }
  for (let round = 0; round < rounds; round++) {
    // There and back again, so that no one always follows the same other.
    for (const { name, client } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      measured.get(name)?.inTurn.push(...(await client.callInTurn(callsPerRound)));
    }
  }
  for (let round = 0; round < 3; round++) {
    for (const { name, client } of contenders.filter((one) => !isAlone(one.name))) {
      measured.get(name)?.perSecond.push(await client.callAtOnce(callsAtOnce, atOnce));
    }
  }
  return measured;
}

/** Memory of the relay after each tenth of so many messages, in MiB, with garbage collected. */
async function memoryOver(contender: Contender, messages: number): Promise<number[]> {
  const tenths: number[] = [];
  for (let tenth = 0; tenth < 10; tenth++) {
    await contender.client.callAtOnce(messages / 2 / 10, atOnce);
    const { memory } = await contender.usage!(true);
    tenths.push((memory.heapUsed + memory.external) / 2 ** 20);
  }
  return tenths;
}

/** A stdio server behind our relay, beside other relays and beside a server that speaks HTTP itself. */
export const relay: Bench = async ({ isQuick }) => {
  const rounds = isQuick ? 6 : 20;
  // A call and its answer are two messages; 1,000,000 is what the issue asks for.
  const memoryMessages = Number(process.env['BENCH_RELAY_MESSAGES'] ?? (isQuick ? 50_000 : 1_000_000));
  const { node } = await ensureNode24();
  const definition = (name: string, rest: object): string => JSON.stringify({ name, ...rest });
  const stdio = { transport: 'stdio', command: node, args: [stdioEcho] };
  const contenders: Contender[] = [];
  const add = async (starting: Promise<Contender>): Promise<Contender> => {
    const contender = await starting;
    contenders.push(contender);
    return contender;
  };
  const extra: Contender[] = [];
  try {
    await add(startOurs('direct', 'echoServer.ts', ['raw']));
    await add(startLeast());
    const ours = await add(startOurs('ours', 'relayHost.ts', [definition('echo', stdio)]));
    const gateway = await npmPeer('supergateway/dist/index.js');
    const echoCommand = `${node} ${stdioEcho}`;
    await add(
      startPeer('supergateway', gateway.node, (port) => [
        gateway.file,
        ...['--stdio', echoCommand, '--outputTransport', 'streamableHttp', '--stateful'],
        ...['--port', String(port), '--logLevel', 'none'],
      ]),
    );
    const nodeProxy = await npmPeer('mcp-proxy/dist/bin/mcp-proxy.mjs');
    await add(
      startPeer('mcp-proxy (npm)', nodeProxy.node, (port) => [
        nodeProxy.file,
        ...['--port', String(port), '--host', '127.0.0.1', '--', node, stdioEcho],
      ]),
    );
    const python = await ensurePythonEnvironment(path.join(import.meta.dirname, 'requirements-relay.txt'));
    await add(
      startPeer('mcp-proxy (PyPI)', python, (port) => [
        ...['-m', 'mcp_proxy', '--port', String(port), '--host', '127.0.0.1', '--log-level', 'ERROR', '--'],
        ...[node, stdioEcho],
      ]),
    );
    const http = await startOurs('http target', 'echoServer.ts', ['raw']);
    extra.push(http);
    const { url } = http.client instanceof EchoClient ? http.client.endpoint : { url: '' };
    const httpSecond = await startOurs('http target 2', 'echoServer.ts', ['raw']);
    extra.push(httpSecond);
    const secondUrl = httpSecond.client instanceof EchoClient ? httpSecond.client.endpoint.url : '';
    await add(startOurs('ours, HTTP to HTTP', 'relayHost.ts', [definition('web', { transport: 'http', url })]));
    await add(startRemote(secondUrl));
    const measured = await measure(contenders, rounds);
    const p50 = (name: string): number => seriesOf(measured, name).p50;
    const best = (name: string): number => Math.max(...(measured.get(name)?.perSecond ?? [NaN]));
    const rows: BenchRow[] = contenders.map(({ name }) => {
      const { p50, p99 } = seriesOf(measured, name);
      return {
        what: labels[name] ?? name,
        measured:
          `${p50.toFixed(2)} / ${p99.toFixed(2)} ms` + (isAlone(name) ? '' : `; ${best(name).toFixed(0)} calls/s`),
      };
    });
    const [npm, pypi] = ['mcp-proxy (npm)', 'mcp-proxy (PyPI)'] as const;
    const ratio = (left: string, right: string): number => p50(left) / p50(right);
    const bound = (name: string): BenchRow => ({
      what: `${name} to the least relay: what no relay can exceed`,
      measured: `${ratio(name, 'least').toFixed(2)}x`,
    });
    rows.push(
      atMost('Our p50 to direct', ratio('ours', 'direct'), 1.5, 'x', 2),
      { what: 'Our p50 to the least relay', measured: `${ratio('ours', 'least').toFixed(2)}x` },
      atLeast('supergateway to ours', ratio('supergateway', 'ours'), 1),
      atLeast(`${npm} to ours`, ratio(npm, 'ours'), 3),
      bound(npm),
      atLeast(`${pypi} to ours`, ratio(pypi, 'ours'), 3),
      bound(pypi),
      ...['supergateway', npm, pypi].map((name) => ({
        what: `Ours to ${name}, calls/s`,
        measured: `${(best('ours') / best(name)).toFixed(1)}x`,
      })),
    );
    const tenths = await memoryOver(ours, memoryMessages);
    const [from, to] = [Math.max(...tenths.slice(4, 7)), Math.max(...tenths.slice(7))] as const;
    const messages = memoryMessages.toLocaleString('en');
    rows.push(
      { what: `Memory of ours over ${messages} messages`, measured: `${from.toFixed(1)} → ${to.toFixed(1)} MiB` },
      atMost('Growth of it from tenths 5 to 7 to tenths 8 to 10', to / from, 1.1, 'x', 2),
    );
    return {
      title: 'Relay of a server',
      method:
        `\`tools/call\` of an echo tool, 20 bytes, one session each: ${rounds} rounds of ${callsPerRound} calls one after ` +
        `another (p50 / p99), and ${callsAtOnce} calls, ${atOnce} at a time (best of 3), all in turns in one run; recording on in ours. ` +
        'Direct is the SDK on HTTP; the relays have the same SDK server on stdio behind them. All that is not Python runs ' +
        'on Node 24. The least relay passes one call at a time from an HTTP server to the stdio server and does nothing ' +
        'else. The memory run is as long as `BENCH_RELAY_MESSAGES` says.',
      rows,
    };
  } finally {
    for (const contender of [...contenders, ...extra]) {
      contender.client.close();
      await contender.stop();
    }
  }
};

const labels: Readonly<Record<string, string>> = {
  direct: 'SDK over HTTP, directly',
  least: 'The least relay, stdio behind it',
  ours: 'Our relay, stdio behind it',
  supergateway: '`supergateway --stateful`, stdio behind it',
  'mcp-proxy (npm)': '`mcp-proxy` from npm, stdio behind it',
  'mcp-proxy (PyPI)': '`mcp-proxy` from PyPI, stdio behind it',
  'ours, HTTP to HTTP': 'Our relay, HTTP behind it',
  'mcp-remote': '`mcp-remote`, from stdio to HTTP (the other direction)',
};

function seriesOf(measured: ReadonlyMap<string, Measured>, name: string): Series {
  return summarise(measured.get(name)?.inTurn ?? []);
}
