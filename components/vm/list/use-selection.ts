'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '@/lib/k8s/error';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import { fetchVmRows } from '@/lib/live/fetch-vm-rows';
import type { Text } from '@/lib/text';
import { text } from '@/lib/text';
import type { RowCache } from './row-cache';
import {
  isSelected,
  NOTHING_SELECTED,
  type RangeStart,
  rangeOf,
  type Selection,
  selectAll,
  withNewer,
  withRows,
} from './selection';

/** Rows of a range travel whole; more at a time are better named by the query. */
const MAX_RANGE_ROWS = 10_000;

export interface SelectionControl {
  selection: Selection;
  /** Rows of a range that are not loaded are on their way. */
  busy: boolean;
  problem: Text | undefined;
  set: (selection: Selection) => void;
  clear: () => void;
  all: () => void;
  /** Selects the row at this place or lets it go; ranges begin here. */
  toggle: (index: number) => void;
  /** Selects from where the range began to here. */
  extend: (index: number) => void;
  /** Ranges begin here, and nothing is selected by it. */
  anchor: (index: number) => void;
}

/**
 * What is selected in the list. Another filter is another set, so it begins with nothing; another sort keeps what is
 * selected. `rows` are those that the window shows now.
 */
export function useSelection({
  cluster,
  query,
  known,
  cache,
  rows,
}: {
  cluster: string;
  query: VmQuery;
  known: readonly string[];
  cache: RowCache;
  rows: readonly VmRow[];
}): SelectionControl {
  const filter = JSON.stringify([cluster, query.namespaces, query.text]);
  const [state, setState] = useState({ filter, selection: NOTHING_SELECTED });
  const [problem, setProblem] = useState<Text>();
  const [busy, setBusy] = useState(false);
  const range = useRef<RangeStart>(undefined);
  const asking = useRef<AbortController>(undefined);
  const selection = state.filter === filter ? state.selection : NOTHING_SELECTED;
  const latest = useRef({ cluster, query, known, cache, selection, filter });
  latest.current = { cluster, query, known, cache, selection, filter };

  const put = useCallback((next: Selection) => {
    latest.current.selection = next;
    setState({ filter: latest.current.filter, selection: next });
  }, []);
  const stopAsking = useCallback(() => {
    asking.current?.abort();
    setBusy(false);
    setProblem(undefined);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was asked for another filter is of no use
  useEffect(() => {
    range.current = undefined;
    stopAsking();
    return () => asking.current?.abort();
  }, [filter, stopAsking]);

  useEffect(() => {
    const { selection: now } = latest.current;
    const newer = withNewer(now, rows);
    if (newer !== now) put(newer);
  }, [rows, put]);

  const set = useCallback(
    (next: Selection) => {
      stopAsking();
      range.current = undefined;
      put(next);
    },
    [put, stopAsking],
  );
  const clear = useCallback(() => set(NOTHING_SELECTED), [set]);
  const all = useCallback(() => set(selectAll(latest.current.query)), [set]);

  const toggle = useCallback(
    (index: number) => {
      const { selection: now, cache: places } = latest.current;
      const place = places.get(index);
      if (!place || place.gone) return;
      stopAsking();
      const next = withRows(now, [place.row], !isSelected(now, place.row.uid));
      put(next);
      range.current = { anchor: index, base: next };
    },
    [put, stopAsking],
  );

  const anchor = useCallback((index: number) => {
    range.current = { anchor: index, base: latest.current.selection };
  }, []);

  const extend = useCallback(
    (index: number) => {
      const { selection: now, cache: places, ...asked } = latest.current;
      range.current ??= { anchor: index, base: now };
      const { anchor: from, base } = range.current;
      const span = rangeOf(from, index);
      const loaded = places.slice(span.from, span.count);
      stopAsking();
      put(withRows(base, loaded, true));
      if (loaded.length === span.count) return;
      if (span.count > MAX_RANGE_ROWS) {
        setProblem(text('list.rangeTooLong', { count: span.count, most: MAX_RANGE_ROWS }));
        return;
      }
      const controller = new AbortController();
      asking.current = controller;
      setBusy(true);
      fetchVmRows(asked.cluster, asked.query, {
        ...span,
        known: asked.known,
        signal: controller.signal,
      }).then(
        (found) => {
          if (controller.signal.aborted) return;
          setBusy(false);
          put(withRows(withRows(base, found, true), loaded, true));
        },
        (cause: unknown) => {
          if (controller.signal.aborted) return;
          setBusy(false);
          const reason = cause instanceof ApiError ? cause.message : String(cause);
          setProblem(text('list.rangeFailed', { reason }));
        },
      );
    },
    [put, stopAsking],
  );

  return { selection, busy, problem, set, clear, all, toggle, extend, anchor };
}
