import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { loadSharedConfigFiles, loadSsoSessionData, parseKnownFiles } from '@smithy/shared-ini-file-loader';
import { WorkbenchError } from '../../../../src/core/errors';
import { changedLines } from '../../../../src/aws/sso/configText';
import { applyConfigChange, planConfigChange, type ConfigRequest } from '../../../../src/aws/sso/profileWriter';

const session: ConfigRequest = {
  kind: 'ssoSession',
  name: 'acme',
  startUrl: 'https://acme.awsapps.com/start#/',
  region: 'eu-west-1',
};
const profile: ConfigRequest = {
  kind: 'profile',
  name: 'acme-dev',
  ssoSession: 'acme',
  accountId: '111122223333',
  roleName: 'Developer',
  region: 'eu-central-1',
};

describe('planConfigChange', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'workbench-config-'));
    file = path.join(folder, '.aws', 'config');
    await fs.mkdir(path.dirname(file));
  });

  afterEach(() => fs.rm(folder, { recursive: true, force: true }));

  const change = async (text: string, ...requests: ConfigRequest[]): Promise<string> => {
    await fs.writeFile(file, text);
    const plan = await planConfigChange(file, requests);
    assert.equal(await fs.readFile(file, 'utf8'), text, 'A plan writes nothing.');
    await applyConfigChange(plan);
    return fs.readFile(file, 'utf8');
  };

  const refused = (...requests: ConfigRequest[]) =>
    assert.rejects(planConfigChange(file, requests), (error) => WorkbenchError.is(error, 'InvalidInput'));

  it('makes a private file where there is none, and the SDK reads it', async () => {
    await fs.rm(path.dirname(file), { recursive: true });
    const plan = await planConfigChange(file, [session, profile]);
    assert.equal(plan.before, undefined);
    await applyConfigChange(plan);
    assert.equal(
      await fs.readFile(file, 'utf8'),
      `[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile acme-dev]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-central-1
`,
    );
    if (process.platform !== 'win32') assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
    const files = { configFilepath: file, filepath: path.join(folder, 'none'), ignoreCache: true };
    const { configFile } = await loadSharedConfigFiles(files);
    assert.equal(configFile['acme-dev']?.['sso_role_name'], 'Developer');
    await parseKnownFiles(files);
    assert.equal((await loadSsoSessionData({ configFilepath: file }))['acme']?.['sso_region'], 'eu-west-1');
  });

  it('keeps comments, order, indentation and everything it does not know', async () => {
    const before = `# my AWS set-up
[default]
region=us-east-1   ; the default

  # indented comment
[profile old]
    role_arn = arn:aws:iam::111122223333:role/x
    source_profile = default
s3 =
  max_concurrent_requests = 20
  addressing_style = path

[services local]
s3 =
  endpoint_url = http://localhost:4566
[plugins]
x = y`;
    const after = await change(before, session, profile);
    assert.ok(after.startsWith(`${before}\n\n[sso-session acme]\n`));
    assert.ok(after.endsWith('region = eu-central-1\n'));
  });

  it('alters single settings in place, with their comments, style and line ends', async () => {
    const before =
      '\uFEFF[sso-session acme]\r\n' +
      '  sso_start_url=https://old.awsapps.com/start # before the move\r\n' +
      '  ; where it is on\r\n' +
      '  sso_region=us-east-1\r\n' +
      '\r\n' +
      '[profile acme-dev]\r\n' +
      'sso_session  =  acme\r\n' +
      'sso_account_id  =  999988887777\r\n' +
      'sso_role_name  =  ReadOnly\r\n' +
      'cli_pager  =\r\n';
    assert.equal(
      await change(before, session, { ...profile, region: undefined }),
      '\uFEFF[sso-session acme]\r\n' +
        '  sso_start_url=https://acme.awsapps.com/start # before the move\r\n' +
        '  ; where it is on\r\n' +
        '  sso_region=eu-west-1\r\n' +
        '  sso_registration_scopes=sso:account:access\r\n' +
        '\r\n' +
        '[profile acme-dev]\r\n' +
        'sso_session  =  acme\r\n' +
        'sso_account_id  =  111122223333\r\n' +
        'sso_role_name  =  Developer\r\n' +
        'cli_pager  =\r\n',
    );
  });

  it('changes nothing the second time, and then writes nothing', async () => {
    await change('', session, profile);
    const { mtimeMs, ino } = await fs.stat(file);
    const plan = await planConfigChange(file, [session, profile]);
    assert.deepEqual(plan.changes, []);
    await applyConfigChange(plan);
    const now = await fs.stat(file);
    assert.deepEqual([now.mtimeMs, now.ino], [mtimeMs, ino]);
  });

  it('shows the change by lines before it is made', async () => {
    await fs.writeFile(
      file,
      '[default]\nregion = x\n[sso-session acme]\nsso_region = us-east-1\n[profile z]\nregion = y\n',
    );
    assert.deepEqual((await planConfigChange(file, [session])).changes, [
      {
        line: 4,
        removed: ['sso_region = us-east-1'],
        added: [
          'sso_region = eu-west-1',
          'sso_start_url = https://acme.awsapps.com/start',
          'sso_registration_scopes = sso:account:access',
        ],
      },
    ]);
  });

  it('finds sections with quotes, spaces and comments, and the default profile under both names', async () => {
    const after = await change(
      '[profile  "acme-dev" ] # mine\nregion = us-east-1\n[profile default]\noutput = text\n[sso-session acme]\nsso_region = x\n',
      { kind: 'ssoSession', name: 'acme', startUrl: 'https://acme.awsapps.com/start', region: 'eu-west-1' },
      profile,
      { ...profile, name: 'default', region: undefined },
    );
    assert.equal(after.match(/\[profile/g)?.length, 2);
    assert.ok(!after.includes('[default]'));
    assert.ok(after.includes('[profile default]\noutput = text\nsso_session = acme\n'));
  });

  it('sets the default profile that counts where both forms stand', async () => {
    const after = await change(
      '[profile default]\nregion = us-east-1\n[default]\nregion = us-east-2\n[sso-session acme]\n',
      { ...profile, name: 'default' },
    );
    assert.ok(after.startsWith('[profile default]\nregion = eu-central-1\nsso_session = acme\n'), after);
    assert.ok(after.includes('[default]\nregion = us-east-2\n[sso-session acme]\n'));
  });

  it('sets the setting that counts where a section or a key comes twice', async () => {
    const after = await change(
      '[sso-session acme]\nsso_region = a\nsso_region = b\n[sso-session acme]\nsso_region = c\n',
      session,
    );
    assert.ok(after.includes('sso_region = a\nsso_region = b\n[sso-session acme]\nsso_region = eu-west-1\n'));
  });

  it('turns legacy profiles into profiles of a session', async () => {
    const after = await change(
      `[profile one]
sso_start_url = https://acme.awsapps.com/start/
sso_region = eu-west-1
sso_account_id = 111122223333 # dev
sso_role_name = Developer

[profile two]
region = eu-west-1
sso_start_url = https://acme.awsapps.com/start#/
sso_region = eu-west-1
sso_account_id = 444455556666
sso_role_name = ReadOnly
`,
      { kind: 'convertLegacy', profiles: ['one', 'two'], ssoSession: 'acme' },
    );
    assert.equal(
      after,
      `[profile one]
sso_account_id = 111122223333 # dev
sso_role_name = Developer
sso_session = acme

[profile two]
region = eu-west-1
sso_account_id = 444455556666
sso_role_name = ReadOnly
sso_session = acme

[sso-session acme]
sso_start_url = https://acme.awsapps.com/start/
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
`,
    );
  });

  it('refuses to convert what is no legacy profile, or what does not fit together', async () => {
    const legacy = (name: string, url: string): string =>
      `[profile ${name}]\nsso_start_url = ${url}\nsso_region = eu-west-1\n`;
    await fs.writeFile(
      file,
      `${legacy('a', 'https://a.awsapps.com/start')}${legacy('b', 'https://b.awsapps.com/start')}` +
        '[profile keys]\naws_access_key_id = x\n[sso-session taken]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n',
    );
    await refused({ kind: 'convertLegacy', profiles: ['a', 'b'], ssoSession: 'new' });
    await refused({ kind: 'convertLegacy', profiles: ['keys'], ssoSession: 'new' });
    await refused({ kind: 'convertLegacy', profiles: ['none'], ssoSession: 'new' });
    await refused({ kind: 'convertLegacy', profiles: [], ssoSession: 'new' });
    await refused({ kind: 'convertLegacy', profiles: ['a'], ssoSession: 'taken' });
  });

  it('refuses names and values that would break the file or other tools', async () => {
    for (const name of ['', 'a b', 'Zürich', 'a]', 'x\n[default]', 'a"b', '__proto__', 'a#b', 'a'.repeat(129)]) {
      await refused({ ...session, name });
      await refused(session, { ...profile, name });
    }
    await refused({ ...session, startUrl: 'https://x/start\nrole_arn = y' });
    await refused({ ...session, region: 'eu-west-1 # x' });
    await refused({ ...session, scopes: ['a b'] });
    await refused(session, { ...profile, accountId: '1' });
    await refused(session, { ...profile, roleName: 'a b' });
    await refused(session, { ...profile, region: 'nowhere' });
    await refused(session, { ...profile, output: 'pdf' });
    await refused(profile);
  });

  it('does not turn a profile with other credentials into one of a session', async () => {
    await fs.writeFile(file, '[profile acme-dev]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n');
    await refused(session, profile);
  });

  it('does not overwrite an edit that was made since the change was shown', async () => {
    await fs.writeFile(file, '[default]\nregion = us-east-1\n');
    const plan = await planConfigChange(file, [session]);
    await fs.appendFile(file, '# mine\n');
    await assert.rejects(applyConfigChange(plan), (error) => WorkbenchError.is(error, 'InvalidInput'));
    assert.equal(await fs.readFile(file, 'utf8'), '[default]\nregion = us-east-1\n# mine\n');
    const fresh = await planConfigChange(path.join(folder, 'new'), [session]);
    await fs.writeFile(path.join(folder, 'new'), 'x');
    await assert.rejects(applyConfigChange(fresh), (error) => WorkbenchError.is(error, 'InvalidInput'));
    assert.deepEqual((await fs.readdir(path.dirname(file))).sort(), ['config']);
  });

  it('refuses to touch a file that is not UTF-8', async () => {
    await fs.writeFile(file, Buffer.from([0x23, 0xe9, 0x0a]));
    await refused(session);
  });

  it('keeps the mode of the file and the link that leads to it', async function () {
    if (process.platform === 'win32') return;
    const real = path.join(folder, 'dotfiles-config');
    await fs.writeFile(real, '[default]\n', { mode: 0o640 });
    await fs.chmod(real, 0o640);
    await fs.symlink(path.join('..', 'dotfiles-config'), file);
    await applyConfigChange(await planConfigChange(file, [session]));
    assert.ok((await fs.lstat(file)).isSymbolicLink());
    assert.equal((await fs.stat(real)).mode & 0o777, 0o640);
    assert.match(await fs.readFile(real, 'utf8'), /sso-session acme/);
  });

  it('never loses a line of any file it adds to', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        '',
        '[default]',
        '[profile a]',
        '[sso-session b]',
        '# c',
        '  x = y',
        'region = eu-west-1',
        's3 =',
        '[broken',
        '=',
      ),
      fc.string({ maxLength: 20, unit: fc.constantFrom(...' ,\t,=,#,;,[,],a,b,é,"'.split(',')) }),
    );
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
      .map(([lines, end, isEnded]) => lines.join(end) + (isEnded ? end : ''));
    await fc.assert(
      fc.asyncProperty(text, async (before) => {
        const after = await change(before, session, profile);
        const rest = after.split(/\r?\n/);
        for (const kept of before.split(/\r?\n/)) {
          const at = rest.indexOf(kept);
          assert.ok(at >= 0, `Lost ${JSON.stringify(kept)}`);
          rest.splice(0, at + 1);
        }
        assert.deepEqual((await planConfigChange(file, [session, profile])).changes, []);
        const { configFile } = await loadSharedConfigFiles({ configFilepath: file, filepath: file, ignoreCache: true });
        assert.equal(configFile['acme-dev']?.['sso_account_id'], '111122223333');
      }),
      { numRuns: 150 },
    );
  });
});

describe('changedLines', () => {
  it('gives the pieces that turn one text into the other', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const result: string[] = [...before];
        const pieces = changedLines(before.join('\n'), after.join('\n'));
        for (const { line, removed, added } of pieces.toReversed()) {
          assert.deepEqual(result.splice(line - 1, removed.length, ...added), removed);
        }
        assert.deepEqual(result, after);
      }),
    );
  });
});
