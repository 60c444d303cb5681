import { ApiError } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import type { ClusterFeatures } from '@/lib/kinds/platform/features';
import { RESOURCES } from '@/lib/kinds/resources';
import { withBulkEdit } from '@/lib/kinds/vm/bulk-edit-apply';
import type { VmBulkEdit } from '@/lib/kinds/vm/bulk-edit-input';
import { verdictOf } from '@/lib/kinds/vm/form/applies';
import type { Applies } from '@/lib/kinds/vm/form/apply-context';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { differences } from '@/lib/manifest/changes';
import { fieldPathText } from '@/lib/manifest/field-path';
import type { ManifestObject } from '@/lib/manifest/manifest';

/** A VM with its instance as they are when a preview begins; undefined for one that has gone. */
export interface Previewed {
  name: string;
  vm: ManifestObject | undefined;
  vmi: VirtualMachineInstance | undefined;
}

export interface PreviewedChange {
  path: string;
  /** As JSON, or the word itself; undefined for nothing. */
  before: string | undefined;
  after: string | undefined;
  /** Undefined where no guest runs. */
  applies: Applies | undefined;
}

export interface VmPreview {
  name: string;
  changes: PreviewedChange[];
}

const PARALLEL = 6;

/**
 * Reads these VMs and their instances, a few at a time.
 * @throws ApiError of the first that may not be read.
 */
export async function readPreviewed(
  cluster: string,
  rows: readonly VmRow[],
  signal: AbortSignal,
): Promise<Previewed[]> {
  const found: Previewed[] = [];
  const queue = [...rows.entries()];
  const read = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, row] = next;
      const get = <T>(resource: (typeof RESOURCES)['virtualMachines' | 'virtualMachineInstances']) =>
        readOne<T>(cluster, resourcePath(resource, row.namespace, row.name), signal);
      found[index] = {
        name: `${row.namespace}/${row.name}`,
        vm: await get<ManifestObject>(RESOURCES.virtualMachines),
        vmi: row.facts.vmi && (await get<VirtualMachineInstance>(RESOURCES.virtualMachineInstances)),
      };
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, read));
  return found;
}

async function readOne<T>(cluster: string, path: string, signal: AbortSignal): Promise<T | undefined> {
  try {
    return (await callApi<T>(cluster, path, { signal })).body;
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  }
}

/** What an edit comes to for one VM. */
export function previewEdit(
  { name, vm, vmi }: Previewed,
  edit: VmBulkEdit,
  features: ClusterFeatures,
): VmPreview {
  if (!vm) return { name, changes: [] };
  const after = withBulkEdit(vm, edit);
  const changes = differences(vm, after).map((found) => {
    const path = fieldPathText(found.path);
    const applies = vmi && verdictOf([path], { features, vm, vmi, after }).applies;
    return { path, before: inShort(found.before), after: inShort(found.after), applies };
  });
  return { name, changes };
}

function inShort(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
