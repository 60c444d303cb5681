import { request } from 'undici';
import { CredentialsError } from '@/lib/auth/cluster';
import type { Viewer } from '@/lib/auth/viewer';
import {
  type ApiAnswer,
  type ApiTransport,
  type Asker,
  type GetOptions,
  READER_KEY,
} from '@/lib/inventory/transport';
import { errorFromBody } from '@/lib/k8s/error';
import { shortText } from './ask-cluster';
import { userAgent } from './proxy/user-agent';
import type { Readers } from './readers';
import { afterUnauthorized, canSignInAgain } from './refused-credentials';
import { type Connection, describeFailure, type Upstreams } from './upstream';

const LIST_BODY_TIMEOUT_MS = 60_000;

/**
 * The inventory's way to the clusters, for viewers and for the reader of the lists that they share; answers 401 with one
 * more try when the credentials changed meanwhile.
 */
export class WatchTransport implements ApiTransport<Asker> {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly readers: Readers,
  ) {}

  async get(asker: Asker, path: string, options: GetOptions): Promise<ApiAnswer> {
    return isViewer(asker) ? this.getFor(asker, path, options) : this.getShared(asker, path, options);
  }

  private async getFor(viewer: Viewer, path: string, options: GetOptions): Promise<ApiAnswer> {
    const asked = { method: 'GET', path };
    const { server } = viewer.cluster;
    let upstream = await this.upstreams.open(viewer, asked);
    let answer = await ask(upstream, server, path, options);
    if (answer.status === 401 && (await viewer.renew(upstream.credentials))) {
      await answer.body.dump();
      upstream = await this.upstreams.open(viewer, asked);
      answer = await ask(upstream, server, path, options);
    }
    if (answer.status === 401 && canSignInAgain(viewer)) {
      const words = await shortText(answer.body).catch(() => '');
      throw afterUnauthorized(viewer, errorFromBody(401, words, asked));
    }
    return { ...answer, body: explained(answer.body, server, asked) };
  }

  /** @throws ApiError 403 where there is no reader, or none that can read. */
  private async getShared({ cluster, key }: Asker, path: string, options: GetOptions): Promise<ApiAnswer> {
    const asked = { method: 'GET', path };
    const { name } = cluster;
    const reader = key === READER_KEY ? await this.readers.of(name) : undefined;
    if (!reader) throw this.readers.refusal(name, new CredentialsError('It has none.'), asked);
    const { server } = reader.cluster;
    const open = () =>
      this.upstreams.openReader(reader, path).catch((cause: unknown) => {
        throw cause instanceof CredentialsError ? this.readers.refusal(name, cause, asked) : cause;
      });
    let connection = await open();
    let answer = await ask(connection, server, path, options);
    if (answer.status === 401 && (await reader.renew(connection.credentials, 'GET', path))) {
      await answer.body.dump();
      connection = await open();
      answer = await ask(connection, server, path, options);
    }
    if (answer.status === 401 || answer.status === 403) {
      const words = await shortText(answer.body).catch(() => '');
      throw this.readers.refusal(name, errorFromBody(answer.status, words, asked), asked);
    }
    if (answer.status === 200) this.readers.works(name, path);
    return { ...answer, body: explained(answer.body, server, asked) };
  }
}

/** What has no credentials of its own is no viewer: a reader is a name until its credentials are asked for. */
function isViewer(asker: Asker): asker is Viewer {
  return asker.key !== READER_KEY && 'credentials' in asker;
}

async function ask(
  { agent, credentials, origin, basePath }: Connection,
  server: string,
  path: string,
  { signal, streaming }: GetOptions,
) {
  try {
    const { statusCode, headers, body } = await request(`${origin}${basePath}${path}`, {
      dispatcher: agent,
      headers: { accept: 'application/json', 'user-agent': userAgent(), ...credentials.headers },
      signal,
      bodyTimeout: streaming ? 0 : LIST_BODY_TIMEOUT_MS,
    });
    const retryAfter = Number(headers['retry-after']);
    return { status: statusCode, body, ...(retryAfter > 0 ? { retryAfterMs: retryAfter * 1_000 } : {}) };
  } catch (cause) {
    throw describeFailure(cause, server, { method: 'GET', path });
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
