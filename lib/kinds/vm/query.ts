/** What the VM list asks for; the whole of it stands in the URL. */
export interface VmQuery {
  /** Empty means all namespaces. */
  namespaces: string[];
  /** Words that must all occur in name, namespace, status, node, address or OS; case does not matter. */
  text: string;
  sort: { column: VmSortColumn; descending: boolean };
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
