import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureDebianPackages } from './debianPackages';
import { findOnPath } from './executables';

/** The browser that is already on this machine, or the one that MCP_WORKBENCH_CHROMIUM names. */
export function findChromium(): string | undefined {
  const override = process.env['MCP_WORKBENCH_CHROMIUM'];
  if (override) return override;
  const installed: string[] = [];
  if (process.platform === 'darwin') {
    installed.push(
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    );
  } else if (process.platform === 'win32') {
    for (const folder of ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']) {
      const root = process.env[folder];
      if (root) installed.push(path.join(root, 'Google', 'Chrome', 'Application', 'chrome.exe'));
    }
  }
  const found = installed.find((file) => fs.existsSync(file));
  if (found !== undefined) return found;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']) {
    const command = findOnPath(name);
    if (command !== undefined) return command;
  }
  return undefined;
}

/** Returns a Chromium or Chrome, installing Debian's where that is possible. */
export async function ensureChromium(): Promise<string> {
  await ensureDebianPackages('The editor in a browser', [
    { debian: 'chromium', name: 'Chromium or Chrome', isMet: () => findChromium() !== undefined },
    {
      // Without recommended packages Debian's Chromium has no font at all, and text in pictures is boxes.
      debian: 'fonts-dejavu-core',
      name: 'a font',
      isMet: () => process.platform !== 'linux' || fs.existsSync('/usr/share/fonts/truetype'),
    },
  ]);
  return findChromium()!;
}
