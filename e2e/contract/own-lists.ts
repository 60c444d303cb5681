import { vmRecord } from '@/lib/kinds/vm/parts';
import type { VmRecord, VmUsage } from '@/lib/kinds/vm/row';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';

/** Asks the API past the console, with somebody's own token. */
export type AskApi = (path: string) => Promise<{ status: number; body: unknown }>;

const GROUP = '/apis/kubevirt.io/v1/namespaces';
const byName = (a: VmRecord, b: VmRecord) =>
  `${a.row.namespace}/${a.row.name}` < `${b.row.namespace}/${b.row.name}` ? -1 : 1;

export interface OwnLists {
  /** Ordered by namespace and name; without usage, which changes from one second to the next. */
  records: VmRecord[];
  /** Namespaces in which the usage of pods may be listed. */
  measured: Set<string>;
}

/** What somebody's own LIST calls return, namespace by namespace: VMs, with their VMIs where these may be listed. */
export async function ownLists(ask: AskApi, namespaces: readonly string[]): Promise<OwnLists> {
  const measured = new Set<string>();
  const found = await Promise.all(
    namespaces.map(async (namespace) => {
      const vms = await items<VirtualMachine>(ask, `${GROUP}/${namespace}/virtualmachines`);
      const vmis = await items<VirtualMachineInstance>(ask, `${GROUP}/${namespace}/virtualmachineinstances`);
      const usage = await ask(`/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`);
      if (usage.status === 200) measured.add(namespace);
      const instances = new Map((vmis ?? []).map((vmi) => [vmi.metadata.name, vmi]));
      return (vms ?? []).map((vm) => vmRecord(vm, instances.get(vm.metadata.name)));
    }),
  );
  return { records: found.flat().sort(byName), measured };
}

/** A row as it is compared, and what it said of usage. */
export function withoutUsage<Row extends { usage?: VmUsage }>({ usage: _, ...row }: Row): Omit<Row, 'usage'> {
  return row;
}

/** Undefined when the API says 403. */
async function items<T>(ask: AskApi, path: string): Promise<T[] | undefined> {
  const { status, body } = await ask(path);
  if (status === 403) return undefined;
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  // Lists of the API are of the kind that the path names.
  return (body as { items: T[] }).items;
}
