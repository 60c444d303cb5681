import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { rootCertificates } from 'node:tls';
import { Agent, request as send } from 'undici';
import type { Viewer } from '@/lib/auth/viewer';
import type { Guard } from '@/lib/inventory/transport';
import { ApiError } from '@/lib/k8s/error';
import { postToCluster, readFromCluster, shortText } from './ask-cluster';
import { sendError, sendJson } from './auth/json';
import type { Visitor } from './auth/visitor';
import { letTakeLong } from './http-server';
import { neededAccess } from './needed-access';
import type { ProxyTarget } from './proxy/path';
import { describeFailure, type Upstream, type Upstreams } from './upstream';

export const UPLOADS_PREFIX = '/api/uploads/';

const CONFIG = '/apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config';
/** Answers as soon as all has arrived; what CDI makes of the image then shows in the DataVolume. */
const UPLOAD = '/v1beta1/upload-async';
/** Each holds a connection to the browser and one to the cluster. */
const MAX_UPLOADS = 32;
const CONNECT_TIMEOUT_MS = 10_000;
/** After the last byte the upload server still writes what it has. */
const ANSWER_TIMEOUT_MS = 300_000;
/** How long a browser that was refused may go on sending: it hears the answer only when it is done. */
const REFUSED_MS = 5_000;
const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

interface CdiConfig {
  status?: { uploadProxyURL?: string; uploadProxyCA?: string };
}

interface TokenRequest {
  status?: { token?: string };
}

interface Wanted {
  cluster: string;
  namespace: string;
  claim: string;
}

/**
 * `POST /api/uploads/<cluster>/<namespace>/<claim>`: the body is an image, and goes on to CDI's upload proxy as it comes.
 *
 * A browser can't send it there: the pages' policy names no other origin, and the proxy's certificate is mostly nobody's.
 * Nor does the API's service proxy take it: the API server strips the Authorization header after it has read it, and the
 * token that CDI wants stands in that header. So the token is asked for here, with the credentials of whoever uploads,
 * and never leaves this server.
 */
export class Uploads {
  private readonly agents = new Set<Agent>();

  constructor(
    private readonly upstreams: Upstreams,
    private readonly guard: Guard<Viewer>,
  ) {}

  /** How many are under way. */
  get open(): number {
    return this.agents.size;
  }

  close(): void {
    for (const agent of this.agents) void agent.destroy();
  }

  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    visitor: Visitor,
    note: (target: ProxyTarget) => void,
  ): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const asked = { method: request.method ?? 'GET', path };
    const say = (code: number, reason: string, message: string) => new ApiError(code, reason, message, asked);
    try {
      if (asked.method !== 'POST') throw say(405, 'MethodNotAllowed', 'Images are sent with POST.');
      const wanted = readWanted(path);
      if (!wanted) throw say(400, 'BadRequest', 'The address names no cluster, namespace and claim.');
      if (this.open >= MAX_UPLOADS)
        throw say(
          429,
          'TooManyRequests',
          `There are ${MAX_UPLOADS} uploads under way already. Try again later.`,
        );
      const target = tokenTarget(wanted);
      note(target);
      const viewer = await visitor.viewer(wanted.cluster);
      const upstream = await this.upstreams.open(viewer, asked);
      letTakeLong(request);
      const { url, agent } = await this.find(upstream, say);
      this.agents.add(agent);
      try {
        const token = await tokenFor(upstream, wanted, say);
        const who = await visitor.lasting().viewer(wanted.cluster);
        await this.pass(request, response, { url, agent, token, who, target }, say);
      } finally {
        this.agents.delete(agent);
        void agent.destroy();
      }
      if (!response.destroyed) sendJson(response, 200, {}, await visitor.cookies());
    } catch (cause) {
      letGo(request);
      if (!response.destroyed) sendError(response, cause, asked);
    }
  }

  /** Where the cluster's upload proxy is, with a way to it that trusts its certificate. */
  private async find(upstream: Upstream, say: Say): Promise<{ url: string; agent: Agent }> {
    const { status = {} } = await readFromCluster<CdiConfig>(upstream, CONFIG);
    const written = status.uploadProxyURL ?? '';
    // Of a route or an ingress CDI knows the host alone.
    const url = /^[a-z]+:\/\//.test(written) ? written : `https://${written}`;
    if (!written || !URL.canParse(url))
      throw say(
        503,
        'ServiceUnavailable',
        'CDI names no upload proxy (status.uploadProxyURL of its CDIConfig). An administrator can give it a route or an ingress, or set spec.config.uploadProxyURLOverride of the CDI to an address that this server reaches.',
      );
    if (new URL(url).protocol !== 'https:')
      throw say(502, 'BadGateway', `CDI's upload proxy is at ${url}, and images are only sent over HTTPS.`);
    const { tls } = upstream.credentials;
    const trusted = [status.uploadProxyCA, tls.ca].flat().flatMap((ca) => (ca ? [String(ca)] : []));
    const agent = new Agent({
      connect: {
        ca: [...rootCertificates, ...trusted],
        timeout: CONNECT_TIMEOUT_MS,
        ...(tls.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: tls.rejectUnauthorized }),
      },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
    return { url: new URL(url).origin, agent };
  }

  /** Sends the body on as it comes, and reads what the proxy says at the end. */
  private async pass(request: IncomingMessage, response: ServerResponse, to: Way, say: Say): Promise<void> {
    const { url, agent, token, who, target } = to;
    const gone = new AbortController();
    const cut = () => {
      gone.abort();
      response.destroy();
    };
    const release = this.guard.hold({ who, checks: neededAccess('POST', target), over: cut, denied: cut });
    response.once('close', () => {
      release();
      gone.abort();
    });
    const length = request.headers['content-length'];
    try {
      const answer = await send(`${url}${UPLOAD}`, {
        dispatcher: agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/octet-stream',
          ...(length === undefined ? {} : { 'content-length': length }),
        },
        body: piped(request),
        signal: gone.signal,
      });
      const words = await shortText(answer.body).catch(() => '');
      if (answer.statusCode === 200) return;
      const told = plain(words).slice(0, 500);
      throw say(
        answer.statusCode === 409 ? 409 : 502,
        answer.statusCode === 409 ? 'Conflict' : 'BadGateway',
        `CDI's upload proxy answered ${answer.statusCode}${told ? `: ${told}` : '.'}`,
      );
    } catch (cause) {
      if (gone.signal.aborted) return;
      throw describeFailure(cause, url, { method: 'POST', path: UPLOAD });
    }
  }
}

