import type { ClusterApi } from '../../api/objects';
import { setCondition } from '../conditions';
import { type PersistentVolumeClaim, PVCS } from '../storage-types';
import { now } from '../time';
import { type VirtualMachine, VMS } from '../types';
import { ownerReference } from '../vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { clonePatches } from './clone-target';
import { contentName } from './snapshot-status';
import { chooseVolumes, hasClaim } from './snapshotable';
import {
  CLONES,
  type ClonePhase,
  CONTENTS,
  RESTORES,
  SNAPSHOT_VERSION,
  SNAPSHOTS,
  sentence,
  type VmClone,
  type VmRestore,
  type VmSnapshot,
  type VmSnapshotContent,
} from './types';

const COMPONENT = 'clone-controller';
const LATENCY_MS = 100;

/** The clone part of virt-controller: a snapshot, a restore to a new name, and both thrown away. */
export class CloneController {
  private readonly queue = new WorkQueue('vm clones', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    const wake = (namespace: string | undefined) => {
      for (const clone of cluster.list<VmClone>(CLONES, namespace)) {
        if (!isDone(clone) || clone.status?.restoreName) this.queue.add(keyFor(clone));
      }
    };
    this.stops = [
      cluster.watch<VmClone>(CLONES, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch(SNAPSHOTS, ({ object }) => wake(object.metadata.namespace)),
      cluster.watch(RESTORES, ({ object }) => wake(object.metadata.namespace)),
      cluster.watch<VirtualMachine>(VMS, ({ type, object }) => {
        if (type === 'DELETED') this.forgetTarget(object);
        else wake(object.metadata.namespace);
      }),
      cluster.watch(PVCS, ({ object }) => wake(object.metadata.namespace)),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  /** A clone that is done goes with the VM that it made. */
  private forgetTarget({ metadata }: VirtualMachine): void {
    for (const clone of this.cluster.list<VmClone>(CLONES, metadata.namespace)) {
      if (isDone(clone) && clone.status?.targetName === metadata.name) {
        this.cluster.delete(CLONES, clone.metadata.namespace, clone.metadata.name);
      }
    }
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const clone = this.cluster.get<VmClone>(CLONES, namespace, name);
    if (!clone || clone.metadata.deletionTimestamp) return;
    if (isDone(clone)) {
      this.tidy(clone);
      return;
    }
    if (clone.spec.source.kind === 'VirtualMachineSnapshot') this.restoreFrom(clone, clone.spec.source.name);
    else this.cloneMachine(clone);
  }

  private cloneMachine(clone: VmClone): void {
    const { namespace, uid } = clone.metadata;
    const source = this.cluster.get<VirtualMachine>(VMS, namespace, clone.spec.source.name);
    const snapshotName = `tmp-snapshot-${uid}`;
    const snapshot = this.cluster.get<VmSnapshot>(SNAPSHOTS, namespace, snapshotName);
    if (!source && !snapshot && !clone.status?.restoreName) {
      this.pend(clone, 'SourceDoesNotExist', missing(clone));
      return;
    }
    if (source && !snapshot && !clone.status?.snapshotName && !clone.status?.restoreName) {
      const lacking = this.volumeWithoutSnapshots(source);
      if (lacking) {
        this.pend(
          clone,
          'VMVolumeSnapshotsInvalid',
          `Virtual Machine volume ${lacking} does not support snapshots`,
        );
        return;
      }
      this.makeSnapshot(clone, snapshotName);
      return;
    }
    if (snapshot && !snapshot.status?.readyToUse && !clone.status?.restoreName) return;
    if (snapshot && !clone.status?.restoreName) {
      this.tell(
        clone,
        'SnapshotReady',
        `Snapshot ${snapshotName} for clone ${clone.metadata.name} is ready to use`,
      );
    }
    this.restoreFrom(clone, snapshotName);
  }

  /** Volumes without a class for snapshots cannot be cloned; those without a claim are part of the spec. */
  private volumeWithoutSnapshots(vm: VirtualMachine): string | undefined {
    const { excluded } = chooseVolumes(this.cluster, vm, vm.spec);
    return vm.spec.template.spec.volumes?.find((volume) => hasClaim(volume) && excluded.includes(volume.name))
      ?.name;
  }

  private makeSnapshot(clone: VmClone, name: string): void {
    const { namespace } = clone.metadata;
    const { kind, name: source, apiGroup = 'kubevirt.io' } = clone.spec.source;
    this.cluster.create(SNAPSHOTS, {
      apiVersion: SNAPSHOT_VERSION,
      kind: 'VirtualMachineSnapshot',
      metadata: { name, ...(namespace ? { namespace } : {}), ownerReferences: [ownerReference(clone)] },
      spec: { source: { apiGroup, kind, name: source } },
    });
    this.tell(clone, 'SnapshotCreated', `Created snapshot ${name} for clone ${clone.metadata.name}`);
    this.report(clone, 'SnapshotInProgress', 'Still processing', { snapshotName: name });
  }

  private restoreFrom(clone: VmClone, snapshotName: string): void {
    const { namespace, uid } = clone.metadata;
    const restoreName = `tmp-restore-${uid}`;
    const restore = this.cluster.get<VmRestore>(RESTORES, namespace, restoreName);
    const targetName = clone.spec.target?.name ?? '';
    if (!restore && clone.status?.phase !== 'CreatingTargetVM') {
      this.makeRestore(clone, snapshotName, restoreName, targetName);
      return;
    }
    if (restore && !restore.status?.complete) return;
    const target = this.cluster.get<VirtualMachine>(VMS, namespace, targetName);
    if (!target) return;
    if (clone.status?.phase === 'RestoreInProgress') {
      this.tell(
        clone,
        'RestoreReady',
        `Restore ${restoreName} for clone ${clone.metadata.name} is ready to use`,
      );
      this.report(clone, 'CreatingTargetVM', 'Still processing', { targetName });
      return;
    }
    this.tell(clone, 'TargetVMCreated', `Created target VM ${targetName} for clone ${clone.metadata.name}`);
    this.succeed(clone, target);
  }

  private makeRestore(clone: VmClone, snapshotName: string, name: string, targetName: string): void {
    const { namespace } = clone.metadata;
    const snapshot = this.cluster.get<VmSnapshot>(SNAPSHOTS, namespace, snapshotName);
    if (!snapshot && clone.spec.source.kind === 'VirtualMachineSnapshot') {
      this.pend(clone, 'SourceDoesNotExist', missing(clone));
      return;
    }
    const content =
      snapshot && this.cluster.get<VmSnapshotContent>(CONTENTS, namespace, contentName(snapshot));
    if (!content?.status?.readyToUse) {
      this.report(clone, clone.status?.phase || 'SnapshotInProgress', 'Still processing');
      return;
    }
    this.cluster.create(RESTORES, {
      apiVersion: SNAPSHOT_VERSION,
      kind: 'VirtualMachineRestore',
      metadata: { name, ...(namespace ? { namespace } : {}), ownerReferences: [ownerReference(clone)] },
      spec: {
        target: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: targetName },
        virtualMachineSnapshotName: snapshotName,
        patches: clonePatches(clone, content.spec.source.virtualMachine),
      },
    });
    this.tell(clone, 'RestoreCreated', `Created restore ${name} for clone ${clone.metadata.name}`);
    this.report(clone, 'RestoreInProgress', 'Still processing', { restoreName: name });
  }

  private succeed(clone: VmClone, target: VirtualMachine): void {
    const { namespace, name } = clone.metadata;
    this.cluster.update<VmClone>(CLONES, namespace, name, (draft) => {
      draft.status = {
        ...draft.status,
        phase: 'Succeeded',
        targetName: target.metadata.name,
        creationTime: now(),
      };
      setCondition(draft.status, sentence('Progressing', 'False', 'Ready', now()));
      setCondition(draft.status, sentence('Ready', 'True', 'Ready', now()));
    });
  }

  /** Throws snapshot and restore away. Claims that bind with their first pod keep both until then. */
  private tidy({ metadata, spec, status }: VmClone): void {
    if (!status?.restoreName) return;
    const { namespace, name } = metadata;
    const restore = this.cluster.get<VmRestore>(RESTORES, namespace, status.restoreName);
    const claims = restore?.status?.restores ?? [];
    const unbound = claims.some(({ persistentVolumeClaim }) => {
      const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, persistentVolumeClaim);
      return claim !== undefined && claim.status?.phase !== 'Bound';
    });
    if (unbound) return;
    this.cluster.delete(RESTORES, namespace, status.restoreName);
    if (spec.source.kind !== 'VirtualMachineSnapshot' && status.snapshotName) {
      this.cluster.delete(SNAPSHOTS, namespace, status.snapshotName);
    }
    this.cluster.update<VmClone>(CLONES, namespace, name, (draft) => {
      delete draft.status?.snapshotName;
      delete draft.status?.restoreName;
    });
  }

  private report(
    { metadata }: VmClone,
    phase: ClonePhase,
    reason: string,
    names: { snapshotName?: string; restoreName?: string; targetName?: string } = {},
  ): void {
    this.cluster.update<VmClone>(CLONES, metadata.namespace, metadata.name, (draft) => {
      draft.status = { ...draft.status, phase, ...names };
      setCondition(draft.status, sentence('Progressing', 'True', reason, now()));
      setCondition(draft.status, sentence('Ready', 'False', reason, now()));
    });
  }

  /** Waits for what is missing, in the phase that it has. The reason stands with Ready, as updateStatus writes it. */
  private pend(clone: VmClone, event: string, reason: string): void {
    const { namespace, name } = clone.metadata;
    if (clone.status?.conditions?.some((condition) => condition.reason === reason)) return;
    this.tell(clone, event, reason);
    this.cluster.update<VmClone>(CLONES, namespace, name, (draft) => {
      draft.status = { ...draft.status };
      setCondition(draft.status, sentence('Progressing', 'False', 'Pending', now()));
      setCondition(draft.status, sentence('Ready', 'False', reason, now()));
    });
  }

  private tell(clone: VmClone, reason: string, message: string): void {
    this.cluster.event(clone, { type: 'Normal', reason, message, component: COMPONENT });
  }
}

function missing({ metadata, spec }: VmClone): string {
  return `Source doesnt exist: ${spec.source.kind} ${metadata.namespace}/${spec.source.name}`;
}

function isDone({ status }: VmClone): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
