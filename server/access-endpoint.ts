import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type AccessCheck, MAX_CHECKS } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import type { AccessReviews } from './access-reviews';
import { postToCluster } from './ask-cluster';
import { refuse } from './status';
import type { Upstreams } from './upstream';

export const ACCESS_PREFIX = '/api/access/';
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const MAX_BODY_BYTES = 512 * 1024;

/** The cluster's own credentials ask, until people sign in. */
export interface AccessAsker {
  key: string;
  cluster: string;
}

// No longer than what Kubernetes takes for names, so that nobody fills the memory with questions.
const word = z.string().max(253);
const wanted = z.strictObject({
  checks: z
    .array(
      z.strictObject({
        verb: word.min(1),
        group: word,
        resource: word.min(1),
        subresource: word.optional(),
        namespace: word.optional(),
        name: word.optional(),
      }),
    )
    .max(MAX_CHECKS),
  fresh: z.boolean().optional(),
});

/** Puts one check to the cluster as a SelfSubjectAccessReview. */
export function reviewBy(upstreams: Upstreams) {
  return async (
    { cluster }: AccessAsker,
    check: AccessCheck,
  ): Promise<{ allowed: boolean; reason?: string }> => {
    const upstream = await upstreams.open(cluster, { method: 'POST', path: REVIEWS });
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: check },
    };
    const { status } = await postToCluster<{ status?: { allowed?: unknown; reason?: unknown } }>(
      upstream,
      REVIEWS,
      review,
    );
    if (typeof status?.allowed !== 'boolean') throw new Error('The cluster gave no verdict.');
    return {
      allowed: status.allowed,
      ...(typeof status.reason === 'string' ? { reason: status.reason } : {}),
    };
  };
}

/** Who asks. @throws ApiError 404 for an unknown cluster. */
export function askerOf(upstreams: Upstreams) {
  return async (cluster: string): Promise<AccessAsker> => {
    await upstreams.open(cluster, { method: 'POST', path: REVIEWS });
    return { key: cluster, cluster };
  };
}

/** `POST /api/access/<cluster>`: `{ checks, fresh? }` → `{ answers }`, in the order of the checks. */
export async function answerAccess(
  request: IncomingMessage,
  response: ServerResponse,
  reviews: AccessReviews<AccessAsker>,
  find: (cluster: string) => Promise<AccessAsker>,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const asked = { method: request.method ?? 'GET', path };
  const say = (code: number, reason: string, message: string) => new ApiError(code, reason, message, asked);
  try {
    if (asked.method !== 'POST') throw say(405, 'MethodNotAllowed', 'Access is asked for with POST.');
    const cluster = clusterOf(path);
    if (!cluster) throw say(400, 'BadRequest', 'The URL names no cluster.');
    const read = wanted.safeParse(await readBody(request, say));
    if (!read.success)
      throw say(400, 'BadRequest', `The request is not understood: ${z.prettifyError(read.error)}`);
    const { checks, fresh } = read.data;
    const who = await find(cluster);
    const answers = await Promise.all(checks.map((check) => reviews.may(who, check, fresh)));
    const body = JSON.stringify({ answers });
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
    });
    response.end(body);
  } catch (cause) {
    if (cause instanceof ApiError)
      refuse(response, { code: cause.code || 502, reason: cause.reason, message: cause.message });
    else {
      console.error('Access could not be reviewed:', cause);
      refuse(response, { code: 500, reason: 'InternalError', message: 'The console failed to ask.' });
    }
  }
}

function clusterOf(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(ACCESS_PREFIX.length));
  } catch {
    return undefined;
  }
}

async function readBody(
  request: IncomingMessage,
  say: (code: number, reason: string, message: string) => ApiError,
): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw say(413, 'RequestEntityTooLarge', 'The request is too long.');
    chunks.push(chunk);
  }
  // A form of another site can be sent without asking; JSON cannot.
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw say(415, 'UnsupportedMediaType', 'The request must be JSON.');
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw say(400, 'BadRequest', 'The request is no JSON.');
  }
}
