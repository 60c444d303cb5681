import { joinParts, type VmiPart, type VmPart } from '@/lib/kinds/vm/parts';
import type { VmRecord, VmUsage } from '@/lib/kinds/vm/row';
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

/** What a name stands for now: a VM, a VMI, or both. */
interface Slot {
  vm?: VmPart;
  vmi?: VmiPart;
}

/**
 * The VMs of a cluster or a namespace as rows, each joined with the VMI of its name. A row is made when its VM or VMI
 * changes and is never changed in place.
 */
export class VmTable implements VmRecords, Startable {
  /** By the VM's uid. */
  readonly records = new Map<string, VmRecord>();
  private readonly vms: Lease<ResourceFeed<VmPart>>;
  private readonly vmis: Lease<ResourceFeed<VmiPart>>;
  /** By namespace, then by name: keys of both together would be a text more for each VM. */
  private readonly slots = new Map<string, Map<string, Slot>>();
  /** By uid: those that somebody was shown without their VMI. */
  private readonly bares = new Map<string, VmRecord>();
  private readonly listeners = new Set<(uids: string[]) => void>();
  private readonly polled: Lease<UsagePoller> | undefined;
  /** By `namespace/name`. */
  private usage: ReadonlyMap<string, VmUsage> = new Map();
  private stops: (() => void)[] = [];

  constructor(
    leaseVms: () => Lease<ResourceFeed<VmPart>>,
    leaseVmis: () => Lease<ResourceFeed<VmiPart>>,
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
    const slash = name.indexOf('/');
    const vm = this.slots.get(name.slice(0, slash))?.get(name.slice(slash + 1))?.vm;
    return vm && this.records.get(vm.uid);
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

  /**
   * The same VM as whoever may not list VMIs sees it. From when it was first asked for on, `onChange` tells of its
   * changes too.
   */
  bare({ row }: VmRecord): VmRecord {
    const vm = this.vms.value.entries.get(row.uid)?.value;
    if (!vm) throw new Error(`There is no VM ${row.namespace}/${row.name} in this table.`);
    const bare = this.bares.get(row.uid) ?? joinParts(vm);
    this.bares.set(row.uid, bare);
    return withUsage(bare, row.usage);
  }

  /** Whether nothing of it was refused, neither VMs nor VMIs. */
  get isReadable(): boolean {
    return this.vms.value.state.state !== 'refused' && this.vmis.value.state.state !== 'refused';
  }

  private takeVms({ changed, removed }: FeedChange<VmPart>): void {
    const uids: string[] = [];
    for (const { uid, value: vm } of removed) {
      const slot = this.slot(vm);
      // Another VM of the same name may be there by now.
      if (slot.vm?.uid === uid) delete slot.vm;
      this.drop(vm, slot);
      this.records.delete(uid);
      this.bares.delete(uid);
      uids.push(uid);
    }
    for (const { value: vm } of changed) {
      const slot = this.slot(vm);
      slot.vm = vm;
      if (this.join(vm, slot.vmi)) uids.push(vm.uid);
    }
    this.notify(uids);
  }

  private takeVmis({ changed, removed }: FeedChange<VmiPart>): void {
    const slots = new Set<Slot>();
    for (const { uid, value: vmi } of removed) {
      const slot = this.slot(vmi);
      if (slot.vmi?.uid === uid) delete slot.vmi;
      this.drop(vmi, slot);
      slots.add(slot);
    }
    for (const { value: vmi } of changed) {
      const slot = this.slot(vmi);
      slot.vmi = vmi;
      slots.add(slot);
    }
    this.notify([...slots].flatMap(({ vm, vmi }) => (vm && this.join(vm, vmi) ? [vm.uid] : [])));
  }

  /** Whether the row is another one now: much of what happens to a VM shows in no row (heartbeats, annotations). */
  private join(vm: VmPart, vmi: VmiPart | undefined): boolean {
    const { uid } = vm;
    const usage = this.usage.size > 0 ? this.usage.get(`${vm.namespace}/${vm.name}`) : undefined;
    const record = withUsage(joinParts(vm, vmi), usage);
    const isBareNews = this.bares.has(uid) && this.keep(this.bares, uid, joinParts(vm));
    return this.keep(this.records, uid, record) || isBareNews;
  }

  private keep(records: Map<string, VmRecord>, uid: string, record: VmRecord): boolean {
    const known = records.get(uid);
    if (known && JSON.stringify(record) === JSON.stringify(known)) return false;
    records.set(uid, record);
    return true;
  }

  private slot({ namespace, name }: VmPart | VmiPart): Slot {
    let names = this.slots.get(namespace);
    if (!names) {
      names = new Map();
      this.slots.set(namespace, names);
    }
    let slot = names.get(name);
    if (!slot) {
      slot = {};
      names.set(name, slot);
    }
    return slot;
  }

  private drop({ namespace, name }: VmPart | VmiPart, { vm, vmi }: Slot): void {
    if (vm || vmi) return;
    const names = this.slots.get(namespace);
    names?.delete(name);
    if (names?.size === 0) this.slots.delete(namespace);
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
