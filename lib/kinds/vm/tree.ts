import type { VmDimension, VmGroup } from './dimensions';
import { folderName, isInFolder, parentFolder } from './labels';
import { dimensionTerm, hasTerm, saysOf, withoutDimension, withTerm } from './language/edit';
import { fieldTerm, literal, printTerm } from './language/print';
import type { VmQuery } from './query';
import type { Tone, VmCounts } from './status';

/** By what the tree beside the list is grown; `tag` and labels stand in one view, whose key is chosen. */
export const TREE_VIEWS = ['folder', 'node', 'label', 'application'] as const;
export type TreeView = (typeof TREE_VIEWS)[number];

/** What stands at one entry of the tree; an empty value stands for the VMs that have none. */
export type TreePlace =
  | { kind: 'namespace'; namespace: string }
  | { kind: 'folder'; namespace: string; folder: string }
  | { kind: 'value'; dimension: VmDimension; value: string };

/** How many VMs lie at an entry and below it, and how they do. */
export type TreeSum = Pick<VmGroup, 'total' | 'tones'>;

export interface FolderEntry {
  /** The whole path. */
  folder: string;
  /** The last level. */
  name: string;
  /** With everything in the folders inside it. */
  sum: TreeSum;
  children: FolderEntry[];
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** In the order in which names are read, what has none last. */
export function byValue(a: Pick<VmGroup, 'value'>, b: Pick<VmGroup, 'value'>): number {
  return Number(a.value === '') - Number(b.value === '') || collator.compare(a.value, b.value);
}

/**
 * The folders of one namespace as a tree. `groups` count whole paths, so each adds to all folders around it; `kept` are
 * folders that are to show though nothing is in them.
 */
export function folderTree(
  groups: readonly Pick<VmGroup, 'value' | 'total' | 'tones'>[],
  kept: readonly string[] = [],
): FolderEntry[] {
  const entries = new Map<string, FolderEntry>();
  const top: FolderEntry[] = [];
  const entryOf = (folder: string): FolderEntry => {
    const known = entries.get(folder);
    if (known) return known;
    const entry: FolderEntry = {
      folder,
      name: folderName(folder),
      sum: { total: 0, tones: {} },
      children: [],
    };
    entries.set(folder, entry);
    const parent = parentFolder(folder);
    (parent ? entryOf(parent).children : top).push(entry);
    return entry;
  };
  for (const { value, total, tones } of groups) {
    if (!value) continue;
    for (let folder = value; folder; folder = parentFolder(folder)) {
      const entry = entryOf(folder);
      entry.sum = addSums(entry.sum, { total, tones });
    }
  }
  for (const folder of kept) entryOf(folder);
  const sort = (siblings: FolderEntry[]): void => {
    siblings.sort((a, b) => collator.compare(a.name, b.name));
    for (const { children } of siblings) sort(children);
  };
  sort(top);
  return top;
}

function addSums(a: TreeSum, b: TreeSum): TreeSum {
  const tones: Partial<VmCounts> = { ...a.tones };
  for (const tone of TONES_WORST_FIRST) {
    const count = (a.tones[tone] ?? 0) + (b.tones[tone] ?? 0);
    if (count > 0) tones[tone] = count;
  }
  return { total: a.total + b.total, tones };
}

const TONES_WORST_FIRST: readonly Tone[] = ['danger', 'warning', 'progress', 'paused', 'success', 'off'];

/** How the worst of them do, and how many do so; undefined where there is nothing. */
export function worstTone(tones: Partial<VmCounts>): { tone: Tone; count: number } | undefined {
  for (const tone of TONES_WORST_FIRST) {
    const count = tones[tone] ?? 0;
    if (count > 0) return { tone, count };
  }
  return undefined;
}

/** The same text for the same place, in this version and the next: what is open is remembered by it. */
export function placeKey(place: TreePlace): string {
  switch (place.kind) {
    case 'namespace':
      return `namespace/${place.namespace}`;
    case 'folder':
      return `folder/${place.namespace}/${place.folder}`;
    case 'value':
      return `${place.dimension}/${place.value}`;
  }
}

/**
 * The query narrowed to a place. What it said of the same dimension before goes, everything else stays: filters that
 * were typed go on counting.
 */
export function narrowTo(query: VmQuery, place: TreePlace): VmQuery {
  if (place.kind === 'value') {
    const others = withoutDimension(query.text, place.dimension);
    return { ...query, text: withTerm(others, termOf(place)) };
  }
  const others = withoutDimension(query.text, 'folder');
  const text = place.kind === 'folder' ? withTerm(others, termOf(place)) : others;
  return { ...query, namespaces: [place.namespace], text };
}

/** The query without what a view of the tree can say. */
export function widen(query: VmQuery, dimension: VmDimension): VmQuery {
  const namespaces = dimension === 'folder' ? [] : query.namespaces;
  return { ...query, namespaces, text: withoutDimension(query.text, dimension) };
}

/** Whether nothing that a view of the tree can say is said. */
export function isWide(query: VmQuery, dimension: VmDimension): boolean {
  return !saysOf(query.text, dimension) && (dimension !== 'folder' || query.namespaces.length === 0);
}

/** Whether the query is narrowed to this place. */
export function isAt(query: VmQuery, place: TreePlace): boolean {
  if (place.kind === 'value') return hasTerm(query.text, termOf(place));
  const [only, ...more] = query.namespaces;
  if (only !== place.namespace || more.length > 0) return false;
  return place.kind === 'folder' ? hasTerm(query.text, termOf(place)) : !saysOf(query.text, 'folder');
}

function termOf(place: Exclude<TreePlace, { kind: 'namespace' }>): string {
  if (place.kind === 'folder') return folderTerm(place.folder);
  return dimensionTerm(place.dimension, place.value);
}

/** The term for the folder and everything in it. */
export function folderTerm(folder: string): string {
  return printTerm(fieldTerm('folder', [literal(folder)]));
}

/** Where the folders of a moved or renamed one come to lie. */
export function movedFolder(folder: string, from: string, to: string): string {
  if (!isInFolder(folder, from)) return folder;
  const rest = folder.slice(from.length).replace(/^\//, '');
  return [to, rest].filter(Boolean).join('/');
}
