import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensureNode24 } from '../scripts/toolbox/node24';
import { ensurePythonEnvironment } from '../scripts/toolbox/python';
import { atLeast, atMost, summarise, type Bench, type BenchRow } from './measure';

const root = path.join(import.meta.dirname, '..');

const hello = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} },
];

/** Answers every request with its id and nothing else: what no program on Node can be faster than. */
const bareNode =
  "require('readline').createInterface({ input: process.stdin }).on('line', (line) => { const { id } = JSON.parse(line); " +
  "if (id) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: {} })); });";

/**
 * Starts a stdio server and asks for its tools as a client would.
 * @returns milliseconds from spawn to the answer of `tools/list`.
 */
async function timeToFirstTools(command: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { cwd: root, stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    return await new Promise<number>((resolve, reject) => {
      let text = '';
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${command} ended with ${String(code)} before it answered`)));
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
          const message = JSON.parse(text.slice(0, end)) as { id?: number };
          text = text.slice(end + 1);
          if (message.id === 1) for (const line of hello.slice(1)) child.stdin.write(`${JSON.stringify(line)}\n`);
          if (message.id === 2) resolve(performance.now() - started);
        }
      });
      child.stdin.write(`${JSON.stringify(hello[0])}\n`);
    });
  } finally {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
}

interface Contender {
  what: string;
  command: string;
  args: readonly string[];
}

/** Everybody in turns, so that what else the machine does falls on all of them alike. @returns medians in milliseconds */
async function medians(contenders: readonly Contender[], runs: number): Promise<number[]> {
  const times: number[][] = contenders.map(() => []);
  // The first run fills the file cache for all and is not counted.
  for (let run = 0; run <= runs; run++) {
    for (const [index, { command, args }] of contenders.entries()) {
      const time = await timeToFirstTools(command, args);
      if (run > 0) times[index]?.push(time);
    }
  }
  return times.map((series) => summarise(series).p50);
}

/** From starting the server's process to its list of tools, ours beside AWS's own Python servers. */
export const startup: Bench = async ({ isQuick }) => {
  const runs = isQuick ? 3 : 15;
  const dist = process.env['MCP_WORKBENCH_CLI_DIST'] ?? path.join(root, 'dist');
  const serve = [path.join(dist, 'cli.js'), 'serve', '--stdio'];
  const { node: node24 } = await ensureNode24();
  /** One that has the purpose of ours (CDK and CloudFormation), and the lightest there is. */
  const python = async (name: string, requirements: string): Promise<Contender> => ({
    what: `\`awslabs.${name}\``,
    command: await ensurePythonEnvironment(path.join(import.meta.dirname, requirements)),
    args: ['-m', `awslabs.${name.replaceAll('-', '_')}.server`],
  });
  const contenders: Contender[] = [
    { what: 'Ours, `cli.js serve --stdio`', command: process.execPath, args: serve },
    { what: 'Node itself, answering the same from one line', command: process.execPath, args: ['-e', bareNode] },
    { what: 'Ours on Node 24, as the editor has it', command: node24, args: serve },
    { what: 'Node 24 itself', command: node24, args: ['-e', bareNode] },
    await python('aws-documentation-mcp-server', 'requirements-documentation.txt'),
    await python('aws-iac-mcp-server', 'requirements-iac.txt'),
  ];
  const all = await medians(contenders, runs);
  const [ours, bare, ours24, bare24, lightest, same] = all as [number, number, number, number, number, number];
  return {
    title: 'Start to first `tools/list` answer',
    method: `Median of ${runs} cold processes each, in turns, over stdio, file cache warm, no network.`,
    rows: [
      atMost(contenders[0]!.what, ours, 300, 'ms', 0),
      ...contenders
        .slice(1)
        .map(({ what }, index): BenchRow => ({ what, measured: `${all[index + 1]?.toFixed(0)} ms` })),
      atLeast('The server of the same purpose to ours', same / ours, 10),
      { what: 'The same to Node itself: what no server on it can exceed', measured: `${(same / bare).toFixed(1)}x` },
      { what: 'The server of the same purpose to ours on Node 24', measured: `${(same / ours24).toFixed(1)}x` },
      { what: 'The same to Node 24 itself', measured: `${(same / bare24).toFixed(1)}x` },
      { what: 'The lightest server to ours', measured: `${(lightest / ours).toFixed(1)}x` },
    ],
  };
};
