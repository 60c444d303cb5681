'use client';

import { createContext, useContext } from 'react';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { TreePlace } from '@/lib/kinds/vm/tree';
import type { Text } from '@/lib/text';
import type { VmDrag } from './drag';

/** What the entries of a tree share. */
export interface TreeScope {
  cluster: string;
  query: VmQuery;
  /** Which entry the keyboard is at. */
  active: string | undefined;
  setActive: (key: string) => void;
  isOpen: (key: string) => boolean;
  toggle: (key: string) => void;
  /** Narrows the list to a place, or to none. */
  choose: (place: TreePlace | undefined) => void;
  openMenu: (menu: FolderMenuOf) => void;
  /** What is being dragged, and why the VMs of a namespace may not be changed. */
  drag: VmDrag | undefined;
  denied: (namespace: string) => Text | undefined;
  /** Says in words what the tree did or would do. */
  tell: (words: string) => void;
}

/** A folder, or a namespace as the place of folders, and where its menu opens. */
export interface FolderMenuOf {
  place: Exclude<TreePlace, { kind: 'value' }>;
  /** How many VMs lie in it. */
  total: number;
  anchor: HTMLElement;
}

export const TreeContext = createContext<TreeScope | undefined>(undefined);

export function useTreeScope(): TreeScope {
  const scope = useContext(TreeContext);
  if (!scope) throw new Error('an entry of a tree stands outside of a tree');
  return scope;
}
