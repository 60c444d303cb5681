import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import * as client from 'openid-client';
import { z } from 'zod';
import { clientAuthentication } from './client-authentication';
import type { Cluster, Credentials } from './cluster';
import type { PendingSignIn } from './oidc-client';
import { ProviderError, providerError } from './provider-error';
import { PROVIDER_TIMEOUT_S, ProviderConnection } from './provider-fetch';
import { isSecureUrl, type MethodOf } from './sign-in-method';

const WELL_KNOWN = '/.well-known/oauth-authorization-server';
/** As somebody's own login: with everything that they may do. */
const SCOPE = 'user:full';
const METADATA_TTL_MS = 3_600_000;
const TOKEN_PREFIX = 'sha256~';

const address = z.string().refine(isSecureUrl);
const metadata = z.object({ issuer: z.string(), authorization_endpoint: address, token_endpoint: address });

export type OpenShiftSettings = MethodOf<'openshift'>;
export type OpenShiftPending = Omit<PendingSignIn, 'nonce'>;

interface Known {
  at: number;
  config: client.Configuration;
  connection: ProviderConnection;
}

/**
 * OpenShift's own OAuth server as one client of it: plain OAuth 2 with PKCE. It hands out opaque tokens that the API
 * takes as they are; there is nothing to renew them with. The API names the server
 * (https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/authentication_and_authorization).
 */
export class OpenShiftClient {
  private asking: Promise<Known> | undefined;
  private known: Known | undefined;

  constructor(
    private readonly settings: OpenShiftSettings,
    private readonly cluster: Pick<Cluster, 'server'> & { trust(): Credentials['tls'] },
  ) {}

  /** Where to send the browser, and what to keep until it comes back. @throws ProviderError */
  async begin(redirectUri: string): Promise<{ url: string; pending: OpenShiftPending }> {
    const { config } = await this.find();
    const verifier = client.randomPKCECodeVerifier();
    const pending = { state: client.randomState(), verifier, redirectUri };
    const url = client.buildAuthorizationUrl(config, {
      scope: SCOPE,
      redirect_uri: redirectUri,
      state: pending.state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, pending };
  }

  /** Takes the server's answer. `expiresAt` in ms since the epoch. @throws ProviderError */
  async finish(
    query: URLSearchParams,
    { state, verifier, redirectUri }: OpenShiftPending,
  ): Promise<{ token: string; expiresAt?: number }> {
    const { config } = await this.find();
    try {
      const tokens = await client.authorizationCodeGrant(config, new URL(`?${query}`, redirectUri), {
        expectedState: state,
        pkceCodeVerifier: verifier,
      });
      const expiresIn = tokens.expiresIn();
      return {
        token: tokens.access_token,
        ...(expiresIn ? { expiresAt: Date.now() + expiresIn * 1000 } : {}),
      };
    } catch (cause) {
      throw providerError(cause);
    }
  }

  async close(): Promise<void> {
    const found = await this.asking?.catch(() => undefined);
    await Promise.all([found?.connection.close(), this.known?.connection.close()]);
  }

  private async find(): Promise<Known> {
    const { known } = this;
    if (known && Date.now() - known.at < METADATA_TTL_MS) return known;
    this.asking ??= this.read()
      .then((found) => {
        void this.known?.connection.end();
        this.known = found;
        return found;
      })
      .finally(() => {
        this.asking = undefined;
      });
    try {
      return await this.asking;
    } catch (cause) {
      if (known) return known;
      throw cause;
    }
  }

  private async read(): Promise<Known> {
    const { clientId, caFile } = this.settings;
    const { ca, servername, rejectUnauthorized } = this.cluster.trust();
    const api = new ProviderConnection({
      rejectUnauthorized,
      ...(ca ? { ca } : {}),
      ...(servername ? { servername } : {}),
    });
    try {
      const answer = await api.fetch(`${this.cluster.server}${WELL_KNOWN}`, {
        method: 'GET',
        headers: { accept: 'application/json' },
        body: null,
        redirect: 'manual',
      });
      if (answer.status === 404)
        throw new ProviderError('provider-misconfigured', 'the cluster names no OAuth server');
      if (!answer.ok) throw new ProviderError('provider-unreachable', `status ${answer.status}`);
      const found = metadata.safeParse(await answer.json().catch(() => undefined));
      if (!found.success)
        throw new ProviderError('provider-misconfigured', 'the cluster names no OAuth server');
      // The OAuth server's certificate is the ingress controller's, which mostly another authority vouches for.
      const authorities = [
        ...rootCertificates,
        ...(ca ? [ca] : []),
        ...(caFile ? [readFileSync(caFile)] : []),
      ];
      const connection = new ProviderConnection({ ca: authorities });
      const config = new client.Configuration(found.data, clientId, {}, clientAuthentication(this.settings));
      config[client.customFetch] = connection.fetch;
      config.timeout = PROVIDER_TIMEOUT_S;
      if (found.data.token_endpoint.startsWith('http:')) client.allowInsecureRequests(config);
      return { at: Date.now(), config, connection };
    } catch (cause) {
      throw providerError(cause);
    } finally {
      await api.close();
    }
  }
}

/**
 * Where the API keeps a token, so that its holder can delete it; undefined for tokens of another make. The name is the
 * hash of the token (openshift/library-go, pkg/oauth/oauthserviceaccountclient and pkg/crypto).
 */
export function tokenPath(token: string): string | undefined {
  if (!token.startsWith(TOKEN_PREFIX)) return undefined;
  const hash = createHash('sha256').update(token.slice(TOKEN_PREFIX.length)).digest('base64url');
  return `/apis/oauth.openshift.io/v1/useroauthaccesstokens/${TOKEN_PREFIX}${hash}`;
}
