import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cluster, CredentialHeaders } from '@/lib/auth/cluster';
import type { ClusterDirectory } from '@/lib/auth/cluster-directory';
import type { KeyRing } from '@/lib/auth/key-ring';
import { impersonates } from '@/lib/auth/sign-in-method';
import { signInNeeded } from '@/lib/auth/sign-in-needed';
import type { SessionLimits, Ticket } from '@/lib/auth/ticket';
import type { Viewer } from '@/lib/auth/viewer';
import type { ClusterInfo, InventoryReader } from '@/lib/inventory/inventory';
import type { Feed } from '@/lib/inventory/protocol';
import type { InventoryThread } from '@/lib/inventory/thread/inventory-thread';
import { ApiError } from '@/lib/k8s/error';
import { isSecure } from '../client-address';
import type { Upstreams } from '../upstream';
import { actingAs } from './acting-as';
import { clusterInfo } from './cluster-infos';
import { AuthEndpoints } from './endpoints';
import { whoAmI } from './identity';
import type { MethodHandlers } from './method-handler';
import { Peers } from './peers';
import { ProviderSignIn } from './provider-sign-in';
import { takeBrought } from './request-credentials';
import { RevocationList } from './revocations';
import { Sessions } from './sessions';
import { UserNames } from './user-names';
import { browserOf, currentVisitor, type VisitManner, Visitor, type VisitorContext } from './visitor';

export interface AuthOptions {
  directory: ClusterDirectory;
  upstreams: Upstreams;
  ring: KeyRing;
  limits: () => SessionLimits;
  handlers?: MethodHandlers;
  lends?: VisitorContext['lends'] | undefined;
  /** The other replicas, see Peers. */
  peers?: readonly string[];
}

const UNATTENDED = '/renew?unattended';

/** Who asks, for everything that the server answers: sessions, sign-in, and the visitor behind every request. */
export class Auth {
  readonly revocations = new RevocationList();
  readonly sessions: Sessions;
  readonly peers: Peers;
  private readonly context: VisitorContext;
  private readonly providers: ProviderSignIn;
  private readonly endpoints: AuthEndpoints;

  constructor(private readonly options: AuthOptions) {
    const { directory, upstreams, ring, limits } = options;
    const { revocations } = this;
    this.peers = new Peers({ peers: options.peers ?? [], ring, revocations });
    this.sessions = new Sessions({
      ring,
      limits,
      revocations,
      renew: (ticket) => this.renewTicket(ticket, handlers),
    });
    const { sessions } = this;
    this.providers = new ProviderSignIn({ directory, sessions, ring, upstreams, revocations, limits });
    const handlers = { ...this.providers.handlers, ...options.handlers };
    const names = new UserNames((viewer) => whoAmI(upstreams, viewer));
    this.context = {
      directory,
      sessions: this.sessions,
      lends: options.lends ?? (async () => true),
      nameOf: (viewer) => names.of(viewer),
      headersFor,
    };
    this.endpoints = new AuthEndpoints({
      directory,
      sessions: this.sessions,
      limits,
      revocations,
      upstreams,
      handlers,
      providers: this.providers,
      peers: this.peers,
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.providers.close(), this.peers.close()]);
  }

  /** Whoever sent a request. */
  visitor(request: IncomingMessage, manner: VisitManner): Visitor {
    const from = takeBrought(
      request,
      this.options.directory.list().flatMap(({ methods }) => methods),
    );
    return new Visitor(this.context, browserOf(request, isSecure(request)), from, manner);
  }

  /** The console itself, which has no session: it reaches the clusters whose kubeconfig lends it a user. */
  self(): Visitor {
    return new Visitor(this.context, { cookies: new Map(), secure: false });
  }

  /** Requests below `/auth/`. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const isRead = request.method === 'GET';
    // A page whose reader is away renews its token and nothing else.
    const isActivity = !isRead && !request.url?.endsWith(UNATTENDED);
    void this.endpoints.answer(request, response, this.visitor(request, { canGive: !isRead, isActivity }));
  }

  /** What pages read, each for whoever asked for it. */
  reader(inventory: InventoryThread<Viewer>): InventoryReader {
    return {
      listClusters: () => this.listClusters(visitorNow()),
      firstVmWindow: async (cluster, query) => {
        const viewer = await viewerNow(cluster);
        if (viewer instanceof ApiError) return { rows: [], total: 0, feed: refused(viewer) };
        return inventory.firstVmWindow(viewer, query);
      },
      firstVmGroups: async (cluster, subscription) => {
        const viewer = await viewerNow(cluster);
        if (viewer instanceof ApiError) return { groups: undefined, feed: refused(viewer) };
        return inventory.firstVmGroups(viewer, subscription);
      },
      firstObjects: async (cluster, subscription) => {
        const viewer = await viewerNow(cluster);
        if (viewer instanceof ApiError) return { objects: [], feed: refused(viewer) };
        return inventory.firstObjects(viewer, subscription);
      },
    };
  }

  private async listClusters(visitor: Visitor): Promise<ClusterInfo[]> {
    const { directory, limits } = this.options;
    const current = directory.current();
    const clusters = directory
      .list()
      .toSorted((a, b) => Number(b.name === current) - Number(a.name === current));
    return Promise.all(clusters.map((cluster) => clusterInfo(visitor, cluster, limits())));
  }

  private async renewTicket(ticket: Ticket, handlers: MethodHandlers): Promise<Ticket> {
    const cluster = await this.options.directory.find(ticket.cluster);
    const method = cluster?.methods.find(({ id }) => id === ticket.method);
    const renew = method && handlers[method.kind]?.renew;
    return cluster && renew ? renew(ticket, method, cluster) : ticket;
  }
}

/**
 * How a session's requests are authenticated: with its token as a bearer token, or by the cluster's service account that
 * acts as its user. Which of the two is for the method to say; a session of the other sort is over.
 */
async function headersFor(ticket: Ticket, cluster: Cluster): Promise<CredentialHeaders> {
  const { token, impersonate } = ticket;
  const method = cluster.methods.find(({ id }) => id === ticket.method);
  const acts = method !== undefined && impersonates(method);
  if (acts && impersonate) return actingAs(cluster, impersonate);
  if (acts || impersonate || !token) throw signInNeeded(cluster.name);
  return { Authorization: `Bearer ${token}` };
}

/** Who asks, as what outlives the page knows them, or why nobody does: a page shows that in place of what was asked for. */
async function viewerNow(cluster: string): Promise<Viewer | ApiError> {
  try {
    return await visitorNow().lasting().viewer(cluster);
  } catch (cause) {
    if (cause instanceof ApiError) return cause;
    throw cause;
  }
}

function refused(error: ApiError): Feed {
  return { state: 'refused', error: error.toJSON() };
}

function visitorNow(): Visitor {
  const visitor = currentVisitor.getStore();
  if (!visitor) throw new Error('This page was not asked for through the console’s server.');
  return visitor;
}
