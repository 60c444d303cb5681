import { createHash } from 'node:crypto';
import type { ClusterApi, KubeObject } from '../api/objects';
import { pullFailure } from '../controllers/images';
import { PVCS } from '../controllers/storage-types';
import { fullReference } from '../registry/reference';
import { type DataImportCron, SOURCE_PVC_DIGEST } from './data-import-cron';
import { isInsecureRegistry } from './importer-pod';
import * as names from './names';
import type { RegistryImages } from './registry-image';
import type { CdiConfig } from './types';

interface Keyed extends KubeObject {
  data?: Record<string, string>;
}

/** What a cron's source is now: a new one asks for a new import. Undefined while nobody knows. */
export async function sourceDigest(
  cluster: ClusterApi,
  images: RegistryImages | undefined,
  { metadata, spec }: DataImportCron,
): Promise<string | undefined> {
  const { registry, pvc } = spec.template.spec.source ?? {};
  if (pvc) {
    const claim = cluster.get(PVCS, pvc.namespace || metadata.namespace, pvc.name);
    return claim && `${SOURCE_PVC_DIGEST}${claim.metadata.uid}`;
  }
  const { url = '', secretRef, certConfigMap } = registry ?? {};
  if (!url.startsWith('docker://')) return undefined;
  const reference = url.slice('docker://'.length);
  const pinned = reference.split('@')[1];
  if (pinned) return pinned;
  const config = cluster.get<CdiConfig>(names.CDI_CONFIGS, undefined, 'config');
  const secret = secretRef ? cluster.get<Keyed>('secrets', metadata.namespace, secretRef)?.data : undefined;
  const trust = certConfigMap
    ? cluster.get<Keyed>('configmaps', metadata.namespace, certConfigMap)
    : undefined;
  const found = await images?.digestOf(reference, {
    insecure: isInsecureRegistry(url, config),
    ...(secret
      ? { credentials: [{ username: decode(secret.accessKeyId), password: decode(secret.secretKey) }] }
      : {}),
    ...(trust?.data ? { ca: Object.values(trust.data).join('\n') } : {}),
  });
  if (found?.kind === 'found') return found.digest;
  if (found?.kind === 'failed' || pullFailure(reference, { bootable: true })) return undefined;
  return standInDigest(reference);
}

/** The digest of the built-in image in another's place: it never changes. */
export function standInDigest(reference: string): string {
  return `sha256:${createHash('sha256').update(reference).digest('hex')}`;
}

/** The source of an import, pinned to the digest that was found; the built-in image has no digest to pin. */
export function pinned(url: string, digest: string): string {
  const reference = url.replace(/^docker:\/\//, '');
  if (digest === standInDigest(reference)) return url;
  const repository = fullReference(reference).replace(/@.*$|:[^/:]*$/, '');
  return `docker://${repository}@${digest}`;
}

function decode(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
