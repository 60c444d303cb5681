'use client';

import { useEffect, useMemo, useState } from 'react';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { VmRow } from '@/lib/kinds/vm/row';
import { readRows } from '@/lib/live/read-rows';
import { countSelected, isSelected, type Selection } from '../list/selection';

/** More VMs at once than this would fill the tab's memory with what became of each. */
export const MAX_BULK = 10_000;

export type SelectedRows =
  | { state: 'ready'; rows: readonly VmRow[] }
  | { state: 'reading'; count: number }
  | { state: 'tooMany' }
  | { state: 'failed'; error: ApiErrorJson };

/** The rows of a selection; those that the list has not loaded are asked for, once for each selection. */
export function useSelectedRows(
  cluster: string,
  selection: Selection,
  total: number,
  known: readonly string[],
): SelectedRows {
  const query = selection.kind === 'all' ? JSON.stringify(selection.query) : undefined;
  const isTooMany = countSelected(selection, total) > MAX_BULK;
  const places = known.join(',');
  const [read, setRead] = useState<{ query: string; result: SelectedRows }>();
  useEffect(() => {
    if (query === undefined || isTooMany) return;
    const abort = new AbortController();
    const tell = (result: SelectedRows) => {
      if (!abort.signal.aborted) setRead({ query, result });
    };
    tell({ state: 'reading', count: 0 });
    readRows(cluster, JSON.parse(query), {
      signal: abort.signal,
      known: places ? places.split(',') : [],
      onProgress: (count) => tell({ state: 'reading', count }),
    }).then(
      (rows) => tell({ state: 'ready', rows }),
      (error: unknown) => tell({ state: 'failed', error: toJson(error) }),
    );
    return () => abort.abort();
  }, [cluster, query, isTooMany, places]);
  return useMemo<SelectedRows>(() => {
    if (isTooMany) return { state: 'tooMany' };
    if (selection.kind === 'some') return { state: 'ready', rows: selection.rows };
    if (!read || read.query !== query) return { state: 'reading', count: 0 };
    if (read.result.state !== 'ready') return read.result;
    return { state: 'ready', rows: read.result.rows.filter(({ uid }) => isSelected(selection, uid)) };
  }, [isTooMany, selection, read, query]);
}

function toJson(error: unknown): ApiErrorJson {
  if (error instanceof ApiError) return error.toJSON();
  return new ApiError(0, 'Unreachable', String(error), { method: 'GET', path: '' }).toJSON();
}
