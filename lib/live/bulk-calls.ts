import { ApiError } from '@/lib/k8s/error';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Why a run cannot go on with others after an error of one. */
export type Halt = 'stopped' | 'signedOut' | 'unreachable';

/** Sending was given up because the run was stopped; the API had not taken the call. */
export class Stopped extends Error {}

/**
 * Sends a call, again when the API says that it is too busy (429, 503), after the time that it names or a growing one.
 * Both mean that nothing was done, so that sending again is safe. What got no answer at all is not sent again.
 * @throws ApiError as the call, or Stopped.
 */
export async function callPatiently(send: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await send();
      return;
    } catch (error) {
      const waitMs = attempt < ATTEMPTS ? waitOf(error, attempt) : undefined;
      if (waitMs === undefined) throw error;
      await sleep(waitMs, signal);
    }
  }
}

function waitOf(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof ApiError) || (error.code !== 429 && error.code !== 503)) return undefined;
  const { retryAfterSeconds } = error;
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1000;
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = () => {
      clearTimeout(timer);
      reject(new Stopped());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', give);
      resolve();
    }, ms);
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}

/** What an error means for the rest of a run; undefined when it is about one VM only. */
export function haltOf(error: unknown): Halt | undefined {
  if (error instanceof Stopped) return 'stopped';
  if (!(error instanceof ApiError)) return undefined;
  if (isSignInNeeded(error)) return 'signedOut';
  return [0, 502, 504].includes(error.code) ? 'unreachable' : undefined;
}
