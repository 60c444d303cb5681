import type { SignInKind } from '@/lib/auth/sign-in-method';
import type { ApiErrorJson } from '@/lib/k8s/error';

/** One way to sign in, as a page needs to know it. */
export interface SignInWay {
  id: string;
  kind: SignInKind;
  /** What the configuration calls it, e.g. the provider's name. */
  label?: string | undefined;
}

/** What one cluster knows of this browser's session: an entry of `GET /auth/session`. */
export interface ClusterSession {
  name: string;
  server: string;
  signedIn: boolean;
  /** As the cluster sees them; with the kubeconfig alone, the kubeconfig's name of the user. */
  user?: string | undefined;
  /** The id of the way by which they signed in. */
  method?: string | undefined;
  /** When the session ends at the latest if nobody does anything, ms since the epoch. */
  expiresAt?: number | undefined;
  /** When its token is due to be renewed, ms since the epoch; absent where that is not needed or not possible. */
  renewAt?: number | undefined;
  methods: SignInWay[];
}

/** Whether whoever uses this cluster now does so as the kubeconfig's user, because nobody signed in. */
export function isBorrowed({ methods, method }: Pick<ClusterSession, 'methods' | 'method'>): boolean {
  return methods.find(({ id }) => id === method)?.kind === 'kubeconfig';
}

/** Whether people sign in to this cluster at all; if not, the console acts with its kubeconfig's user. */
export function hasSessions({ methods }: Pick<ClusterSession, 'methods'>): boolean {
  return methods.some(({ kind }) => kind !== 'kubeconfig');
}

/** Why a session is over: as the server says it, or what another tab said. */
export type EndReason = 'absolute' | 'idle' | 'token' | 'revoked' | 'refused' | 'signedOut' | 'unknown';

// The reason of the first cause of the server's 401, see signInNeeded.
const REASONS: Record<string, EndReason> = {
  SessionExpired: 'absolute',
  SessionIdle: 'idle',
  TokenExpired: 'token',
  SignedOut: 'revoked',
  CredentialsRefused: 'refused',
};

/** Reads the reason off a 401 `SignInNeeded`. */
export function endReason({ causes }: Pick<ApiErrorJson, 'causes'>): EndReason {
  return REASONS[causes[0]?.reason ?? ''] ?? 'unknown';
}
