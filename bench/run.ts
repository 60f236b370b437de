import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { activation } from './activation';
import { callOverhead } from './callOverhead';
import { inspector } from './inspector';
import type { Bench, BenchReport } from './measure';
import { relay } from './relay';
import { sizes } from './sizes';
import { startup } from './startup';

/**
 * In this order: the first one builds and packages what the others run. `npm run bench -- relay --quick` runs one, with
 * fewer repetitions; only a run of all in full length writes the results.
 */
const benches: Record<string, Bench> = { sizes, startup, callOverhead, relay, inspector, activation };

function table({ title, method, rows }: BenchReport): string {
  const lines = rows.map(({ what, measured, goal, toGoal, isMet }) => {
    const verdict = isMet === undefined ? '' : isMet ? 'yes' : '**no**';
    return `| ${what} | ${measured} | ${goal ?? ''} | ${toGoal?.toFixed(2) ?? ''} | ${verdict} |`;
  });
  return [
    `## ${title}`,
    '',
    method,
    '',
    '| what | measured | goal | measured / goal | met |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const isQuick = process.argv.includes('--quick');
  const wanted = process.argv.slice(2).filter((name) => name !== '--quick');
  const unknown = wanted.filter((name) => !(name in benches));
  if (unknown.length > 0) throw new Error(`No benchmark is called ${unknown.join(', ')}.`);
  const reports: string[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const report = table(await bench({ isQuick }));
    process.stdout.write(`${report}\n`);
    reports.push(report);
  }
  if (wanted.length > 0 || isQuick) return;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${memory} GiB, ${process.platform}, Node ${process.version}`;
  const head = [
    '# Benchmark results',
    '',
    'Written by `npm run bench`. Peers run beside us in the same run, so the ratios hold where the absolute figures move.',
    '',
    `Commit ${commit}, ${new Date().toISOString().slice(0, 10)}; ${machine}.`,
    '',
  ].join('\n');
  const file = path.join(import.meta.dirname, 'RESULTS.md');
  writeFileSync(file, `${head}\n${reports.join('\n')}`);
  execFileSync('npx', ['prettier', '--write', file], { stdio: 'ignore', shell: process.platform === 'win32' });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
