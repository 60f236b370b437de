import assert from 'node:assert/strict';
import { configExcerpt } from '../../../src/aws/config/configExcerpt';
import { readSharedConfig, type SharedConfig } from '../../../src/aws/config/sharedConfig';
import { configuredSessions, findSession, rootSession } from '../../../src/aws/ssoTargets';
import { UserHome } from './userHome';

const text = `[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
[sso-session half]
sso_region = eu-west-1
[profile dev]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Developer
[profile old-dev]
sso_start_url = https://old.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Developer
[profile old-prod]
sso_start_url = https://old.awsapps.com/start
sso_region = us-east-1
sso_account_id = 444455556666
sso_role_name = Developer
[profile deploy]
role_arn = arn:aws:iam::444455556666:role/Deploy
source_profile = dev
services = local
[profile round]
role_arn = arn:aws:iam::444455556666:role/Round
source_profile = about
[profile about]
role_arn = arn:aws:iam::444455556666:role/About
source_profile = round
[services local]
sts =
  endpoint_url = http://127.0.0.1:1
`;

describe('SSO sessions of the config files', () => {
  let home: UserHome;
  beforeEach(() => (home = new UserHome()));
  afterEach(() => home.dispose());

  function read(content: string): Promise<SharedConfig> {
    home.writeConfig(content);
    return readSharedConfig(home.configFile, home.credentialsFile);
  }

  it('are the sections, then one for each start URL of profiles without a section', async () => {
    const sessions = configuredSessions(await read(text));
    assert.deepEqual(
      sessions.map(({ session, profiles }) => [session.name, session.legacy === true, profiles]),
      [
        ['acme', false, ['dev']],
        ['https://old.awsapps.com/start', true, ['old-dev', 'old-prod']],
      ],
    );
    assert.deepEqual(sessions[0]?.session.scopes, ['sso:account:access']);
    assert.deepEqual(sessions[1]?.session.scopes, []);
  });

  it('are found by name, and through the profiles that roles are assumed from', async () => {
    const config = await read(text);
    assert.equal(findSession(config, 'acme')?.startUrl, 'https://acme.awsapps.com/start');
    assert.equal(findSession(config, 'half'), undefined);
    assert.equal(rootSession(config, 'deploy')?.name, 'acme');
    assert.equal(rootSession(config, 'old-prod')?.name, 'https://old.awsapps.com/start');
    assert.equal(rootSession(config, 'round'), undefined);
    assert.equal(rootSession(config, 'nobody'), undefined);
  });

  it('leave the excerpt of a profile alone when something else is edited, and only then', async () => {
    const before = await read(text);
    const excerpt = (config: SharedConfig): string => configExcerpt(config, 'deploy');
    const unrelated = await read(text.replace('us-east-1', 'us-east-2'));
    assert.equal(excerpt(unrelated), excerpt(before));
    for (const [from, to] of [
      ['role/Deploy', 'role/Destroy'],
      ['sso_role_name = Developer', 'sso_role_name = Admin'],
      ['https://acme.', 'https://other.'],
      ['127.0.0.1:1', '127.0.0.1:2'],
    ] as const) {
      assert.notEqual(excerpt(await read(text.replace(from, to))), excerpt(before), from);
    }
    assert.notEqual(configExcerpt(before, undefined, 'acme'), configExcerpt(before, undefined, 'half'));
  });
});
