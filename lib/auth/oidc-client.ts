import { readFileSync } from 'node:fs';
import * as client from 'openid-client';
import { clientAuthentication } from './client-authentication';
import { type LoggedOut, LogoutTokens } from './logout-token';
import { ProviderError, providerError } from './provider-error';
import { PROVIDER_TIMEOUT_S, ProviderConnection } from './provider-fetch';
import { isSecureUrl, type MethodOf } from './sign-in-method';

/** What a provider publishes of itself is read again after this; what was known serves while it does not answer. */
const DISCOVERY_TTL_MS = 3_600_000;
/** Clocks of provider and console may differ by this much. */
const CLOCK_TOLERANCE_S = 60;

export type OidcSettings = MethodOf<'oidc'>;

/** What the browser has to bring back with the provider's answer; kept sealed in a cookie meanwhile. */
export interface PendingSignIn {
  state: string;
  nonce: string;
  /** PKCE */
  verifier: string;
  redirectUri: string;
}

/** What a provider gave. */
export interface ProviderTokens {
  /** For the cluster, by the method's `token`. */
  token: string;
  /** When it ends, in ms since the epoch. */
  expiresAt?: number;
  refreshToken?: string;
  idToken?: string;
  issuer: string;
  subject: string;
  /** The provider's id of its session. */
  providerSid?: string;
  /** Of the ID token, verified. */
  claims: Readonly<Record<string, unknown>>;
}

interface Discovered {
  at: number;
  config: client.Configuration;
  connection: ProviderConnection;
  logoutTokens: LogoutTokens;
}

/** One OpenID Connect provider as one client of it. It keeps nothing of anybody's session. */
export class OidcClient {
  private discovering: Promise<Discovered> | undefined;
  private known: Discovered | undefined;
  private readonly seenLogouts = new Map<string, number>();

  constructor(private readonly settings: OidcSettings) {}