/** CDI escapes its sentences as for a page. */
function plain(words: string): string {
  const letters: Record<string, string> = {
    '&#39;': "'",
    '&#34;': '"',
    '&lt;': '<',
    '&gt;': '>',
    '&amp;': '&',
  };
  return words
    .replace(/&(#39|#34|lt|gt|amp);/g, (escaped) => letters[escaped] ?? escaped)
    .replace(/\s+/g, ' ')
    .trim();
}

type Say = (code: number, reason: string, message: string) => ApiError;

interface Way {
  url: string;
  agent: Agent;
  token: string;
  who: Viewer;
  target: ProxyTarget;
}

function readWanted(path: string): Wanted | undefined {
  const parts = path.slice(UPLOADS_PREFIX.length).split('/').map(decoded);
  const [cluster, namespace, claim] = parts;
  if (parts.length !== 3 || !cluster || !namespace || !claim) return undefined;
  return NAME.test(namespace) && NAME.test(claim) ? { cluster, namespace, claim } : undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}

/** What the upload is to the cluster's rights: the right to a token for the claim. */
function tokenTarget({ cluster, namespace, claim }: Wanted): ProxyTarget {
  return { cluster, path: `${tokensOf(namespace)}/${claim}`, query: '' };
}

function tokensOf(namespace: string): string {
  return `/apis/upload.cdi.kubevirt.io/v1beta1/namespaces/${namespace}/uploadtokenrequests`;
}

async function tokenFor(upstream: Upstream, { namespace, claim }: Wanted, say: Say): Promise<string> {
  const answer = await postToCluster<TokenRequest>(upstream, tokensOf(namespace), {
    apiVersion: 'upload.cdi.kubevirt.io/v1beta1',
    kind: 'UploadTokenRequest',
    metadata: { name: claim, namespace },
    spec: { pvcName: claim },
  });
  const token = answer.status?.token;
  if (!token) throw say(502, 'BadGateway', 'CDI gave no token for the upload.');
  return token;
}

/** The body with the proxy's pace; the request itself stays whole, so that a refusal still reaches the browser. */
function piped(request: IncomingMessage): PassThrough {
  const body = new PassThrough();
  // undici listens while it sends; an error after that concerns nobody.
  body.on('error', () => undefined);
  request.on('close', () => {
    if (!request.complete) body.destroy(new Error('The client left.'));
  });
  return request.pipe(body);
}

/** What was refused before all was read is dropped for a while: a browser reads the answer when it has sent. */
function letGo(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  request.resume();
  const timer = setTimeout(() => request.destroy(), REFUSED_MS).unref();
  request.once('close', () => clearTimeout(timer));
}
