import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { inspect } from 'node:util';
import { WorkbenchError, type ErrorCode } from '../../../../src/core/errors';
import type { Logger } from '../../../../src/core/logger';
import { SharedTokenCache, type SsoToken } from '../../../../src/aws/sso/sharedTokenCache';
import type { SignInEvent } from '../../../../src/aws/sso/signIn';
import { SsoServices } from '../../../../src/aws/sso/ssoServices';
import type { SsoSession } from '../../../../src/aws/sso/ssoSession';
import type { SsoSessionChange } from '../../../../src/aws/sso/tokenRefresh';
import { startIdentityCenter, type IdentityCenter, type IdentityCenterOptions } from '../../../fakes/identityCenter';
import { ManualClock } from '../../../fakes/manualClock';

/** Noon, so that times in messages are of one day in every time zone that is near. */
export const startTime = Date.parse('2026-03-02T12:00:00Z');

/** A fake Identity Center, a home folder, a clock that stands still, and our services on them. */
export class SsoFixture {
  readonly fake: IdentityCenter;
  readonly clock: ManualClock;
  readonly home: string;
  readonly session: SsoSession;
  readonly cache: SharedTokenCache;
  readonly logger: Logger;
  /** Everything that was logged, and every event and error that was looked at. */
  readonly outputs: string[] = [];
  readonly events: SignInEvent[] = [];
  readonly changes: SsoSessionChange['what'][] = [];
  readonly opened: string[] = [];
  readonly services: SsoServices;
  readonly #windows: SsoServices[] = [];

  constructor(fake: IdentityCenter, clock: ManualClock, home: string) {
    this.fake = fake;
    this.clock = clock;
    this.home = home;
    this.session = {
      name: 'acme-sso',
      startUrl: fake.startUrl,
      region: fake.region,
      scopes: ['sso:account:access'],
    };
    this.cache = new SharedTokenCache(home);
    const log = (message: string | Error): void => void this.outputs.push(inspect(message, { depth: 12 }));
    this.logger = { debug: log, info: log, warn: log, error: log };
    this.services = this.openWindow();
    this.services.tokens.onDidChange(({ what }) => this.changes.push(what));
  }

  /** Another editor window on the same home folder. */
  openWindow(overrides: { endpoints?: { oidc?: string; portal?: string }; patienceMs?: number } = {}): SsoServices {
    const services = new SsoServices({
      homeDirectory: this.home,
      clock: this.clock,
      logger: this.logger,
      ...(overrides.patienceMs === undefined ? {} : { patienceMs: overrides.patienceMs }),
      endpoints: { ...this.fake.endpoints, ...overrides.endpoints },
      openBrowser: (url) => {
        this.opened.push(url);
        return Promise.resolve(true);
      },
    });
    this.#windows.push(services);
    return services;
  }

  readonly onUserAction = (event: SignInEvent): void => {
    this.events.push(event);
    this.outputs.push(inspect(event, { depth: 12 }));
  };

  /** Runs the clock while `promise` is waited for. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.clock.runUntil(promise, () => this.fake.inFlight === 0);
  }

  /** Waits for an event of the sign-in under way. */
  async event<K extends SignInEvent['kind']>(kind: K): Promise<Extract<SignInEvent, { kind: K }>> {
    for (;;) {
      const found = this.events.find((event) => event.kind === kind);
      if (found !== undefined) return found as Extract<SignInEvent, { kind: K }>;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Signs in by device code, allowed at once. */
  async signIn(services = this.services, session = this.session): Promise<SsoToken> {
    const consent = this.fake.consent;
    this.fake.consent = 'allow';
    try {
      return await this.run(services.signIn.signIn({ session, flow: 'deviceCode', onUserAction: this.onUserAction }));
    } finally {
      this.fake.consent = consent;
    }
  }

  /** The error with which `promise` ends, checked for its code and noted as output. */
  async failure(promise: Promise<unknown>, code: ErrorCode): Promise<WorkbenchError> {
    const error: unknown = await promise.then(
      (value) => assert.fail(`It gave ${inspect(value)}`),
      (thrown: unknown) => thrown,
    );
    this.outputs.push(inspect(error, { depth: 12, showHidden: true }));
    if (!WorkbenchError.is(error)) throw error;
    this.outputs.push(JSON.stringify(error.toReport()));
    assert.equal(error.code, code, error.message);
    assert.ok(error.remedy.length > 10, 'It says what to do.');
    return error;
  }

  async rawToken(): Promise<Record<string, unknown>> {
    return JSON.parse(await fs.readFile(this.cache.fileOf(this.session), 'utf8')) as Record<string, unknown>;
  }

  /** Puts text where the session's token is, as another tool would. */
  async putRaw(text: string): Promise<void> {
    await fs.mkdir(this.cache.folder, { recursive: true });
    await fs.writeFile(this.cache.fileOf(this.session), text);
  }

  /** Fails if a secret of the fake is in anything that was logged, thrown or shown. */
  assertNoSecretLeaked(): void {
    const all = this.outputs.join('\n');
    for (const secret of this.fake.secrets) {
      assert.ok(!all.includes(secret), `A secret leaked: …${secret.slice(-6)}`);
    }
  }

  async dispose(): Promise<void> {
    for (const window of this.#windows) window.dispose();
    await this.fake.dispose();
    await fs.rm(this.home, { recursive: true, force: true });
  }
}

/** @param options of the fake; it shares the clock. */
export async function ssoFixture(options: IdentityCenterOptions = {}): Promise<SsoFixture> {
  const clock = new ManualClock(startTime);
  const fake = await startIdentityCenter({ now: () => clock.now(), ...options });
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'workbench-sso-'));
  return new SsoFixture(fake, clock, home);
}
