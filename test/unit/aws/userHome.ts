import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { silentLogger } from '../../../src/core/logger';
import { AwsEnvironment, type AwsEnvironmentOptions } from '../../../src/aws/environment';

/** A user's home folder with AWS files in it, gone again after `dispose`. */
export class UserHome {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mw-home-'));

  get configFile(): string {
    return path.join(this.folder, '.aws', 'config');
  }

  get credentialsFile(): string {
    return path.join(this.folder, '.aws', 'credentials');
  }

  get ssoCacheFolder(): string {
    return path.join(this.folder, '.aws', 'sso', 'cache');
  }

  writeConfig(text: string): void {
    fs.mkdirSync(path.dirname(this.configFile), { recursive: true });
    fs.writeFileSync(this.configFile, text);
  }

  writeCredentials(text: string): void {
    fs.mkdirSync(path.dirname(this.credentialsFile), { recursive: true });
    fs.writeFileSync(this.credentialsFile, text);
  }

  /** Replaces the config file as most editors do: written beside it, then renamed onto it. */
  replaceConfig(text: string): void {
    const beside = `${this.configFile}.new`;
    fs.writeFileSync(beside, text);
    fs.renameSync(beside, this.configFile);
  }

  /** Writes a token as the AWS CLI names it. */
  writeSsoToken(key: string, token: object): string {
    fs.mkdirSync(this.ssoCacheFolder, { recursive: true });
    const file = path.join(this.ssoCacheFolder, `${createHash('sha1').update(key).digest('hex')}.json`);
    fs.writeFileSync(file, JSON.stringify(token));
    return file;
  }

  /** The surroundings of a program that this user starts: only the given variables, and what a process needs to run. */
  environment(env: NodeJS.ProcessEnv = {}, options: Partial<AwsEnvironmentOptions> = {}): AwsEnvironment {
    return new AwsEnvironment({
      logger: silentLogger,
      version: '9.8.7',
      ...options,
      env: {
        PATH: process.env['PATH'],
        SystemRoot: process.env['SystemRoot'],
        HOME: this.folder,
        AWS_EC2_METADATA_DISABLED: 'true',
        ...env,
      },
    });
  }

  dispose(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
