import type { Reply } from '../api-call';
import { ISSUER, type ServiceAccountTokens } from './service-account-tokens';

const CACHED = { 'Cache-Control': 'public, max-age=3600' };

/**
 * What others need to check a service account's token by themselves (OpenID Connect discovery); undefined for other
 * paths. `host` is where the client reached the server.
 */
export function openIdDocument(
  path: string,
  host: string | undefined,
  tokens: ServiceAccountTokens,
): Reply | undefined {
  switch (path.replace(/\/$/, '')) {
    case '/.well-known/openid-configuration':
      return {
        status: 200,
        headers: CACHED,
        body: {
          issuer: ISSUER,
          jwks_uri: `https://${host}/openid/v1/jwks`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        },
      };
    case '/openid/v1/jwks':
      return { status: 200, headers: CACHED, contentType: 'application/jwk-set+json', body: tokens.keys() };
    default:
      return undefined;
  }
}
