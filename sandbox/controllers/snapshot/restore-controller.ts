import { readConfig } from '../../api/admission/config';
import { defaultVirtualMachine } from '../../api/admission/vm-defaults';
import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { setCondition } from '../conditions';
import { isFinal, runStrategyOf } from '../run-strategy';
import { DATA_VOLUMES, type PersistentVolumeClaim, PVCS } from '../storage-types';
import { now } from '../time';
import { type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../types';
import { ownerReference } from '../vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { makeClaims } from './restored-claims';
import { restoredMetadata, restoredSpec, volumeRestores } from './restored-machine';
import { contentName } from './snapshot-status';
import {
  CONTENTS,
  RESTORE_FINALIZER,
  RESTORES,
  SNAPSHOTS,
  sentence,
  type VmRestore,
  type VmSnapshot,
  type VmSnapshotContent,
} from './types';

const COMPONENT = 'restore-controller';
const LATENCY_MS = 100;
const GRACE_MS = 5 * 60_000;
const LAST_RESTORE = 'restore.kubevirt.io/lastRestoreUID';

/** Something that keeps a restore from going on, in the words of its conditions. */
class Waiting extends Error {}
/** Something that ends a restore. */
class Failed extends Error {}
/** Something that is wrong now and may be right later: told as an event, too. */
class Troubled extends Error {}

/** The restore part of virt-controller: brings the target down, makes claims of the copies, puts the spec back. */
export class RestoreController {
  private readonly queue = new WorkQueue('vm restores', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    const wake = (namespace: string | undefined) => {
      for (const restore of cluster.list<VmRestore>(RESTORES, namespace)) {
        if (!restore.status?.complete) this.queue.add(keyFor(restore));
      }
    };
    this.stops = [
      cluster.watch<VmRestore>(RESTORES, ({ type, object }) => {
        if (type === 'DELETED') this.unlock(object);
        else this.queue.add(keyFor(object));
      }),
      cluster.watch<VmSnapshot>(SNAPSHOTS, ({ object }) => wake(object.metadata.namespace)),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ object }) => wake(object.metadata.namespace)),
      cluster.watch<PersistentVolumeClaim>(PVCS, ({ object }) => wake(object.metadata.namespace)),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const restore = this.cluster.get<VmRestore>(RESTORES, namespace, name);
    if (!restore) return;
    if (restore.metadata.deletionTimestamp) {
      this.release(restore);
      return;
    }
    if (restore.status?.complete || hasFailed(restore)) return;
    this.begin(restore);
    try {
      this.goOn(restore);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error instanceof Waiting) this.say(restore, 'True', error.message);
      else if (error instanceof Failed) this.fail(restore, error.message);
      else if (error instanceof Troubled) this.trouble(restore, error.message);
      else throw error;
    }
  }

  private begin(restore: VmRestore): void {
    const { namespace, name } = restore.metadata;
    this.cluster.update<VmRestore>(RESTORES, namespace, name, (draft) => {
      const finalizers = draft.metadata.finalizers ?? [];
      if (!finalizers.includes(RESTORE_FINALIZER))
        draft.metadata.finalizers = [...finalizers, RESTORE_FINALIZER];
      if (draft.status?.complete !== undefined) return;
      draft.status = { ...draft.status, complete: false };
      for (const [type, status] of [
        ['Progressing', 'True'],
        ['Ready', 'False'],
      ] as const) {
        setCondition(draft.status, sentence(type, status, 'Initializing VirtualMachineRestore', now()));
      }
    });
  }

  /** One pass through all steps. @throws Waiting, Failed or Troubled where it cannot go further. */
  private goOn(restore: VmRestore): void {
    const content = this.contentOf(restore);
    const { namespace } = restore.metadata;
    const target = this.cluster.get<VirtualMachine>(VMS, namespace, restore.spec.target.name);
    if (target) {
      this.lock(restore, target);
      this.bringDown(restore, target);
    }
    const restores = volumeRestores(restore, content);
    this.cluster.update<VmRestore>(RESTORES, namespace, restore.metadata.name, (draft) => {
      if (restores.length > 0) draft.status = { ...draft.status, restores };
    });
    if (!makeClaims(this.cluster, restore, content, restores)) throw new Waiting('Creating new PVCs');
    const made = target ? this.replace(restore, content, target) : this.createTarget(restore, content);
    for (const { persistentVolumeClaim, dataVolumeName } of restores) {
      // A DataVolume that the VM's template makes takes its claim over by itself.
      if (!dataVolumeName) this.own(namespace, persistentVolumeClaim, made);
    }
    this.complete(restore);
  }

  private contentOf(restore: VmRestore): VmSnapshotContent {
    const { namespace } = restore.metadata;
    const name = restore.spec.virtualMachineSnapshotName;
    const snapshot = this.cluster.get<VmSnapshot>(SNAPSHOTS, namespace, name);
    const what = `VMSnapshot ${namespace}/${name}`;
    if (!snapshot) throw new Troubled(`${what} does not exist`);
    if (snapshot.status?.phase === 'Failed') throw new Troubled(`${what} failed and is invalid to use`);
    if (!snapshot.status?.readyToUse) throw new Troubled(`${what} not ready`);
    const content = this.cluster.get<VmSnapshotContent>(CONTENTS, namespace, contentName(snapshot));
    if (!content?.status?.readyToUse)
      throw new Troubled(`VMSnapshotContent ${contentName(snapshot)} not ready`);
    return content;
  }

  private lock(restore: VmRestore, target: VirtualMachine): void {
    const holder = target.status?.restoreInProgress;
    if (holder === restore.metadata.name) return;
    if (holder !== undefined) throw new Troubled(`vm restore ${holder} in progress`);
    const { namespace, name } = target.metadata;
    this.cluster.update<VirtualMachine>(VMS, namespace, name, (draft) => {
      draft.status = { ...draft.status, restoreInProgress: restore.metadata.name };
    });
  }

  /** A target must not run while its disks are exchanged; what to do about it is the restore's policy. */
  private bringDown(restore: VmRestore, target: VirtualMachine): void {
    const { namespace, name } = target.metadata;
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (!vmi) return;
    const waits =
      'Waiting for target VM to be powered off. Please stop the restore target to proceed with restore';
    switch (restore.spec.targetReadinessPolicy ?? 'WaitGracePeriod') {
      case 'StopTarget':
        if (!isFinal(vmi) && runStrategyOf(target) !== 'Halted') this.stop(target);
        throw new Waiting('Automatically stopping restore target for restore operation');
      case 'FailImmediate':
        throw new Failed('Restore target must be powered off before attempting restore');
      case 'WaitEventually':
        throw new Waiting(waits);
      default: {
        const left = Date.parse(restore.metadata.creationTimestamp ?? '') + GRACE_MS - clock.millis();
        if (left <= 0) {
          throw new Failed(
            'Restore target failed to be ready within 5m0s. Please power off the target VM before attempting restore',
          );
        }
        this.queue.add(keyFor(restore), left);
        throw new Waiting(waits);
      }
    }
  }

  /** What virt-api's stop does: Always becomes Halted, and nothing turns it back later. */
  private stop({ metadata }: VirtualMachine): void {
    this.cluster.update<VirtualMachine>(VMS, metadata.namespace, metadata.name, (draft) => {
      if (draft.spec.running !== undefined) draft.spec.running = false;
      else if (draft.spec.runStrategy === 'Always' || draft.spec.runStrategy === 'Once') {
        draft.spec.runStrategy = 'Halted';
      } else draft.status = { ...draft.status, stateChangeRequests: [{ action: 'Stop' }] };
    });
  }

  private replace(restore: VmRestore, content: VmSnapshotContent, target: VirtualMachine): VirtualMachine {
    const { namespace, name } = target.metadata;
    const spec = restoredSpec(restore, content, target);
    const updated = this.cluster.update<VirtualMachine>(VMS, namespace, name, (draft) => {
      draft.spec = spec;
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [LAST_RESTORE]: `${restore.metadata.name}-${restore.metadata.uid}`,
      };
    });
    return updated ?? target;
  }

  private createTarget(restore: VmRestore, content: VmSnapshotContent): VirtualMachine {
    const { namespace } = restore.metadata;
    const { labels, annotations } = restoredMetadata(restore, content);
    const spec = restoredSpec(restore, content, undefined);
    const firmware = spec.template.spec.domain.firmware;
    if (firmware) {
      delete firmware.uuid;
      delete firmware.serial;
    }
    const draft = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: {
        name: restore.spec.target.name,
        ...(namespace ? { namespace } : {}),
        labels,
        annotations: { ...annotations, [LAST_RESTORE]: `${restore.metadata.name}-${restore.metadata.uid}` },
      },
      spec,
    };
    // The mutating webhook gives a new machine identities of its own.
    defaultVirtualMachine(
      draft as unknown as Parameters<typeof defaultVirtualMachine>[0],
      readConfig(this.cluster),
      true,
    );
    return this.cluster.create<VirtualMachine>(VMS, draft);
  }

  /** The new disks belong to the VM: as those of its DataVolumes, or directly. */
  private own(namespace: string | undefined, claim: string, vm: VirtualMachine): void {
    const owner = ownerReference(vm);
    const belongs = this.cluster.get(DATA_VOLUMES, namespace, claim) !== undefined;
    if (belongs) return;
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, claim, ({ metadata }) => {
      const known = metadata.ownerReferences ?? [];
      if (known.length === 0) metadata.ownerReferences = [owner];
    });
  }

  private complete(restore: VmRestore): void {
    const { namespace, name } = restore.metadata;
    this.unlock(restore);
    this.cluster.update<VmRestore>(RESTORES, namespace, name, (draft) => {
      draft.status = { ...draft.status, complete: true, restoreTime: now() };
      setCondition(draft.status, sentence('Progressing', 'False', 'Operation complete', now()));
      setCondition(draft.status, sentence('Ready', 'True', 'Operation complete', now()));
    });
    this.tell(
      restore,
      'Normal',
      'VirtualMachineRestoreComplete',
      `Successfully completed VirtualMachineRestore ${name}`,
    );
  }

  private say({ metadata }: VmRestore, progressing: 'True' | 'False', reason: string): void {
    this.cluster.update<VmRestore>(RESTORES, metadata.namespace, metadata.name, (draft) => {
      draft.status ??= { complete: false };
      setCondition(draft.status, sentence('Progressing', progressing, reason, now()));
      setCondition(draft.status, sentence('Ready', 'False', reason, now()));
    });
  }

  private fail(restore: VmRestore, reason: string): void {
    const { namespace, name } = restore.metadata;
    this.say(restore, 'False', 'Operation failed');
    this.cluster.update<VmRestore>(RESTORES, namespace, name, (draft) => {
      draft.status ??= {};
      setCondition(draft.status, sentence('Failure', 'True', reason, now()));
    });
    this.unlock(restore);
    this.tell(restore, 'Warning', 'VirtualMachineRestoreError', reason);
  }

  private trouble(restore: VmRestore, reason: string): void {
    const known = restore.status?.conditions?.find(({ type }) => type === 'Progressing')?.reason;
    this.say(restore, 'False', reason);
    if (known === reason) return;
    this.tell(
      restore,
      'Warning',
      'VirtualMachineRestoreError',
      `VirtualMachineRestore encountered error ${reason}`,
    );
  }

  private unlock({ metadata, spec }: VmRestore): void {
    const vm = this.cluster.get<VirtualMachine>(VMS, metadata.namespace, spec.target.name);
    if (vm?.status?.restoreInProgress !== metadata.name) return;
    this.cluster.update<VirtualMachine>(VMS, metadata.namespace, spec.target.name, ({ status }) => {
      delete status?.restoreInProgress;
    });
  }

  private release(restore: VmRestore): void {
    this.unlock(restore);
    const { namespace, name } = restore.metadata;
    this.cluster.update<VmRestore>(RESTORES, namespace, name, ({ metadata }) => {
      metadata.finalizers = metadata.finalizers?.filter((finalizer) => finalizer !== RESTORE_FINALIZER) ?? [];
    });
  }

  private tell(restore: VmRestore, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.cluster.event(restore, { type, reason, message, component: COMPONENT });
  }
}

function hasFailed({ status }: VmRestore): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Failure' && is === 'True') ?? false;
}
