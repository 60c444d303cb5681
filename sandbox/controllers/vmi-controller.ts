import { ApiError } from '../api/errors';
import type { ClusterApi, KubeObject } from '../api/objects';
import { claimName, claimOf, serves } from './claims';
import { findCondition, isTrue, setCondition } from './conditions';
import { createPod } from './create-pod';
import { isHotpluggable } from './hotplug/hotplug-volumes';
import { graceSeconds, launcherPod } from './launcher-pod';
import { currentLauncher, isDown, launchersOf } from './launchers';
import { isFinal } from './run-strategy';
import { DATA_VOLUMES, PVCS } from './storage-types';
import { now } from './time';
import {
  type Condition,
  type Pod,
  UNPAUSED_GATE,
  type VirtualMachineInstance,
  VM_FINALIZER,
  VMI_FINALIZER,
  VMIS,
  VMS,
} from './types';
import { reportDataVolumes } from './vm-data-volumes';
import { followPod, setPhase } from './vmi-status';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const COMPONENT = 'virtualmachine-controller';
const LATENCY_MS = 50;
const POD_EXTRA_GRACE_S = 30;
const FIRST_REFUSAL_RETRY_MS = 500;
const LAST_REFUSAL_RETRY_MS = 60_000;

/** The instance half of virt-controller: launcher pods, and the instance's way from Pending to Scheduled. */
export class VmiController {
  private readonly queue = new WorkQueue('vmi', (key) => this.reconcile(key), LATENCY_MS);
  private readonly refusals = new Map<string, number>();
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    const wakeUsers = ({ object }: { object: KubeObject }) => {
      for (const vmi of cluster.list<VirtualMachineInstance>(VMIS, object.metadata.namespace)) {
        const waits = vmi.spec.volumes?.some((volume) => claimName(volume) === object.metadata.name);
        if (waits && !isFinal(vmi)) this.queue.add(keyFor(vmi));
      }
    };
    this.stops = [
      cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
        if (type === 'DELETED') this.refusals.delete(object.metadata.uid);
        else this.queue.add(keyFor(object));
      }),
      cluster.watch(VMS, ({ type, object }) => {
        if (type === 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<Pod>('pods', ({ object }) => {
        const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === 'VirtualMachineInstance');
        if (owner) this.queue.add(`${object.metadata.namespace}/${owner.name}`);
      }),
      cluster.watch(PVCS, wakeUsers),
    ];
    if (serves(cluster, DATA_VOLUMES)) this.stops.push(cluster.watch(DATA_VOLUMES, wakeUsers));
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (!vmi) return;
    const pods = launchersOf(this.cluster, vmi);
    if (vmi.metadata.deletionTimestamp || isFinal(vmi)) this.endLaunchers(vmi, pods);
    let pod = currentLauncher(this.cluster, vmi);
    const missingClaim = this.missingClaim(vmi, namespace);
    let refusal: string | undefined;
    if (!pod && !missingClaim && this.wantsLauncher(vmi)) {
      const created = this.createLauncher(key, vmi);
      if (typeof created === 'string') refusal = created;
      else pod = created;
    }
    this.report(vmi, pod, missingClaim);
    if (refusal) this.reportRefusal(vmi, refusal);
    for (const launcher of launchersOf(this.cluster, vmi)) this.syncLauncher(vmi, launcher);
    if (vmi.metadata.deletionTimestamp) this.release(vmi);
  }

  private wantsLauncher({ metadata, status, spec }: VirtualMachineInstance): boolean {
    if (metadata.deletionTimestamp || (status?.phase ?? 'Pending') !== 'Pending') return false;
    return spec.domain !== undefined && !this.isReceiver(metadata);
  }

  /** An instance that waits to receive a migration has no pod of its own accord. */
  private isReceiver({ namespace, name, ownerReferences }: VirtualMachineInstance['metadata']): boolean {
    if (!ownerReferences?.some(({ kind }) => kind === 'VirtualMachine')) return false;
    const spec = this.cluster.get(VMS, namespace, name)?.spec as { runStrategy?: string } | undefined;
    return spec?.runStrategy === 'WaitAsReceiver';
  }

  private missingClaim(vmi: VirtualMachineInstance, namespace: string): string | undefined {
    if (vmi.metadata.deletionTimestamp || (vmi.status?.phase ?? 'Pending') !== 'Pending') return undefined;
    const missing = vmi.spec.volumes?.find(
      (volume) => claimName(volume) && !isHotpluggable(volume) && !claimOf(this.cluster, namespace, volume),
    );
    return missing && `${namespace}/${claimName(missing)}`;
  }

  /** The pod, or why the API refused it: a quota, a limit range, a missing priority class. */
  private createLauncher(key: string, vmi: VirtualMachineInstance): Pod | string {
    try {
      const pod = createPod(this.cluster, launcherPod(vmi));
      this.refusals.delete(vmi.metadata.uid);
      this.tell(vmi, 'SuccessfulCreate', `Created virtual machine pod ${pod.metadata.name}`);
      return pod;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const times = this.refusals.get(vmi.metadata.uid) ?? 0;
      this.refusals.set(vmi.metadata.uid, times + 1);
      this.queue.add(key, Math.min(LAST_REFUSAL_RETRY_MS, FIRST_REFUSAL_RETRY_MS * 2 ** times));
      this.cluster.event(vmi, {
        type: 'Warning',
        reason: 'FailedCreate',
        message: `Error creating pod: ${error.message}`,
        component: COMPONENT,
      });
      return error.message;
    }
  }

  private reportRefusal({ metadata }: VirtualMachineInstance, refusal: string): void {
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      draft.status ??= {};
      // As KubeVirt's CheckFailure: the first error stays. Each attempt has a name of its own in its message, and a new
      // message would wake this controller at once.
      if (findCondition(draft.status, 'Synchronized')) return;
      setCondition(draft.status, {
        type: 'Synchronized',
        status: 'False',
        reason: 'FailedCreate',
        message: `failed to create virtual machine pod: ${refusal}`,
        lastProbeTime: null,
        lastTransitionTime: now(),
      });
    });
  }

  private report(vmi: VirtualMachineInstance, pod: Pod | undefined, missingClaim: string | undefined): void {
    const { namespace, name } = vmi.metadata;
    const before = vmi.status;
    const after = this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, (draft) => {
      draft.status ??= {};
      const status = draft.status;
      if (this.isReceiver(vmi.metadata) && status.phase === 'Pending')
        setPhase(status, 'WaitingForSync', now());
      followPod(status, {
        vmi,
        pod,
        launchers: launchersOf(this.cluster, vmi).filter((launcher) => !isDown(launcher)),
        missingClaim,
        claimOf: (volume) => claimOf(this.cluster, namespace ?? '', volume),
        time: now(),
      });
      reportDataVolumes(status, vmi, this.cluster, now());
      if (status.nodeName)
        draft.metadata.labels = { ...draft.metadata.labels, 'kubevirt.io/nodeName': status.nodeName };
    });
    const told = findCondition(before, 'Synchronized')?.message;
    const synchronized = findCondition(after?.status, 'Synchronized');
    if (missingClaim && synchronized?.message && synchronized.message !== told) {
      this.tell(vmi, 'FailedPvcNotFound', synchronized.message);
    }
  }

  /** A pod's readiness gate says whether the guest is paused, and its label where the pod runs. */
  private syncLauncher(vmi: VirtualMachineInstance, pod: Pod): void {
    if (isDown(pod)) return;
    const { namespace, name } = pod.metadata;
    const current = this.cluster.get<VirtualMachineInstance>(VMIS, vmi.metadata.namespace, vmi.metadata.name);
    const gate = unpausedGate(isTrue(current?.status, 'Paused'));
    const node = current?.status?.nodeName === pod.spec.nodeName ? pod.spec.nodeName : undefined;
    const gated = findCondition(pod.status, UNPAUSED_GATE)?.status === gate.status;
    if (gated && (!node || pod.metadata.labels?.['kubevirt.io/nodeName'] === node)) return;
    this.cluster.update<Pod>('pods', namespace, name, (draft) => {
      draft.status ??= {};
      setCondition(draft.status, gate);
      if (node) draft.metadata.labels = { ...draft.metadata.labels, 'kubevirt.io/nodeName': node };
    });
  }

  private endLaunchers(vmi: VirtualMachineInstance, pods: readonly Pod[]): void {
    for (const { metadata } of pods) {
      if (metadata.deletionTimestamp) continue;
      // A launcher whose guest ended by itself finishes on its own; it is deleted together with its instance.
      if (!vmi.metadata.deletionTimestamp) continue;
      const gracePeriodSeconds = graceSeconds(vmi) + POD_EXTRA_GRACE_S;
      this.cluster.delete('pods', metadata.namespace, metadata.name, { gracePeriodSeconds });
      this.tell(vmi, 'SuccessfulDelete', `Deleted virtual machine pod ${metadata.name}`);
    }
  }

  /** Lets an instance go that has ended and whose pods have gone. */
  private release(vmi: VirtualMachineInstance): void {
    const { namespace, name } = vmi.metadata;
    const current = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (!current || !isFinal(current)) return;
    const orphaned = !this.hasOwner(current);
    const gone = launchersOf(this.cluster, current).length === 0;
    this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, ({ metadata }) => {
      const done = (finalizer: string) =>
        (gone && finalizer === VMI_FINALIZER) || (orphaned && finalizer === VM_FINALIZER);
      metadata.finalizers = metadata.finalizers?.filter((finalizer) => !done(finalizer)) ?? [];
    });
  }

  /**
   * Whether the VM that controls an instance is there, and not another one of its name (virt-controller's `hasOwnerVM`).
   * A VM whose finalizer somebody took away goes before its instance, and can no longer let it go.
   */
  private hasOwner({ metadata }: VirtualMachineInstance): boolean {
    const controller = metadata.ownerReferences?.find((owner) => owner.controller);
    if (controller?.kind !== 'VirtualMachine') return false;
    return this.cluster.get(VMS, metadata.namespace, controller.name)?.metadata.uid === controller.uid;
  }

  private tell(vmi: VirtualMachineInstance, reason: string, message: string): void {
    this.cluster.event(vmi, { type: 'Normal', reason, message, component: COMPONENT });
  }
}

/** The readiness gate that says whether the guest is paused. */
export function unpausedGate(paused: boolean): Condition {
  const times = { lastProbeTime: now(), lastTransitionTime: now() };
  return paused
    ? {
        type: UNPAUSED_GATE,
        status: 'False',
        ...times,
        reason: 'Paused',
        message: 'the virtual machine is paused',
      }
    : {
        type: UNPAUSED_GATE,
        status: 'True',
        ...times,
        reason: 'NotPaused',
        message: 'the virtual machine is not paused',
      };
}
