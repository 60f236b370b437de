import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeTemporaryFolder, removeFolder } from '../scripts/toolbox/cache';
import { runInVsCodeServer } from '../scripts/toolbox/extensionTests';
import type { ActivationTime } from './activationSuite';
import { atMost, summarise, type Bench } from './measure';

const root = path.join(import.meta.dirname, '..');

/** Activates the production build in new windows of the real editor. */
export const activation: Bench = async ({ isQuick }) => {
  const runs = isQuick ? 2 : 5;
  execFileSync('npm', ['run', 'build:tests'], { cwd: root, stdio: 'ignore', shell: process.platform === 'win32' });
  const times: ActivationTime[] = [];
  for (let run = 0; run < runs; run++) {
    const folder = makeTemporaryFolder();
    const report = path.join(folder, 'report.json');
    try {
      const exitCode = await runInVsCodeServer({
        extensionPath: root,
        testsPath: path.join(root, 'dist', 'test', 'activationSuite.js'),
        env: { MCP_WORKBENCH_BENCH_REPORT: report },
      });
      if (exitCode !== 0) throw new Error('The window could not time the activation');
      times.push(JSON.parse(fs.readFileSync(report, 'utf8')) as ActivationTime);
    } finally {
      await removeFolder(folder);
    }
  }
  const median = (of: (time: ActivationTime) => number): number => summarise(times.map(of)).p50;
  return {
    title: 'Activation',
    method: `Median of ${runs} new windows of VS Code, production build.`,
    rows: [
      atMost(
        'Our own time: entry bundle loaded and `activate` run',
        median(({ load, activate }) => load + activate),
        20,
        'ms',
      ),
      { what: '`activate` alone', measured: `${median(({ activate }) => activate).toFixed(1)} ms` },
      {
        what: 'Until the editor says that we are active, while it starts itself',
        measured: `${median(({ total }) => total).toFixed(0)} ms`,
      },
    ],
  };
};
