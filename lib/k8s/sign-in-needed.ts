import type { ApiErrorJson } from './error';

/** The reason of a 401 by which the console's own server says that nobody is signed in (any more). */
export const SIGN_IN_NEEDED = 'SignInNeeded';

/** Whether an answer means that the session for its cluster is over, rather than that the cluster refused. */
export function isSignInNeeded(error: Pick<ApiErrorJson, 'code' | 'reason'>): boolean {
  return error.code === 401 && error.reason === SIGN_IN_NEEDED;
}

/** An answer that says so, and whom it concerns. */
export interface SignInNeeded {
  cluster: string;
  error: ApiErrorJson;
  /** When the request or connection began, ms since the epoch: an answer to an earlier session says nothing of this one. */
  askedAt: number;
  /** It was to change something: a person is waiting for it. */
  isWrite: boolean;
}

const listeners = new Set<(needed: SignInNeeded) => void>();

export function onSignInNeeded(listener: (needed: SignInNeeded) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Requests, the live socket and consoles report here; what becomes of it is for the page to say. */
export function tellSignInNeeded(needed: SignInNeeded): void {
  for (const listener of [...listeners]) listener(needed);
}
