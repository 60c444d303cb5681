import type { K8sObject } from '@/lib/k8s/object';
import { type VmRecord, type VmUsage, vmRecord } from '@/lib/kinds/vm/row';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import type { FeedChange } from './feed-store';
import { type Feed, isSessionOver } from './protocol';
import type { ResourceFeed } from './resource-feed';
import type { Lease, Startable } from './shared-pool';
import type { UsagePoller } from './usage-poller';

/** VMs as a query reads them. */
export interface VmRecords {
  /** By the VM's uid. */
  readonly records: Pick<ReadonlyMap<string, VmRecord>, 'get' | 'values'>;
  readonly loaded: boolean;
  readonly feed: Feed;
  /** By `namespace/name`. */
  named(name: string): VmRecord | undefined;
  /** Tells the uids of rows that came, changed or went; none when only the feed's state did. */
  onChange(listener: (uids: string[]) => void): () => void;
}

/**
 * The VMs of a cluster or a namespace as rows, each joined with the VMI of its name. A row is made when its VM or VMI
 * changes and is never changed in place.
 */
export class VmTable implements VmRecords, Startable {
  /** By the VM's uid. */
  readonly records = new Map<string, VmRecord>();
  private readonly vms: Lease<ResourceFeed>;
  private readonly vmis: Lease<ResourceFeed>;
  private readonly vmByName = new Map<string, VirtualMachine>();
  private readonly vmiByName = new Map<string, VirtualMachineInstance>();
  private readonly listeners = new Set<(uids: string[]) => void>();
  private readonly polled: Lease<UsagePoller> | undefined;
  /** By `namespace/name`. */
  private usage: ReadonlyMap<string, VmUsage> = new Map();
  private stops: (() => void)[] = [];

  constructor(
    leaseVms: () => Lease<ResourceFeed>,
    leaseVmis: () => Lease<ResourceFeed>,
    leaseUsage?: () => Lease<UsagePoller>,
  ) {
    this.vms = leaseVms();
    this.vmis = leaseVmis();
    this.polled = leaseUsage?.();
  }

  start(): void {
    const usage = this.polled?.value;
    this.usage = usage?.usage ?? this.usage;
    this.takeVmis({ changed: [...this.vmis.value.entries.values()], removed: [] });
    this.takeVms({ changed: [...this.vms.value.entries.values()], removed: [] });
    this.stops = [
      this.vms.value.onChange((change) => this.takeVms(change)),
      this.vmis.value.onChange((change) => this.takeVmis(change)),
      ...(usage ? [usage.onChange(() => this.setUsage(usage.usage))] : []),
    ];
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.vms.release();
    this.vmis.release();
    this.polled?.release();
  }

  /** Tells the uids of rows that came, changed or went; none when only the feed's state did. */
  onChange(listener: (uids: string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get loaded(): boolean {
    const vmis = this.vmis.value;
    return this.vms.value.loaded && (vmis.loaded || vmis.state.state === 'refused');
  }

  /** VMs decide; VMIs only add trouble of their own. Who may not list VMIs still sees the VMs. */
  get feed(): Feed {
    const vms = this.vms.value.state;
    const vmis = this.vmis.value.state;
    // Both hear of the end of a session at their own time: the rows must not lose their VMIs meanwhile.
    if (isSessionOver(vmis)) return vmis;
    return vms.state !== 'live' || vmis.state === 'refused' ? vms : vmis;
  }

  /** By `namespace/name`. */
  named(name: string): VmRecord | undefined {
    const vm = this.vmByName.get(name);
    return vm && this.records.get(vm.metadata.uid);
  }

  /** What the VMs use from now on, by `namespace/name`; those that are not named are not measured. */
  setUsage(usage: ReadonlyMap<string, VmUsage>): void {
    const uids: string[] = [];
    const names = new Set([...this.usage.keys(), ...usage.keys()]);
    this.usage = usage;
    for (const name of names) {
      const record = this.named(name);
      const now = usage.get(name);
      const before = record?.row.usage;
      if (!record || (before?.cpuCores === now?.cpuCores && before?.memoryBytes === now?.memoryBytes))
        continue;
      this.records.set(record.row.uid, withUsage(record, now));
      uids.push(record.row.uid);
    }
    if (uids.length > 0) this.notify(uids);
  }

  /** The same VM as whoever may not list VMIs sees it. */
  bare({ row }: VmRecord): VmRecord {
    const vm = this.vmByName.get(`${row.namespace}/${row.name}`);
    if (!vm) throw new Error(`There is no VM ${row.namespace}/${row.name} in this table.`);
    return withUsage(vmRecord(vm, undefined), row.usage);
  }

  /** Whether nothing of it was refused, neither VMs nor VMIs. */
  get isReadable(): boolean {
    return this.vms.value.state.state !== 'refused' && this.vmis.value.state.state !== 'refused';
  }

  private takeVms({ changed, removed }: FeedChange<K8sObject>): void {
    const uids: string[] = [];
    for (const { value: object } of removed) {
      const name = nameOf(object);
      if (this.vmByName.get(name)?.metadata.uid === object.metadata.uid) this.vmByName.delete(name);
      this.records.delete(object.metadata.uid);
      uids.push(object.metadata.uid);
    }
    for (const { value: object } of changed) {
      // The feed's resource says the kind.
      const vm = object as VirtualMachine;
      this.vmByName.set(nameOf(vm), vm);
      uids.push(...this.join(vm));
    }
    this.notify(uids);
  }

  private takeVmis({ changed, removed }: FeedChange<K8sObject>): void {
    const names = new Set<string>();
    for (const { value: object } of removed) {
      const name = nameOf(object);
      if (this.vmiByName.get(name)?.metadata.uid !== object.metadata.uid) continue;
      this.vmiByName.delete(name);
      names.add(name);
    }
    for (const { value: object } of changed) {
      this.vmiByName.set(nameOf(object), object as VirtualMachineInstance);
      names.add(nameOf(object));
    }
    this.notify(
      [...names].flatMap((name) => {
        const vm = this.vmByName.get(name);
        return vm ? this.join(vm) : [];
      }),
    );
  }

  /** The uid, if the row is another one now: much of what happens to a VM shows in no row (heartbeats, annotations). */
  private join(vm: VirtualMachine): string[] {
    const { uid } = vm.metadata;
    const record = withUsage(vmRecord(vm, this.vmiByName.get(nameOf(vm))), this.usage.get(nameOf(vm)));
    if (JSON.stringify(record) === JSON.stringify(this.records.get(uid))) return [];
    this.records.set(uid, record);
    return [uid];
  }

  private notify(uids: string[]): void {
    for (const listener of [...this.listeners]) listener(uids);
  }
}

/** Usage stands apart from the record, so that it can be left out where it may not be seen. */
function withUsage(record: VmRecord, usage: VmUsage | undefined): VmRecord {
  if (!usage && !record.row.usage) return record;
  const { usage: _, ...row } = record.row;
  return { ...record, row: usage ? { ...row, usage } : row };
}

function nameOf({ metadata }: K8sObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
