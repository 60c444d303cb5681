import { isMapping, type ManifestObject } from './manifest';

/** Stands for a value that is not shown. No base64 text looks like it, so the API would refuse it as data. */
export const MASK = '••••••••';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function isSecret(object: ManifestObject): boolean {
  return object.apiVersion === 'v1' && object.kind === 'Secret';
}

/** The Secret with its values hidden, and with the copy of them that kubectl leaves in an annotation. */
export function maskSecret(secret: ManifestObject): ManifestObject {
  const masked: ManifestObject = { ...secret };
  for (const field of ['data', 'stringData']) {
    const values = secret[field];
    if (isMapping(values)) masked[field] = Object.fromEntries(Object.keys(values).map((key) => [key, MASK]));
  }
  const metadata = secret.metadata;
  if (isMapping(metadata) && isMapping(metadata.annotations) && LAST_APPLIED in metadata.annotations) {
    masked.metadata = { ...metadata, annotations: { ...metadata.annotations, [LAST_APPLIED]: MASK } };
  }
  return masked;
}

/** Paths in a patch where the mask, or a piece of it, would be sent as a value. */
export function maskedPaths(patch: unknown, path: readonly string[] = []): string[][] {
  if (typeof patch === 'string' && patch.includes('••')) return [[...path]];
  if (!isMapping(patch)) return [];
  return Object.entries(patch).flatMap(([key, value]) => maskedPaths(value, [...path, key]));
}
