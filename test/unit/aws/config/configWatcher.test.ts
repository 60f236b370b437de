import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ConfigWatcher } from '../../../../src/aws/config/configWatcher';
import { UserHome } from '../userHome';

/** Long enough never to fire in a test: what is noticed then was noticed by an event. */
const never = 3_600_000;

describe('ConfigWatcher', () => {
  let home: UserHome;
  let watcher: ConfigWatcher | undefined;
  let changes: number;
  let wake: (() => void) | undefined;

  beforeEach(() => {
    home = new UserHome();
    changes = 0;
  });
  afterEach(() => {
    watcher?.dispose();
    watcher = undefined;
    home.dispose();
  });

  async function watch(options: { pollMs?: number; env?: NodeJS.ProcessEnv } = {}): Promise<void> {
    const onChange = (): void => {
      changes++;
      wake?.();
    };
    const { pollMs = never, env } = options;
    watcher = new ConfigWatcher(home.environment(env), onChange, { debounceMs: 10, pollMs });
    await watcher.ready();
  }

  /** Resolves at the next change; the test's own time limit is the only clock. */
  async function changeAfter(act: () => void): Promise<void> {
    const noticed = new Promise<void>((resolve) => (wake = resolve));
    act();
    await noticed;
  }

  it('notices an edit in place, a file put in the place of another, and a removal', async () => {
    home.writeConfig('[profile a]\n');
    await watch();
    await changeAfter(() => home.writeConfig('[profile ab]\n'));
    await changeAfter(() => home.replaceConfig('[profile abc]\n'));
    await changeAfter(() => home.replaceConfig('[profile abcd]\n'));
    await changeAfter(() => fs.rmSync(home.configFile));
  });

  it('notices files in folders that did not exist', async () => {
    await watch();
    await changeAfter(() => home.writeConfig('[profile a]\n'));
    await changeAfter(() => home.writeCredentials('[a]\n'));
    await changeAfter(() => void home.writeSsoToken('acme', { accessToken: 'x' }));
  });

  it('notices a sign-in, also one after the cache was removed', async () => {
    home.writeSsoToken('acme', { accessToken: 'x' });
    await watch();
    await changeAfter(() => void home.writeSsoToken('acme', { accessToken: 'longer' }));
    await changeAfter(() => void home.writeSsoToken('other', { accessToken: 'x' }));
    await changeAfter(() => fs.rmSync(home.ssoCacheFolder, { recursive: true }));
    await changeAfter(() => void home.writeSsoToken('acme', { accessToken: 'x' }));
  });

  it('notices edits of what a link points to', async function () {
    if (process.platform === 'win32') return;
    const dotfiles = path.join(home.folder, 'dotfiles');
    fs.mkdirSync(dotfiles);
    fs.mkdirSync(path.dirname(home.configFile));
    fs.writeFileSync(path.join(dotfiles, 'aws'), '[profile a]\n');
    fs.symlinkSync(path.join(dotfiles, 'aws'), home.configFile);
    await watch();
    await changeAfter(() => fs.writeFileSync(path.join(dotfiles, 'aws'), '[profile ab]\n'));
  });

  it('finds changes by looking where no event comes', async () => {
    const elsewhere = path.join(home.folder, 'a', 'b', 'config');
    await watch({ pollMs: 20, env: { AWS_CONFIG_FILE: elsewhere } });
    await changeAfter(() => {
      fs.mkdirSync(path.dirname(elsewhere), { recursive: true });
      fs.writeFileSync(elsewhere, '[profile a]\n');
    });
  });

  it('says nothing about files that are none of its business', async () => {
    home.writeConfig('[profile a]\n');
    await watch();
    fs.writeFileSync(path.join(home.folder, '.aws', 'notes'), 'x');
    fs.writeFileSync(path.join(home.folder, 'notes'), 'x');
    await changeAfter(() => home.writeConfig('[profile ab]\n'));
    assert.equal(changes, 1);
  });

  it('leaves nothing behind', async () => {
    const before = inotifyWatches();
    await watch();
    if (before !== undefined) assert.ok(inotifyWatches()! > before);
    watcher!.dispose();
    home.writeConfig('[profile a]\n');
    // Handles are given back in the close phase of the event loop.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(inotifyWatches(), before);
    assert.equal(changes, 0);
  });
});

/** How many folders this process watches, where the system tells. */
function inotifyWatches(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  let count = 0;
  for (const name of fs.readdirSync('/proc/self/fdinfo')) {
    try {
      count += fs.readFileSync(`/proc/self/fdinfo/${name}`, 'utf8').match(/^inotify wd:/gm)?.length ?? 0;
    } catch {
      // The descriptor that listed the folder is gone by now.
    }
  }
  return count;
}
