import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { loadSharedConfigFiles } from '@smithy/shared-ini-file-loader';
import { parseIniFile } from '../../../../src/aws/config/iniFile';
import { UserHome } from '../userHome';

describe('parseIniFile', () => {
  it('reads settings, comments, nested settings and any kind of line end', () => {
    const { sections, problems } = parseIniFile(
      '\uFEFF# first\r\n[profile dev] ; trailing\r\nRegion = eu-west-1 # comment\r\nkey = a#b;c\n  indented = yes\rs3 =\n  max_queue_size = 10\n  endpoint_url = http://x\n\nafter=1',
    );
    assert.deepEqual(problems, []);
    assert.equal(sections.length, 1);
    const [section] = sections;
    assert.equal(section!.header, 'profile dev');
    assert.equal(section!.line, 2);
    assert.deepEqual(
      [...section!.entries].map(([key, { value }]) => [key, value]),
      [
        ['region', 'eu-west-1'],
        ['key', 'a#b;c'],
        ['indented', 'yes'],
        ['s3', ''],
        ['after', '1'],
      ],
    );
    assert.deepEqual(
      [...section!.entries.get('s3')!.nested!],
      [
        ['max_queue_size', '10'],
        ['endpoint_url', 'http://x'],
      ],
    );
    assert.equal(section!.entries.get('after')!.line, 10);
  });

  it('names the line of what it cannot read and goes on', () => {
    const { sections, problems } = parseIniFile('lonely = 1\n[profile a\nx = 1\n[profile b]\nnonsense\nregion = r\n');
    assert.deepEqual(
      problems.map(({ line }) => line),
      [1, 2, 5],
    );
    assert.deepEqual(
      sections.map(({ header, entries }) => [header, entries.get('region')?.value]),
      [['profile b', 'r']],
    );
  });

  it('keeps settings after a broken section name out of the section before it', () => {
    const { sections } = parseIniFile('[profile a]\nregion = one\n[profile b\nregion = two\n');
    assert.equal(sections[0]!.entries.get('region')!.value, 'one');
  });

  it('reads what the SDK reads just as the SDK reads it', async () => {
    const home = new UserHome();
    try {
      const text = [
        '[default]',
        'region=us-east-1',
        '[profile plain]   # comment',
        'region = eu-west-1 ; comment',
        'aws_secret_access_key = abc/def+ghi==',
        'role_arn = arn:aws:iam::111122223333:role/path/Name',
        'credential_process = "/opt/my tool" --x=1 #no',
        'services = local',
        '[profile quoted-name]',
        'output = json',
        "[profile 'single']",
        'output = text',
        '[profile a@b.c+d%e:f/g]',
        'sso_start_url = https://acme.awsapps.com/start#/',
        '',
      ].join('\n');
      home.writeConfig(text);
      const { configFile } = await loadSharedConfigFiles({
        configFilepath: home.configFile,
        filepath: path.join(home.folder, 'none'),
        ignoreCache: true,
      });
      const ours = Object.fromEntries(
        parseIniFile(fs.readFileSync(home.configFile, 'utf8')).sections.map(({ header, entries }) => [
          header.replace(/^profile\s+/, '').replaceAll("'", ''),
          Object.fromEntries([...entries].map(([key, { value }]) => [key, value])),
        ]),
      );
      assert.deepEqual(ours, JSON.parse(JSON.stringify(configFile)));
    } finally {
      home.dispose();
    }
  });
});
