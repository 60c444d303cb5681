import { isDeepStrictEqual } from 'node:util';
import { readConfig } from '../api/admission/config';
import { applyPresets } from '../api/admission/presets';
import { admitNewVmi } from '../api/admission/virtual-machine-instance';
import { ApiError } from '../api/errors';
import type { ClusterApi, KubeObject, NewObject } from '../api/objects';
import { clock } from '../clock';

import { claimOf, dataVolumeFacts, serves, volumeMode } from './claims';
import { liveChanges } from './live-update/live-template';
import { withoutGoneInterfaces } from './live-update/network';
import type { Outcome } from './live-update/outcome';
import { awaitsRecovery } from './live-update/volume-update-state';

import { areDataVolumesReady, templateDataVolumes } from './printable-status';
import { decideRun, isFinal, runStrategyOf, startFailureAfter } from './run-strategy';
import { snapshotClassFor } from './snapshot/snapshotable';
import { DATA_VOLUMES, PVCS } from './storage-types';
import {
  type Condition,
  REVISIONS,
  type VirtualMachine,
  type VirtualMachineInstance,
  type VirtualMachineStatus,
  VM_FINALIZER,
  VM_GENERATION,
  VMIS,
  VMS,
} from './types';
import { makeDataVolumes, usesClaim } from './vm-data-volumes';
import {
  appliedSpec,
  applyToInstance,
  isFindFailure,
  pinnedSpec,
  REFERRED,
  SyncFailure,
  syncReferences,
} from './vm-instancetype';
import { vmStatus } from './vm-status';
import { instanceFrom, isStartRevision, ownerReference, revisionName } from './vmi-factory';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const COMPONENT = 'virtualmachine-controller';
/** The instance is made at once, but the status follows late, as callers of a real cluster see it. */
const STATUS_LATENCY_MS = 100;

const DATA_VOLUMES_FAILED = 'Error encountered while creating DataVolumes';
const DATA_VOLUMES_RETRY_MS = 5000;
/** What virt-controller notes on everything it has looked at. */
const OBSERVED = {
  'kubevirt.io/latest-observed-api-version': 'v1',
  'kubevirt.io/storage-observed-api-version': 'v1',
};

interface Comparison {
  spec: VirtualMachine['spec'];
  started: VirtualMachine['spec'];
  liveUpdate: boolean;
  changes: Outcome[];
}

type Failure = Pick<Condition, 'reason' | 'message'>;

