import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WorkbenchError } from '../../../../src/core/errors';
import { acquireProcessLock } from '../../../../src/aws/sso/processLock';

describe('acquireProcessLock', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'workbench-lock-'));
    file = path.join(folder, 'token.lock');
  });

  afterEach(() => fs.rm(folder, { recursive: true, force: true }));

  it('lets one in at a time and leaves nothing behind', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const lock = await acquireProcessLock(file, { pollMs: 2 });
        most = Math.max(most, ++inside);
        await wait(3);
        inside--;
        await lock.release();
      }),
    );
    assert.equal(most, 1);
    assert.deepEqual(await fs.readdir(folder), []);
  });

  it('takes over at once from a process that was killed', async () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const lock = await acquireProcessLock(file);
    const held = JSON.parse(await fs.readFile(file, 'utf8')) as { id: string; pid: number; space: string };
    await lock.release();
    await fs.writeFile(file, JSON.stringify({ ...held, id: 'other', pid: holder.pid }));
    const controller = new AbortController();
    const waiting = acquireProcessLock(file, { pollMs: 5, signal: controller.signal });
    await wait(60);
    assert.match(await fs.readFile(file, 'utf8'), /"other"/, 'The holder lives.');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await (await waiting).release();
    assert.deepEqual(await fs.readdir(folder), []);
  });

  it('takes over from a holder elsewhere that shows no sign of life, and from an unreadable lock', async () => {
    for (const left of [JSON.stringify({ id: 'x', pid: process.pid, space: 'another machine' }), '', '{"id":']) {
      await fs.writeFile(file, left);
      const lock = await acquireProcessLock(file, { pollMs: 5, staleMs: 50 });
      await lock.release();
      assert.deepEqual(await fs.readdir(folder), []);
    }
  });

  it('does not take over from a holder that works long', async () => {
    const lock = await acquireProcessLock(file, { staleMs: 200 });
    await assert.rejects(acquireProcessLock(file, { pollMs: 10, staleMs: 200, timeoutMs: 600 }), (error) =>
      WorkbenchError.is(error, 'Timeout'),
    );
    await lock.release();
  });

  it('stops waiting when told to', async () => {
    const lock = await acquireProcessLock(file);
    const controller = new AbortController();
    const waiting = acquireProcessLock(file, { signal: controller.signal });
    controller.abort();
    await assert.rejects(waiting, (error) => WorkbenchError.is(error, 'Cancelled'));
    await lock.release();
  });

  it('never removes the lock of who took over', async () => {
    const lock = await acquireProcessLock(file);
    await fs.writeFile(file, 'somebody else');
    await lock.release();
    assert.equal(await fs.readFile(file, 'utf8'), 'somebody else');
  });
});
