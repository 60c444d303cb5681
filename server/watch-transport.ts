import { request } from 'undici';
import type { Viewer } from '@/lib/auth/viewer';
import type { ApiAnswer, ApiTransport, GetOptions } from '@/lib/inventory/transport';
import { errorFromBody } from '@/lib/k8s/error';
import { shortText } from './ask-cluster';
import { userAgent } from './proxy/user-agent';
import { afterUnauthorized, canSignInAgain } from './refused-credentials';
import { describeFailure, type Upstreams } from './upstream';

const LIST_BODY_TIMEOUT_MS = 60_000;

/** The inventory's way to the clusters; answers 401 with one more try when the credentials changed meanwhile. */
export class WatchTransport implements ApiTransport<Viewer> {
  constructor(private readonly upstreams: Upstreams) {}

  async get(viewer: Viewer, path: string, options: GetOptions): Promise<ApiAnswer> {
    let answer = await this.ask(viewer, path, options);
    if (answer.status === 401 && (await viewer.renew(answer.upstream.credentials))) {
      await answer.body.dump();
      answer = await this.ask(viewer, path, options);
    }
    if (answer.status === 401 && canSignInAgain(viewer)) {
      const asked = { method: 'GET', path };
      const words = await shortText(answer.body).catch(() => '');
      throw afterUnauthorized(viewer, errorFromBody(401, words, asked));
    }
    const { upstream: _upstream, body, ...rest } = answer;
    return { ...rest, body: explained(body, viewer.cluster.server, { method: 'GET', path }) };
  }

  private async ask(viewer: Viewer, path: string, { signal, streaming }: GetOptions) {
    const asked = { method: 'GET', path };
    const { cluster } = viewer;
    const upstream = await this.upstreams.open(viewer, asked);
    const { agent, credentials, origin, basePath } = upstream;
    try {
      const { statusCode, headers, body } = await request(`${origin}${basePath}${path}`, {
        dispatcher: agent,
        headers: { accept: 'application/json', 'user-agent': userAgent(), ...credentials.headers },
        signal,
        bodyTimeout: streaming ? 0 : LIST_BODY_TIMEOUT_MS,
      });
      const retryAfter = Number(headers['retry-after']);
      return {
        upstream,
        status: statusCode,
        body,
        ...(retryAfter > 0 ? { retryAfterMs: retryAfter * 1_000 } : {}),
      };
    } catch (cause) {
      throw describeFailure(cause, cluster.server, asked);
    }
  }
}

/** A body that breaks off says so as an error of the cluster, like a request that never began. */
async function* explained(
  body: AsyncIterable<Uint8Array>,
  server: string,
  asked: { method: string; path: string },
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw describeFailure(cause, server, asked);
  }
}
