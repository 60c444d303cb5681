import { errorFromBody } from '@/lib/k8s/error';
import { formatVmQuery, type VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';

export interface ReadRowsOptions {
  /** Namespaces to look into when the whole cluster may not be listed. */
  known?: readonly string[];
  signal: AbortSignal;
  /** Told now and then how many have come. */
  onProgress?: (count: number) => void;
}

/**
 * Everything that a query matches, loaded in the list or not, as rows of this moment.
 * @throws ApiError when the server refuses, or the signal's reason.
 */
export async function readRows(
  cluster: string,
  query: VmQuery,
  { known = [], signal, onProgress }: ReadRowsOptions,
): Promise<VmRow[]> {
  const path = `/api/inventory/${encodeURIComponent(cluster)}/vms`;
  const search = new URLSearchParams({ ...formatVmQuery(query), format: 'rows' });
  if (known.length > 0 && query.namespaces.length === 0) search.set('known', known.join(','));
  const response = await fetch(`${path}?${search}`, { signal, cache: 'no-store' });
  if (!response.ok || !response.body) {
    throw errorFromBody(response.status, await response.text(), { method: 'GET', path });
  }
  const rows: VmRow[] = [];
  for await (const line of lines(response.body)) {
    // The console's own server writes them, from the very type.
    rows.push(JSON.parse(line) as VmRow);
    if (rows.length % 500 === 0) onProgress?.(rows.length);
  }
  return rows;
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const parts = (rest + value).split('\n');
    rest = parts.pop() ?? '';
    yield* parts.filter(Boolean);
  }
  if (rest) yield rest;
}
