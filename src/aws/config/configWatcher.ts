import * as fs from 'node:fs';
import * as path from 'node:path';
import { FileWatcher, type FileWatcherOptions, type WatchTargets } from '../../core/fileWatcher';
import type { AwsEnvironment } from '../environment';

/**
 * Notices every change of the shared config and credentials files and of the folder of IAM Identity Center tokens,
 * whoever makes it: an editor, the AWS CLI, another window.
 */
export class ConfigWatcher extends FileWatcher {
  /**
   * Starts to watch.
   * @param onChange called after something changed; it must not throw
   */
  constructor(environment: AwsEnvironment, onChange: () => void, options: FileWatcherOptions = {}) {
    super(
      () => configTargets(environment),
      () => onChange(),
      options,
    );
  }
}

async function configTargets({ configFile, credentialsFile, ssoCacheFolder }: AwsEnvironment): Promise<WatchTargets> {
  const names = await fs.promises.readdir(ssoCacheFolder).catch(() => []);
  const tokens = names.filter((name) => name.endsWith('.json')).map((name) => path.join(ssoCacheFolder, name));
  return { files: [configFile, credentialsFile, ...tokens], folders: [ssoCacheFolder] };
}
