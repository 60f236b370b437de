import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { SharedConfigReader, readSharedConfig, summarizeProfile } from '../../../../src/aws/config/sharedConfig';
import { UserHome } from '../userHome';

describe('readSharedConfig', () => {
  let home: UserHome;
  beforeEach(() => (home = new UserHome()));
  afterEach(() => home.dispose());

  const read = () => readSharedConfig(home.configFile, home.credentialsFile);
  const summaries = async () => [...(await read()).profiles.values()].map(summarizeProfile);

  it('describes every kind of profile, in file order', async () => {
    home.writeConfig(`
[sso-session acme-sso]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access, other:scope

[profile dev]
sso_session = acme-sso
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-central-1

[profile old]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 111122223333
sso_role_name = ReadOnly

[profile chained]
role_arn = arn:aws:iam::444455556666:role/team/Deploy
source_profile = dev

[profile web]
role_arn = arn:aws-cn:iam::444455556666:role/Web
web_identity_token_file = /var/run/token

[profile tool]
credential_process = my-tool

[profile console]
login_session = arn:aws:iam::111122223333:user/me

[profile bare]
region = us-west-2

[profile both]
role_arn = arn:aws:iam::444455556666:role/X
source_profile = dev
credential_source = Environment
`);
    home.writeCredentials('[keys]\naws_access_key_id = a\naws_secret_access_key = b\n[bare]\nregion = us-west-1\n');
    assert.deepEqual(await summaries(), [
      {
        name: 'dev',
        kind: 'sso-session',
        region: 'eu-central-1',
        ssoSession: 'acme-sso',
        account: '111122223333',
        role: 'Developer',
      },
      {
        name: 'old',
        kind: 'sso-legacy',
        startUrl: 'https://acme.awsapps.com/start',
        account: '111122223333',
        role: 'ReadOnly',
      },
      { name: 'chained', kind: 'assume-role', account: '444455556666', role: 'Deploy', sourceProfile: 'dev' },
      { name: 'web', kind: 'web-identity', account: '444455556666', role: 'Web' },
      { name: 'tool', kind: 'credential-process' },
      { name: 'console', kind: 'login-session' },
      { name: 'bare', kind: 'incomplete', region: 'us-west-1' },
      { name: 'both', kind: 'incomplete' },
      { name: 'keys', kind: 'static' },
    ]);
    assert.deepEqual((await read()).ssoSessions.get('acme-sso'), {
      name: 'acme-sso',
      startUrl: 'https://acme.awsapps.com/start',
      region: 'eu-west-1',
      registrationScopes: ['sso:account:access', 'other:scope'],
    });
  });

  it('knows names with spaces and accents, quoted as the AWS CLI quotes them', async () => {
    home.writeConfig(
      `[profile "Équipe données"]\nregion = eu-west-3\n[profile 'two words']\nregion = a\n[profile 開発]\nregion = b\n[sso-session "Société Générale"]\nsso_region = eu-west-3\n`,
    );
    home.writeCredentials('[Équipe données]\naws_access_key_id = a\naws_secret_access_key = b\n');
    const { profiles, ssoSessions, problems } = await read();
    assert.deepEqual([...profiles.keys()], ['Équipe données', 'two words', '開発']);
    assert.equal(profiles.get('Équipe données')!.settings.get('aws_access_key_id'), 'a');
    assert.deepEqual([...ssoSessions.keys()], ['Société Générale']);
    assert.deepEqual(problems, []);
  });

  it('prefers [profile default] and the credentials file', async () => {
    home.writeConfig('[default]\nregion = one\noutput = json\n[profile default]\nregion = two\n');
    home.writeCredentials('[default]\naws_access_key_id = a\n');
    assert.deepEqual(
      [...(await read()).profiles.get('default')!.settings],
      [
        ['region', 'two'],
        ['aws_access_key_id', 'a'],
      ],
    );
  });

  it('takes missing files and the null device for empty ones', async () => {
    assert.deepEqual((await read()).problems, []);
    const config = await readSharedConfig(os.devNull, os.devNull);
    assert.equal(config.profiles.size, 0);
    assert.deepEqual(config.problems, []);
  });

  it('says which line of which file is wrong', async () => {
    home.writeConfig('[profile two words]\nregion = a\n[dev]\nregion = b\n[profile good]\nregion = c\n[profile ]\n');
    home.writeCredentials('[profile dev]\naws_access_key_id = a\n');
    const { profiles, problems } = await read();
    assert.deepEqual([...profiles.keys()], ['good']);
    assert.deepEqual(
      problems.map(({ file, line }) => [file, line]),
      [
        [home.configFile, 1],
        [home.configFile, 3],
        [home.configFile, 7],
        [home.credentialsFile, 1],
      ],
    );
    assert.match(problems[0]!.message, /\[profile "two words"\]/);
    assert.match(problems[1]!.message, /\[profile dev\]/);
  });

  it('reports what is no readable text', async () => {
    fs.mkdirSync(home.configFile, { recursive: true });
    fs.writeFileSync(home.credentialsFile, Buffer.from('[a]\nregion = b\n', 'utf16le'));
    const { problems } = await read();
    assert.deepEqual(
      problems.map(({ file }) => file),
      [home.configFile, home.credentialsFile],
    );
    assert.match(problems[0]!.message, /folder/);
    assert.match(problems[1]!.message, /UTF-8/);
  });

  it('does not take a section named like a member of Object for one', async () => {
    home.writeConfig('[profile __proto__]\nregion = a\n[profile constructor]\nregion = b\n');
    const { profiles } = await read();
    assert.deepEqual([...profiles.keys()], ['__proto__', 'constructor']);
    assert.equal(({} as { region?: string }).region, undefined);
  });

  it('reads the services sections', async () => {
    home.writeConfig('[services local]\ns3 =\n  endpoint_url = http://s3\nsso_oidc =\n  endpoint_url = http://oidc\n');
    const { services } = await read();
    assert.equal(services.get('local')!.get('s3')!.get('endpoint_url'), 'http://s3');
    assert.equal(services.get('local')!.get('sso_oidc')!.get('endpoint_url'), 'http://oidc');
  });
});

describe('SharedConfigReader', () => {
  it('gives the same object until a file changes, is replaced, or it is told to forget', async () => {
    const home = new UserHome();
    try {
      const reader = new SharedConfigReader(home.environment());
      const empty = await reader.load();
      assert.equal(empty.profiles.size, 0);
      home.writeConfig('[profile a]\nregion = one\n');
      const first = await reader.load();
      assert.equal(await reader.load(), first);
      assert.deepEqual([...first.profiles.keys()], ['a']);
      home.replaceConfig('[profile b]\nregion = one\n');
      const second = await reader.load();
      assert.deepEqual([...second.profiles.keys()], ['b']);
      reader.forget();
      assert.notEqual(await reader.load(), second);
    } finally {
      home.dispose();
    }
  });

  it('goes by the variables it is given, not by those of the process', async () => {
    const home = new UserHome();
    try {
      fs.writeFileSync(`${home.folder}/elsewhere`, '[profile there]\nregion = a\n');
      const reader = new SharedConfigReader(home.environment({ AWS_CONFIG_FILE: '~/elsewhere' }));
      assert.deepEqual([...(await reader.load()).profiles.keys()], ['there']);
    } finally {
      home.dispose();
    }
  });
});
