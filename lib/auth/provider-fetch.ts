import type { ConnectionOptions } from 'node:tls';
import type { CustomFetch } from 'openid-client';
import { Agent, fetch } from 'undici';
import { ProviderError } from './provider-error';
import { isSecureUrl } from './sign-in-method';

/** Identity providers answer in moments; a page that waits for one must not wait long. */
export const PROVIDER_TIMEOUT_S = 10;

/** A connection to an identity provider. */
export class ProviderConnection {
  private readonly agent: Agent;

  /** @param tls with `ca`, only these authorities vouch for it, as with kube-apiserver's --oidc-ca-file. */
  constructor(tls: Pick<ConnectionOptions, 'ca' | 'servername' | 'rejectUnauthorized'> = {}) {
    this.agent = new Agent({
      connect: { timeout: PROVIDER_TIMEOUT_S * 1000, ...tls },
      headersTimeout: PROVIDER_TIMEOUT_S * 1000,
      bodyTimeout: PROVIDER_TIMEOUT_S * 1000,
    });
  }

  /** For openid-client and jose. Whatever address the provider names, plain HTTP stays on this machine. */
  readonly fetch: CustomFetch = async (url, { headers, body, method, signal }) => {
    if (!isSecureUrl(url)) {
      throw new ProviderError('provider-misconfigured', `${new URL(url).origin} is not reached by https`);
    }
    const answer = await fetch(url, {
      method,
      headers,
      // Forms only: what openid-client sends besides is for other grants.
      ...(body ? { body: String(body) } : {}),
      redirect: 'manual',
      signal: signal ?? AbortSignal.timeout(PROVIDER_TIMEOUT_S * 1000),
      dispatcher: this.agent,
    });
    // openid-client asks for Node's own Response, and tells by its prototype.
    return new Response(answer.status === 204 ? null : await answer.arrayBuffer(), {
      status: answer.status,
      headers: [...answer.headers],
    });
  };

  /** Takes no more requests and waits for those under way. */
  end(): Promise<void> {
    return this.agent.close();
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
