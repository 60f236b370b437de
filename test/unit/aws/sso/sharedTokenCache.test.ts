import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { SharedTokenCache, type SsoToken } from '../../../../src/aws/sso/sharedTokenCache';
import type { SsoSession } from '../../../../src/aws/sso/ssoSession';

describe('SharedTokenCache', () => {
  let home: string;
  let cache: SharedTokenCache;
  const session: SsoSession = {
    name: 'my-sso',
    startUrl: 'https://d-9067642ac7.awsapps.com/start',
    region: 'eu-west-1',
    scopes: ['sso:account:access'],
  };
  const token: SsoToken = {
    accessToken: 'access',
    expiresAt: Date.parse('2026-03-02T13:00:00Z'),
    startUrl: session.startUrl,
    region: session.region,
    refreshToken: 'refresh',
    clientId: 'client',
    clientSecret: 'secret',
    registrationExpiresAt: Date.parse('2026-06-01T00:00:00Z'),
  };

  beforeEach(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'workbench-cache-'));
    cache = new SharedTokenCache(home);
  });

  afterEach(() => fs.rm(home, { recursive: true, force: true }));

  const put = async (text: string): Promise<void> => {
    await fs.mkdir(cache.folder, { recursive: true });
    await fs.writeFile(cache.fileOf(session), text);
  };

  it('names files as the AWS CLI does, also for spaces, accents and start URLs', () => {
    const nameOf = (name: string): string => path.basename(cache.fileOf({ ...session, name }));
    assert.equal(nameOf('my-sso'), '0ad374308c5a4e22f723adf10145eafad7c4031c.json');
    assert.equal(nameOf('my team'), 'cd59fe8a6e954656aa78540d540d909d8225c93e.json');
    assert.equal(nameOf('Équipe Zürich'), '5483eabe782f23121bfc4137fee1ae41d0741ed5.json');
    assert.equal(
      path.basename(cache.fileOf({ ...session, legacy: true })),
      '9e104e67bc03709422c341f8e7b917448969b3a1.json',
    );
  });

  it('reads what it wrote', async () => {
    await cache.write(session, token);
    assert.deepEqual(await cache.read(session), { kind: 'token', token });
    assert.deepEqual(await fs.readdir(cache.folder), [path.basename(cache.fileOf(session))], 'Nothing else is left.');
  });

  it('keeps fields of other tools, and drops its own that are gone', async () => {
    await put(JSON.stringify({ accessToken: 'old', refreshToken: 'old', scopes: ['x'], theirs: { a: 1 } }));
    await cache.write(session, { ...token, refreshToken: undefined });
    const raw = JSON.parse(await fs.readFile(cache.fileOf(session), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(raw['theirs'], { a: 1 });
    assert.deepEqual(raw['scopes'], ['x']);
    assert.ok(!('refreshToken' in raw));
    assert.equal(raw['accessToken'], 'access');
  });

  it('reads the forms other tools write', async () => {
    for (const expiresAt of [
      '2026-03-02T13:00:00Z',
      '2026-03-02T13:00:00UTC',
      '2026-03-02T14:00:00+01:00',
      '2026-03-02T13:00:00.000Z',
    ]) {
      await put(`\uFEFF${JSON.stringify({ accessToken: 'access', expiresAt })}`);
      const read = await cache.read(session);
      assert.ok(read.kind === 'token');
      assert.equal(read.token.expiresAt, token.expiresAt);
      assert.equal(read.token.startUrl, session.startUrl);
    }
  });

  it('tells a file that is not there from one that cannot be read', async () => {
    assert.deepEqual(await cache.read(session), { kind: 'absent' });
    for (const text of [
      '',
      '{"accessToken": "very-secr',
      '[]',
      '{}',
      '{"accessToken":"x","expiresAt":"soon"}',
      'null',
    ]) {
      await put(text);
      const read = await cache.read(session);
      assert.ok(read.kind === 'unreadable', text);
      assert.ok(!read.reason.includes('very-secr'));
    }
    await fs.rm(cache.fileOf(session));
    await fs.mkdir(cache.fileOf(session));
    const read = await cache.read(session);
    assert.ok(read.kind === 'unreadable');
    assert.match(read.reason, /EISDIR|EPERM|EACCES/);
  });

  it('waits for a tool that is in the middle of writing', async () => {
    const whole = JSON.stringify({ accessToken: 'access', expiresAt: '2026-03-02T13:00:00Z' });
    await put(whole.slice(0, 20));
    const reading = cache.read(session);
    setTimeout(() => void fs.writeFile(cache.fileOf(session), whole), 50);
    assert.equal((await reading).kind, 'token');
  });

  it('leaves the old file whole where it cannot write', async () => {
    const file = cache.fileOf(session);
    await fs.mkdir(`${file}/in-the-way`, { recursive: true });
    await assert.rejects(cache.write(session, token));
    assert.deepEqual(await fs.readdir(cache.folder), [path.basename(file)], 'No temporary file is left.');
  });

  it('removes what writers that were killed left behind', async () => {
    await cache.write(session, token);
    const abandoned = path.join(cache.folder, `.${path.basename(cache.fileOf(session))}.1.abc.tmp`);
    await fs.writeFile(abandoned, 'half');
    const hourAgo = new Date(Date.now() - 3_600_000);
    await fs.utimes(abandoned, hourAgo, hourAgo);
    await cache.write(session, token);
    assert.deepEqual(await fs.readdir(cache.folder), [path.basename(cache.fileOf(session))]);
  });

  it('makes the folder private', async function () {
    if (process.platform === 'win32') return;
    await cache.write(session, token);
    assert.equal((await fs.stat(cache.folder)).mode & 0o777, 0o700);
    assert.equal((await fs.stat(cache.fileOf(session))).mode & 0o777, 0o600);
  });
});
