import { callServer } from '@/lib/k8s/request';
import { formatVmQuery, type VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import { paths } from '@/lib/paths';

/**
 * Rows of an answer that the live window does not hold: all that match, or `count` of them from `from` on, in order.
 * `known` as for the live list.
 * @throws ApiError as the server or the cluster refuses; DOMException when aborted.
 */
export async function fetchVmRows(
  cluster: string,
  query: VmQuery,
  {
    from,
    count,
    known = [],
    signal,
  }: { from?: number; count?: number; known?: readonly string[]; signal?: AbortSignal } = {},
): Promise<VmRow[]> {
  const path = paths.vmsExport(cluster, {
    ...formatVmQuery(query),
    format: 'rows',
    ...(from === undefined ? {} : { from: String(from) }),
    ...(count === undefined ? {} : { count: String(count) }),
    ...(known.length > 0 ? { known: known.join(',') } : {}),
  });
  const { body } = await callServer(path, signal ? { signal } : {}, cluster);
  // One line alone is JSON and comes parsed; more of them come as they are.
  if (typeof body !== 'string') return body === undefined ? [] : [body as VmRow];
  return body
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as VmRow);
}
