import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { isTrue } from '../conditions';
import { runStrategyOf } from '../run-strategy';
import { now } from '../time';
import { REVISIONS, type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../types';
import type { VirtHandler } from '../virt-handler';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { newContent, SnapshotContents } from './snapshot-contents';
import { contentName, deadlineMs, isDone, type SourceState, snapshotStatus } from './snapshot-status';
import { chooseVolumes } from './snapshotable';
import {
  CONTENTS,
  SNAPSHOT_FINALIZER,
  SNAPSHOTS,
  SOURCE_FINALIZER,
  type VmSnapshot,
  type VmSnapshotContent,
} from './types';

const COMPONENT = 'snapshot-controller';
const LATENCY_MS = 100;

/** The snapshot half of virt-controller: locks the source, has its volumes copied, and lets it go. */
export class SnapshotController {
  private readonly queue = new WorkQueue('vm snapshots', (key) => this.reconcile(key), LATENCY_MS);
  private readonly contents: SnapshotContents;
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    virtHandler: VirtHandler,
  ) {
    this.contents = new SnapshotContents(cluster, virtHandler);
    const wakeOf = (namespace: string | undefined, source: string) => {
      for (const snapshot of cluster.list<VmSnapshot>(SNAPSHOTS, namespace)) {
        if (snapshot.spec.source.name === source && !isDone(snapshot)) this.queue.add(keyFor(snapshot));
      }
    };
    this.stops = [
      cluster.watch<VmSnapshot>(SNAPSHOTS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
        else this.unlock(object);
      }),
      cluster.watch<VmSnapshotContent>(CONTENTS, ({ object }) => {
        const name = object.spec.virtualMachineSnapshotName;
        if (name) this.queue.add(`${object.metadata.namespace}/${name}`);
      }),
      cluster.watch<VirtualMachine>(VMS, ({ object }) =>
        wakeOf(object.metadata.namespace, object.metadata.name),
      ),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
    this.contents.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const snapshot = this.cluster.get<VmSnapshot>(SNAPSHOTS, namespace, name);
    if (!snapshot) return;
    if (snapshot.metadata.deletionTimestamp) {
      this.finish(snapshot);
      return;
    }
    if (isDone(snapshot)) {
      this.unlock(snapshot);
      return;
    }
    const source = this.cluster.get<VirtualMachine>(VMS, namespace, snapshot.spec.source.name);
    const left =
      Date.parse(snapshot.metadata.creationTimestamp ?? '') + deadlineMs(snapshot) - clock.millis();
    const state = source ? this.lock(snapshot, source) : 'missing';
    const content = this.cluster.get<VmSnapshotContent>(CONTENTS, namespace, contentName(snapshot));
    if (source && state === 'locked' && !content) this.takeContent(snapshot, source);
    this.report(snapshot, state, source, left <= 0);
    if (left > 0 && source) this.queue.add(key, left);
  }

  /** Nobody may change the source while it is copied; a snapshot or restore under way comes first. */
  private lock(snapshot: VmSnapshot, vm: VirtualMachine): SourceState {
    const { name } = snapshot.metadata;
    const holder = vm.status?.snapshotInProgress;
    if (holder === name) return 'locked';
    if (holder !== undefined) return { waitsFor: `snapshot "${holder}" in progress` };
    const restore = vm.status?.restoreInProgress;
    if (restore !== undefined) return { waitsFor: `restore "${restore}" in progress` };
    const unbound = chooseVolumes(this.cluster, vm, vm.spec).included.find(
      ({ claim }) => claim.status?.phase !== 'Bound',
    );
    if (unbound) {
      return { waitsFor: `source ${keyFor(vm)} volume not bound [${unbound.volume}]` };
    }
    this.cluster.update<VirtualMachine>(VMS, vm.metadata.namespace, vm.metadata.name, (draft) => {
      draft.status = { ...draft.status, snapshotInProgress: name };
      const finalizers = draft.metadata.finalizers ?? [];
      if (!finalizers.includes(SOURCE_FINALIZER))
        draft.metadata.finalizers = [...finalizers, SOURCE_FINALIZER];
    });
    return 'locked';
  }

  private takeContent(snapshot: VmSnapshot, source: VirtualMachine): void {
    const vm =
      this.cluster.get<VirtualMachine>(VMS, source.metadata.namespace, source.metadata.name) ?? source;
    const spec = this.runningSpec(vm) ?? vm.spec;
    const content = newContent(snapshot, vm, spec, chooseVolumes(this.cluster, vm, spec).included);
    this.cluster.create(CONTENTS, content);
    this.cluster.event(snapshot, {
      type: 'Normal',
      reason: 'SuccessfulVirtualMachineSnapshotContentCreate',
      message: `Successfully created VirtualMachineSnapshotContent ${content.metadata.name}`,
      component: COMPONENT,
    });
  }

  /** What a running VM was started with, which is what its disks belong to. */
  private runningSpec(vm: VirtualMachine): VirtualMachine['spec'] | undefined {
    const { namespace, name } = vm.metadata;
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    const revision = vmi?.status?.virtualMachineRevisionName;
    const kept = revision ? this.cluster.get(REVISIONS, namespace, revision) : undefined;
    const started = (kept?.data as { spec?: VirtualMachine['spec'] } | undefined)?.spec;
    if (!started) return undefined;
    // Neither the run strategy nor the disks, which may change under a guest, are as they were then.
    const { template, dataVolumeTemplates } = structuredClone(vm.spec);
    const { disks } = template.spec.domain.devices;
    const { volumes } = template.spec;
    const { domain } = started.template.spec;
    const lasting = {
      ...started.template.spec,
      domain: { ...domain, devices: { ...domain.devices, ...(disks ? { disks } : {}) } },
      ...(volumes ? { volumes } : {}),
    };
    return {
      ...started,
      runStrategy: runStrategyOf(vm),
      template: { ...started.template, spec: lasting },
      ...(dataVolumeTemplates ? { dataVolumeTemplates } : {}),
    };
  }

  private report(
    { metadata }: VmSnapshot,
    state: SourceState,
    source: VirtualMachine | undefined,
    isLate: boolean,
  ): void {
    const { namespace, name } = metadata;
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, source?.metadata.name ?? '');
    const volumes = source && chooseVolumes(this.cluster, source, source.spec);
    const updated = this.cluster.update<VmSnapshot>(SNAPSHOTS, namespace, name, (draft) => {
      const finalizers = draft.metadata.finalizers ?? [];
      if (!finalizers.includes(SNAPSHOT_FINALIZER))
        draft.metadata.finalizers = [...finalizers, SNAPSHOT_FINALIZER];
      const content = this.cluster.get<VmSnapshotContent>(CONTENTS, namespace, contentName(draft));
      draft.status = snapshotStatus(draft, {
        state,
        content,
        source,
        volumes,
        isLate,
        online: vmi?.status?.phase === 'Running',
        hasAgent: isTrue(vmi?.status, 'AgentConnected'),
        isPaused: isTrue(vmi?.status, 'Paused'),
        time: now(),
      });
    });
    if (updated && isDone(updated)) this.unlock(updated);
  }

  private unlock({ metadata, spec }: VmSnapshot): void {
    const vm = this.cluster.get<VirtualMachine>(VMS, metadata.namespace, spec.source.name);
    if (vm?.status?.snapshotInProgress !== metadata.name) return;
    this.cluster.update<VirtualMachine>(VMS, metadata.namespace, spec.source.name, (draft) => {
      delete draft.status?.snapshotInProgress;
      draft.metadata.finalizers =
        draft.metadata.finalizers?.filter((name) => name !== SOURCE_FINALIZER) ?? [];
    });
  }

  /** A snapshot that is going takes its content along, unless that is to be retained. */
  private finish(snapshot: VmSnapshot): void {
    const { namespace, name } = snapshot.metadata;
    this.unlock(snapshot);
    const content = this.cluster.get<VmSnapshotContent>(CONTENTS, namespace, contentName(snapshot));
    if (content && snapshot.spec.deletionPolicy !== 'Retain') {
      if (!content.metadata.deletionTimestamp)
        this.cluster.delete(CONTENTS, namespace, content.metadata.name);
      if (this.cluster.get(CONTENTS, namespace, content.metadata.name)) return;
    }
    this.cluster.update<VmSnapshot>(SNAPSHOTS, namespace, name, ({ metadata }) => {
      metadata.finalizers =
        metadata.finalizers?.filter((finalizer) => finalizer !== SNAPSHOT_FINALIZER) ?? [];
    });
  }
}
