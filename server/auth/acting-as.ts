import { readFile } from 'node:fs/promises';
import { type Cluster, type CredentialHeaders, CredentialsError } from '@/lib/auth/cluster';
import {
  ImpersonationError,
  type ImpersonationSettings,
  impersonationHeaders,
} from '@/lib/auth/impersonation';
import type { Impersonation } from '@/lib/auth/ticket';
import { ApiError } from '@/lib/k8s/error';

/**
 * The headers by which a cluster's service account acts as somebody. There are none without somebody: its own rights are
 * nobody's.
 * @throws ApiError 403 for names that may not come from outside; CredentialsError without the service account's token.
 */
export async function actingAs(cluster: Cluster, impersonation: Impersonation): Promise<CredentialHeaders> {
  const settings = impersonationSettings(cluster);
  const headers = explained(() => impersonationHeaders(impersonation, settings));
  return { Authorization: `Bearer ${await readToken(settings.tokenFile)}`, ...headers };
}

/** @throws CredentialsError when the cluster has none. */
export function impersonationSettings({ name, impersonation }: Cluster): ImpersonationSettings {
  if (impersonation) return impersonation;
  throw new CredentialsError(`${name} has no impersonation settings, so nobody can be acted for there.`);
}

/** Says as a 403 why somebody is not to be impersonated. */
export function explained<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ImpersonationError)) throw cause;
    throw new ApiError(403, 'Forbidden', cause.message, { method: 'GET', path: '/' });
  }
}

/** Kubernetes puts a new token into the file every hour or so, so it is read each time. */
async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CredentialsError(`The service account's token in ${file} cannot be read (${cause.code}).`);
  });
  const token = text.trim();
  if (/^[\w\-.~+/]+=*$/.test(token)) return token;
  throw new CredentialsError(`The file ${file} holds no token.`);
}
