'use client';

import { useRef } from 'react';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { VmRowsState } from '@/lib/live/use-live';
import { RowCache } from './row-cache';

/** Answers that were looked at before, newest last: Back shows their rows at once. */
const KEPT_ANSWERS = 4;
const kept = new Map<string, RowCache>();

/**
 * What is known of the rows of an answer. While the first rows of another one are on their way, those of the one before
 * stay: `live` still has them then.
 */
export function useRowCache(
  /** Whose rows these are: another person at the same browser sees none of them. */
  user: string,
  cluster: string,
  query: VmQuery,
  live: Required<VmRowsState>,
  held: boolean,
): RowCache {
  const key = JSON.stringify([user, cluster, query]);
  const shown = useRef<{ key: string; cache: RowCache; rows: readonly VmRow[] }>(undefined);
  const { rows, from, total } = live;
  const isOld = shown.current !== undefined && shown.current.key !== key && shown.current.rows === rows;
  if (!isOld && shown.current?.key !== key) shown.current = { key, cache: cacheOf(key), rows };
  const now = shown.current ?? { key, cache: cacheOf(key), rows };
  now.rows = rows;
  if (!isOld) now.cache.take(from, rows, total, held);
  shown.current = now;
  return now.cache;
}

function cacheOf(key: string): RowCache {
  // On the server each page is somebody else's.
  if (typeof window === 'undefined') return new RowCache();
  const cache = kept.get(key) ?? new RowCache();
  kept.delete(key);
  kept.set(key, cache);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_ANSWERS && oldest !== undefined) kept.delete(oldest);
  return cache;
}
