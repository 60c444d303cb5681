import type { Viewer } from '@/lib/auth/viewer';
import { errorFromBody } from '@/lib/k8s/error';
import { postToCluster } from '../ask-cluster';
import type { Upstreams } from '../upstream';

/** `userInfo` of a SelfSubjectReview: who the cluster takes somebody for. */
export interface Identity {
  username: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

/**
 * Asks the cluster who it takes the viewer for (SelfSubjectReview, authentication.k8s.io/v1, since Kubernetes 1.28;
 * allowed to every authenticated user by the role system:basic-user).
 * @throws ApiError with the cluster's own words, e.g. 401 for a token that it does not accept.
 */
export async function whoAmI(upstreams: Upstreams, viewer: Viewer): Promise<Identity> {
  const asked = { method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews' };
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const upstream = await upstreams.open(viewer, asked);
  const { status } = await postToCluster<{ status?: { userInfo?: Identity } }>(upstream, asked.path, review);
  if (!status?.userInfo?.username) throw errorFromBody(502, 'The cluster did not say who this is.', asked);
  return status.userInfo;
}
