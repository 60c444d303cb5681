import type { VmQuery } from './query';
import type { VmRecord } from './row';

/** Whether a record belongs into the answer; compiled once for a query, called for every record. */
export function compileVmQuery(
  { namespaces, text }: VmQuery,
  _now = Date.now(),
): (record: VmRecord) => boolean {
  const wanted = new Set(namespaces);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ row, words: haystack }) =>
    (wanted.size === 0 || wanted.has(row.namespace)) && words.every((word) => haystack.includes(word));
}
