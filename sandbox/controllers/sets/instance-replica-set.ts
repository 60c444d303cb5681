import { readConfig } from '../../api/admission/config';
import { applyPresets } from '../../api/admission/presets';
import { admitNewVmi } from '../../api/admission/virtual-machine-instance';
import { ApiError } from '../../api/errors';
import { selects } from '../../api/label-selection';
import type { ClusterApi, NewObject } from '../../api/objects';
import { isTrue } from '../conditions';
import { isFinal } from '../run-strategy';
import { type VirtualMachineInstance, VMI_FINALIZER, VMIS } from '../types';
import { ownerReference } from '../vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { controllerOf } from '../workloads/pods';
import { reportSet, type SetFailure } from './set-status';
import { type InstanceReplicaSet, REPLICA_SETS } from './types';

const COMPONENT = 'virtualmachinereplicaset-controller';
const LATENCY_MS = 50;
const RETRY_MS = 5000;
const BURST = 250;
const WORDS = { condition: 'Controller got paused', paused: 'Paused', resumed: 'Resumed' };

/** Keeps as many instances as each VirtualMachineInstanceReplicaSet wants, replacing what finished. */
export class InstanceReplicaSetController {
  private readonly queue = new WorkQueue('vmi replicaset', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<InstanceReplicaSet>(REPLICA_SETS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'VirtualMachineInstanceReplicaSet') {
          this.queue.add(`${object.metadata.namespace}/${owner.name}`);
        }
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const set = this.cluster.get<InstanceReplicaSet>(REPLICA_SETS, namespace, name);
    if (!set) return;
    const manages = !set.metadata.deletionTimestamp && !set.spec.paused;
    const failure = manages ? this.manage(set, this.claim(set)) : undefined;
    if (failure) this.queue.add(key, RETRY_MS);
    const active = this.claim(set).filter(isActive);
    const ready = active.filter(({ status }) => isTrue(status, 'Ready')).length;
    const counts = { replicas: active.length, ready };
    reportSet(this.cluster, REPLICA_SETS, set, counts, failure, { component: COMPONENT, words: WORDS });
  }

  /** The instances that the set controls; orphans that its selector covers are adopted, others let go. */
  private claim(set: InstanceReplicaSet): VirtualMachineInstance[] {
    const { namespace, uid, deletionTimestamp } = set.metadata;
    return this.cluster.list<VirtualMachineInstance>(VMIS, namespace).filter((vmi) => {
      const controller = controllerOf(vmi);
      const covered = selects(set.spec.selector, vmi.metadata.labels);
      if (controller) {
        if (controller.uid !== uid || covered || deletionTimestamp) return controller.uid === uid;
        this.setOwners(vmi, (owners) => owners.filter((owner) => owner.uid !== uid));
        return false;
      }
      if (!covered || deletionTimestamp || !isActive(vmi)) return false;
      this.setOwners(vmi, (owners) => [...owners, ownerReference(set)]);
      return true;
    });
  }

  private setOwners(
    { metadata }: VirtualMachineInstance,
    change: (owners: ReturnType<typeof ownerReference>[]) => ReturnType<typeof ownerReference>[],
  ): void {
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      // References without a controller mark are kept as they are.
      const owners = (draft.metadata.ownerReferences ?? []) as ReturnType<typeof ownerReference>[];
      draft.metadata.ownerReferences = change(owners);
    });
  }

  private manage(set: InstanceReplicaSet, owned: VirtualMachineInstance[]): SetFailure | undefined {
    for (const vmi of owned) {
      if (isFinal(vmi) && !vmi.metadata.deletionTimestamp) {
        this.delete(set, vmi, `Deleted finished virtual machine: ${vmi.metadata.uid}`);
      }
    }
    const active = owned.filter(isActive);
    const missing = (set.spec.replicas ?? 1) - active.length;
    for (const vmi of inOrderOfWorth(active).slice(0, Math.max(0, -missing))) {
      const message = `Stopped the virtual machine by deleting the virtual machine instance ${vmi.metadata.uid}`;
      this.delete(set, vmi, message);
    }
    for (let count = 0; count < Math.min(missing, BURST); count += 1) {
      const refusal = this.create(set);
      if (refusal !== undefined) return { reason: 'FailedCreate', message: refusal };
    }
    return undefined;
  }

  /** Returns why the instance cannot be made. */
  private create(set: InstanceReplicaSet): string | undefined {
    const draft = instanceOf(set);
    const event = { component: COMPONENT };
    try {
      applyPresets(this.cluster, draft);
      admitNewVmi(draft, readConfig(this.cluster), true);
      draft.status = { guestOSInfo: {}, ...(draft.status as object) };
      const { metadata } = this.cluster.create<VirtualMachineInstance>(VMIS, draft);
      const message = `Started the virtual machine by creating the new virtual machine instance ${metadata.name}`;
      this.cluster.event(set, { ...event, type: 'Normal', reason: 'SuccessfulCreate', message });
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = `Error creating virtual machine instance: ${error.message}`;
      this.cluster.event(set, { ...event, type: 'Warning', reason: 'FailedCreate', message });
      return error.message;
    }
  }

  private delete(set: InstanceReplicaSet, { metadata }: VirtualMachineInstance, message: string): void {
    this.cluster.delete(VMIS, metadata.namespace, metadata.name);
    this.cluster.event(set, { type: 'Normal', reason: 'SuccessfulDelete', message, component: COMPONENT });
  }
}

function isActive(vmi: VirtualMachineInstance): boolean {
  return !isFinal(vmi) && !vmi.metadata.deletionTimestamp;
}

/** Those that serve least come first. */
function inOrderOfWorth(instances: VirtualMachineInstance[]): VirtualMachineInstance[] {
  const worth = ({ status }: VirtualMachineInstance) =>
    Number(status?.phase === 'Running') + Number(isTrue(status, 'Ready'));
  return [...instances].sort((a, b) => worth(a) - worth(b));
}

/** An instance as the set makes it, before the mutating webhook's defaults. */
function instanceOf(set: InstanceReplicaSet): NewObject {
  const { metadata = {}, spec } = set.spec.template;
  const { namespace } = set.metadata;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      generateName: metadata.name || metadata.generateName || set.metadata.name,
      ...(namespace ? { namespace } : {}),
      ...(metadata.labels ? { labels: { ...metadata.labels } } : {}),
      ...(metadata.annotations ? { annotations: { ...metadata.annotations } } : {}),
      finalizers: [VMI_FINALIZER],
      ownerReferences: [ownerReference(set)],
    },
    spec: structuredClone(spec),
  };
}
