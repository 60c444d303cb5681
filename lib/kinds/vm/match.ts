import { compileVmText } from './language/compile';
import type { VmQuery } from './query';
import type { VmRecord } from './row';

/**
 * Whether a record belongs into the answer; compiled once for a query, called for every record. `now` (milliseconds) is
 * what ages in the text count from; without it they count from when a record is looked at.
 */
export function compileVmQuery(
  { namespaces, text }: Pick<VmQuery, 'namespaces' | 'text'>,
  now?: number,
): (record: VmRecord) => boolean {
  const matches = compileVmText(text, now);
  if (namespaces.length === 0) return matches;
  const wanted = new Set(namespaces);
  return (record) => wanted.has(record.row.namespace) && matches(record);
}
