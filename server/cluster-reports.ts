import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'undici';
import { type Cluster, shownProblem } from '@/lib/auth/cluster';
import type { ClusterDirectory } from '@/lib/auth/cluster-directory';
import type { Viewer } from '@/lib/auth/viewer';
import type { ClusterReport } from '@/lib/inventory/cluster-report';
import { ApiError } from '@/lib/k8s/error';
import { sendError, sendJson } from './auth/json';
import { describeFailure, type Upstreams } from './upstream';

export const REPORTS_PATH = '/api/clusters';
/** However many look, a cluster is asked no more often. */
const KEPT_MS = 5_000;
const TIMEOUT_MS = 5_000;
const MAX_VERSION_BYTES = 16 * 1024;
const VERSION_PATH = '/version';

/** How one cluster answers to somebody without credentials. @throws ApiError when it does not. */
export type AskVersion = (cluster: Cluster) => Promise<string | undefined>;

/**
 * How each cluster does, for the switcher and the overview: asked without anybody's credentials, so that it can be told
 * before signing in, and shared by all who look.
 */
export class ClusterReports {
  private readonly known = new Map<string, { server: string; at: number; report: Promise<ClusterReport> }>();

  constructor(
    private readonly directory: Pick<ClusterDirectory, 'look' | 'list'>,
    private readonly ask: AskVersion,
    private readonly now: () => number = Date.now,
  ) {}

  async all(): Promise<ClusterReport[]> {
    await this.directory.look();
    const clusters = this.directory.list();
    const names = new Set(clusters.map(({ name }) => name));
    for (const name of this.known.keys()) if (!names.has(name)) this.known.delete(name);
    return Promise.all(clusters.map((cluster) => this.report(cluster)));
  }

  private report(cluster: Cluster): Promise<ClusterReport> {
    const { name, server } = cluster;
    const problem = shownProblem(cluster);
    if (problem) return Promise.resolve({ name, state: 'broken', words: problem });
    const known = this.known.get(name);
    if (known && known.server === server && this.now() - known.at < KEPT_MS) return known.report;
    const report = this.ask(cluster).then(
      (kubernetes): ClusterReport => ({ name, state: 'answers', ...(kubernetes ? { kubernetes } : {}) }),
      (cause: unknown): ClusterReport => ({
        name,
        state: cause instanceof ApiError && cause.code === 503 ? 'broken' : 'silent',
        words: cause instanceof Error ? cause.message : String(cause),
      }),
    );
    this.known.set(name, { server, at: this.now(), report });
    return report;
  }
}

/** Asks `/version`, which Kubernetes tells everybody; a cluster that refuses even that does answer. */
export function askVersion(upstreams: Upstreams): AskVersion {
  return async (cluster) => {
    const asked = { method: 'GET', path: VERSION_PATH };
    const { origin, basePath, agent } = await upstreams.open(anonymous(cluster), asked);
    let status: number;
    let text: string;
    try {
      const { statusCode, body } = await request(`${origin}${basePath}${VERSION_PATH}`, {
        dispatcher: agent,
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      status = statusCode;
      text = await body.text();
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'TimeoutError') {
        const message = `${cluster.server} gave no answer within ${TIMEOUT_MS / 1_000} s.`;
        throw new ApiError(504, 'Unreachable', message, asked);
      }
      throw describeFailure(cause, cluster.server, asked);
    }
    if (status >= 500)
      throw new ApiError(status, 'Unreachable', `${cluster.server} answers ${status}.`, asked);
    return status === 200 && text.length <= MAX_VERSION_BYTES ? versionIn(text) : undefined;
  };
}

function versionIn(text: string): string | undefined {
  try {
    const { gitVersion } = JSON.parse(text) as { gitVersion?: unknown };
    return typeof gitVersion === 'string' ? gitVersion : undefined;
  } catch {
    return undefined;
  }
}

/** `GET /api/clusters` → `{ clusters: ClusterReport[] }`. */
export async function answerReports(
  request: IncomingMessage,
  response: ServerResponse,
  reports: ClusterReports,
): Promise<void> {
  const asked = { method: request.method ?? 'GET', path: REPORTS_PATH };
  try {
    if (asked.method !== 'GET') throw new ApiError(405, 'MethodNotAllowed', 'This is only read.', asked);
    sendJson(response, 200, { clusters: await reports.all() });
  } catch (cause) {
    sendError(response, cause, asked);
  }
}

/** Nobody: what a cluster tells whoever asks. */
function anonymous(cluster: Cluster): Viewer {
  return {
    cluster,
    key: 'anonymous',
    user: undefined,
    method: '',
    credentials: async () => ({ headers: {}, tls: cluster.trust() }),
    renew: async () => false,
  };
}
