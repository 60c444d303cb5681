import { naturalKey } from './natural-key';
import { closeness, type VmQuery, type VmSortColumn } from './query';
import type { VmRecord, VmRow } from './row';
import { statusRank } from './status';

type Compare = (a: VmRow, b: VmRow) => number;

const COMPARE: Record<VmSortColumn, Compare | undefined> = {
  // The record's own key stands in the order of names.
  name: undefined,
  namespace: byText((row) => row.namespace),
  status: (a, b) =>
    statusRank(a.facts, a.reason) - statusRank(b.facts, b.reason) ||
    compareTexts(a.facts.printableStatus, b.facts.printableStatus),
  node: byText((row) => row.node),
  ip: byText((row) => row.ips[0] ?? ''),
  vcpus: (a, b) => a.vcpus - b.vcpus,
  memory: (a, b) => a.memoryBytes - b.memoryBytes,
  // The age grows as the time of creation falls. Times in RFC 3339 of one zone stand in the order of their texts.
  age: (a, b) => compareTexts(b.createdAt, a.createdAt),
  uptime: (a, b) => emptyLast(a.startedAt, b.startedAt) || compareTexts(b.startedAt, a.startedAt),
  os: byText((row) => row.os),
  instancetype: byText((row) => row.instancetype),
  disks: (a, b) => a.diskBytes - b.diskBytes || a.disks - b.disks,
  cpuUsage: (a, b) => (a.usage?.cpuCores ?? -1) - (b.usage?.cpuCores ?? -1),
  memoryUsage: (a, b) => (a.usage?.memoryBytes ?? -1) - (b.usage?.memoryBytes ?? -1),
  folder: byText((row) => row.folder),
  application: byText((row) => row.application),
  owner: byText((row) => row.owner),
  hostname: byText((row) => row.hostname),
  description: byText((row) => row.description),
};

/**
 * A total order for `Array.sort`, made once for a query: equal rows stand by name, then namespace, whatever the
 * direction; with `closestFirst`, before all that, what is called like the text.
 */
export function compileOrder({ sort, text, closestFirst }: VmQuery): (a: VmRecord, b: VmRecord) => number {
  const byColumn = COMPARE[sort.column];
  const sign = sort.descending ? -1 : 1;
  const byName = (a: VmRecord, b: VmRecord) => compareTexts(a.key, b.key);
  const sorted: (a: VmRecord, b: VmRecord) => number = byColumn
    ? (a, b) => sign * byColumn(a.row, b.row) || byName(a, b)
    : (a, b) => sign * byName(a, b);
  if (!closestFirst) return sorted;
  return (a, b) => closeness(a.row, text) - closeness(b.row, text) || sorted(a, b);
}

/** Few different values on many rows: each key is made once. */
const keys = new Map<string, string>();
const MAX_KEYS = 50_000;

function keyOf(value: string): string {
  let key = keys.get(value);
  if (key === undefined) {
    if (keys.size >= MAX_KEYS) keys.clear();
    key = naturalKey(value);
    keys.set(value, key);
  }
  return key;
}

function byText(textOf: (row: VmRow) => string): Compare {
  return (a, b) => {
    const [left, right] = [textOf(a), textOf(b)];
    if (left === right) return 0;
    return emptyLast(left, right) || compareTexts(keyOf(left), keyOf(right));
  };
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function emptyLast(a: string, b: string): number {
  return Number(a === '') - Number(b === '');
}
