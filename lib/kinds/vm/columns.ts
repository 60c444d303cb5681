import type { MessageKey } from '@/lib/text';
import type { VmSortColumn } from './query';
import type { VmRow } from './row';

type Cell = string | number;

interface ColumnFacts {
  label: MessageKey;
  /** Numbers stand at the end of their cell. */
  align: 'start' | 'end';
  /** In CSS pixels; what is left over in the table is shared out in proportion. */
  width: number;
  /** Shown until somebody chooses. */
  shown: boolean;
  sort?: VmSortColumn;
  /** The CSV columns it stands for: plain numbers (bytes, cores), times in RFC 3339, lists with `; ` between. */
  csv: Record<string, (row: VmRow) => Cell>;
}

const list = (values: readonly string[]) => values.join('; ');

const COLUMNS = {
  name: {
    label: 'list.columns.name',
    align: 'start',
    width: 160,
    shown: true,
    sort: 'name',
    csv: { name: (row) => row.name },
  },
  status: {
    label: 'list.columns.status',
    align: 'start',
    width: 144,
    shown: true,
    sort: 'status',
    csv: { status: (row) => row.facts.printableStatus, reason: (row) => row.reason },
  },
  namespace: {
    label: 'list.columns.namespace',
    align: 'start',
    width: 112,
    shown: true,
    sort: 'namespace',
    csv: { namespace: (row) => row.namespace },
  },
  conditions: {
    label: 'list.columns.conditions',
    align: 'start',
    width: 200,
    shown: false,
    csv: { conditions: (row) => list(row.conditions) },
  },
  node: {
    label: 'list.columns.node',
    align: 'start',
    width: 88,
    shown: true,
    sort: 'node',
    csv: { node: (row) => row.node },
  },
  ip: {
    label: 'list.columns.ip',
    align: 'start',
    width: 136,
    shown: true,
    sort: 'ip',
    csv: { ips: (row) => list(row.ips) },
  },
  vcpus: {
    label: 'list.columns.vcpus',
    align: 'end',
    width: 56,
    shown: true,
    sort: 'vcpus',
    csv: { vcpus: (row) => row.vcpus },
  },
  memory: {
    label: 'list.columns.memory',
    align: 'end',
    width: 80,
    shown: true,
    sort: 'memory',
    csv: { memoryBytes: (row) => row.memoryBytes },
  },
  cpuUsage: {
    label: 'list.columns.cpuUsage',
    align: 'start',
    width: 92,
    shown: true,
    sort: 'cpuUsage',
    csv: { cpuUsageCores: (row) => row.usage?.cpuCores ?? '' },
  },
  memoryUsage: {
    label: 'list.columns.memoryUsage',
    align: 'start',
    width: 96,
    shown: true,
    sort: 'memoryUsage',
    csv: { memoryUsageBytes: (row) => row.usage?.memoryBytes ?? '' },
  },
  os: {
    label: 'list.columns.os',
    align: 'start',
    width: 136,
    shown: false,
    sort: 'os',
    csv: { os: (row) => row.os },
  },
  instancetype: {
    label: 'list.columns.instancetype',
    align: 'start',
    width: 128,
    shown: false,
    sort: 'instancetype',
    csv: { instancetype: (row) => row.instancetype },
  },
  disks: {
    label: 'list.columns.disks',
    align: 'end',
    width: 112,
    shown: false,
    sort: 'disks',
    csv: { disks: (row) => row.disks, diskBytes: (row) => row.diskBytes },
  },
  age: {
    label: 'list.columns.age',
    align: 'end',
    width: 64,
    shown: true,
    sort: 'age',
    csv: { createdAt: (row) => row.createdAt },
  },
  uptime: {
    label: 'list.columns.uptime',
    align: 'end',
    width: 88,
    shown: false,
    sort: 'uptime',
    csv: { startedAt: (row) => row.startedAt },
  },
  labels: {
    label: 'list.columns.labels',
    align: 'start',
    width: 240,
    shown: false,
    csv: { labels: (row) => list(Object.entries(row.labels).map(([key, value]) => `${key}=${value}`)) },
  },
  folder: {
    label: 'list.columns.folder',
    align: 'start',
    width: 136,
    shown: false,
    sort: 'folder',
    csv: { folder: (row) => row.folder },
  },
  tags: {
    label: 'list.columns.tags',
    align: 'start',
    width: 160,
    shown: false,
    csv: { tags: (row) => list(row.tags) },
  },
  application: {
    label: 'list.columns.application',
    align: 'start',
    width: 136,
    shown: false,
    sort: 'application',
    csv: { application: (row) => row.application },
  },
  owner: {
    label: 'list.columns.owner',
    align: 'start',
    width: 176,
    shown: false,
    sort: 'owner',
    csv: { owner: (row) => row.owner },
  },
  networks: {
    label: 'list.columns.networks',
    align: 'start',
    width: 152,
    shown: false,
    csv: { networks: (row) => list(row.networks) },
  },
  macs: {
    label: 'list.columns.macs',
    align: 'start',
    width: 168,
    shown: false,
    csv: { macs: (row) => list(row.macs) },
  },
  hostname: {
    label: 'list.columns.hostname',
    align: 'start',
    width: 136,
    shown: false,
    sort: 'hostname',
    csv: { hostname: (row) => row.hostname },
  },
  description: {
    label: 'list.columns.description',
    align: 'start',
    width: 240,
    shown: false,
    sort: 'description',
    csv: { description: (row) => row.description },
  },
} as const satisfies Record<string, ColumnFacts>;

