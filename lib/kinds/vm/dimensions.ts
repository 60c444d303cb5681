import type { VmRow } from './row';
import { type VmCounts, vmStatus } from './status';

const PLAIN = [
  'namespace',
  'folder',
  'node',
  'status',
  'tone',
  'os',
  'instancetype',
  'application',
  'owner',
  'network',
  'tag',
  'condition',
  'labelKey',
] as const;

/** What VMs can be counted by; `label:KEY` counts the values of one label. */
export type VmDimension = (typeof PLAIN)[number] | `label:${string}`;

/** Whether a text that came from a browser names a dimension. */
export function isVmDimension(text: string): text is VmDimension {
  return (PLAIN as readonly string[]).includes(text) || /^label:.+/.test(text);
}

/** The VMs of one value: how many, how they do, and what they ask for together. */
export interface VmGroup {
  /** Empty for VMs that have none. */
  value: string;
  total: number;
  tones: Partial<VmCounts>;
  /** How many have a guest that has not ended. */
  running: number;
  vcpus: number;
  memoryBytes: number;
  diskBytes: number;
  /** The sum over those that are measured. */
  usage?: { cpuCores: number; memoryBytes: number };
}

/** The values under which a VM counts; one empty text where it has none. `folder` is the whole path. */
export function valuesOf(row: VmRow, dimension: VmDimension): readonly string[] {
  const values = found(row, dimension);
  return values.length > 0 ? values : NONE;
}

const NONE = [''];

function found(row: VmRow, dimension: VmDimension): readonly string[] {
  switch (dimension) {
    case 'namespace':
    case 'folder':
    case 'node':
    case 'os':
    case 'instancetype':
    case 'application':
    case 'owner':
      return [row[dimension]];
    case 'status':
      return [row.facts.printableStatus];
    case 'tone':
      return [vmStatus(row.facts, row.reason).tone];
    case 'network':
      return row.networks;
    case 'tag':
      return row.tags;
    case 'condition':
      return row.conditions;
    case 'labelKey':
      return Object.keys(row.labels);
    default: {
      const value = row.labels[dimension.slice('label:'.length)];
      return value === undefined ? [] : [value];
    }
  }
}
