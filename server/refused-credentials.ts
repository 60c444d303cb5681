import { credentialsRefused } from '@/lib/auth/sign-in-needed';
import type { Viewer } from '@/lib/auth/viewer';
import type { ApiError } from '@/lib/k8s/error';

/** Whether a 401 of the cluster means that this viewer has to sign in again: a kubeconfig's user cannot, a program does not. */
export function canSignInAgain({ cluster, method, isProgram }: Viewer): boolean {
  return !isProgram && cluster.methods.find(({ id }) => id === method)?.kind !== 'kubeconfig';
}

/** What a cluster's 401 comes to for a viewer whose credentials could not be renewed: the error itself for most. */
export function afterUnauthorized(viewer: Viewer, error: ApiError): ApiError {
  if (error.code !== 401 || !canSignInAgain(viewer)) return error;
  return credentialsRefused(viewer.cluster.name, error.message, error.request);
}
