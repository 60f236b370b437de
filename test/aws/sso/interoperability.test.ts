import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { STS } from '@aws-sdk/client-sts';
import { ensureEmulatorPython } from '../../../scripts/toolbox/python';
import { startMinistack } from '../../../scripts/toolbox/localAws';
import { silentLogger } from '../../../src/core/logger';
import { applyConfigChange, planConfigChange } from '../../../src/aws/sso/profileWriter';
import { SharedTokenCache } from '../../../src/aws/sso/sharedTokenCache';
import { SsoServices } from '../../../src/aws/sso/ssoServices';
import type { SsoSession } from '../../../src/aws/sso/ssoSession';
import { WorkbenchError } from '../../../src/core/errors';
import { startIdentityCenter, type IdentityCenter, type IdentityCenterOptions } from '../../fakes/identityCenter';
import { startProcess, startScript } from './ssoProcess';

const developer = { accessKeyId: '111122223333', hasSessionToken: true };

describe('one sign-in for all AWS tools', () => {
  let fake: IdentityCenter;
  let home: string;
  let services: SsoServices;
  let cache: SharedTokenCache;
  let session: SsoSession;

  const open = async (options: IdentityCenterOptions = {}): Promise<void> => {
    fake = await startIdentityCenter({ consent: 'allow', ...options });
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'workbench-interop-'));
    services = new SsoServices({
      homeDirectory: home,
      endpoints: fake.endpoints,
      logger: silentLogger,
      openBrowser: () => Promise.resolve(true),
    });
    cache = new SharedTokenCache(home);
    session = { name: 'acme', startUrl: fake.startUrl, region: fake.region, scopes: ['sso:account:access'] };
  };

  afterEach(async () => {
    services.dispose();
    await fake.dispose();
    await fs.rm(home, { recursive: true, force: true });
  });

  const signIn = (of = session) =>
    services.signIn.signIn({ session: of, flow: 'deviceCode', onUserAction: () => undefined });

  const configFile = (): string => path.join(home, '.aws', 'config');

  const writeProfile = async (): Promise<void> => {
    await applyConfigChange(
      await planConfigChange(configFile(), [
        { kind: 'ssoSession', ...session },
        { kind: 'profile', name: 'dev', ssoSession: 'acme', accountId: '111122223333', roleName: 'Developer' },
      ]),
    );
  };

  /** The surroundings of another tool: our home folder, and services that are the fake's. */
  const env = (): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    SystemRoot: process.env['SystemRoot'],
    HOME: home,
    USERPROFILE: home,
    AWS_REGION: fake.region,
    AWS_ENDPOINT_URL_SSO: fake.portalEndpoint,
    AWS_ENDPOINT_URL_SSO_OIDC: fake.oidcEndpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    PYTHONUTF8: '1',
  });

  const sdk = async (kind: 'fromSSO' | 'fromIni', profile = 'dev'): Promise<unknown> => {
    const started = startScript('useSdk.ts', [kind, profile], env());
    try {
      return JSON.parse(await started.line());
    } finally {
      await started.kill();
    }
  };

  const botocore = async (profile = 'dev'): Promise<unknown> => {
    const script = path.join(import.meta.dirname, 'useBotocore.py');
    const started = startProcess(await ensureEmulatorPython(), [script, profile], env());
    try {
      return JSON.parse(await started.line());
    } finally {
      await started.kill();
    }
  };

  /** Makes the cached token due for renewal by whoever uses it next. */
  const ageToken = async (): Promise<string> => {
    const read = await cache.read(session);
    assert.ok(read.kind === 'token');
    await cache.write(session, { ...read.token, expiresAt: Date.now() + 60_000 });
    return read.token.accessToken;
  };

  it('the AWS SDK uses the token that we cached, through the profile that we wrote', async () => {
    await open();
    await signIn();
    await writeProfile();
    assert.deepEqual(await sdk('fromSSO'), developer);
    assert.deepEqual(await sdk('fromIni'), developer);
    await services.signOut(session);
    assert.match(JSON.stringify(await sdk('fromSSO')), /not found or is invalid/);
  });

  it('the AWS SDK uses the token of a legacy profile', async () => {
    await open();
    const legacy = { ...session, name: 'old', scopes: [], legacy: true };
    await signIn(legacy);
    await fs.writeFile(
      configFile(),
      `[profile dev]\nsso_start_url = ${fake.startUrl}\nsso_region = ${fake.region}\nsso_account_id = 111122223333\nsso_role_name = Developer\n`,
    );
    assert.deepEqual(await sdk('fromSSO'), developer);
    assert.deepEqual(await botocore(), developer);
  });

  it('we use the token that the AWS SDK renewed', async () => {
    await open();
    await signIn();
    await writeProfile();
    const old = await ageToken();
    assert.deepEqual(await sdk('fromSSO'), developer);
    const calls = fake.callsTo('CreateToken').length;
    const token = await services.tokens.get(session);
    assert.notEqual(token.accessToken, old);
    assert.equal(fake.callsTo('CreateToken').length, calls, 'Nobody renewed it twice.');
    await ageToken();
    assert.notEqual((await services.tokens.get(session)).accessToken, token.accessToken, 'We renew what it wrote.');
  });

  it('we ask for a sign-in, and only when it is due, after the AWS SDK lost the refresh token', async () => {
    await open({ refreshTokens: 'omit' });
    await signIn();
    await writeProfile();
    await ageToken();
    assert.deepEqual(await sdk('fromSSO'), developer);
    const raw = JSON.parse(await fs.readFile(cache.fileOf(session), 'utf8')) as Record<string, unknown>;
    assert.equal(raw['refreshToken'], undefined, 'The SDK overwrites it with nothing.');
    await services.tokens.get(session);
    const state = await services.state(session);
    assert.ok(state.kind === 'active' && !state.renewable);
  });

  it('botocore, and so the AWS CLI, uses our token and we use what it renewed', async () => {
    await open();
    await signIn();
    await writeProfile();
    assert.deepEqual(await botocore(), developer);
    const old = await ageToken();
    assert.deepEqual(await botocore(), developer);
    const calls = fake.callsTo('CreateToken').length;
    assert.notEqual((await services.tokens.get(session)).accessToken, old);
    assert.equal(fake.callsTo('CreateToken').length, calls);
    assert.equal((await services.state(session)).kind, 'active');
  });

  it('agrees with botocore on the file of a session whose name has a space and accents', async () => {
    await open();
    session = { ...session, name: 'Équipe Zürich' };
    await signIn();
    await fs.writeFile(
      configFile(),
      `[sso-session "Équipe Zürich"]\nsso_start_url = ${fake.startUrl}\nsso_region = ${fake.region}\n` +
        `[profile dev]\nsso_session = Équipe Zürich\nsso_account_id = 111122223333\nsso_role_name = Developer\n`,
    );
    assert.deepEqual(await botocore(), developer);
  });

  it('calls an AWS service as a role that was picked from the list, with no profile', async () => {
    await open();
    await signIn();
    const aws = await startMinistack();
    const sts = new STS({
      region: 'us-east-1',
      endpoint: aws.endpoint,
      credentials: services.roleCredentials.provider({
        session,
        accountId: '444455556666',
        roleName: 'ReadOnly',
      }),
    });
    try {
      assert.equal((await sts.getCallerIdentity({})).Account, '444455556666');
      await services.signOut(session);
      await assert.rejects(
        services.roleCredentials.get({ session, accountId: '444455556666', roleName: 'ReadOnly' }),
        (error) => WorkbenchError.is(error, 'SignInRequired'),
      );
    } finally {
      sts.destroy();
      await aws.dispose();
    }
  });
});
