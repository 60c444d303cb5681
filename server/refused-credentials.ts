import { impersonates, type SignInMethod } from '@/lib/auth/sign-in-method';
import { credentialsRefused } from '@/lib/auth/sign-in-needed';
import type { Viewer } from '@/lib/auth/viewer';
import { ApiError } from '@/lib/k8s/error';

/** Whether a 401 of the cluster is ours to explain: a kubeconfig's user and a program get it as it is. */
export function canSignInAgain(viewer: Viewer): boolean {
  return !viewer.isProgram && methodOf(viewer)?.kind !== 'kubeconfig';
}

/** What a cluster's 401 comes to for a viewer whose credentials could not be renewed: the error itself for most. */
export function afterUnauthorized(viewer: Viewer, error: ApiError): ApiError {
  if (error.code !== 401 || !canSignInAgain(viewer)) return error;
  const { name } = viewer.cluster;
  const method = methodOf(viewer);
  if (!method || !impersonates(method)) return credentialsRefused(name, error.message, error.request);
  // Signing in again would help nobody: whom the cluster refused is the console itself.
  const message = `${name} does not take the service account with which this console acts for people: ${error.message}`;
  return new ApiError(503, 'ServiceUnavailable', message, error.request);
}

function methodOf({ cluster, method }: Viewer): SignInMethod | undefined {
  return cluster.methods.find(({ id }) => id === method);
}
