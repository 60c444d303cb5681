import { request as sendRequest } from 'undici';
import type { Cluster } from '@/lib/auth/cluster';
import type { OidcClient } from '@/lib/auth/oidc-client';
import { tokenPath } from '@/lib/auth/openshift-client';
import type { SignInMethod } from '@/lib/auth/sign-in-method';
import type { Ticket } from '@/lib/auth/ticket';
import type { Upstreams } from '../upstream';
import { tokenViewer } from './new-session';

const DELETE_TIMEOUT_MS = 5_000;

/**
 * Ends what a provider keeps of a session. Returns where the browser ends the provider's own session, if there is such a
 * place; from there it comes back to `returnTo`, an address of ours.
 */
export async function signOutAtProvider(
  client: OidcClient,
  { refreshToken }: Ticket,
  returnTo: string,
): Promise<string | undefined> {
  if (refreshToken) await client.revoke(refreshToken).catch((cause) => note(cause, 'revoke a refresh token'));
  try {
    return await client.endSessionUrl(returnTo);
  } catch (cause) {
    note(cause, "find the provider's sign-out");
    return undefined;
  }
}

/** OpenShift keeps a token until it is deleted. */
export async function deleteToken(
  upstreams: Upstreams,
  { token = '' }: Ticket,
  method: SignInMethod,
  cluster: Cluster,
): Promise<void> {
  const path = tokenPath(token);
  if (!path) return;
  const asked = { method: 'DELETE', path: path.replace(/[^/]*$/, '') };
  try {
    const viewer = tokenViewer(cluster, method, token);
    const { agent, credentials, origin, basePath } = await upstreams.open(viewer, asked);
    const { statusCode, body } = await sendRequest(`${origin}${basePath}${path}`, {
      dispatcher: agent,
      method: 'DELETE',
      headers: credentials.headers,
      signal: AbortSignal.timeout(DELETE_TIMEOUT_MS),
    });
    await body.dump();
    if (statusCode >= 300 && statusCode !== 401 && statusCode !== 404)
      throw new Error(`status ${statusCode}`);
  } catch (cause) {
    note(cause, "delete a signed-out user's token");
  }
}

/** What fails here must not keep anybody signed in. */
function note(cause: unknown, doing: string): void {
  console.warn(`The console could not ${doing}: ${cause instanceof Error ? cause.message : cause}`);
}
