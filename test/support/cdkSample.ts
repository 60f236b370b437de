import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureCached } from '../../scripts/toolbox/cache';
import { runNpm } from '../../scripts/toolbox/npm';

/** The sample CDK app of this repository. */
export const cdkSampleFolder = path.resolve(import.meta.dirname, '..', '..', 'samples', 'cdk-app');

/**
 * Installs what the sample app's lockfile pins, once per machine.
 * @returns the `node_modules` folder, to be linked into copies of the app.
 */
export async function ensureCdkSampleModules(): Promise<string> {
  const lockfile = fs.readFileSync(path.join(cdkSampleFolder, 'package-lock.json'), 'utf8').replaceAll('\r', '');
  const key = createHash('sha256').update(lockfile).digest('hex').slice(0, 12);
  const folder = await ensureCached(`cdk-sample-${key}`, async (building) => {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
      fs.copyFileSync(path.join(cdkSampleFolder, name), path.join(building, name));
    }
    await runNpm(['ci'], { cwd: building });
  });
  return path.join(folder, 'node_modules');
}

/** Copies the sample app into `target`, with its packages linked from the cache: ready to be synthesised. */
export async function copyCdkSample(target: string): Promise<void> {
  const modules = await ensureCdkSampleModules();
  fs.cpSync(cdkSampleFolder, target, {
    recursive: true,
    filter: (source) => !['node_modules', 'cdk.out'].includes(path.basename(source)),
  });
  linkModules(modules, target);
}

/** Makes `folder` see the packages of the sample app. A junction needs no privilege on Windows. */
export function linkModules(modules: string, folder: string): void {
  fs.symlinkSync(modules, path.join(folder, 'node_modules'), 'junction');
}
