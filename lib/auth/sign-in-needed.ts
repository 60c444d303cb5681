import { ApiError } from '../k8s/error';
import { SIGN_IN_NEEDED } from '../k8s/sign-in-needed';
import type { SessionEnd } from './ticket';

const ENDS: Record<SessionEnd, { reason: string; why: string }> = {
  absolute: { reason: 'SessionExpired', why: 'it has lasted as long as a session may' },
  idle: { reason: 'SessionIdle', why: 'it was not used for a while' },
  token: { reason: 'TokenExpired', why: 'its token has expired' },
  revoked: { reason: 'SignedOut', why: 'it was signed out' },
};

/**
 * What a cluster's own 401 means to whoever has signed in: its credentials are not taken any more (the token was
 * revoked, the account is gone).
 * @param words the cluster's own
 */
export function credentialsRefused(cluster: string, words: string, request: ApiError['request']): ApiError {
  const message = `${cluster} does not take this session's credentials any more: ${words}`;
  return new ApiError(401, SIGN_IN_NEEDED, message, request, [
    { reason: 'CredentialsRefused', message: words },
  ]);
}

/**
 * The 401 that means: nobody is signed in to this cluster (any more). The page offers to.
 * @param end why the session that was there is over; absent when there was none
 */
export function signInNeeded(
  cluster: string,
  end?: SessionEnd,
  request = { method: 'GET', path: '/' },
): ApiError {
  const message = end
    ? `The session for ${cluster} is over: ${ENDS[end].why}. Sign in again.`
    : `Nobody is signed in to ${cluster}.`;
  return new ApiError(401, SIGN_IN_NEEDED, message, request, [
    { reason: end ? ENDS[end].reason : 'NotSignedIn' },
  ]);
}
