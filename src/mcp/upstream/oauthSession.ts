import { randomBytes } from 'node:crypto';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import { redactText } from '../../core/redact';
import { startCallbackServer, type CallbackServer } from '../../aws/sso/callbackServer';
import type { HttpServerDefinition } from './managedServer';
import { OAuthProvider } from './oauthProvider';
import { OAuthStore } from './oauthStore';
import type { AuthorizationRefusal, RequestAuthorizer } from './requestAuthorizer';
import { resolveSetting, type SecretStore } from './secretSource';

export interface OAuthSessionOptions {
  server: HttpServerDefinition;
  secrets: SecretStore;
  logger: Logger;
  openBrowser: ((url: URL) => Promise<void>) | undefined;
  /** The address under which the browser reaches a port of this machine. */
  externalUri: ((uri: URL) => Promise<URL>) | undefined;
  clientMetadataUrl: string | undefined;
}

/** What a server said that it wants, at its latest refusal. */
interface Challenge {
  resourceMetadataUrl?: URL;
  scope?: string;
  isStepUp: boolean;
}

/** Milliseconds for a person to sign in. */
const signInMs = 5 * 60 * 1000;

/**
 * The sign-in to one server by OAuth 2.1 (MCP authorization, 2025-11-25 and 2026-07-28): discovery, registration, PKCE,
 * refresh and step-up are the SDK's; here is who may be asked when, and where things are kept. Requests never open a
 * browser by themselves: they fail with `SignInRequired`, and a person decides.
 */
export class OAuthSession implements RequestAuthorizer {
  readonly #options: OAuthSessionOptions;
  readonly #store: OAuthStore;
  #challenge: Challenge = { isStepUp: false };
  #renewing: Promise<boolean> | undefined;
  #signingIn: Promise<void> | undefined;

  constructor(options: OAuthSessionOptions) {
    this.#options = options;
    this.#store = new OAuthStore(options.secrets, options.server.url);
  }

