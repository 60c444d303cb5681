import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Viewer } from '@/lib/auth/viewer';
import { type AccessCheck, MAX_CHECKS } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import type { AccessReviews } from './access-reviews';
import { postToCluster } from './ask-cluster';
import { readJson, sendError, sendJson } from './auth/json';
import type { Visitor } from './auth/visitor';
import { afterUnauthorized } from './refused-credentials';
import type { Upstream, Upstreams } from './upstream';

export const ACCESS_PREFIX = '/api/access/';
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const MAX_BODY_BYTES = 512 * 1024;

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
  return async (viewer: Viewer, check: AccessCheck): Promise<{ allowed: boolean; reason?: string }> => {
    const upstream = await upstreams.open(viewer, { method: 'POST', path: REVIEWS });
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: check },
    };
    const ask = (from: Upstream) =>
      postToCluster<{ status?: { allowed?: unknown; reason?: unknown } }>(from, REVIEWS, review);
    const { status } = await ask(upstream).catch(async (cause: unknown) => {
      const isRefused = cause instanceof ApiError && cause.code === 401;
      if (!isRefused) throw cause;
      if (!(await viewer.renew(upstream.credentials))) throw afterUnauthorized(viewer, cause);
      return ask(await upstreams.open(viewer, { method: 'POST', path: REVIEWS }));
    });
    if (typeof status?.allowed !== 'boolean') throw new Error('The cluster gave no verdict.');
    return {
      allowed: status.allowed,
      ...(typeof status.reason === 'string' ? { reason: status.reason } : {}),
    };
  };
}

/** `POST /api/access/<cluster>`: `{ checks, fresh? }` → `{ answers }`, in the order of the checks. */
export async function answerAccess(
  request: IncomingMessage,
  response: ServerResponse,
  reviews: AccessReviews<Viewer>,
  visitor: Visitor,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const asked = { method: request.method ?? 'GET', path };
  const say = (code: number, reason: string, message: string) => new ApiError(code, reason, message, asked);
  try {
    if (asked.method !== 'POST') throw say(405, 'MethodNotAllowed', 'Access is asked for with POST.');
    const cluster = clusterOf(path);
    if (!cluster) throw say(400, 'BadRequest', 'The URL names no cluster.');
    const read = wanted.safeParse(await readJson(request, MAX_BODY_BYTES));
    if (!read.success)
      throw say(400, 'BadRequest', `The request is not understood: ${z.prettifyError(read.error)}`);
    const { checks, fresh } = read.data;
    const who = await visitor.viewer(cluster);
    const answers = await Promise.all(checks.map((check) => reviews.may(who, check, fresh)));
    sendJson(response, 200, { answers }, await visitor.cookies());
  } catch (cause) {
    sendError(response, cause, asked);
  }
}

function clusterOf(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(ACCESS_PREFIX.length));
  } catch {
    return undefined;
  }
}
