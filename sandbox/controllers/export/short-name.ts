const HASH_LENGTH = 8;
/** A label of DNS. */
const LENGTH_MAX = 63;

/**
 * `base-suffix`, or, where that is too long for a DNS label, a shorter name with a hash of what was left out.
 * Mirrors naming.GetName of library-go, which KubeVirt names the exporters by.
 */
export function shortName(base: string, suffix: string): string {
  const name = `${base}-${suffix}`;
  if (name.length <= LENGTH_MAX) return name;
  const room = LENGTH_MAX - (HASH_LENGTH + 2) - suffix.length;
  if (room < 0) return `${base.slice(0, LENGTH_MAX - HASH_LENGTH - 1)}-${fnv32a(name)}`.slice(0, LENGTH_MAX);
  return `${base.slice(0, room)}-${fnv32a(base)}-${suffix}`;
}

function fnv32a(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(HASH_LENGTH, '0');
}
