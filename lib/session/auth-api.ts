import { ApiError, errorFromBody } from '@/lib/k8s/error';
import type { ClusterSession } from './session';

/** Where a window goes to sign in by a way that redirects; `returnTo` is a path of ours. */
export function startPath(cluster: string, method: string, returnTo: string): string {
  const query = new URLSearchParams({ return: returnTo });
  return `${clusterPath(cluster)}/start/${encodeURIComponent(method)}?${query}`;
}

/** The sessions of this browser, one entry for each cluster. @throws ApiError */
export async function readSessions(): Promise<ClusterSession[]> {
  const { clusters } = await ask<{ clusters: ClusterSession[] }>('GET', '/auth/session');
  return clusters;
}

/** Signs in with a bearer token and resolves with the user as the cluster sees them. @throws ApiError */
export async function signInWithToken(cluster: string, token: string): Promise<string> {
  const { user } = await ask<{ user: string }>('POST', `${clusterPath(cluster)}/token`, { token });
  return user;
}

/**
 * Renews a session's token if it is due and, when somebody is at work, keeps the session from idling. Resolves with the
 * session as it is now. @throws ApiError, `SignInNeeded` when it is over.
 */
export function renewSession(cluster: string, isActive: boolean): Promise<ClusterSession> {
  return ask('POST', `${clusterPath(cluster)}/renew${isActive ? '' : '?unattended'}`);
}

/** Ends the session; resolves with where the provider wants the browser to go, if it does. @throws ApiError */
export async function signOut(cluster: string, everywhere: boolean): Promise<string | undefined> {
  const { redirect } = await ask<{ redirect?: string }>('POST', `${clusterPath(cluster)}/sign-out`, {
    everywhere,
  });
  return redirect;
}

/** Why the last sign-in at a provider failed, in its own words; told once. @throws ApiError */
export async function readFailure(): Promise<{ cluster?: string; said?: string }> {
  return ask('GET', '/auth/failure');
}

function clusterPath(cluster: string): string {
  return `/auth/c/${encodeURIComponent(cluster)}`;
}

async function ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) },
      body: body ? JSON.stringify(body) : null,
      cache: 'no-store',
    });
    text = await response.text();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(0, 'Unreachable', message, { method, path });
  }
  if (!response.ok) {
    const { code, reason, message, request, causes, retryAfterSeconds } = errorFromBody(
      response.status,
      text,
      {
        method,
        path,
      },
    );
    const wait = retryAfterSeconds ?? Number(response.headers.get('retry-after') || Number.NaN);
    throw new ApiError(code, reason, message, request, causes, Number.isFinite(wait) ? wait : undefined);
  }
  try {
    return JSON.parse(text || '{}') as T;
  } catch {
    throw new ApiError(502, 'BadGateway', text.slice(0, 200), { method, path });
  }
}
