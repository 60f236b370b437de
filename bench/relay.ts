import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { delay, startProcessGroup } from '../scripts/toolbox/processGroup';
import { freePort } from '../scripts/toolbox/freePort';
import { ensureNode24 } from '../scripts/toolbox/node24';
import { ensurePackages } from '../scripts/toolbox/peers';
import { ensurePythonEnvironment } from '../scripts/toolbox/python';
import { EchoClient, type EchoEndpoint } from './echoClient';
import { summarise, type Bench, type BenchRow, type Series } from './measure';

const root = path.join(import.meta.dirname, '..');
const stdioEcho = path.join(import.meta.dirname, 'stdioEcho.mjs');
const rounds = 6;
const callsPerRound = 300;
const atOnce = 50;
const callsAtOnce = 3000;
/** Messages of the memory measurement: a call and its answer are two. 1,000,000 is the full length. */
const memoryMessages = Number(process.env['BENCH_RELAY_MESSAGES'] ?? 100_000);

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
  /** What the process says to a line on its input. */
  ask?(): Promise<{ memory: NodeJS.MemoryUsage }>;
}

interface Measured {
  inTurn: number[];
  perSecond: number[];
}

/** A script of ours that prints where it serves as one line of JSON. */
async function startOurs(name: string, script: string, args: readonly string[]): Promise<Contender> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--expose-gc', '--require', 'tsx/cjs', path.join(import.meta.dirname, script), ...args],
    { stdio: ['pipe', 'pipe', 'inherit'], cwd: root },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout! });
  const next = async (): Promise<string> => {
    const answer = await Promise.race([once(lines, 'line'), exited.then(() => [])]);
    if (answer.length === 0) throw new Error(`${name} has ended`);
    return String(answer[0]);
  };
  const endpoint = JSON.parse(await next()) as EchoEndpoint;
  return {
    name,
    client: new EchoClient(endpoint),
    async ask() {
      child.stdin!.write('memory\n');
      return JSON.parse(await next()) as { memory: NodeJS.MemoryUsage };
    },
    async stop() {
      child.stdin!.end();
      await Promise.race([exited, delay(5000)]);
      child.kill('SIGKILL');
    },
  };
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
async function measure(contenders: readonly Contender[]): Promise<Map<string, Measured>> {
  const measured = new Map<string, Measured>(contenders.map(({ name }) => [name, { inTurn: [], perSecond: [] }]));
  for (const { client } of contenders) {
    await client.begin();
    await client.callInTurn(callsPerRound);
    await client.callAtOnce(callsAtOnce / 3, atOnce);
  }
  for (let round = 0; round < rounds; round++) {
    for (const { name, client } of contenders) {
      measured.get(name)?.inTurn.push(...(await client.callInTurn(callsPerRound)));
    }
  }
  for (let round = 0; round < 3; round++) {
    for (const { name, client } of contenders) {
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
    const { memory } = await contender.ask!();
    tenths.push((memory.heapUsed + memory.external) / 2 ** 20);
  }
  return tenths;
}

/** A stdio server behind our relay, beside other relays and beside a server that speaks HTTP itself. */
export const relay: Bench = async () => {
  const definition = (name: string, rest: object): string => JSON.stringify({ name, ...rest });
  const stdio = { transport: 'stdio', command: process.execPath, args: [stdioEcho] };
  const contenders: Contender[] = [];
  const add = async (starting: Promise<Contender>): Promise<Contender> => {
    const contender = await starting;
    contenders.push(contender);
    return contender;
  };
  const extra: Contender[] = [];
  try {
    await add(startOurs('direct', 'echoServer.ts', ['raw']));
    const ours = await add(startOurs('ours', 'relayHost.ts', [definition('echo', stdio)]));
    const gateway = await npmPeer('supergateway/dist/index.js');
    const echoCommand = `${process.execPath} ${stdioEcho}`;
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
        ...['--port', String(port), '--host', '127.0.0.1', '--', process.execPath, stdioEcho],
      ]),
    );
    const python = await ensurePythonEnvironment(path.join(import.meta.dirname, 'requirements-relay.txt'));
    await add(
      startPeer('mcp-proxy (PyPI)', python, (port) => [
        ...['-m', 'mcp_proxy', '--port', String(port), '--host', '127.0.0.1', '--log-level', 'ERROR', '--'],
        ...[process.execPath, stdioEcho],
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
    const measured = await measure(contenders);
    const p50 = (name: string): number => seriesOf(measured, name).p50;
    const best = (name: string): number => Math.max(...(measured.get(name)?.perSecond ?? [NaN]));
    const rows: BenchRow[] = contenders.map(({ name }) => {
      const { p50, p99 } = seriesOf(measured, name);
      return {
        what: labels[name] ?? name,
        measured: `${p50.toFixed(2)} / ${p99.toFixed(2)} ms; ${best(name).toFixed(0)} calls/s`,
      };
    });
    const toDirect = p50('ours') / p50('direct');
    const toNpmProxy = p50('mcp-proxy (npm)') / p50('ours');
    const toProxy = p50('mcp-proxy (PyPI)') / p50('ours');
    const toGateway = p50('supergateway') / p50('ours');
    rows.push(
      { what: 'Our p50 to direct', measured: `${toDirect.toFixed(2)}x`, budget: '≤ 1.5x', isWithin: toDirect <= 1.5 },
      { what: 'supergateway to ours', measured: `${toGateway.toFixed(2)}x`, budget: '> 1x', isWithin: toGateway > 1 },
      {
        what: 'mcp-proxy (npm) to ours',
        measured: `${toNpmProxy.toFixed(2)}x`,
        budget: '≥ 3x',
        isWithin: toNpmProxy >= 3,
      },
      { what: 'mcp-proxy (PyPI) to ours', measured: `${toProxy.toFixed(2)}x`, budget: '≥ 3x', isWithin: toProxy >= 3 },
    );
    const atOnceToProxy = best('ours') / best('mcp-proxy (PyPI)');
    const atOnceToNpmProxy = best('ours') / best('mcp-proxy (npm)');
    const atOnceToGateway = best('ours') / best('supergateway');
    rows.push(
      {
        what: 'Ours to supergateway, calls/s',
        measured: `${atOnceToGateway.toFixed(1)}x`,
      },
      {
        what: 'Ours to mcp-proxy (npm), calls/s',
        measured: `${atOnceToNpmProxy.toFixed(1)}x`,
      },
      {
        what: 'Ours to mcp-proxy (PyPI), calls/s',
        measured: `${atOnceToProxy.toFixed(1)}x`,
      },
    );
    const tenths = await memoryOver(ours, memoryMessages);
    const [from, to] = [Math.max(...tenths.slice(4, 7)), Math.max(...tenths.slice(7))] as const;
    const grown = to / from;
    rows.push({
      what: `Memory of ours over ${memoryMessages.toLocaleString('en')} messages: tenths 5 to 7, then 8 to 10`,
      measured: `${from.toFixed(1)} → ${to.toFixed(1)} MiB`,
      budget: 'flat (< 1.1x)',
      isWithin: grown < 1.1,
    });
    return {
      title: 'Relay of a server',
      method:
        `\`tools/call\` of an echo tool, 20 bytes, one session each: ${rounds} rounds of ${callsPerRound} calls one after ` +
        `another (p50 / p99), and ${callsAtOnce} calls, ${atOnce} at a time (best of 3), all in turns in one run; recording on in ours. ` +
        'Direct is the SDK on HTTP; the relays have the same SDK server on stdio behind them. The memory run is as long ' +
        'as `BENCH_RELAY_MESSAGES` says.',
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
