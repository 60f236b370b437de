import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { silentLogger } from '../../../src/core/logger';
import { SharedTokenCache } from '../../../src/aws/sso/sharedTokenCache';
import { SsoServices } from '../../../src/aws/sso/ssoServices';
import type { SsoSession } from '../../../src/aws/sso/ssoSession';
import { startIdentityCenter, type IdentityCenter } from '../../fakes/identityCenter';
import { startScript, type TestProcess } from './ssoProcess';

describe('several processes with one token cache', () => {
  let fake: IdentityCenter;
  let home: string;
  let session: SsoSession;
  let cache: SharedTokenCache;
  const processes: TestProcess[] = [];

  beforeEach(async () => {
    fake = await startIdentityCenter();
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'workbench-processes-'));
    session = { name: 'acme', startUrl: fake.startUrl, region: fake.region, scopes: ['sso:account:access'] };
    cache = new SharedTokenCache(home);
  });

  afterEach(async () => {
    await Promise.all(processes.splice(0).map((each) => each.kill()));
    await fake.dispose();
    await fs.rm(home, { recursive: true, force: true });
  });

  const window = async (): Promise<TestProcess> => {
    const started = startScript('renewToken.ts', [JSON.stringify({ home, endpoints: fake.endpoints, session })]);
    processes.push(started);
    assert.equal(await started.line(), 'ready');
    return started;
  };

  /** Caches a token that is due for renewal. */
  const signIn = async (secondsLeft: number): Promise<void> => {
    const token = fake.issueToken();
    await cache.write(session, {
      ...token,
      expiresAt: Date.now() + secondsLeft * 1000,
      startUrl: session.startUrl,
      region: session.region,
    });
  };

  const refreshes = (): number => fake.callsTo('CreateToken').length;

  it('renew a token once, however many need it at once', async () => {
    const windows = await Promise.all([window(), window(), window()]);
    for (const secondsLeft of [120, -60]) {
      const before = refreshes();
      await signIn(secondsLeft);
      for (const each of windows) each.say('go');
      const tokens = await Promise.all(windows.map((each) => each.line()));
      assert.match(tokens[0]!, /^[0-9a-f]{64}$/);
      assert.equal(new Set(tokens).size, 1);
      assert.equal(refreshes() - before, 1);
      const read = await cache.read(session);
      assert.ok(read.kind === 'token');
      assert.equal(createHash('sha256').update(read.token.accessToken).digest('hex'), tokens[0]);
    }
    const left = await fs.readdir(cache.folder);
    assert.deepEqual(left, [path.basename(cache.fileOf(session))], 'No lock and no temporary file is left.');
  });

  it('go on at once when the one that renews is killed', async () => {
    const [doomed, other] = await Promise.all([window(), window()]);
    await signIn(-60);
    fake.addFault({ operation: 'CreateToken', kind: 'hang' });
    doomed.say('go');
    while (refreshes() === 0) await wait(5);
    other.say('go');
    await wait(300);
    assert.equal(refreshes(), 1, 'The other one waits.');
    await doomed.kill();
    assert.match(await other.line(), /^[0-9a-f]{64}$/);
    assert.equal(refreshes(), 2);
  });

  it('can be killed in the middle of a write and leave a cache that can be read', async () => {
    for (let round = 0; round < 5; round++) {
      const writer = startScript('writeTokens.ts', [JSON.stringify({ home, session })]);
      processes.push(writer);
      await writer.line();
      await wait(Math.random() * 60);
      await writer.kill();
      const read = await cache.read(session);
      assert.ok(read.kind === 'token', JSON.stringify(read));
      assert.equal(read.token.accessToken.length, 200_000);
      // Its lock is not in anybody's way.
      const lock = await cache.lock(session);
      await lock.release();
    }
  });

  it('sign out for each other', async () => {
    const other = await window();
    await signIn(3600);
    other.say('go');
    assert.match(await other.line(), /^[0-9a-f]{64}$/);
    const here = new SsoServices({
      homeDirectory: home,
      endpoints: fake.endpoints,
      logger: silentLogger,
      openBrowser: () => Promise.resolve(false),
    });
    assert.deepEqual(await here.signOut(session), { revoked: true });
    other.say('go');
    assert.match(await other.line(), /Nobody is signed in to acme/);
    here.dispose();
  });
});
