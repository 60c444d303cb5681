import type { VmRow } from './row';

/** What the VM list asks for; the whole of it stands in the URL. */
export interface VmQuery {
  /** Empty means all namespaces. */
  namespaces: string[];
  /** The query language; compileVmQuery reads it. */
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
  'uptime',
  'os',
  'instancetype',
  'disks',
  'cpuUsage',
  'memoryUsage',
  'folder',
  'application',
  'owner',
  'hostname',
  'description',
] as const;
export type VmSortColumn = (typeof VM_SORT_COLUMNS)[number];

export const DEFAULT_VM_QUERY: VmQuery = {
  namespaces: [],
  text: '',
  sort: { column: 'name', descending: false },
};

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