export type VmColumnId = keyof typeof COLUMNS;

export interface VmColumn extends ColumnFacts {
  id: VmColumnId;
}

/** All columns of the VM list, in the order in which they are offered. */
export const VM_COLUMNS: readonly VmColumn[] = Object.entries<ColumnFacts>(COLUMNS).map(([id, facts]) => ({
  // The keys of COLUMNS are its type's keys.
  id: id as VmColumnId,
  ...facts,
}));

/** A column as somebody wants it; without a width it has its own and takes its share of the room left over. */
export interface ChosenColumn {
  id: VmColumnId;
  width?: number;
}

export const MIN_COLUMN_WIDTH = 48;
export const MAX_COLUMN_WIDTH = 800;

export const DEFAULT_VM_COLUMNS: readonly ChosenColumn[] = VM_COLUMNS.filter(({ shown }) => shown).map(
  ({ id }) => ({ id }),
);

export function vmColumn(id: VmColumnId): VmColumn {
  return { id, ...COLUMNS[id] };
}

export function clampWidth(width: number): number {
  return Math.round(Math.max(MIN_COLUMN_WIDTH, Math.min(MAX_COLUMN_WIDTH, width)));
}

/**
 * Reads `name,status:220,node`. What is not understood is left out; the name is always there, since it is what opens a
 * VM. Undefined when nothing is asked for.
 */
export function parseVmColumns(text: string | null | undefined): readonly ChosenColumn[] | undefined {
  const chosen = new Map<VmColumnId, ChosenColumn>();
  for (const part of (text ?? '').split(',')) {
    const [id = '', width = ''] = part.trim().split(':');
    if (!isColumn(id) || chosen.has(id)) continue;
    chosen.set(id, /^\d{1,4}$/.test(width) ? { id, width: clampWidth(Number(width)) } : { id });
  }
  if (chosen.size === 0) return undefined;
  return chosen.has('name') ? [...chosen.values()] : [{ id: 'name' }, ...chosen.values()];
}

/** The inverse of `parseVmColumns`; empty for what is shown anyway. */
export function formatVmColumns(chosen: readonly ChosenColumn[]): string {
  const write = (columns: readonly ChosenColumn[]) =>
    columns.map(({ id, width }) => (width === undefined ? id : `${id}:${width}`)).join(',');
  const text = write(chosen);
  return text === write(DEFAULT_VM_COLUMNS) ? '' : text;
}

/** The column moved by so many places; the same list where there is no way. */
export function moveColumn(
  chosen: readonly ChosenColumn[],
  id: VmColumnId,
  by: number,
): readonly ChosenColumn[] {
  const from = chosen.findIndex((column) => column.id === id);
  const to = Math.max(0, Math.min(chosen.length - 1, from + by));
  const column = chosen[from];
  if (!column || from === to) return chosen;
  const others = chosen.filter((other) => other !== column);
  return [...others.slice(0, to), column, ...others.slice(to)];
}

/** The columns with this one shown (at its place among those offered) or hidden; the name stays. */
export function toggleColumn(
  chosen: readonly ChosenColumn[],
  id: VmColumnId,
  shown: boolean,
): readonly ChosenColumn[] {
  const others = chosen.filter((column) => column.id !== id);
  if (!shown) return id === 'name' ? chosen : others;
  if (others.length < chosen.length) return chosen;
  const place = (column: VmColumnId) => VM_COLUMNS.findIndex((each) => each.id === column);
  const before = others.findLastIndex((column) => place(column.id) < place(id));
  return [...others.slice(0, before + 1), { id }, ...others.slice(before + 1)];
}

/** The columns with a width for one of them, or with its own again. */
export function resizeColumn(
  chosen: readonly ChosenColumn[],
  id: VmColumnId,
  width: number | undefined,
): readonly ChosenColumn[] {
  return chosen.map((column) => {
    if (column.id !== id) return column;
    return width === undefined ? { id } : { id, width: clampWidth(width) };
  });
}

/** Head and cells of a CSV file with these columns. A VM is known by namespace and name, so both are always there. */
export function csvOf(chosen: readonly ChosenColumn[]): {
  head: string[];
  cells: (row: VmRow) => Cell[];
} {
  const ids: VmColumnId[] = chosen.map(({ id }) => id);
  const all = ids.includes('namespace') ? ids : (['namespace', ...ids] satisfies VmColumnId[]);
  const fields = all.flatMap((id) => Object.entries<(row: VmRow) => Cell>(COLUMNS[id].csv));
  return {
    head: fields.map(([name]) => name),
    cells: (row) => fields.map(([, value]) => value(row)),
  };
}

function isColumn(id: string): id is VmColumnId {
  return Object.hasOwn(COLUMNS, id);
}
