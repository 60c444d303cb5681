/** Why a text cannot be a bearer token; said before it is sent anywhere. */
export type TokenProblem = 'empty' | 'kubeconfig' | 'command' | 'characters';

// RFC 6750, section 2.1.
const BEARER = /^[\w\-.~+/]+=*$/;

/**
 * The token in what somebody pasted: without `Bearer`, quotes, `token:` and the line breaks that terminals put into
 * long lines.
 */
export function readToken(pasted: string): { token: string } | { problem: TokenProblem } {
  const text = pasted.trim();
  if (/^(apiVersion:|kind: *Config|\{)/m.test(text) && !BEARER.test(text)) return { problem: 'kubeconfig' };
  if (/^\$? *(kubectl|oc) /.test(text)) return { problem: 'command' };
  const token = text
    .replace(/^authorization: */i, '')
    .replace(/^bearer +/i, '')
    .replace(/^token: */i, '')
    .replaceAll(/\s+/g, '')
    .replace(/^(["'])(.*)\1$/, '$2');
  if (!token) return { problem: 'empty' };
  return BEARER.test(token) ? { token } : { problem: 'characters' };
}

/**
 * When a token says that it ends, ms since the epoch; undefined for tokens that say nothing. It is not checked here:
 * only the cluster can.
 */
export function tokenExpiry(token: string): number | undefined {
  const [, payload, signature] = token.split('.');
  if (!payload || !signature) return undefined;
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return undefined;
    return typeof claims.exp === 'number' ? claims.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
