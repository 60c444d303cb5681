import type { ApiErrorJson } from '@/lib/k8s/error';
import { type TokenProblem, tokenExpiry } from '@/lib/session/token';
import { type Text, text } from '@/lib/text';
import { formatDuration } from '@/lib/time';

/** What went wrong with signing in, for a person. */
export interface SignInProblem {
  title: Text;
  hint: Text;
  /** The words of the cluster or the provider. */
  words?: string | undefined;
  /** When it makes sense to try again, ms since the epoch. */
  retryAt?: number | undefined;
}

/** The codes under which the server sends a browser back from a provider (server/auth/pending-sign-ins.ts). */
const PROVIDER_PROBLEMS = [
  'provider-unreachable',
  'provider-untrusted',
  'provider-misconfigured',
  'client-refused',
  'consent-denied',
  'attempt-unknown',
  'grant-refused',
  'clock-skew',
  'token-invalid',
  'provider-refused',
  'cluster-refused',
  'identity-refused',
  'cluster-unreachable',
  'method-unknown',
] as const;

/** What a code in the address means; undefined without one. Anybody can write an address, so codes are all it says. */
export function providerProblem(code: string | undefined): SignInProblem | undefined {
  if (code === undefined) return undefined;
  const known = PROVIDER_PROBLEMS.find((each) => each === code) ?? 'provider-refused';
  return { title: text(`signIn.provider.${known}`), hint: text(`signIn.provider.hint.${known}`) };
}

/** What is wrong with a pasted text that cannot be a token. */
export function pasteProblem(problem: TokenProblem): SignInProblem {
  return {
    title: text(`signIn.token.problem.${problem}`),
    hint: text(`signIn.token.problem.${problem}Hint`),
  };
}

const KEYS = {
  0: 'noConsole',
  400: 'malformed',
  403: 'forbidden',
  429: 'tooMany',
  502: 'unreachable',
  503: 'unreachable',
  504: 'unreachable',
} as const;

/** What the cluster's answer to a token means; `now` in ms since the epoch. */
export function tokenRefusal(error: ApiErrorJson, token: string, now: number): SignInProblem {
  const { code, message: words, retryAfterSeconds } = error;
  if (code === 401) {
    const end = tokenExpiry(token);
    if (end !== undefined && end <= now) {
      const age = formatDuration(now - end);
      return {
        title: text('signIn.problem.expired', { age }),
        hint: text('signIn.problem.expiredHint'),
        words,
      };
    }
    return { title: text('signIn.problem.wrong'), hint: text('signIn.problem.wrongHint'), words };
  }
  const key = Object.hasOwn(KEYS, code) ? KEYS[code as keyof typeof KEYS] : 'unexpected';
  return {
    title: text(`signIn.problem.${key}`),
    hint: text(`signIn.problem.${key}Hint`),
    words,
    ...(code === 429 && retryAfterSeconds ? { retryAt: now + retryAfterSeconds * 1000 } : {}),
  };
}
