import { request } from 'undici';
import type { ApiAnswer, ApiTransport, GetOptions } from '@/lib/inventory/transport';
import { describeFailure, type Upstreams } from './upstream';

const LIST_BODY_TIMEOUT_MS = 60_000;

/** The inventory's way to the clusters; answers 401 with one more try when the credentials changed meanwhile. */
export class WatchTransport implements ApiTransport {
  constructor(private readonly upstreams: Upstreams) {}

  async get(name: string, path: string, options: GetOptions): Promise<ApiAnswer> {
    let answer = await this.ask(name, path, options);
    if (answer.status === 401 && (await this.upstreams.renew(answer.upstream))) {
      await answer.body.dump();
      answer = await this.ask(name, path, options);
    }
    const { upstream, body, ...rest } = answer;
    return { ...rest, body: explained(body, upstream.cluster.server, { method: 'GET', path }) };
  }

  private async ask(name: string, path: string, { signal, streaming }: GetOptions) {
    const asked = { method: 'GET', path };
    const upstream = await this.upstreams.open(name, asked);
    const { agent, credentials, origin, basePath, cluster } = upstream;
    try {
      const { statusCode, headers, body } = await request(`${origin}${basePath}${path}`, {
        dispatcher: agent,
        headers: { accept: 'application/json', ...credentials.headers },
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