  /** Where to send the browser, and what to keep until it comes back. @throws ProviderError */
  async begin(redirectUri: string): Promise<{ url: string; pending: PendingSignIn }> {
    const { scopes, prompt, acrValues, extraParams } = this.settings;
    const { config } = await this.discover();
    const verifier = client.randomPKCECodeVerifier();
    const pending = { state: client.randomState(), nonce: client.randomNonce(), verifier, redirectUri };
    const url = client.buildAuthorizationUrl(config, {
      ...extraParams,
      ...(prompt ? { prompt } : {}),
      ...(acrValues ? { acr_values: acrValues } : {}),
      scope: [...new Set(['openid', ...scopes])].join(' '),
      redirect_uri: redirectUri,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: secure(url), pending };
  }

  /** Takes the provider's answer. @param query of the request by which the browser came back. @throws ProviderError */
  finish(
    query: URLSearchParams,
    { state, nonce, verifier, redirectUri }: PendingSignIn,
  ): Promise<ProviderTokens> {
    return this.ask(async (config) => {
      const answer = new URL(`?${query}`, redirectUri);
      const tokens = await client.authorizationCodeGrant(config, answer, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      return this.read(tokens, undefined);
    });
  }

  /**
   * New tokens for a refresh token; whoever calls sees to it that each is used once.
   * @param before the tokens that are to be replaced: it has to stay the same person.
   * @throws ProviderError `grant-refused` when the provider has ended the session.
   */
  refresh(before: { refreshToken: string; subject: string; providerSid?: string }): Promise<ProviderTokens> {
    return this.ask(async (config) => {
      const tokens = await client.refreshTokenGrant(config, before.refreshToken);
      const next = this.read(tokens, before);
      if (next.subject !== before.subject)
        throw new ProviderError('token-invalid', 'it is about somebody else');
      return {
        ...next,
        refreshToken: next.refreshToken ?? before.refreshToken,
        ...(before.providerSid && !next.providerSid ? { providerSid: before.providerSid } : {}),
      };
    });
  }

  /** Takes a refresh token from the provider's books. False where the provider has no endpoint for it. @throws ProviderError */
  revoke(refreshToken: string): Promise<boolean> {
    return this.ask(async (config) => {
      if (!config.serverMetadata().revocation_endpoint) return false;
      await client.tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' });
      return true;
    });
  }

  /**
   * Where the browser ends the provider's session too; undefined where the provider has no such place. It carries no
   * id_token_hint: the ID token is what the cluster accepts, and addresses end up in logs and histories. The provider
   * asks its user instead.
   * @throws ProviderError
   */
  async endSessionUrl(returnTo: string): Promise<string | undefined> {
    const { config } = await this.discover();
    if (!config.serverMetadata().end_session_endpoint) return undefined;
    return secure(client.buildEndSessionUrl(config, { post_logout_redirect_uri: returnTo }));
  }

  /** Checks a logout token that the provider sent. @throws ProviderError */
  async takeLogoutToken(token: string): Promise<LoggedOut> {
    return (await this.discover()).logoutTokens.take(token);
  }

  async close(): Promise<void> {
    const found = await this.discovering?.catch(() => undefined);
    await Promise.all([found?.connection.close(), this.known?.connection.close()]);
  }

  private async ask<T>(question: (config: client.Configuration) => Promise<T>): Promise<T> {
    const { config } = await this.discover();
    try {
      return await question(config);
    } catch (cause) {
      throw providerError(cause);
    }
  }

  private read(
    tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
    before: { subject: string } | undefined,
  ): ProviderTokens {
    const claims = tokens.claims();
    const { token: wanted, issuer } = this.settings;
    const expiresIn = tokens.expiresIn();
    if (wanted === 'id_token' && (!tokens.id_token || !claims)) {
      const said = before ? 'a renewal brings no ID token' : 'there is no ID token in its answer';
      throw new ProviderError('provider-misconfigured', said);
    }
    const subject = claims?.sub ?? before?.subject;
    if (!subject) throw new ProviderError('token-invalid', 'it names nobody');
    const expiresAt =
      wanted === 'id_token' ? Number(claims?.exp) * 1000 : expiresIn && Date.now() + expiresIn * 1000;
    return {
      token: wanted === 'id_token' ? String(tokens.id_token) : tokens.access_token,
      ...(expiresAt ? { expiresAt } : {}),
      ...(tokens.refresh_token ? { refreshToken: tokens.refresh_token } : {}),
      ...(tokens.id_token ? { idToken: tokens.id_token } : {}),
      issuer: claims?.iss ?? issuer,
      subject,
      ...(typeof claims?.sid === 'string' ? { providerSid: claims.sid } : {}),
      claims: claims ?? {},
    };
  }

  private async discover(): Promise<Discovered> {
    const { known } = this;
    if (known && Date.now() - known.at < DISCOVERY_TTL_MS) return known;
    this.discovering ??= this.readDiscovery()
      .then((found) => {
        // Requests over the old connection come to their end.
        void this.known?.connection.end();
        this.known = found;
        return found;
      })
      .finally(() => {
        this.discovering = undefined;
      });
    try {
      return await this.discovering;
    } catch (cause) {
      // What was known is better than nothing, and the next call asks again.
      if (known) return known;
      throw cause;
    }
  }

  private async readDiscovery(): Promise<Discovered> {
    const { issuer, clientId, caFile } = this.settings;
    let connection: ProviderConnection | undefined;
    try {
      connection = new ProviderConnection(caFile ? { ca: readFileSync(caFile, 'utf8') } : {});
      const config = await client.discovery(
        new URL(issuer),
        clientId,
        { [client.clockTolerance]: CLOCK_TOLERANCE_S },
        clientAuthentication(this.settings),
        {
          [client.customFetch]: connection.fetch,
          timeout: PROVIDER_TIMEOUT_S,
          execute: [
            // Signatures are checked although the tokens come straight from the provider.
            client.enableNonRepudiationChecks,
            ...(issuer.startsWith('http:') ? [client.allowInsecureRequests] : []),
          ],
        },
      );
      const server = config.serverMetadata();
      const { jwks_uri: jwksUri, id_token_signing_alg_values_supported: algorithms } = server;
      if (!jwksUri || !server.authorization_endpoint || !server.token_endpoint) {
        throw new ProviderError('provider-misconfigured', 'it names no keys or no place to sign in');
      }
      const logoutTokens = new LogoutTokens({
        issuer: server.issuer,
        clientId,
        jwksUri,
        algorithms: Array.isArray(algorithms) ? algorithms.map(String) : ['RS256'],
        fetch: connection.fetch,
        seen: this.seenLogouts,
      });
      return { at: Date.now(), config, connection, logoutTokens };
    } catch (cause) {
      await connection?.close();
      throw providerError(cause);
    }
  }
}

/** An address of the provider for the browser. @throws ProviderError when it is plain HTTP beyond this machine. */
function secure(url: URL): string {
  if (isSecureUrl(url.href)) return url.href;
  throw new ProviderError('provider-misconfigured', `${url.origin} is not reached by https`);
}
