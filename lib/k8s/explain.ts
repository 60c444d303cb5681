import type { ApiErrorJson } from './error';
import { isSignInNeeded } from './sign-in-needed';

/** How an error is told to a person: which sentence (a key under `errors.` of the catalogue) and what to do (`…Hint`). */
export type Explanation =
  | 'unreachable'
  | 'unauthorized'
  | 'signInNeeded'
  | 'forbidden'
  | 'notFound'
  | 'alreadyExists'
  | 'conflict'
  | 'invalid'
  | 'tooLarge'
  | 'tooMany'
  | 'expired'
  | 'server'
  | 'unexpected';

/** Sorts an error into what it means for the person who sees it. The server's own words are shown beside it, always. */
export function explain(error: Pick<ApiErrorJson, 'code' | 'reason'>): Explanation {
  if (error.code === 0 || error.reason === 'Unreachable') return 'unreachable';
  if (isSignInNeeded(error)) return 'signInNeeded';
  if (error.code === 401) return 'unauthorized';
  if (error.code === 403) return 'forbidden';
  if (error.code === 404) return 'notFound';
  if (error.code === 409) return error.reason === 'AlreadyExists' ? 'alreadyExists' : 'conflict';
  if (error.code === 410) return 'expired';
  if (error.code === 413) return 'tooLarge';
  if (error.code === 429) return 'tooMany';
  if (error.code === 400 || error.code === 415 || error.code === 422) return 'invalid';
  if (error.code >= 502 && error.code <= 504) return 'unreachable';
  return error.code >= 500 ? 'server' : 'unexpected';
}
