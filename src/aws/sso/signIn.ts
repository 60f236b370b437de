import type { Disposable } from '../../core/disposable';
import { WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { ClientRegistration, ClientRegistrations } from './clientRegistration';
import type { Clock } from './clock';
import { runDeviceFlow } from './deviceFlow';
import { runPkceFlow } from './pkceFlow';
import type { SsoToken } from './sharedTokenCache';
import type { SsoClients } from './ssoClients';
import { cancelled, describeFailure, errorName, isRefusal, safeCause, toSsoError } from './ssoError';
import { checkSsoSession, tokenCacheKey, type SignInFlow, type SsoSession } from './ssoSession';
import type { SsoTokenProvider } from './tokenRefresh';

/** What the person has to do, or what became of it. Nothing in it is a secret, but the code is theirs alone. */
export type SignInEvent =
  /** The authorize page was opened; where `opened` is false, the editor could not, and must offer the address. */
  | {
      kind: 'browser';
      url: string;
      opened: boolean;
      expiresAt: number;
      /** Opens the page once more. */
      open: () => Promise<boolean>;
      /** Gives the browser up and goes on with a device code. */
      useDeviceCode: () => void;
    }
  /** A code to show and compare. The page is opened when the person asks for it, by `open`. */
  | {
      kind: 'deviceCode';
      userCode: string;
      verificationUri: string;
      verificationUriComplete: string;
      expiresAt: number;
      open: () => Promise<boolean>;
    }
  | { kind: 'signedIn'; by: SignInFlow | 'elsewhere'; expiresAt: number };

export interface SignInRequest {
  session: SsoSession;
  /** Legacy sessions always take a device code: they are registered without scopes, as the AWS CLI does. */
  flow: SignInFlow;
  signal?: AbortSignal | undefined;
  onUserAction: (event: SignInEvent) => void;
}

export interface SignInOptions {
  tokens: SsoTokenProvider;
  registrations: ClientRegistrations;
  clients: SsoClients;
  clock: Clock;
  logger: Logger;
  /** Opens a page in the person's browser; resolves to whether that worked. */
  openBrowser: (url: string) => Promise<boolean>;
}

/** A sign-in that waits for a person. */
interface RunningSignIn {
  flow: SignInFlow;
  abort(reason: WorkbenchError): void;
  done: Promise<unknown>;
}

/** How often the cache is looked at while a person signs in: they may do it in another window or with the AWS CLI. */
const lookElsewhereMs = 3_000;

/** Reason with which the browser flow ends when the person prefers a device code. */
const switchToDeviceCode = new WorkbenchError('Cancelled', 'The browser was given up for a device code.', {
  remedy: 'Use the device code.',
});

/** Signs people in, one sign-in per session at a time. */
export class SsoSignIn implements Disposable {
  readonly #options: SignInOptions;
  readonly #running = new Map<string, RunningSignIn>();

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** The flow of the sign-in of that session that is waiting for a person, if one is. */
  flowOf(session: SsoSession): SignInFlow | undefined {
    return this.#running.get(tokenCacheKey(session))?.flow;
  }

  /**
   * Signs a person in and stores the token for all tools on this machine. A sign-in of the same session that is still
   * waiting is given up.
   * @throws WorkbenchError: `Cancelled` (by `signal`, a newer sign-in, or `dispose`), `SignInRequired` where the person
   * refused, `Timeout` where they took too long or AWS could not be reached, `InvalidInput` where AWS refused the
   * session's settings.
   */
  async signIn(request: SignInRequest): Promise<SsoToken> {
    const { session, signal } = request;
    checkSsoSession(session);
    const key = tokenCacheKey(session);
    const older = this.#running.get(key);
    older?.abort(cancelled(`A newer sign-in to ${session.name} replaced this one.`));

    const controller = new AbortController();
    const onAbort = (): void => controller.abort(cancelled(`The sign-in to ${session.name} was cancelled.`));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const running: RunningSignIn = {
      flow: session.legacy === true ? 'deviceCode' : request.flow,
      abort: (reason) => controller.abort(reason),
      done: Promise.resolve(),
    };
    this.#running.set(key, running);
    const done = (async () => {
      // Its port must be closed and its poll be over before ours begin.
      await older?.done;
      return this.#run(request, running, controller.signal);
    })();
    running.done = done.catch(() => undefined);
    try {
      return await done;
    } catch (error) {
      if (controller.signal.aborted) throw controller.signal.reason;
      const failure = toSsoError(error, session, 'signed in to');
      this.#options.logger.warn(`${failure.message} ${failure.remedy}`);
      throw failure;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      if (this.#running.get(key) === running) this.#running.delete(key);
      controller.abort();
    }
  }

  dispose(): void {
    for (const running of this.#running.values()) running.abort(cancelled('The sign-in was given up with the window.'));
  }

  async #run(request: SignInRequest, running: RunningSignIn, signal: AbortSignal): Promise<SsoToken> {
    const { session } = request;
    const { tokens } = this.#options;
    signal.throwIfAborted();
    const before = (await tokens.peek(session))?.accessToken;
    const elsewhere = new AbortController();
    const flows = new AbortController();
    let here: Promise<{ token: SsoToken; by: SignInFlow }> | undefined;
    try {
      // From then on the token that appears in the cache is our own.
      const onToken = (): void => elsewhere.abort();
      here = this.#runFlows(request, running, AbortSignal.any([signal, flows.signal]), onToken);
      const there = this.#watchElsewhere(session, before, AbortSignal.any([signal, elsewhere.signal]));
      // A watch that was called off has no say.
      const never = new Promise<never>(() => undefined);
      const { token, by } = await Promise.race([here, there.catch(() => never)]);
      this.#tell(request, { kind: 'signedIn', by, expiresAt: token.expiresAt });
      this.#options.logger.info(`${session.name}: signed in (${by}).`);
      return token;
    } finally {
      elsewhere.abort();
      flows.abort();
      // Nothing of it may be left, its port least of all.
      await here?.catch(() => undefined);
    }
  }

  async #runFlows(
    request: SignInRequest,
    running: RunningSignIn,
    signal: AbortSignal,
    onToken: () => void,
  ): Promise<{ token: SsoToken; by: SignInFlow }> {
    if (running.flow === 'browser') {
      try {
        return { token: await this.#inBrowser(request, signal, onToken), by: 'browser' };
      } catch (error) {
        if (error !== switchToDeviceCode) throw error;
        running.flow = 'deviceCode';
      }
    }
    return { token: await this.#withDeviceCode(request, signal, onToken), by: 'deviceCode' };
  }

  async #inBrowser(request: SignInRequest, signal: AbortSignal, onToken: () => void): Promise<SsoToken> {
    const { session } = request;
    const { clients, clock, logger, tokens } = this.#options;
    const switched = new AbortController();
    const flowSignal = AbortSignal.any([signal, switched.signal]);
    try {
      const registration = await this.#browserRegistration(session, flowSignal);
      return await this.#forgettingUnknownClients(session, 'browser', () =>
        runPkceFlow({
          session,
          registration,
          clients,
          clock,
          logger,
          signal: flowSignal,
          store: (token) => {
            onToken();
            return tokens.accept(session, token);
          },
          onAuthorizeUrl: (url, expiresAt) => {
            const useDeviceCode = (): void => switched.abort(switchToDeviceCode);
            void this.#openAndTell(request, { url, expiresAt, useDeviceCode }, flowSignal);
          },
        }),
      );
    } catch (error) {
      throw switched.signal.aborted ? switchToDeviceCode : error;
    }
  }

  async #openAndTell(
    request: SignInRequest,
    page: { url: string; expiresAt: number; useDeviceCode: () => void },
    signal: AbortSignal,
  ): Promise<void> {
    const open = (): Promise<boolean> => this.#open(page.url);
    const opened = await open();
    if (!signal.aborted) this.#tell(request, { kind: 'browser', ...page, opened, open });
  }

  async #browserRegistration(session: SsoSession, signal: AbortSignal): Promise<ClientRegistration> {
    try {
      return await this.#options.registrations.get(session, 'browser', signal);
    } catch (error) {
      // An Identity Center that knows no authorization codes for public clients still knows device codes.
      if (!isRefusal(error)) throw error;
      this.#options.logger.info(
        `${session.name} takes no sign-in in the browser (${errorName(error)}); using a device code.`,
      );
      throw switchToDeviceCode;
    }
  }

  async #withDeviceCode(request: SignInRequest, signal: AbortSignal, onToken: () => void): Promise<SsoToken> {
    const { session } = request;
    const { clients, clock, logger, tokens, registrations } = this.#options;
    const registration = await registrations.get(session, 'deviceCode', signal);
    const token = await this.#forgettingUnknownClients(session, 'deviceCode', () =>
      runDeviceFlow({
        session,
        registration,
        clients,
        clock,
        logger,
        signal,
        onPrompt: (prompt) =>
          this.#tell(request, {
            kind: 'deviceCode',
            ...prompt,
            open: () => this.#open(prompt.verificationUriComplete),
          }),
      }),
    );
    onToken();
    await tokens.accept(session, token);
    return token;
  }

  /** An administrator may delete our registration at AWS. The next sign-in must not fail for the same reason. */
  async #forgettingUnknownClients<T>(session: SsoSession, flow: SignInFlow, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (/^(?:InvalidClient|UnauthorizedClient|InvalidGrant|InvalidRequest)/.test(errorName(error))) {
        await this.#options.registrations.discard(session, flow);
      }
      throw error;
    }
  }

  async #watchElsewhere(
    session: SsoSession,
    before: string | undefined,
    signal: AbortSignal,
  ): Promise<{ token: SsoToken; by: 'elsewhere' }> {
    const { clock, tokens } = this.#options;
    for (;;) {
      await clock.delay(lookElsewhereMs, signal);
      const token = await tokens.peek(session);
      signal.throwIfAborted();
      if (token !== undefined && token.accessToken !== before && token.expiresAt > clock.now()) {
        return { token, by: 'elsewhere' };
      }
    }
  }

  /** What shows a sign-in must not be able to break it. */
  #tell(request: SignInRequest, event: SignInEvent): void {
    try {
      request.onUserAction(event);
    } catch (error) {
      this.#options.logger.error(safeCause(error));
    }
  }

  /** Opens only web pages: the address came from the network. */
  async #open(url: string): Promise<boolean> {
    if (!/^https?:\/\//i.test(url)) return false;
    try {
      return await this.#options.openBrowser(url);
    } catch (error) {
      this.#options.logger.warn(`The browser could not be opened: ${describeFailure(error)}.`);
      return false;
    }
  }
}
