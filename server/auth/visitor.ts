import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import type { Cluster, CredentialHeaders, Credentials } from '@/lib/auth/cluster';
import type { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { parseCookies } from '@/lib/auth/cookies';
import type { SignInMethod } from '@/lib/auth/sign-in-method';
import { signInNeeded } from '@/lib/auth/sign-in-needed';
import { fingerprint, type SessionEnd, type Ticket } from '@/lib/auth/ticket';
import type { Viewer } from '@/lib/auth/viewer';
import { READER_KEY } from '@/lib/inventory/transport';
import { ApiError } from '@/lib/k8s/error';
import { type Bringing, type Brought, fromRequest, inOrderOfTrust } from './request-credentials';
import type { Browser, Sessions } from './sessions';

export type { Browser };

export interface VisitorContext {
  directory: ClusterDirectory;
  sessions: Sessions;
  /** Whether a kubeconfig's credentials are there for a browser: beyond this machine it takes the start-up link. */
  lends(browser: Browser): Promise<boolean>;
  /** What the cluster calls somebody who brought a token. */
  nameOf(viewer: Viewer): Promise<string | undefined>;
  /** The headers that make the cluster take a ticket's bearer for its user. */
  headersFor(ticket: Ticket, cluster: Cluster): Promise<CredentialHeaders>;
}

export interface VisitManner {
  /**
   * Whether the answer can set cookies. A socket that is open cannot, so it renews no token: the provider would take
   * the browser's cookie, with the token before, for a stolen one. The page renews in time (POST /auth/…/renew).
   */
  canGive: boolean;
  /** Whether a person did something: what pages ask by themselves does not keep a session from idling. */
  isActivity: boolean;
}

/** One browser or program, as one request or one socket presents itself. */
export class Visitor {
  private readonly viewers = new Map<string, Promise<Viewer>>();
  private readonly toGive = new Map<string, Ticket>();

  constructor(
    private readonly context: VisitorContext,
    readonly browser: Browser,
    /** Absent for the console's own look at a cluster before the first request. */
    private readonly request?: Bringing,
    private readonly manner: VisitManner = { canGive: false, isActivity: false },
  ) {}

  /**
   * Who this is to a cluster.
   * @throws ApiError 404 for an unknown cluster, 401 `SignInNeeded` when nobody is signed in to it.
   */
  viewer(name: string): Promise<Viewer> {
    let viewer = this.viewers.get(name);
    if (!viewer) {
      viewer = this.find(name);
      this.viewers.set(name, viewer);
      viewer.catch(() => undefined);
    }
    return viewer;
  }

  /**
   * The same browser as what stays open after the answer knows it: nothing can be given to it any more, so no token is
   * renewed on its behalf.
   */
  lasting(): Visitor {
    return new Visitor(this.context, this.browser, this.request);
  }

  /** The session for a cluster; why it is over, if there was one. */
  session(cluster: string) {
    return this.context.sessions.read(this.browser, cluster);
  }

  /** Set-Cookie headers for what has changed in this browser's sessions since they were read. */
  async cookies(): Promise<string[]> {
    const given = await Promise.all(
      [...this.toGive.values()].map((ticket) => this.context.sessions.give(ticket, this.browser)),
    );
    return given.flat();
  }

  private async find(name: string): Promise<Viewer> {
    const viewer = await this.findViewer(name);
    return { ...viewer, ...readerOf(viewer.cluster) };
  }

  private async findViewer(name: string): Promise<Viewer> {
    const cluster = await this.context.directory.find(name);
    if (!cluster) {
      throw new ApiError(404, 'NotFound', `There is no cluster "${name}" here.`, {
        method: 'GET',
        path: '/',
      });
    }
    for (const method of inOrderOfTrust(cluster.methods)) {
      const brought = this.request && fromRequest(method, cluster, this.request);
      if (!brought) continue;
      const viewer = requestViewer(cluster, method, brought);
      return brought.user === undefined ? { ...viewer, user: await this.context.nameOf(viewer) } : viewer;
    }
    const session = await this.session(name);
    if (session && 'ticket' in session) {
      if (session.stale) this.toGive.set(name, session.ticket);
      return this.sessionViewer(cluster, session.ticket);
    }
    // Whoever had signed in goes on as nobody else without being asked: not as the kubeconfig's user either.
    if (session) throw signInNeeded(name, session.end);
    const own = cluster.methods.find(({ kind }) => kind === 'kubeconfig');
    const isLent = own && (!this.request || (await this.context.lends(this.browser)));
    if (own && isLent) return this.kubeconfigViewer(cluster, own);
    throw signInNeeded(name);
  }

  private kubeconfigViewer(cluster: Cluster, { id }: SignInMethod): Viewer {
    const { directory } = this.context;
    return {
      cluster,
      key: fingerprint('kubeconfig', cluster.name),
      user: cluster.user,
      method: id,
      credentials: async () => ((await directory.find(cluster.name)) ?? cluster).credentials(),
      async renew(refused) {
        const renewed = await directory.renew(cluster);
        const fresh = await renewed?.credentials().catch(() => undefined);
        return fresh !== undefined && JSON.stringify(fresh) !== JSON.stringify(refused);
      },
    };
  }

  private sessionViewer(cluster: Cluster, first: Ticket): Viewer {
    const { sessions, headersFor } = this.context;
    const touched = this.manner.isActivity && this.manner.canGive ? sessions.touch(first) : undefined;
    if (touched) this.toGive.set(cluster.name, touched);
    const good = async (refused?: string) => {
      const ticket = sessions.current(first);
      const end: SessionEnd | undefined = sessions.end(ticket);
      if (end) throw signInNeeded(cluster.name, end);
      if (!this.manner.canGive) {
        const over = ticket.expiresAt !== undefined && ticket.expiresAt <= Date.now();
        if (over) throw signInNeeded(cluster.name, 'token');
        return ticket;
      }
      const fresh = await sessions.fresh(ticket, refused);
      if (fresh.renewedAt !== first.renewedAt) this.toGive.set(cluster.name, fresh);
      return fresh;
    };
    return {
      cluster,
      // A session that was renewed may have other groups than before.
      key: fingerprint('session', first.sid, JSON.stringify(first.impersonate ?? null)),
      user: first.user,
      method: first.method,
      credentials: async () => ({
        headers: await headersFor(await good(), cluster),
        tls: cluster.trust(),
      }),
      async renew(refused: Credentials) {
        const bearer = String(refused.headers.Authorization ?? '').replace(/^Bearer /, '');
        const ticket = await good(bearer);
        return ticket.token !== bearer && ticket.token !== undefined;
      },
    };
  }
}

function readerOf({ name, reader }: Cluster): Pick<Viewer, 'reader'> {
  return reader ? { reader: { cluster: { name }, key: READER_KEY } } : {};
}

function requestViewer(
  cluster: Cluster,
  { id, kind }: SignInMethod,
  { credentials, key, user, expiresAt }: Brought,
): Viewer {
  return {
    cluster,
    key: fingerprint('request', cluster.name, key),
    user,
    method: id,
    isProgram: kind === 'token',
    credentials: async () => {
      if (expiresAt !== undefined && expiresAt <= Date.now()) throw signInNeeded(cluster.name, 'token');
      return { headers: await credentials(), tls: cluster.trust() };
    },
    // Whoever brings credentials along brings new ones with the next request.
    renew: async () => false,
  };
}

/** The visitor whose page is being rendered: server components ask for data without a request in hand. */
export const currentVisitor = new AsyncLocalStorage<Visitor>();

export function browserOf(request: IncomingMessage, secure: boolean): Browser {
  return { cookies: parseCookies(request.headers.cookie), secure };
}
