import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeTemporaryFolder, removeFolder } from '../scripts/toolbox/cache';
import { runInVsCodeServer } from '../scripts/toolbox/extensionTests';
import type { ActivationTime } from './activationSuite';
import { atMost, summarise, type Bench } from './measure';

const root = path.join(import.meta.dirname, '..');
const runs = 5;

/** Activates the production build in new windows of the real editor. */
export const activation: Bench = async () => {
  execFileSync('npm', ['run', 'build:tests'], { cwd: root, stdio: 'ignore', shell: process.platform === 'win32' });
  const times: number[] = [];
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
      times.push((JSON.parse(fs.readFileSync(report, 'utf8')) as ActivationTime).activation);
    } finally {
      await removeFolder(folder);
    }
  }
  return {
    title: 'Activation',
    method: `Median of ${runs} new windows of VS Code: from the request to activate until it is done, loading included.`,
    rows: [atMost('Activation in an idle window', summarise(times).p50, 20, 'ms')],
  };
};
