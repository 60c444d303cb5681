import type { VmRow } from './row';
import { statusRank } from './status';

/** What the VM list asks for; the whole of it stands in the URL. */
export interface VmQuery {
  /** Empty means all namespaces. */
  namespaces: string[];
  /** Words that must all occur in name, namespace, status, node, address or OS; case does not matter. */
  text: string;
  sort: { column: VmSortColumn; descending: boolean };
  /** For searching: before all sorting stands what is called like the text. */
  closestFirst?: boolean;
}

export const VM_SORT_COLUMNS = [
  'name',
  'namespace',
  'status',
  'node',
  'ip',
  'vcpus',
  'memory',
  'age',
] as const;
export type VmSortColumn = (typeof VM_SORT_COLUMNS)[number];

export const DEFAULT_VM_QUERY: VmQuery = {
  namespaces: [],
  text: '',
  sort: { column: 'name', descending: false },
};

/** Whether a row belongs into the answer. */
export function matchesQuery(row: VmRow, query: VmQuery): boolean {
  if (query.namespaces.length > 0 && !query.namespaces.includes(row.namespace)) return false;
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const haystack = [row.name, row.namespace, row.facts.printableStatus, row.node, ...row.ips, row.os]
    .join('\n')
    .toLowerCase();
  return words.every((word) => haystack.includes(word));
}

// One locale on server and client, or the order would differ between them. Numeric: vm-2 stands before vm-10.
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const COMPARE: Record<VmSortColumn, (a: VmRow, b: VmRow) => number> = {
  name: (a, b) => collator.compare(a.name, b.name),
  namespace: (a, b) => collator.compare(a.namespace, b.namespace),
  status: (a, b) =>
    statusRank(a.facts, a.reason) - statusRank(b.facts, b.reason) ||
    collator.compare(a.facts.printableStatus, b.facts.printableStatus),
  node: (a, b) => emptyLast(a.node, b.node) || collator.compare(a.node, b.node),
  ip: (a, b) => emptyLast(a.ips[0] ?? '', b.ips[0] ?? '') || collator.compare(a.ips[0] ?? '', b.ips[0] ?? ''),
  vcpus: (a, b) => a.vcpus - b.vcpus,
  memory: (a, b) => a.memoryBytes - b.memoryBytes,
  // The age grows as the time of creation falls.
  age: (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt),
};

function emptyLast(a: string, b: string): number {
  return Number(a === '') - Number(b === '');
}

/** Total order for `Array.sort`: equal rows stand by name, then namespace, then uid, whatever the direction. */
export function compareRows(a: VmRow, b: VmRow, sort: VmQuery['sort']): number {
  const order = COMPARE[sort.column](a, b);
  return (
    (sort.descending ? -order : order) ||
    COMPARE.name(a, b) ||
    COMPARE.namespace(a, b) ||
    (a.uid < b.uid ? -1 : Number(a.uid > b.uid))
  );
}

/** How near a name is to the words of a search, nearest first: the name itself, its beginning, in it, elsewhere. */
export function closeness({ name }: VmRow, text: string): number {
  const wanted = text.trim().toLowerCase();
  const own = name.toLowerCase();
  if (own === wanted) return 0;
  if (own.startsWith(wanted)) return 1;
  return wanted.split(/\s+/).every((word) => own.includes(word)) ? 2 : 3;
}

/** What Next gives a page as `searchParams`. */
export type SearchParams = Record<string, string | string[] | undefined>;

/** Reads `?ns=a,b&q=words&sort=-age`; what is not understood counts as absent. */
export function parseVmQuery(params: SearchParams | URLSearchParams): VmQuery {
  const all = (name: string): string[] => {
    if (params instanceof URLSearchParams) return params.getAll(name);
    const value = params[name];
    return value === undefined ? [] : [value].flat();
  };
  const namespaces = all('ns')
    .flatMap((value) => value.split(','))
    .filter(Boolean);
  const sort = all('sort')[0] ?? '';
  const column = VM_SORT_COLUMNS.find((name) => name === sort.replace(/^-/, ''));
  return {
    namespaces: [...new Set(namespaces)].sort(),
    text: all('q')[0] ?? '',
    sort: column ? { column, descending: sort.startsWith('-') } : DEFAULT_VM_QUERY.sort,
  };
}

/** The inverse of `parseVmQuery`, for `paths.vms`; defaults are left out. */
export function formatVmQuery(query: VmQuery): Record<string, string> {
  const params: Record<string, string> = {};
  if (query.namespaces.length > 0) params.ns = query.namespaces.join(',');
  if (query.text) params.q = query.text;
  const sort = `${query.sort.descending ? '-' : ''}${query.sort.column}`;
  if (sort !== DEFAULT_VM_QUERY.sort.column) params.sort = sort;
  return params;
}
