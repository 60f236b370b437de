import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { atMost, type Bench } from './measure';

const root = path.join(import.meta.dirname, '..');

/** Builds and packages the extension and weighs what a user downloads and what activation loads. */
export const sizes: Bench = async () => {
  execFileSync('npm', ['run', 'package'], { cwd: root, stdio: 'ignore', shell: process.platform === 'win32' });
  const kilobytes = (file: string): number => statSync(path.join(root, 'dist', file)).size / 1000;
  const chunks = readdirSync(path.join(root, 'dist', 'chunks')).map((file) => path.join('chunks', file));
  const largest = [...chunks].sort((left, right) => kilobytes(right) - kilobytes(left)).slice(0, 3);
  return {
    title: 'Sizes',
    method: 'Production build and VSIX, bytes on disk (1 KB = 1,000 bytes).',
    rows: [
      atMost('Entry bundle `extension.js`', kilobytes('extension.js'), 60, 'KB'),
      atMost('VSIX', kilobytes('mcp-workbench.vsix') / 1000, 6, 'MB', 2),
      { what: 'Inspector page `inspector.js`', measured: `${kilobytes('webview/inspector.js').toFixed(0)} KB` },
      ...largest.map((file) => ({ what: `Lazy chunk \`${file}\``, measured: `${kilobytes(file).toFixed(0)} KB` })),
    ],
  };
};