/** The VM half of virt-controller: makes and deletes instances as the run strategy says, and reports. */
export class VmController {
  private readonly actions = new WorkQueue('vm', (key) => this.act(key));
  private readonly reports = new WorkQueue('vm status', (key) => this.report(key), STATUS_LATENCY_MS);
  private readonly failures = new Map<string, Failure>();
  /** What came of the last comparison: acting and reporting ask the same of the same versions. */
  private readonly compared = new WeakMap<VirtualMachineInstance, Comparison>();
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    const touch = (key: string) => {
      this.actions.add(key);
      this.reports.add(key);
    };
    const touchUsers = ({ metadata }: KubeObject) => {
      for (const vm of cluster.list<VirtualMachine>(VMS, metadata.namespace)) {
        if (usesClaim(vm, metadata.name)) touch(keyFor(vm));
      }
    };
    this.stops = [
      cluster.watch<VirtualMachine>(VMS, ({ type, object }) => {
        if (type === 'DELETED') this.failures.delete(keyFor(object));
        else touch(keyFor(object));
      }),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ object }) => touch(keyFor(object))),
      cluster.watch(PVCS, ({ object }) => touchUsers(object)),
    ];
    for (const resource of REFERRED) {
      this.stops.push(
        cluster.watch(resource, ({ type }) => {
          if (type === 'DELETED') return;
          for (const [key, { reason }] of this.failures) if (isFindFailure(reason)) touch(key);
        }),
      );
    }
    if (serves(cluster, DATA_VOLUMES)) {
      this.stops.push(cluster.watch(DATA_VOLUMES, ({ object }) => touchUsers(object)));
    }
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.actions.close();
    this.reports.close();
  }

  private act(key: string): void {
    const found = this.vmOf(key);
    if (!found) return;
    const vmi = this.instanceOf(found);
    const observed = isFinal(vmi) ? this.countFailure(found, vmi) : found;
    if (observed.metadata.deletionTimestamp) {
      this.finish(observed, vmi);
      return;
    }
    this.markObserved(observed);
    const vm = this.syncReferences(observed);
    if (!vm || !this.hasDataVolumes(vm)) return;
    if (vmi) this.followTemplate(vm, vmi);
    if (vmi && isFinal(vmi) && vmi.metadata.deletionTimestamp) this.release(vmi);
    const decision = decideRun(vm, vmi, clock.millis());
    switch (decision.act) {
      case 'start':
        if (!awaitsRecovery(vm)) this.start(vm, decision.paused);
        break;
      case 'stop':
        if (decision.queueStart) this.requestStart(vm);
        if (vmi) this.stop(vm, vmi);
        break;
      case 'unhalt':
        this.cluster.update<VirtualMachine>(VMS, vm.metadata.namespace, vm.metadata.name, ({ spec }) => {
          if (spec.running !== undefined) spec.running = true;
          else spec.runStrategy = 'Always';
        });
        break;
      case 'wait':
        this.actions.add(key, decision.milliseconds);
        break;
      case 'nothing':
        if (runStrategyOf(vm) === 'Halted') this.failures.delete(key);
    }
  }

  /** An unknown instance type or preference is accepted on create and found missing here; the VM then stays as it is. */
  private syncReferences(vm: VirtualMachine): VirtualMachine | undefined {
    const key = keyFor(vm);
    try {
      const synced = syncReferences(this.cluster, vm);
      if (isFindFailure(this.failures.get(key)?.reason)) this.failures.delete(key);
      return synced;
    } catch (error) {
      this.fail(vm, error);
      return undefined;
    }
  }

  /** Not left to the report, which comes late: by then the failed instance may be gone, and another one made. */
  private countFailure(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): VirtualMachine {
    const startFailure = startFailureAfter(vm, vmi, clock.millis(), Math.random());
    if (!startFailure || isDeepStrictEqual(startFailure, vm.status?.startFailure)) return vm;
    const { namespace, name } = vm.metadata;
    const counted = this.cluster.update<VirtualMachine>(VMS, namespace, name, (draft) => {
      draft.status = { ...draft.status, startFailure };
    });
    return counted ?? vm;
  }

  private report(key: string): void {
    const vm = this.vmOf(key);
    if (!vm) return;
    const namespace = vm.metadata.namespace ?? '';
    const vmi = this.instanceOf(vm);
    const dataVolumes = dataVolumeFacts(this.cluster, namespace, templateDataVolumes(vm));
    const claims = (vm.spec.template.spec.volumes ?? []).map((volume) =>
      claimOf(this.cluster, namespace, volume),
    );
    const decision = decideRun(vm, vmi, clock.millis()).act;
    const changes = this.changesOf(vm, vmi);
    const failure = this.failures.get(key);
    const held = failure !== undefined || !areDataVolumesReady(vm, dataVolumes);
    const status = vmStatus({
      vm,
      vmi,
      dataVolumes,
      hasUnboundClaim: claims.some((claim) => claim !== undefined && claim.status?.phase !== 'Bound'),
      creationExpected: decision === 'start' && !held,
      deletionExpected: decision === 'stop',
      now: clock.millis(),
      random: Math.random(),
      failure: failure ?? changes.find((change) => change.failure)?.failure,
      restart: changes.find((change) => change.restart)?.restart,
      claimOf: (volume) => claimOf(this.cluster, namespace, volume),
      hasSnapshotClass: (claim) => snapshotClassFor(this.cluster, claim) !== undefined,
    });
    if (isDeepStrictEqual(status, vm.status)) return;
    this.cluster.update<VirtualMachine>(VMS, namespace, vm.metadata.name, (draft) => {
      // Requests that arrived meanwhile would be lost if the whole status were replaced; everything is synchronous here.
      draft.status = status;
    });
    if (status.stateChangeRequests !== vm.status?.stateChangeRequests) this.actions.add(key);
  }

  private start(vm: VirtualMachine, paused: boolean): void {
    const key = keyFor(vm);
    const namespace = vm.metadata.namespace ?? '';
    try {
      if (!areDataVolumesReady(vm, dataVolumeFacts(this.cluster, namespace, templateDataVolumes(vm)))) return;
      this.keepRevision(vm);
      const draft = instanceFrom(vm, { paused });
      applyToInstance(this.cluster, vm, draft);
      applyPresets(this.cluster, draft);
      admitNewVmi(draft, readConfig(this.cluster), true);
      draft.status = { guestOSInfo: {}, ...(draft.status as object) };
      this.cluster.create<VirtualMachineInstance>(VMIS, draft);
      this.failures.delete(key);
    } catch (error) {
      this.fail(vm, error);
      return;
    }
    const message = `Started the virtual machine by creating the new virtual machine instance ${vm.metadata.name}`;
    this.cluster.event(vm, { type: 'Normal', reason: 'SuccessfulCreate', message, component: COMPONENT });
  }

  private stop(vm: VirtualMachine, vmi: VirtualMachineInstance): void {
    const message = `Stopped the virtual machine by deleting the virtual machine instance ${vmi.metadata.uid}`;
    this.cluster.delete(VMIS, vmi.metadata.namespace, vmi.metadata.name);
    this.cluster.event(vm, { type: 'Normal', reason: 'SuccessfulDelete', message, component: COMPONENT });
    if (isFinal(vmi)) this.release(vmi);
  }

  /** A VM that is going takes its instance along, unless that was orphaned. */
  private finish(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): void {
    const orphans = vm.metadata.finalizers?.includes('orphan') ?? false;
    if (vmi && !orphans) {
      if (!vmi.metadata.deletionTimestamp) this.stop(vm, vmi);
      else if (isFinal(vmi)) this.release(vmi);
      return;
    }
    this.cluster.update<VirtualMachine>(VMS, vm.metadata.namespace, vm.metadata.name, ({ metadata }) => {
      metadata.finalizers = metadata.finalizers?.filter((name) => name !== VM_FINALIZER) ?? [];
    });
  }

  private release({ metadata }: VirtualMachineInstance): void {
    if (!metadata.finalizers?.includes(VM_FINALIZER)) return;
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.finalizers = draft.metadata.finalizers?.filter((name) => name !== VM_FINALIZER) ?? [];
    });
  }

  private markObserved({ metadata }: VirtualMachine): void {
    const observed = Object.entries(OBSERVED).every(
      ([name, value]) => metadata.annotations?.[name] === value,
    );
    if (observed && metadata.finalizers?.includes(VM_FINALIZER)) return;
    this.cluster.update<VirtualMachine>(VMS, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, ...OBSERVED };
      const finalizers = draft.metadata.finalizers ?? [];
      if (!finalizers.includes(VM_FINALIZER)) draft.metadata.finalizers = [...finalizers, VM_FINALIZER];
    });
  }

  /** Carries over what may change live, and notes which generation of the VM the instance stands for. */
  private followTemplate(vm: VirtualMachine, vmi: VirtualMachineInstance): void {
    if (vmi.metadata.deletionTimestamp || isFinal(vmi)) return;
    const started = this.startedWith(vmi);
    const unchanged = started !== undefined && isSameTemplate(started, vm.spec);
    const changes = this.changesOf(vm, vmi);
    const { metadata } = vmi;
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        ...OBSERVED,
        ...(unchanged ? { [VM_GENERATION]: String(vm.metadata.generation ?? 1) } : {}),
      };
      for (const { edit, mark } of changes) {
        edit?.(draft.spec);
        if (draft.status) mark?.(draft.status);
      }
    });
    const left = withoutGoneInterfaces(vm.spec.template.spec, vmi);
    if (!left) return;
    this.cluster.update<VirtualMachine>(VMS, vm.metadata.namespace, vm.metadata.name, ({ spec }) => {
      spec.template.spec.domain.devices.interfaces = left.interfaces;
      spec.template.spec.networks = left.networks;
    });
  }

  /** What the template has that the running instance has not. */
  private changesOf(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): Outcome[] {
    if (!vmi || isFinal(vmi) || vmi.metadata.deletionTimestamp) return [];
    const started = this.startedWith(vmi);
    if (!started) return [];
    const { liveUpdate } = readConfig(this.cluster);
    const known = this.compared.get(vmi);
    if (known && known.spec === vm.spec && known.started === started && known.liveUpdate === liveUpdate)
      return known.changes;
    const changes = liveChanges({
      started: appliedSpec(this.cluster, vm, started),
      current: appliedSpec(this.cluster, vm),
      vmi,
      liveUpdate,
      modeOf: (claim) => volumeMode(this.cluster, vm, claim),
    });
    this.compared.set(vmi, { spec: vm.spec, started, liveUpdate, changes });
    return changes;
  }

  private startedWith({ metadata, status }: VirtualMachineInstance): VirtualMachine['spec'] | undefined {
    const name = status?.virtualMachineRevisionName;
    const revision = name && this.cluster.get(REVISIONS, metadata.namespace, name);
    // Written by keepRevision below.
    return revision ? (revision.data as { spec: VirtualMachine['spec'] }).spec : undefined;
  }

  private keepRevision(vm: VirtualMachine): void {
    const { namespace } = vm.metadata;
    const name = revisionName(vm);
    for (const { metadata } of this.cluster.ownedBy(REVISIONS, vm.metadata.uid)) {
      if (isStartRevision(metadata.name) && metadata.name !== name)
        this.cluster.delete(REVISIONS, namespace, metadata.name);
    }
    if (this.cluster.get(REVISIONS, namespace, name)) return;
    const revision: NewObject = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name, ...(namespace ? { namespace } : {}), ownerReferences: [ownerReference(vm)] },
      data: { spec: pinnedSpec(vm) },
      revision: vm.metadata.generation ?? 1,
    };
    this.cluster.create(REVISIONS, revision);
  }

  /** Whether a VM has the DataVolumes of its templates, as far as making them goes; started or not. */
  private hasDataVolumes(vm: VirtualMachine): boolean {
    const key = keyFor(vm);
    try {
      makeDataVolumes(this.cluster, vm);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.fail(vm, new SyncFailure('FailedCreate', `${DATA_VOLUMES_FAILED}: ${why}`));
      this.actions.add(key, DATA_VOLUMES_RETRY_MS);
      return false;
    }
    if (this.failures.get(key)?.message?.startsWith(DATA_VOLUMES_FAILED)) {
      this.failures.delete(key);
      this.reports.add(key);
    }
    return true;
  }

  private requestStart({ metadata }: VirtualMachine): void {
    this.cluster.update<VirtualMachine>(VMS, metadata.namespace, metadata.name, (draft) => {
      const status: VirtualMachineStatus = draft.status ?? {};
      draft.status = {
        ...status,
        stateChangeRequests: [...(status.stateChangeRequests ?? []), { action: 'Start' }],
      };
    });
  }

  private fail(vm: VirtualMachine, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const reason = error instanceof SyncFailure ? error.reason : 'FailedCreate';
    this.failures.set(keyFor(vm), { reason, message });
    this.reports.add(keyFor(vm));
    if (error instanceof SyncFailure) return;
    if (!(error instanceof ApiError)) console.error(`vm: ${keyFor(vm)} cannot start:`, error);
    this.cluster.event(vm, { type: 'Warning', reason, message, component: COMPONENT });
  }

  private vmOf(key: string): VirtualMachine | undefined {
    const { namespace, name } = splitKey(key);
    return this.cluster.get<VirtualMachine>(VMS, namespace, name);
  }

  /** The VM's instance; one of the same name that nobody controls is taken over, as virt-controller does. */
  private instanceOf(vm: VirtualMachine): VirtualMachineInstance | undefined {
    const { namespace, name, uid } = vm.metadata;
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    const controller = vmi?.metadata.ownerReferences?.find((owner) => owner.controller);
    if (!vmi || controller?.uid === uid) return vmi;
    if (controller || vmi.metadata.deletionTimestamp || vm.metadata.deletionTimestamp) return undefined;
    return this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, (draft) => {
      draft.metadata.ownerReferences = [...(draft.metadata.ownerReferences ?? []), ownerReference(vm)];
    });
  }
}

/** Whether the two ask for the same instance, so that the newer generation counts as observed. */
function isSameTemplate(a: VirtualMachine['spec'], b: VirtualMachine['spec']): boolean {
  return isDeepStrictEqual(a.template.spec, b.template.spec);
}
