import assert from 'node:assert/strict';
import { readClientSettings } from '../../../src/aws/clientSettings';
import { SharedConfigReader } from '../../../src/aws/config/sharedConfig';
import { WorkbenchError } from '../../../src/core/errors';
import { UserHome } from './userHome';

describe('readClientSettings', () => {
  let home: UserHome;
  beforeEach(() => (home = new UserHome()));
  afterEach(() => home.dispose());

  async function settings(profile: string | undefined, env: NodeJS.ProcessEnv = {}) {
    const environment = home.environment(env);
    return readClientSettings(environment, await new SharedConfigReader(environment).load(), profile);
  }

  const config = `
[default]
endpoint_url = http://default
[profile local]
endpoint_url = http://local
services = mine
[profile plain]
region = us-east-1
[profile off]
endpoint_url = http://off
ignore_configured_endpoint_urls = TRUE
[profile broken]
endpoint_url = localhost:4566
[profile lost]
services = nowhere
[services mine]
s3 =
  endpoint_url = http://mine-s3
sso_oidc =
  endpoint_url = http://mine-oidc
`;

  it('finds the endpoint of each service in the profile that is used, whichever AWS_PROFILE names', async () => {
    home.writeConfig(config);
    const local = await settings('local', { AWS_PROFILE: 'plain' });
    assert.equal(local.endpointOf('S3'), 'http://mine-s3');
    assert.equal(local.endpointOf('SSO OIDC'), 'http://mine-oidc');
    assert.equal(local.endpointOf('Lambda'), 'http://local');
    assert.equal((await settings('plain', { AWS_PROFILE: 'local' })).endpointOf('Lambda'), undefined);
    assert.equal((await settings(undefined)).endpointOf('Lambda'), 'http://default');
  });

  it('lets variables go before the profile, and a service before all', async () => {
    home.writeConfig(config);
    const found = await settings('local', {
      AWS_ENDPOINT_URL: 'http://env',
      AWS_ENDPOINT_URL_SSO_OIDC: 'http://env-oidc',
    });
    assert.equal(found.endpointOf('S3'), 'http://env');
    assert.equal(found.endpointOf('SSO OIDC'), 'http://env-oidc');
  });

  it('uses none where the user says so', async () => {
    home.writeConfig(config);
    assert.equal((await settings('off')).endpointOf('S3'), undefined);
    assert.equal((await settings('off', { AWS_ENDPOINT_URL: 'http://env' })).endpointOf('S3'), undefined);
    const ignoring = await settings('local', {
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
      AWS_ENDPOINT_URL_S3: 'http://env',
    });
    assert.equal(ignoring.endpointOf('S3'), undefined);
    const not = await settings('off', { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' });
    assert.equal(not.endpointOf('S3'), 'http://off');
  });

  it('refuses what is no URL, and a services section that is missing, with the name of what is wrong', async () => {
    home.writeConfig(config);
    const broken = await settings('broken');
    assert.throws(
      () => broken.endpointOf('S3'),
      (error) => WorkbenchError.is(error, 'InvalidInput') && /profile broken/.test(error.message),
    );
    const lost = await settings('lost');
    assert.throws(
      () => lost.endpointOf('S3'),
      (error) => WorkbenchError.is(error, 'InvalidInput') && /nowhere/.test(error.message),
    );
    const env = await settings('plain', { AWS_ENDPOINT_URL: 'file:///etc/passwd' });
    assert.throws(
      () => env.endpointOf('S3'),
      (error) => WorkbenchError.is(error, 'InvalidInput') && /AWS_ENDPOINT_URL/.test(error.message),
    );
  });

  it('reads the other settings, with defaults for what is missing or makes no sense', async () => {
    home.writeConfig(
      '[profile a]\nuse_fips_endpoint = true\nmax_attempts = 7\nretry_mode = standard\nsdk_ua_app_id = mine\nrequest_checksum_calculation = when_required\n[profile b]\nmax_attempts = many\n',
    );
    const a = await settings('a');
    assert.deepEqual(
      [a.useFipsEndpoint, a.maxAttempts, a.retryMode, a.appId, a.requestChecksumCalculation],
      [true, 7, 'standard', 'mine', 'WHEN_REQUIRED'],
    );
    const b = await settings('b', { AWS_USE_DUALSTACK_ENDPOINT: 'true' });
    assert.deepEqual(
      [b.useFipsEndpoint, b.useDualstackEndpoint, b.maxAttempts, b.retryMode, b.appId, b.responseChecksumValidation],
      [false, true, 3, 'adaptive', undefined, 'WHEN_SUPPORTED'],
    );
  });
});