  async authorize(): Promise<Readonly<Record<string, string>>> {
    const token = await this.#token();
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Renews the token, where that is possible without a person. */
  async onRefusal(refusal: AuthorizationRefusal): Promise<boolean> {
    const token = await this.#token();
    const hasNewer = refusal.authorization !== undefined && refusal.authorization !== `Bearer ${token}`;
    // Another request renewed it while this one was on its way.
    if (refusal.status === 401 && token !== undefined && hasNewer) return true;
    this.#renewing ??= this.#renew(refusal).finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  /** The same for requests that a person waits for: signs in with the browser where that is needed. */
  interactive(signal: AbortSignal): RequestAuthorizer {
    return {
      authorize: () => this.authorize(),
      onRefusal: async (refusal) => {
        try {
          return await this.onRefusal(refusal);
        } catch (error) {
          if (!WorkbenchError.is(error, 'SignInRequired')) throw error;
          await this.signIn(signal);
          return true;
        }
      },
    };
  }

  /**
   * Signs in with the browser.
   * @throws WorkbenchError `SignInRequired` where the person did not or the server refused, `Timeout`, `Cancelled`,
   * `Unsupported` where there is no browser.
   */
  signIn(signal: AbortSignal): Promise<void> {
    this.#signingIn ??= this.#signIn(signal).finally(() => (this.#signingIn = undefined));
    return this.#signingIn;
  }

  /** Forgets tokens and registration. */
  async signOut(): Promise<void> {
    await this.#store.forget();
    this.#challenge = { isStepUp: false };
  }

  async #token(): Promise<string | undefined> {
    const { tokens, issuer } = await this.#store.read();
    return tokens[issuer ?? '']?.access_token;
  }

  async #renew({ status, headers }: AuthorizationRefusal): Promise<boolean> {
    const { extractWWWAuthenticateParams, computeScopeUnion, auth } = await import('@modelcontextprotocol/client');
    const said = extractWWWAuthenticateParams(
      new Response(null, { status, headers: { 'www-authenticate': headers['www-authenticate'] ?? '' } }),
    );
    const isStepUp = status === 403 && said.error === 'insufficient_scope';
    // Any other 403 is about what may be done, and signing in again changes nothing.
    if (status === 403 && !isStepUp) return false;
    const { tokens, issuer } = await this.#store.read();
    const held = tokens[issuer ?? ''];
    const scope = isStepUp ? computeScopeUnion(held?.scope, said.scope) : said.scope;
    this.#challenge = {
      ...(said.resourceMetadataUrl ? { resourceMetadataUrl: said.resourceMetadataUrl } : {}),
      ...(scope === undefined ? {} : { scope }),
      isStepUp,
    };
    // A refreshed token has the scope of the one before.
    if (isStepUp || held?.refresh_token === undefined) throw signInRequired(this.#options.server.name, isStepUp);
    try {
      const provider = await this.#provider(undefined);
      return (await auth(provider, { ...this.#authOptions() })) === 'AUTHORIZED';
    } catch (error) {
      if (WorkbenchError.is(error)) throw error;
      this.#options.logger.debug(`${this.#options.server.name}: ${redactText(messageOf(error))}`);
      throw signInRequired(this.#options.server.name, false, error);
    }
  }

  async #signIn(signal: AbortSignal): Promise<void> {
    const { openBrowser, server } = this.#options;
    if (!openBrowser) {
      throw new WorkbenchError('Unsupported', `Signing in to ${server.name} needs a browser.`, {
        remedy: 'Sign in to it in the editor.',
      });
    }
    const state = randomBytes(24).toString('base64url');
    const listener = await this.#listen(state);
    try {
      const redirectUri = await this.#wayBack(listener);
      await this.#signInAt(listener, { uri: redirectUri, state }, openBrowser, signal);
    } catch (cause) {
      if (WorkbenchError.is(cause)) throw cause;
      throw new WorkbenchError(
        'SignInRequired',
        `Signing in to ${server.name} failed: ${redactText(messageOf(cause))}`,
        { remedy: 'Try again, or check the settings of its authorization server.', cause },
      );
    } finally {
      listener.close();
    }
  }

  async #signInAt(
    listener: CallbackServer,
    redirect: { uri: string; state: string },
    openBrowser: (url: URL) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { auth } = await import('@modelcontextprotocol/client');
    const provider = await this.#provider(redirect);
    const options = this.#authOptions();
    // What was discovered may be of before the server changed its mind.
    await provider.invalidateCredentials('discovery');
    const result = await auth(provider, { ...options, forceReauthorization: this.#challenge.isStepUp });
    if (result === 'AUTHORIZED') return;
    const { authorizationUrl } = provider;
    if (!authorizationUrl || !/^https?:$/.test(authorizationUrl.protocol)) {
      throw new Error('The authorization server gave no address to sign in at.');
    }
    // Whatever opens the browser may itself wait until the page has come to an end.
    const opened = openBrowser(authorizationUrl).then(() => new Promise<never>(() => undefined));
    const { outcome, answer } = await within(Promise.race([listener.callback, opened]), signal);
    try {
      if (outcome.kind === 'error') throw new Error(`The authorization server answered ${outcome.error}.`);
      await auth(provider, {
        ...options,
        authorizationCode: outcome.code,
        ...(outcome.issuer === undefined ? {} : { iss: outcome.issuer }),
      });
    } catch (error) {
      await answer({ title: 'Signing in failed', message: 'Go back to the editor to read why.', isSuccess: false });
      throw error;
    }
    await answer({ title: 'You are signed in', message: 'Close this tab and go back to the editor.', isSuccess: true });
  }

  #authOptions(): { serverUrl: string; scope?: string; resourceMetadataUrl?: URL } {
    const { server } = this.#options;
    const { scope = server.auth.kind === 'oauth' ? server.auth.scope : undefined, resourceMetadataUrl } =
      this.#challenge;
    return {
      serverUrl: server.url,
      ...(scope === undefined ? {} : { scope }),
      ...(resourceMetadataUrl ? { resourceMetadataUrl } : {}),
    };
  }

  /** Listens where the client was registered to be sent back to, if that port is free. */
  async #listen(state: string): Promise<CallbackServer> {
    const { logger } = this.#options;
    const { redirectPort } = await this.#store.read();
    let listener: CallbackServer | undefined;
    if (redirectPort !== undefined) {
      listener = await startCallbackServer({ state, logger, port: redirectPort }).catch(() => undefined);
    }
    return listener ?? startCallbackServer({ state, logger });
  }

  /**
   * The address that the browser is sent back to. In a remote window the port is here and the browser elsewhere, so it
   * comes by what the editor forwards. A client that was registered with another address has to register again.
   */
  async #wayBack(listener: CallbackServer): Promise<string> {
    const here = new URL(listener.redirectUri);
    const external = (await this.#options.externalUri?.(here)) ?? here;
    listener.alsoKnownAs(external.host);
    const { redirectUri } = await this.#store.read();
    if (redirectUri !== external.href) {
      await this.#store.change((record) => {
        record.redirectPort = Number(here.port);
        record.redirectUri = external.href;
        record.clients = {};
      });
    }
    return external.href;
  }

  async #provider(redirect: { uri: string; state: string } | undefined): Promise<OAuthProvider> {
    const { server, secrets, clientMetadataUrl } = this.#options;
    const settings = server.auth.kind === 'oauth' ? server.auth : undefined;
    const secret = settings?.clientSecret && (await resolveSetting(settings.clientSecret, secrets));
    const client =
      settings?.clientId === undefined
        ? undefined
        : { client_id: settings.clientId, ...(secret === undefined ? {} : { client_secret: secret }) };
    return new OAuthProvider({
      store: this.#store,
      client,
      clientMetadataUrl,
      scope: settings?.scope,
      ...(redirect ? { redirect } : {}),
    });
  }
}

function signInRequired(name: string, isStepUp: boolean, cause?: unknown): WorkbenchError {
  const message = isStepUp ? `The server ${name} wants more permissions.` : `The server ${name} wants you to sign in.`;
  return new WorkbenchError('SignInRequired', message, { remedy: 'Sign in to it in the Servers view.', cause });
}

async function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const given = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new WorkbenchError('Timeout', 'Nobody signed in in time.', { remedy: 'Start the sign-in again.' })),
      signInMs,
    );
    onAbort = () =>
      reject(new WorkbenchError('Cancelled', 'The sign-in was cancelled.', { remedy: 'Start the sign-in again.' }));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, given]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
