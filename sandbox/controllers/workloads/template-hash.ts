import { plainCopy } from '../../api/metadata';
import { defaultPodSpec } from '../../api/pod-defaults';
import { type PodTemplate, TEMPLATE_HASH } from './types';

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The short word that tells one pod template from another: FNV-1a in Kubernetes' letters. A template counts with its
 * defaults filled in and without the hash label, so that writing it out in full is no change.
 */
export function templateHash(template: PodTemplate): string {
  const text = canonical(bareTemplate(template));
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return [...String(hash)].map((digit) => LETTERS[digit.charCodeAt(0) % LETTERS.length]).join('');
}

/** A copy with defaults and without the hash that controllers add. */
export function bareTemplate(template: PodTemplate): PodTemplate {
  const copy = plainCopy(template);
  defaultPodSpec(copy.spec);
  if (copy.metadata?.labels) delete copy.metadata.labels[TEMPLATE_HASH];
  return copy;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}
