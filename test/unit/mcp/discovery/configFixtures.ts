import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ConfigFile } from '../../../../src/mcp/upstream/discovery/configFile';
import { readConfigText } from '../../../../src/mcp/upstream/discovery/configContents';
import type { ConfigOwner, ConfigScope } from '../../../../src/mcp/upstream/discovery/configOwner';
import type { DiscoveryEnvironment } from '../../../../src/mcp/upstream/discovery/configLocations';
import type { ConfigContents, ServerEntry } from '../../../../src/mcp/upstream/discovery/serverEntry';
import type { ServerTemplate } from '../../../../src/mcp/upstream/discovery/serverTemplate';

const fixtureFolder = path.join(__dirname, '../../../fixtures/mcp-configs');

/** The text of a file in `test/fixtures/mcp-configs`. */
export function fixture(name: string): string {
  return fs.readFileSync(path.join(fixtureFolder, name), 'utf8');
}

/** A config file that exists only in a test. */
export function configFile(owner: ConfigOwner, scope: ConfigScope = 'user'): ConfigFile {
  const folder = { name: 'orders', path: '/work/orders' };
  return { owner, scope, path: `/config/${owner}`, ...(scope === 'workspace' ? { folder } : {}) };
}

export function readFixture(name: string, owner: ConfigOwner, scope: ConfigScope = 'user'): ConfigContents {
  return readConfigText(configFile(owner, scope), fixture(name));
}

export function entryNamed(contents: ConfigContents, name: string): ServerEntry {
  const entry = contents.entries.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(`no entry ${name}`);
  return entry;
}

/** An entry as discovery would give it. */
export function entryOf(template: ServerTemplate, overrides: Partial<ServerEntry> = {}): ServerEntry {
  const owner = overrides.owner ?? 'vscode';
  const scope = overrides.scope ?? 'user';
  const name = overrides.name ?? 'server';
  const file = configFile(owner, scope);
  return {
    owner,
    scope,
    name,
    template,
    isDisabled: false,
    file,
    path: ['servers', name],
    span: { start: 0, end: 0 },
    place: { line: 1, column: 1 },
    ...(file.folder ? { folder: file.folder } : {}),
    inputs: new Map(),
    ...overrides,
  };
}

/** A Linux machine with one open folder. */
export function environmentWith(overrides: Partial<DiscoveryEnvironment> = {}): DiscoveryEnvironment {
  return {
    platform: 'linux',
    home: '/home/ada',
    env: {},
    folders: [{ name: 'orders', path: '/work/orders' }],
    ...overrides,
  };
}
