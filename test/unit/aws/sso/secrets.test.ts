import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { ssoFixture, type SsoFixture } from './ssoFixture';
import type { FakeOperation, Fault } from '../../../fakes/identityCenter';

describe('secrets of a sign-in', () => {
  let sso: SsoFixture;

  afterEach(() => sso.dispose());

  const kinds: Omit<Fault, 'operation'>[] = [
    { kind: 'dropAnswer' },
    { kind: 'cut' },
    { kind: 'html' },
    { kind: 'status', status: 500 },
    { kind: 'error', error: 'InvalidRequestException' },
  ];
  const operations: FakeOperation[] = [
    'RegisterClient',
    'StartDeviceAuthorization',
    'CreateToken',
    'ListAccounts',
    'ListAccountRoles',
    'GetRoleCredentials',
    'Logout',
  ];

  /** Waits for work however it ends, and notes an error as output. */
  const note = async (work: Promise<unknown>): Promise<void> => {
    const error: unknown = await sso.run(
      work.then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
    );
    sso.outputs.push(inspect(error, { depth: 12, showHidden: true }), String((error as Error | undefined)?.stack));
  };

  for (const operation of operations) {
    it(`are in no log, error, event or state, whatever goes wrong with ${operation}`, async () => {
      for (const fault of kinds) {
        sso = await ssoFixture({ consent: 'allow', deviceCodeSeconds: 20 });
        const { services, session } = sso;
        await sso.signIn();
        sso.fake.addFault({ ...fault, operation, times: 999 });
        const list = async (): Promise<void> => {
          for await (const account of services.accounts.accountsAndRoles(session)) sso.outputs.push(inspect(account));
        };
        await note(list());
        await note(services.roleCredentials.get({ session, accountId: '111122223333', roleName: 'Developer' }));
        sso.clock.advance(61 * 60_000);
        await note(services.tokens.get(session));
        sso.outputs.push(inspect(await services.state(session)));
        // Other scopes, so that a new registration is needed and can fail too.
        const fresh = { ...session, name: 'fresh', scopes: ['sso:account:access', 'openid'] };
        await note(services.signIn.signIn({ session: fresh, flow: 'deviceCode', onUserAction: sso.onUserAction }));
        sso.outputs.push(inspect(await sso.run(services.signOut(session))));
        assert.ok(sso.fake.secrets.size > 5 && sso.outputs.length > 5);
        sso.assertNoSecretLeaked();
        if (fault !== kinds.at(-1)) await sso.dispose();
      }
    });
  }

  it('are in no error about a file that is half written', async () => {
    sso = await ssoFixture();
    await sso.signIn();
    const whole = JSON.stringify(await sso.rawToken());
    for (const name of ['accessToken', 'clientSecret', 'refreshToken']) {
      // Cut in the middle of the secret, of which a parser would quote the beginning.
      await sso.putRaw(whole.slice(0, whole.indexOf(`"${name}"`) + name.length + 40));
      const started = sso.openWindow();
      await note(started.tokens.get(sso.session));
      sso.outputs.push(inspect(await started.state(sso.session)));
    }
    for (const secret of sso.fake.secrets) {
      assert.ok(!sso.outputs.join('\n').includes(secret.slice(0, 16)), 'Not even the beginning of one.');
    }
  });

  it('are in no log, error or page of a sign-in in the browser', async () => {
    sso = await ssoFixture();
    for (const fault of [undefined, ...kinds]) {
      sso.events.length = 0;
      if (fault !== undefined) sso.fake.addFault({ ...fault, operation: 'CreateToken', times: 3 });
      const done = note(
        sso.services.signIn.signIn({ session: sso.session, flow: 'browser', onUserAction: sso.onUserAction }),
      );
      const page = await sso.fake.browse((await sso.event('browser')).url);
      sso.outputs.push(page.text);
      await done;
      sso.fake.clearFaults();
    }
    sso.assertNoSecretLeaked();
  });

  it('are found by this test when one does leak', async () => {
    sso = await ssoFixture();
    const token = await sso.signIn();
    sso.logger.info(`Bearer ${token.accessToken}`);
    assert.throws(() => sso.assertNoSecretLeaked(), /A secret leaked/);
  });
});
