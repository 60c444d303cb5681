'use client';

import { MAX_GROUPS } from '@/lib/inventory/protocol';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { useVmGroups } from '@/lib/live/use-live';
import { keptFolders, useTreeMemory } from './tree-memory';

/** The folders that a namespace has, and those that this browser keeps in mind. */
export function useFolders(cluster: string, namespace: string): string[] {
  const memory = useTreeMemory();
  const query = { ...DEFAULT_VM_QUERY, namespaces: [namespace] };
  const { groups } = useVmGroups(cluster, query, ['folder'], { limit: MAX_GROUPS });
  const used = groups?.groups.folder?.groups.map(({ value }) => value).filter(Boolean) ?? [];
  return [...new Set([...used, ...keptFolders(memory, cluster, namespace)])].sort();
}
