/**
 * Runs the layers of tests one after the other and sums them up: `npm test`, or `npm test -- unit aws` for some of them.
 *
 * The last line is `N passed, N failed`, with `, N skipped` where something was skipped.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeTemporaryFolder, removeFolder } from './toolbox/cache';
import { ensureChromium } from './toolbox/chromium';
import { findNpm, npmEnvironment } from './toolbox/npm';
import { ensurePeers } from './toolbox/peers';
import { runCommand } from './toolbox/processGroup';
import { ensureEmulatorPython } from './toolbox/python';
import { ensureVsCodeServer } from './toolbox/vscodeServer';

const LAYER_MS = 25 * 60_000;

interface Layer {
  name: string;
  /** The npm script that runs it. */
  script: string;
  /** Layers without a report are one test each: they pass or fail as a whole. */
  reports: boolean;
  /** What is installed or built before the layer's own clocks start. */
  needs: readonly (() => Promise<unknown>)[];
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const layers: readonly Layer[] = [
  { name: 'lint', script: 'lint', reports: false, needs: [] },
  { name: 'build', script: 'build', reports: false, needs: [] },
  { name: 'unit', script: 'test:unit', reports: true, needs: [] },
  { name: 'aws', script: 'test:aws', reports: true, needs: [ensureEmulatorPython] },
  { name: 'conformance', script: 'test:conformance', reports: true, needs: [ensurePeers] },
  {
    name: 'host',
    script: 'test:host',
    reports: true,
    needs: [ensureVsCodeServer, ensureChromium, ensureEmulatorPython],
  },
  { name: 'ui', script: 'test:ui', reports: true, needs: [ensureVsCodeServer, ensureChromium, ensureEmulatorPython] },
];

function readReport(file: string): Counts | undefined {
  if (!fs.existsSync(file)) return undefined;
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const counts = JSON.parse(line) as Counts;
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  return total;
}

/** A layer that ended wrongly counts as a failure even where every test that it reported passed. */
function judge(layer: Layer, exitCode: number, report: Counts | undefined): { counts: Counts; complaint?: string } {
  if (!layer.reports) {
    const ok = exitCode === 0;
    return { counts: { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 } };
  }
  const counts = report ?? { passed: 0, failed: 0, skipped: 0 };
  if (counts.failed > 0) return { counts };
  let complaint: string | undefined;
  if (report === undefined) complaint = `ended with ${exitCode} and reported nothing`;
  else if (exitCode !== 0) complaint = `ended with ${exitCode} although no test failed`;
  else if (counts.passed + counts.skipped === 0) complaint = 'ran no test';
  return complaint === undefined ? { counts } : { counts: { ...counts, failed: 1 }, complaint };
}

async function runLayer(layer: Layer, folder: string): Promise<{ counts: Counts; complaint?: string }> {
  try {
    for (const need of layer.needs) await need();
  } catch (error) {
    const complaint = `could not be prepared: ${error instanceof Error ? error.message : String(error)}`;
    return { counts: { passed: 0, failed: 1, skipped: 0 }, complaint };
  }
  const reportFile = path.join(folder, `${layer.name}.jsonl`);
  const result = await runCommand(process.execPath, [findNpm(), 'run', '--silent', layer.script], {
    cwd: path.join(import.meta.dirname, '..'),
    env: {
      ...npmEnvironment(),
      ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
      MCP_WORKBENCH_TEST_REPORT: reportFile,
      MCP_WORKBENCH_TEST_SUITE: layer.name,
    },
    timeoutMs: LAYER_MS,
    onOutput: (text, stream) => process[stream].write(text),
  });
  if (result.timedOut) {
    const { counts } = judge(layer, 1, readReport(reportFile));
    return { counts, complaint: `took longer than ${LAYER_MS / 60_000} minutes and was ended` };
  }
  return judge(layer, result.exitCode, readReport(reportFile));
}

function words(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

async function main(asked: readonly string[]): Promise<void> {
  const unknown = asked.filter((name) => !layers.some((layer) => layer.name === name));
  if (unknown.length > 0) {
    throw new Error(`There is no layer ${unknown.join(', ')}; there are ${layers.map(({ name }) => name).join(', ')}.`);
  }
  const chosen = layers.filter(({ name }) => asked.length === 0 || asked.includes(name));
  const folder = makeTemporaryFolder();
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const summary: string[] = [];
  for (const layer of chosen) {
    process.stdout.write(`\n── ${layer.name} ──\n`);
    const started = Date.now();
    const { counts, complaint } = await runLayer(layer, folder);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    summary.push(
      `${layer.name.padEnd(12)}${seconds.padStart(7)} s  ${words(counts)}${complaint === undefined ? '' : ` (${complaint})`}`,
    );
    process.stdout.write(`${summary.at(-1)}\n`);
  }
  await removeFolder(folder);
  process.stdout.write(`\n${summary.join('\n')}\n${words(total)}\n`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
