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

async function median(runs: number, command: string, args: readonly string[]): Promise<number> {
  const times: number[] = [];
  // The first run fills the file cache for both and is not counted.
  for (let run = 0; run <= runs; run++) {
    const time = await timeToFirstTools(command, args);
    if (run > 0) times.push(time);
  }
  return summarise(times).p50;
}

/** Python servers beside us: the lightest there is, and the one that has our purpose (CDK and CloudFormation). */
const peers = [
  { name: 'aws-documentation-mcp-server', requirements: 'requirements-documentation.txt' },
  { name: 'aws-iac-mcp-server', requirements: 'requirements-iac.txt' },
] as const;

/** From starting the server's process to its list of tools, ours beside AWS's own Python servers. */
export const startup: Bench = async ({ isQuick }) => {
  const runs = isQuick ? 3 : 11;
  const cli = [
    path.join(process.env['MCP_WORKBENCH_CLI_DIST'] ?? path.join(root, 'dist'), 'cli.js'),
    'serve',
    '--stdio',
  ];
  const { node: node24 } = await ensureNode24();
  const ours = await median(runs, process.execPath, cli);
  const bare = await median(runs, process.execPath, ['-e', bareNode]);
  const rows: BenchRow[] = [
    atMost('Ours, `cli.js serve --stdio`', ours, 300, 'ms', 0),
    { what: 'Node itself, answering the same from one line', measured: `${bare.toFixed(0)} ms` },
    { what: 'Ours on Node 24, as the editor has it', measured: `${(await median(runs, node24, cli)).toFixed(0)} ms` },
    { what: 'Node 24 itself', measured: `${(await median(runs, node24, ['-e', bareNode])).toFixed(0)} ms` },
  ];
  for (const { name, requirements } of peers) {
    const python = await ensurePythonEnvironment(path.join(import.meta.dirname, requirements));
    const peer = await median(runs, python, ['-m', `awslabs.${name.replaceAll('-', '_')}.server`]);
    const ratio = peer / ours;
    rows.push({ what: `\`awslabs.${name}\``, measured: `${peer.toFixed(0)} ms, ${ratio.toFixed(1)}x ours` });
    if (name === 'aws-iac-mcp-server') {
      rows.push(atLeast('The server of the same purpose to ours', ratio, 10));
      rows.push({
        what: 'The same to Node itself: what no server on it can exceed',
        measured: `${(peer / bare).toFixed(1)}x`,
      });
    }
  }
  return {
    title: 'Start to first `tools/list` answer',
    method: `Median of ${runs} cold processes over stdio, file cache warm, no network.`,
    rows,
  };
};
