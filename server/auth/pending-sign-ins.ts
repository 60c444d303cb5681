import { clearCookies, setCookies } from '@/lib/auth/cookies';
import type { KeyRing } from '@/lib/auth/key-ring';
import type { PendingSignIn } from '@/lib/auth/oidc-client';
import type { ProviderProblem } from '@/lib/auth/provider-error';
import { fingerprint } from '@/lib/auth/ticket';
import type { Browser } from './sessions';

/** Typing a password and finding one's telephone takes minutes. */
const PENDING_S = 15 * 60;
const FAILURE_S = 5 * 60;
const PENDING = 'portlight-pending-';
const FAILURE = 'portlight-failure';
/** So many tabs may be on their way at once; the cookies of older attempts are taken back. */
const MAX_PENDING = 4;
const MAX_WORDS = 500;

/** A sign-in between its start and the provider's answer. */
export interface Attempt {
  cluster: string;
  /** The id of the method. */
  method: string;
  returnTo: string;
  pending: Omit<PendingSignIn, 'nonce'> & { nonce?: string };
}

/** Why a sign-in failed: for the page that the browser is sent to. */
export interface Failure {
  cluster: string;
  problem: SignInProblem;
  /** In the provider's or the cluster's own words. */
  said?: string;
}

export type SignInProblem =
  | ProviderProblem
  /** The cluster does not know the provider's token. */
  | 'cluster-refused'
  /** The console does not act in the name that the provider gives: impersonation forbids it. */
  | 'identity-refused'
  /** The cluster did not answer. */
  | 'cluster-unreachable'
  /** The configuration changed meanwhile. */
  | 'method-unknown';

/** What a browser keeps while a sign-in is under way, sealed: nothing of it is in the server's memory. */
export class PendingSignIns {
  constructor(private readonly ring: KeyRing) {}

  /** Set-Cookie headers. */
  async keep(attempt: Attempt, { cookies, secure }: Browser): Promise<string[]> {
    const sealed = await this.ring.seal('sign-in', { ...attempt, until: Date.now() + PENDING_S * 1000 });
    const others = [...cookies.keys()].filter((name) => name.startsWith(prefixed(PENDING, secure)));
    const tooMany = others.slice(0, Math.max(0, others.length - MAX_PENDING + 1));
    return [
      ...tooMany.flatMap((name) => clearCookies(name, { secure })),
      ...setCookies(nameOf(attempt.pending.state, secure), sealed, { secure, maxAgeS: PENDING_S }),
    ];
  }

  /** The attempt that a provider's answer belongs to, if this browser began it. */
  async find(state: string, { cookies, secure }: Browser): Promise<Attempt | undefined> {
    const opened = await this.ring.open('sign-in', cookies.get(nameOf(state, secure)) ?? '');
    // Sealed by this console for this purpose, so it has the shape.
    const attempt = opened as (Attempt & { until: number }) | undefined;
    return attempt && attempt.until > Date.now() && attempt.pending.state === state ? attempt : undefined;
  }

  /** Set-Cookie headers that end an attempt. */
  forget(state: string, { secure }: Browser): string[] {
    return clearCookies(nameOf(state, secure), { secure });
  }

  /** Set-Cookie headers that carry a failure's words to the page, past the address. */
  async noteFailure(failure: Failure, { secure }: Browser): Promise<string[]> {
    const { said, ...rest } = failure;
    const short = said ? { ...rest, said: said.slice(0, MAX_WORDS) } : rest;
    const sealed = await this.ring.seal('sign-in-failure', {
      ...short,
      until: Date.now() + FAILURE_S * 1000,
    });
    return setCookies(prefixed(FAILURE, secure), sealed, { secure, maxAgeS: FAILURE_S });
  }

  /** The last failure, and the Set-Cookie headers that forget it. */
  async takeFailure({ cookies, secure }: Browser): Promise<{ failure?: Failure; cookies: string[] }> {
    const sealed = cookies.get(prefixed(FAILURE, secure));
    if (!sealed) return { cookies: [] };
    const opened = await this.ring.open('sign-in-failure', sealed);
    const noted = opened as (Failure & { until: number }) | undefined;
    const gone = clearCookies(prefixed(FAILURE, secure), { secure });
    if (!noted || noted.until <= Date.now()) return { cookies: gone };
    const { until, ...failure } = noted;
    return { failure, cookies: gone };
  }
}

const prefixed = (name: string, secure: boolean) => `${secure ? '__Host-' : ''}${name}`;

const nameOf = (state: string, secure: boolean) =>
  prefixed(`${PENDING}${fingerprint(state).slice(0, 10)}`, secure);
