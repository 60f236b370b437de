import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensurePythonEnvironment } from '../scripts/toolbox/python';
import { summarise, type Bench, type BenchRow } from './measure';

const root = path.join(import.meta.dirname, '..');
const runs = 7;

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

async function median(command: string, args: readonly string[]): Promise<number> {
  const times: number[] = [];
  // The first run fills the file cache for both and is not counted.
  for (let run = 0; run <= runs; run++) {
    const time = await timeToFirstTools(command, args);
    if (run > 0) times.push(time);
  }
  return summarise(times).p50;
}

/** From starting the server's process to its list of tools, ours beside the lightest Python AWS MCP server. */
export const startup: Bench = async () => {
  const ours = await median(process.execPath, [path.join(root, 'dist', 'cli.js'), 'serve', '--stdio']);
  const python = await ensurePythonEnvironment(path.join(import.meta.dirname, 'requirements.txt'));
  const peer = await median(python, ['-m', 'awslabs.aws_documentation_mcp_server.server']);
  const rows: BenchRow[] = [
    {
      what: 'Ours, `cli.js serve --stdio`',
      measured: `${ours.toFixed(0)} ms`,
      budget: '< 300 ms',
      isWithin: ours < 300,
    },
    { what: '`awslabs.aws-documentation-mcp-server`', measured: `${peer.toFixed(0)} ms` },
    {
      what: 'Ratio',
      measured: `${(peer / ours).toFixed(1)}x faster`,
      budget: '≥ 10x',
      isWithin: peer / ours >= 10,
    },
  ];
  return {
    title: 'Start to first `tools/list` answer',
    method: `Median of ${runs} cold processes over stdio, file cache warm.`,
    rows,
  };
};
