import type {
  OAuthClientInformationContext,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { WorkbenchError } from '../../core/errors';
import type { OAuthStore } from './oauthStore';

export interface OAuthProviderOptions {
  store: OAuthStore;
  /** Registered in advance by the user. */
  client: StoredOAuthClientInformation | undefined;
  clientMetadataUrl: string | undefined;
  scope: string | undefined;
  /** Where the browser comes back to, and what it must bring; absent while nobody may be asked. */
  redirect?: { uri: string; state: string };
}

/** One run through the authorization flow of the SDK, with what is stored. */
export class OAuthProvider implements OAuthClientProvider {
  readonly #options: OAuthProviderOptions;
  #verifier = '';
  #authorizationUrl: URL | undefined;

  constructor(options: OAuthProviderOptions) {
    this.#options = options;
  }

  /** Where a person is to go, once the flow has come to that. */
  get authorizationUrl(): URL | undefined {
    return this.#authorizationUrl;
  }

  get redirectUrl(): string {
    return this.#options.redirect?.uri ?? 'http://127.0.0.1/oauth/callback';
  }

  get clientMetadataUrl(): string | undefined {
    return this.#options.clientMetadataUrl;
  }

  get clientMetadata(): OAuthClientMetadata {
    const { scope } = this.#options;
    return {
      client_name: 'MCP Workbench',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      ...(scope === undefined ? {} : { scope }),
    };
  }

  state(): string {
    return this.#options.redirect?.state ?? '';
  }

  async clientInformation(context?: OAuthClientInformationContext): Promise<StoredOAuthClientInformation | undefined> {
    if (this.#options.client) return this.#options.client;
    const { clients, issuer } = await this.#options.store.read();
    return clients[context?.issuer ?? issuer ?? ''];
  }

  async saveClientInformation(
    information: StoredOAuthClientInformation,
    context?: OAuthClientInformationContext,
  ): Promise<void> {
    await this.#options.store.change((record) => {
      record.clients[context?.issuer ?? ''] = information;
    });
  }

  async tokens(context?: OAuthClientInformationContext): Promise<StoredOAuthTokens | undefined> {
    const { tokens, issuer } = await this.#options.store.read();
    return tokens[context?.issuer ?? issuer ?? ''];
  }

  async saveTokens(tokens: StoredOAuthTokens, context?: OAuthClientInformationContext): Promise<void> {
    await this.#options.store.change((record) => {
      const issuer = context?.issuer ?? record.issuer ?? '';
      record.tokens[issuer] = tokens;
      record.issuer = issuer;
    });
  }

  redirectToAuthorization(authorizationUrl: URL): void {
    if (!this.#options.redirect) {
      throw new WorkbenchError('SignInRequired', 'The server wants a person to sign in.', {
        remedy: 'Sign in to it in the Servers view.',
      });
    }
    this.#authorizationUrl = authorizationUrl;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  async saveDiscoveryState(state: OAuthDiscoveryState): Promise<void> {
    await this.#options.store.change((record) => {
      record.discovery = state;
    });
  }

  async discoveryState(): Promise<OAuthDiscoveryState | undefined> {
    return (await this.#options.store.read()).discovery;
  }

  async invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): Promise<void> {
    if (scope === 'verifier') {
      this.#verifier = '';
      return;
    }
    await this.#options.store.change((record) => {
      if (scope === 'all' || scope === 'client') record.clients = {};
      if (scope === 'all' || scope === 'tokens') record.tokens = {};
      if (scope === 'all' || scope === 'discovery') delete record.discovery;
    });
  }
}
