import { Agent } from 'undici';
import type { Cluster, Credentials } from '@/lib/auth/cluster';
import { CredentialsError } from '@/lib/auth/cluster';
import type { Reader } from '@/lib/auth/reader';
import type { Viewer } from '@/lib/auth/viewer';
import { ApiError } from '@/lib/k8s/error';

const CONNECT_TIMEOUT_MS = 10_000;
/** Until the API server's first byte; KubeVirt's screenshots and guest calls take seconds. */
const HEADERS_TIMEOUT_MS = 60_000;

/** A cluster with what is needed to talk to it now. */
export interface Connection {
  credentials: Credentials;
  origin: string;
  /** What stands before the API's own paths, e.g. `/k8s/clusters/c-1` behind Rancher; mostly empty. */
  basePath: string;
  agent: Agent;
}

/** The same on somebody's behalf. */
export interface Upstream extends Connection {
  viewer: Viewer;
}

/** Whose connections: a kubeconfig's user with a client certificate, those who sign in, or the reader of lists. */
type Owner = 'own' | 'shared' | 'reader';

/**
 * Connections to clusters: a pool per cluster for those who sign in, one more where a kubeconfig's user has a client
 * certificate, and one for the reader; renewed when the TLS material changes.
 */
export class Upstreams {
  private readonly agents = new Map<string, { tls: Credentials['tls']; server: string; agent: Agent }>();

  /** @throws ApiError 401 when the session is over, 503 when there are no credentials. */
  async open(viewer: Viewer, request: { method: string; path: string }): Promise<Upstream> {
    const credentials = await viewer.credentials().catch((cause: unknown) => {
      if (cause instanceof ApiError) throw cause;
      const message = cause instanceof CredentialsError ? cause.message : String(cause);
      throw new ApiError(503, 'ServiceUnavailable', message, request);
    });
    return { viewer, ...this.connect(viewer.cluster, credentials, credentials.tls.cert ? 'own' : 'shared') };
  }

  /**
   * For one list or watch that all viewers share.
   * @throws NotForReader for anything else; CredentialsError when the reader has no credentials.
   */
  async openReader(reader: Reader, path: string): Promise<Connection> {
    return this.connect(reader.cluster, await reader.credentialsFor('GET', path), 'reader');
  }

  async close(): Promise<void> {
    await Promise.all([...this.agents.values()].map(({ agent }) => agent.destroy()));
    this.agents.clear();
  }

  private connect(cluster: Cluster, credentials: Credentials, owner: Owner): Connection {
    const { origin, pathname } = new URL(cluster.server);
    const agent = this.agent(cluster, credentials, owner);
    return { credentials, origin, basePath: pathname.replace(/\/$/, ''), agent };
  }

  private agent({ name, server }: Cluster, { tls }: Credentials, owner: Owner): Agent {
    const pool = `${owner} ${name}`;
    const known = this.agents.get(pool);
    if (known?.server === server && isSame(known.tls, tls)) return known.agent;
    // Requests that run on the old one come to their end first.
    void known?.agent.close();
    const agent = new Agent({
      connect: { ...tls, timeout: CONNECT_TIMEOUT_MS, keepAlive: true, keepAliveInitialDelay: 15_000 },
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: 0,
      // Watches hold a connection each, so there is no limit but the file descriptors.
      connections: null,
      pipelining: 1,
      maxHeaderSize: 64 * 1024,
    });
    this.agents.set(pool, { tls, server, agent });
    return agent;
  }
}

/** Asked for every request: the same texts are the same, and only what was read anew is compared whole. */
function isSame(a: Credentials['tls'], b: Credentials['tls']): boolean {
  if (a === b) return true;
  const fields = Object.keys({ ...a, ...b }) as (keyof Credentials['tls'])[];
  return fields.every((field) => a[field] === b[field]) || JSON.stringify(a) === JSON.stringify(b);
}

const CERTIFICATE_PROBLEM = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS/;

/** Says in plain words why a cluster could not be reached; aborts and ApiErrors pass through. */
export function describeFailure(
  cause: unknown,
  server: string,
  request: { method: string; path: string },
): ApiError {
  if (cause instanceof ApiError) return cause;
  const { code = '', message = String(cause) } = flatten(cause);
  const say = (status: number, text: string) => new ApiError(status, 'Unreachable', text, request);
  if (CERTIFICATE_PROBLEM.test(code)) {
    return say(
      502,
      `The certificate of ${server} is not trusted: ${message}. Check the kubeconfig's certificate authority.`,
    );
  }
  switch (code) {
    case 'ECONNREFUSED':
      return say(502, `Nothing answers at ${server} (connection refused).`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return say(502, `The name of ${server} cannot be resolved.`);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return say(502, `There is no route to ${server}.`);
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return say(504, `${server} does not answer (no connection within ${CONNECT_TIMEOUT_MS / 1_000} s).`);
    case 'UND_ERR_HEADERS_TIMEOUT':
      return say(
        504,
        `${server} took the request and gave no answer within ${HEADERS_TIMEOUT_MS / 1_000} s.`,
      );
    default:
      return say(502, `The connection to ${server} broke: ${message}.`);
  }
}

function flatten(cause: unknown): { code?: string; message?: string } {
  if (!(cause instanceof Error)) return {};
  const { code, cause: inner, errors } = cause as Error & { code?: string; errors?: unknown[] };
  if (code && code !== 'UND_ERR_SOCKET') return { code, message: cause.message };
  if (errors?.[0]) return flatten(errors[0]);
  return inner ? flatten(inner) : { ...(code ? { code } : {}), message: cause.message };
}
