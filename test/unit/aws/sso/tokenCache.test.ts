import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describeTime } from '../../../../src/aws/sso/ssoTokens';
import { SsoTokenCache, parseTime } from '../../../../src/aws/sso/tokenCache';
import { UserHome } from '../userHome';

describe('SsoTokenCache', () => {
  let home: UserHome;
  let cache: SsoTokenCache;
  beforeEach(() => {
    home = new UserHome();
    cache = new SsoTokenCache(() => home.ssoCacheFolder);
  });
  afterEach(() => home.dispose());

  const token = { accessToken: 'a', expiresAt: '2099-01-01T00:00:00Z' };

  it('names files as the AWS CLI does, also for names with spaces and accents', () => {
    assert.equal(path.basename(cache.fileOf('acme-sso')), `${sha1('acme-sso')}.json`);
    assert.equal(path.basename(cache.fileOf('Société Générale')), `${sha1('Société Générale')}.json`);
  });

  it('keeps members that it does not know, and drops those of a wrong type', async () => {
    home.writeSsoToken('s', { ...token, receivedAt: 'x', refreshToken: 5 });
    const read = await cache.read('s');
    assert.ok(read);
    assert.deepEqual(read, { ...token, receivedAt: 'x' });
    await cache.write('s', read);
    assert.deepEqual(JSON.parse(fs.readFileSync(cache.fileOf('s'), 'utf8')), { ...token, receivedAt: 'x' });
  });

  it('gives nothing for what is missing or no token', async () => {
    assert.equal(await cache.read('none'), undefined);
    for (const wrong of [[], { accessToken: '' }, { accessToken: 'a' }, { accessToken: 'a', expiresAt: 'later' }]) {
      home.writeSsoToken('s', wrong);
      assert.equal(await cache.read('s'), undefined);
    }
  });

  it('waits for a file that is only half written', async () => {
    home.writeSsoToken('s', token);
    fs.writeFileSync(cache.fileOf('s'), '{"accessToken": "a');
    const reading = cache.read('s');
    // The first look is under way; the writer finishes now.
    setTimeout(() => home.writeSsoToken('s', token), 20);
    assert.deepEqual(await reading, token);
  });

  it('writes files that only the user can read, and leaves nothing beside them', async () => {
    await cache.write('s', token);
    assert.deepEqual(await cache.read('s'), token);
    assert.deepEqual(fs.readdirSync(home.ssoCacheFolder), [path.basename(cache.fileOf('s'))]);
    if (process.platform !== 'win32') assert.equal(fs.statSync(cache.fileOf('s')).mode & 0o777, 0o600);
  });
});

describe('parseTime and describeTime', () => {
  it('read the times of old CLI versions too', () => {
    assert.equal(parseTime('2020-06-17T10:02:08UTC'), Date.UTC(2020, 5, 17, 10, 2, 8));
    assert.equal(parseTime('2020-06-17T10:02:08Z'), Date.UTC(2020, 5, 17, 10, 2, 8));
  });

  it('say the time, and the day where it is another one', () => {
    const now = new Date(2026, 10, 20, 18, 0).getTime();
    assert.equal(describeTime(new Date(2026, 10, 20, 17, 40).getTime(), now), 'at 17:40');
    assert.equal(describeTime(new Date(2026, 0, 2, 7, 5).getTime(), now), 'on 2026-01-02 at 07:05');
  });
});

/** SHA-1 by another program than the one under test. */
function sha1(text: string): string {
  const program =
    'const h = require("crypto").createHash("sha1"); process.stdout.write(h.update(process.argv[1]).digest("hex"))';
  return execFileSync(process.execPath, ['-e', program, text], { encoding: 'utf8' });
}
