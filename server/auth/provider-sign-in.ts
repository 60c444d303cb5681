import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Cluster, CredentialsError } from '@/lib/auth/cluster';
import type { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { ImpersonationError, impersonationFromClaims } from '@/lib/auth/impersonation';
import type { KeyRing } from '@/lib/auth/key-ring';
import type { PendingSignIn, ProviderTokens } from '@/lib/auth/oidc-client';
import { ProviderError } from '@/lib/auth/provider-error';
import type { MethodOf, SignInMethod } from '@/lib/auth/sign-in-method';
import { signInNeeded } from '@/lib/auth/sign-in-needed';
import type { Impersonation, SessionLimits, Ticket } from '@/lib/auth/ticket';
import type { Viewer } from '@/lib/auth/viewer';
import { ApiError } from '@/lib/k8s/error';
import { noteSignIn } from '../auditor';
import { isSecure } from '../client-address';
import type { Upstreams } from '../upstream';
import { actingAs, impersonationSettings } from './acting-as';
import { whoAmI } from './identity';
import type { MethodCall, MethodHandlers } from './method-handler';
import { headersViewer, newTicket, tokenViewer } from './new-session';
import { type Attempt, PendingSignIns, type SignInProblem } from './pending-sign-ins';
import { ProviderClients } from './provider-clients';
import { deleteToken, signOutAtProvider } from './provider-sign-out';
import type { RevocationList } from './revocations';
import type { Browser, Sessions } from './sessions';
import type { Visitor } from './visitor';

const CALLBACK = '/auth/callback';
const ASKED = { method: 'GET', path: CALLBACK };

export interface ProviderSignInOptions {
  directory: ClusterDirectory;
  sessions: Sessions;
  ring: KeyRing;
  upstreams: Upstreams;
  revocations: RevocationList;
  limits: () => SessionLimits;
}

/** Signing in at a provider: OpenID Connect, and OpenShift's own OAuth server. */
export class ProviderSignIn {
  readonly clients = new ProviderClients();
  readonly pending: PendingSignIns;

  readonly handlers: MethodHandlers = {
    oidc: {
      start: (call, method) => this.start(call, method),
      renew: (ticket, method, cluster) => this.renew(ticket, ofKind(method, 'oidc'), cluster),
      signOut: (ticket, method, _, request) => {
        const client = this.clients.oidc(ofKind(method, 'oidc'));
        return signOutAtProvider(client, ticket, `${this.origin(request)}/`);
      },
    },
    openshift: {
      start: (call, method) => this.start(call, method),
      signOut: async (ticket, method, cluster) => {
        await deleteToken(this.options.upstreams, ticket, method, cluster);
        return undefined;
      },
    },
  };

  constructor(private readonly options: ProviderSignInOptions) {
    this.pending = new PendingSignIns(options.ring);
  }

  close(): Promise<void> {
    return this.clients.close();
  }

  /** `GET /auth/callback`: the provider sends the browser back. */
  async callback(
    request: IncomingMessage,
    response: ServerResponse,
    { browser }: Visitor,
    url: URL,
  ): Promise<void> {
    const { directory, sessions } = this.options;
    const state = url.searchParams.get('state') ?? '';
    const attempt = await this.pending.find(state, browser);
    const over = this.pending.forget(state, browser);
    if (!attempt) {
      await this.fail(
        response,
        browser,
        { cluster: directory.current(), returnTo: '/' },
        'attempt-unknown',
        undefined,
        over,
      );
      return;
    }
    try {
      const cluster = await directory.find(attempt.cluster);
      const method = cluster?.methods.find(({ id }) => id === attempt.method);
      if (!cluster || !method) throw new SignInFailure('method-unknown');
      const ticket = await this.finish(attempt, method, cluster, url.searchParams);
      noteSignIn(request, { user: ticket.user, cluster: cluster.name });
      await this.replaceOld(browser, cluster, ticket);
      redirect(response, attempt.returnTo, [...over, ...(await sessions.give(ticket, browser))]);
    } catch (cause) {
      const { problem, said } = failureOf(cause, request);
      await this.fail(response, browser, attempt, problem, said, over);
    }
  }

  private async start(
    { request, response, visitor, cluster, returnTo }: MethodCall,
    method: SignInMethod,
  ): Promise<void> {
    try {
      const redirectUri = `${this.origin(request)}${CALLBACK}`;
      const { url, pending } =
        method.kind === 'openshift'
          ? await this.clients.openShift(method, cluster).begin(redirectUri)
          : await this.clients.oidc(ofKind(method, 'oidc')).begin(redirectUri);
      const attempt = { cluster: cluster.name, method: method.id, returnTo, pending };
      redirect(response, url, await this.pending.keep(attempt, visitor.browser));
    } catch (cause) {
      const { problem, said } = failureOf(cause, request);
      await this.fail(response, visitor.browser, { cluster: cluster.name, returnTo }, problem, said);
    }
  }

  /** @throws ProviderError; SignInFailure when the cluster does not take the token. */
  private async finish(
    { pending }: Attempt,
    method: SignInMethod,
    cluster: Cluster,
    query: URLSearchParams,
  ): Promise<Ticket> {
    if (method.kind === 'openshift') {
      const { token, expiresAt } = await this.clients.openShift(method, cluster).finish(query, pending);
      const user = await this.nameOf(tokenViewer(cluster, method, token));
      return { ...newTicket(cluster, method, user, token), ...(expiresAt ? { expiresAt } : {}) };
    }
    const settings = ofKind(method, 'oidc');
    // Only `start` of the same method made this, with a nonce.
    const tokens = await this.clients.oidc(settings).finish(query, pending as PendingSignIn);
    if (!settings.impersonate) {
      const user = await this.nameOf(tokenViewer(cluster, method, tokens.token));
      return withTokens(newTicket(cluster, method, user, tokens.token), tokens);
    }
    const impersonate = actedFor(tokens.claims, settings, cluster);
    const user = await this.nameOf(headersViewer(cluster, method, await actingAs(cluster, impersonate)));
    return withTokens({ ...newTicket(cluster, method, user), impersonate }, tokens);
  }

  /** What the cluster calls somebody. @throws SignInFailure when it does not know them. */
  private async nameOf(viewer: Viewer): Promise<string> {
    try {
      const { username } = await whoAmI(this.options.upstreams, viewer);
      if (username === 'system:anonymous') throw new SignInFailure('cluster-refused');
      return username;
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      throw new SignInFailure(cause.code === 401 ? 'cluster-refused' : 'cluster-unreachable', cause.message);
    }
  }

  /** Somebody who signs in again leaves no session behind that others could find in an old copy of the cookie. */
  private async replaceOld(browser: Browser, { name }: Cluster, { sid }: Ticket): Promise<void> {
    const { sessions, revocations, limits } = this.options;
    const before = await sessions.read(browser, name);
    if (!before || !('ticket' in before) || before.ticket.sid === sid) return;
    revocations.add({ sid: before.ticket.sid, until: Date.now() + limits().absoluteMs });
  }

  private async renew(ticket: Ticket, method: MethodOf<'oidc'>, cluster: Cluster): Promise<Ticket> {
    const { refreshToken, subject = '', providerSid } = ticket;
    if (!refreshToken) return ticket;
    try {
      const tokens = await this.clients
        .oidc(method)
        .refresh({ refreshToken, subject, ...(providerSid ? { providerSid } : {}) });
      // Somebody's groups may be others by now. Without a new ID token they stay.
      const impersonate =
        ticket.impersonate && tokens.idToken ? actedFor(tokens.claims, method, cluster) : ticket.impersonate;
      return withTokens(impersonate ? { ...ticket, impersonate } : ticket, tokens);
    } catch (cause) {
      const path = `/auth/c/${ticket.cluster}/renew`;
      const isRefused = cause instanceof SignInFailure;
      if (!isRefused && !(cause instanceof ProviderError)) throw cause;
      if (!isRefused && cause.problem !== 'grant-refused' && cause.problem !== 'token-invalid') {
        throw new ApiError(503, 'ServiceUnavailable', cause.message, { method: 'POST', path });
      }
      // The provider has ended it, so nobody has to ask again.
      const { revocations, limits } = this.options;
      revocations.add({ sid: ticket.sid, until: ticket.createdAt + limits().absoluteMs });
      throw signInNeeded(ticket.cluster, 'revoked', { method: 'POST', path });
    }
  }

  /** The page that offers the ways to sign in says what went wrong; its address holds no words but ours. */
  private async fail(
    response: ServerResponse,
    browser: Browser,
    { cluster, returnTo }: { cluster: string; returnTo: string },
    problem: SignInProblem,
    said: string | undefined,
    cookies: string[] = [],
  ): Promise<void> {
    const failure = { cluster, problem, ...(said ? { said } : {}) };
    const query = new URLSearchParams({ error: problem, ...(returnTo === '/' ? {} : { return: returnTo }) });
    const noted = await this.pending.noteFailure(failure, browser);
    redirect(response, `/sign-in/${encodeURIComponent(cluster)}?${query}`, [...cookies, ...noted]);
  }

  /** As the browser sees the console. The Host was checked against the names that are ours. */
  private origin(request: IncomingMessage): string {
    const { publicUrl } = this.options.directory.configuration();
    return publicUrl ?? `${isSecure(request) ? 'https' : 'http'}://${request.headers.host}`;
  }
}

/** A sign-in that failed on our side of the provider. */
class SignInFailure extends Error {
  constructor(
    readonly problem: SignInProblem,
    readonly said?: string,
  ) {
    super(problem);
  }
}

function failureOf(cause: unknown, request: IncomingMessage): { problem: SignInProblem; said?: string } {
  if (cause instanceof ProviderError || cause instanceof SignInFailure) {
    return { problem: cause.problem, ...(cause.said ? { said: cause.said } : {}) };
  }
  if (cause instanceof CredentialsError) return { problem: 'cluster-unreachable', said: cause.message };
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  console.error(`${request.method} ${path} failed:`, cause);
  throw new ApiError(500, 'InternalError', 'The console failed to do this.', ASKED);
}

/** As whom the service account acts for the bearer of these claims. @throws SignInFailure */
function actedFor(
  claims: ProviderTokens['claims'],
  method: MethodOf<'oidc'>,
  cluster: Cluster,
): Impersonation {
  try {
    return impersonationFromClaims(claims, method, impersonationSettings(cluster));
  } catch (cause) {
    if (cause instanceof ImpersonationError) throw new SignInFailure('identity-refused', cause.message);
    throw cause;
  }
}

function withTokens(
  ticket: Ticket,
  { token, expiresAt, refreshToken, issuer, subject, providerSid }: ProviderTokens,
): Ticket {
  const { expiresAt: before, ...rest } = ticket;
  return {
    ...rest,
    // The cluster does not know the provider where somebody else acts: its token is of no use there.
    ...(ticket.impersonate ? {} : { token }),
    issuer,
    subject,
    ...(expiresAt ? { expiresAt } : {}),
    ...(refreshToken ? { refreshToken } : {}),
    ...(providerSid ? { providerSid } : {}),
  };
}

function redirect(response: ServerResponse, location: string, cookies: string[]): void {
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.writeHead(302, { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  response.end();
}

function ofKind<Kind extends SignInMethod['kind']>(method: SignInMethod, kind: Kind): MethodOf<Kind> {
  if (method.kind !== kind) throw new TypeError(`The method ${method.id} is not of the kind ${kind}.`);
  // Just looked at; the compiler does not narrow a union by a variable.
  return method as MethodOf<Kind>;
}
