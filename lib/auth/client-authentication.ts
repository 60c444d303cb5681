import { type ClientAuth, ClientSecretBasic, ClientSecretPost, None } from 'openid-client';
import { ProviderError } from './provider-error';
import { readSecret, type SecretPlace } from './secret';

/**
 * How the console shows a provider that it is the client: with its secret as it is at that moment, so that it can be
 * replaced while the console runs; without one as a public client, whom PKCE protects.
 */
export function clientAuthentication(place: SecretPlace): ClientAuth {
  return (server, metadata, body, headers) => {
    const secret = secretOf(place);
    const methods = server.token_endpoint_auth_methods_supported;
    const postOnly = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic');
    const show =
      secret === undefined ? None() : postOnly ? ClientSecretPost(secret) : ClientSecretBasic(secret);
    show(server, metadata, body, headers);
  };
}

function secretOf(place: SecretPlace): string | undefined {
  try {
    return readSecret(place);
  } catch (cause) {
    throw new ProviderError('provider-misconfigured', cause instanceof Error ? cause.message : undefined);
  }
}
