import { ApiError } from '../../api/errors';
import { selects } from '../../api/label-selection';
import type { ClusterApi, NewObject } from '../../api/objects';
import { clock } from '../../clock';
import { findCondition, isTrue } from '../conditions';
import { REVISIONS, type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../types';
import { ownerReference } from '../vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { controllerOf } from '../workloads/pods';
import { admitNewVm } from './admit-vm';
import {
  indexedSpec,
  indexOf,
  inPolicyOrder,
  instanceUpdate,
  isOutdated,
  maxUnavailable,
  newNames,
} from './pool-plan';
import { reportSet, type SetFailure } from './set-status';
import { POOL_FINALIZER, POOL_REVISION, POOLS, type Pool, type PoolSpec } from './types';

const COMPONENT = 'virtualmachinepool-controller';
/** The real controller waits as long, so that a burst of changes is one look. */
const LATENCY_MS = 1000;
const RETRY_MS = 3000;
const BURST = 250;
const FAILURES_BEFORE_HEALING = 3;
const HEALING_AFTER_MS = 300_000;
const WORDS = {
  condition: 'Pool controller is paused',
  paused: 'Pool is paused',
  resumed: 'Pool is unpaused',
};

/** Keeps the VMs of each VirtualMachinePool: as many as it wants, and as its template says. */
export class PoolController {
  private readonly queue = new WorkQueue('vm pool', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<Pool>(POOLS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<VirtualMachine>(VMS, ({ object }) => this.addOwner(object)),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ object: { metadata } }) => {
        const vm = cluster.get<VirtualMachine>(VMS, metadata.namespace, metadata.name);
        if (vm) this.addOwner(vm);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private addOwner(vm: VirtualMachine): void {
    const owner = controllerOf(vm);
    if (owner?.kind === 'VirtualMachinePool') this.queue.add(`${vm.metadata.namespace}/${owner.name}`);
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const pool = this.cluster.get<Pool>(POOLS, namespace, name);
    if (!pool || !selects(pool.spec.selector, pool.spec.virtualMachineTemplate.metadata?.labels)) return;
    if (pool.metadata.deletionTimestamp) {
      for (const vm of this.owned(pool)) this.releaseVm(vm);
      this.setFinalizer(pool, false);
      return;
    }
    this.setFinalizer(pool, true);
    const failure = pool.spec.paused ? undefined : this.manage(key, pool);
    if (failure) this.queue.add(key, RETRY_MS);
    const vms = this.owned(pool);
    const ready = vms.filter(({ status }) => isTrue(status, 'Ready')).length;
    const counts = { replicas: vms.length, ready };
    reportSet(this.cluster, POOLS, pool, counts, failure, { component: COMPONENT, words: WORDS });
  }

  private owned({ metadata }: Pool): VirtualMachine[] {
    return this.cluster
      .list<VirtualMachine>(VMS, metadata.namespace)
      .filter((vm) => controllerOf(vm)?.uid === metadata.uid);
  }

  private manage(key: string, pool: Pool): SetFailure | undefined {
    const vms = this.detach(pool, this.owned(pool));
    try {
      const surplus = vms.length - (pool.spec.replicas ?? 1);
      if (surplus < 0) this.scaleOut(pool, Math.min(-surplus, BURST));
      else if (surplus > 0) this.scaleIn(pool, vms, Math.min(surplus, BURST));
      else for (const vm of vms) if (vm.metadata.deletionTimestamp) this.releaseVm(vm);
      if (surplus !== 0) return undefined;
    } catch (error) {
      return failureOf(error, 'scale');
    }
    try {
      this.heal(key, pool, vms);
      if (this.update(key, pool, vms)) this.pruneRevisions(pool, vms);
      return undefined;
    } catch (error) {
      return failureOf(error, 'update');
    }
  }

  /** VMs that the selector no longer covers go their own way. */
  private detach(pool: Pool, vms: VirtualMachine[]): VirtualMachine[] {
    return vms.filter((vm) => {
      if (selects(pool.spec.selector, vm.metadata.labels)) return true;
      this.cluster.update<VirtualMachine>(VMS, vm.metadata.namespace, vm.metadata.name, ({ metadata }) => {
        metadata.ownerReferences =
          metadata.ownerReferences?.filter(({ uid }) => uid !== pool.metadata.uid) ?? [];
        metadata.finalizers = metadata.finalizers?.filter((name) => name !== POOL_FINALIZER) ?? [];
      });
      return false;
    });
  }

  /** @throws ScaleOutError with what the webhook refused. */
  private scaleOut(pool: Pool, count: number): void {
    const { namespace, name } = pool.metadata;
    const revision = this.ensureRevision(pool);
    const isTaken = (vm: string) => this.cluster.get(VMS, namespace, vm) !== undefined;
    for (const vm of newNames(name, count, isTaken)) {
      try {
        const draft = vmOf(pool, vm, revision);
        admitNewVm(this.cluster, draft);
        this.cluster.create(VMS, draft);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.tell(pool, 'Warning', 'FailedCreate', `Error creating VM: ${error.message}`);
        throw new SetError('FailedScaleOut', `error during scale out: ${error.message}`);
      }
      this.tell(pool, 'Normal', 'SuccessfulCreate', `Created VM ${namespace}/${vm}`);
    }
  }

  /** Only the proactive strategy deletes; the others wait for somebody else to. */
  private scaleIn(pool: Pool, vms: VirtualMachine[], surplus: number): void {
    const going = vms.filter(({ metadata }) => metadata.deletionTimestamp);
    for (const vm of going) this.releaseVm(vm);
    const { scaleInStrategy: strategy } = pool.spec;
    if (strategy?.unmanaged || strategy?.opportunistic) return;
    const staying = vms.filter(({ metadata }) => !metadata.deletionTimestamp);
    const chosen = inPolicyOrder(staying, strategy?.proactive?.selectionPolicy, Math.random);
    for (const vm of chosen.slice(0, Math.max(0, surplus - going.length))) this.deleteVm(pool, vm);
  }

  private deleteVm(pool: Pool, vm: VirtualMachine): void {
    const { namespace, name, uid } = vm.metadata;
    this.releaseVm(vm);
    this.cluster.delete(VMS, namespace, name, { propagationPolicy: 'Foreground' });
    this.tell(
      pool,
      'Normal',
      'SuccessfulDelete',
      `Deleted VM ${namespace}/${name} with uid ${uid} from pool`,
    );
  }

  /** Replaces VMs that fail to start again and again. */
  private heal(key: string, pool: Pool, vms: VirtualMachine[]): void {
    const { autohealing } = pool.spec;
    if (!autohealing) return;
    const threshold = autohealing.startUpFailureThreshold ?? FAILURES_BEFORE_HEALING;
    const patience = goDuration(autohealing.minFailingToStartDuration) ?? HEALING_AFTER_MS;
    for (const vm of vms) {
      if (vm.metadata.deletionTimestamp || (vm.status?.startFailure?.consecutiveFailCount ?? 0) < threshold)
        continue;
      const since = Date.parse(findCondition(vm.status, 'Ready')?.lastTransitionTime ?? '');
      if (clock.millis() - since >= patience) this.deleteVm(pool, vm);
      else this.queue.add(key, RETRY_MS);
    }
  }

  /** Returns whether every VM is as the template says. */
  private update(key: string, pool: Pool, vms: VirtualMachine[]): boolean {
    if (pool.spec.updateStrategy?.unmanaged) return false;
    const outdated = vms.filter((vm) => isOutdated(vm, pool.spec, (revision) => this.specOf(pool, revision)));
    for (const vm of outdated) this.updateVm(pool, vm);
    if (!pool.spec.updateStrategy?.opportunistic) {
      this.updateInstances(
        key,
        pool,
        vms.filter((vm) => !outdated.includes(vm)),
      );
    }
    return outdated.length === 0;
  }

  private updateVm(pool: Pool, { metadata }: VirtualMachine): void {
    const revision = this.ensureRevision(pool);
    const draft = vmOf(pool, metadata.name, revision);
    try {
      admitNewVm(this.cluster, draft);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = `Error updating virtual machine ${metadata.name}/${metadata.namespace}: ${error.message}`;
      this.tell(pool, 'Warning', 'FailedUpdate', message);
      throw new SetError('FailedUpdate', `error during VM update: ${error.message}`);
    }
    this.cluster.update<VirtualMachine>(VMS, metadata.namespace, metadata.name, (vm) => {
      const { firmware } = vm.spec.template.spec.domain;
      // Built from the pool's template, which has passed its schema.
      vm.spec = draft.spec as VirtualMachine['spec'];
      if (firmware) vm.spec.template.spec.domain.firmware = firmware;
      vm.metadata.labels = { ...draft.metadata.labels };
      vm.metadata.annotations = { ...draft.metadata.annotations };
    });
    this.tell(pool, 'Normal', 'SuccessfulUpdate', `Updated VM ${metadata.namespace}/${metadata.name}`);
  }

  private updateInstances(key: string, pool: Pool, vms: VirtualMachine[]): void {
    const pairs = vms.flatMap((vm) => {
      const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, vm.metadata.namespace, vm.metadata.name);
      return vmi ? [{ vm, vmi }] : [];
    });
    const serves = ({ vmi }: (typeof pairs)[number]) =>
      !vmi.metadata.deletionTimestamp && vmi.status?.phase === 'Running' && isTrue(vmi.status, 'Ready');
    let budget = maxUnavailable(pool.spec) - (vms.length - pairs.filter(serves).length);
    const policy = pool.spec.updateStrategy?.proactive?.selectionPolicy;
    for (const vm of inPolicyOrder(vms, policy, Math.random)) {
      const pair = pairs.find((candidate) => candidate.vm === vm);
      if (!pair || pair.vmi.metadata.deletionTimestamp) continue;
      const kind = instanceUpdate(vm, pair.vmi, (revision) => this.specOf(pool, revision));
      if (kind === 'none') continue;
      // What does not serve anyway may go at any time.
      if (serves(pair) && kind !== 'relabel') {
        if (budget <= 0) {
          this.queue.add(key, RETRY_MS);
          return;
        }
        budget -= 1;
      }
      this.updateInstance(pool, vm, pair.vmi, kind);
    }
  }

  private updateInstance(
    pool: Pool,
    vm: VirtualMachine,
    { metadata: { namespace, name } }: VirtualMachineInstance,
    kind: 'relabel' | 'restart' | 'replace VM',
  ): void {
    if (kind === 'restart') this.cluster.delete(VMIS, namespace, name);
    if (kind === 'replace VM') this.cluster.delete(VMS, namespace, name, { propagationPolicy: 'Foreground' });
    if (kind === 'relabel') {
      this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, ({ metadata }) => {
        metadata.labels = { ...metadata.labels, [POOL_REVISION]: vm.metadata.labels?.[POOL_REVISION] ?? '' };
      });
    }
    this.tell(pool, 'Normal', 'SuccessfulDelete', `Successfully updated resource ${namespace}/${name}`);
  }

  private ensureRevision(pool: Pool): string {
    const { namespace, generation = 1 } = pool.metadata;
    const name = `${pool.metadata.name}-${generation}`;
    if (this.cluster.get(REVISIONS, namespace, name)) return name;
    this.cluster.create(REVISIONS, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name, ...(namespace ? { namespace } : {}), ownerReferences: [ownerReference(pool)] },
      data: structuredClone(pool.spec),
      revision: generation,
    });
    return name;
  }

  private specOf({ metadata }: Pool, revision: string): PoolSpec | undefined {
    // Written by ensureRevision above.
    return this.cluster.get(REVISIONS, metadata.namespace, revision)?.data as PoolSpec | undefined;
  }

  private pruneRevisions({ metadata: { namespace, uid } }: Pool, vms: VirtualMachine[]): void {
    const instances = vms.map(({ metadata: { name } }) => this.cluster.get(VMIS, namespace, name));
    const used = [...vms, ...instances].map((object) => object?.metadata.labels?.[POOL_REVISION]);
    for (const revision of this.cluster.list(REVISIONS, namespace)) {
      if (controllerOf(revision)?.uid !== uid || used.includes(revision.metadata.name)) continue;
      this.cluster.delete(REVISIONS, namespace, revision.metadata.name);
    }
  }

  private releaseVm({ metadata }: VirtualMachine): void {
    if (!metadata.finalizers?.includes(POOL_FINALIZER)) return;
    this.cluster.update<VirtualMachine>(VMS, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.finalizers = draft.metadata.finalizers?.filter((name) => name !== POOL_FINALIZER) ?? [];
    });
  }

  private setFinalizer({ metadata }: Pool, wanted: boolean): void {
    this.cluster.update<Pool>(POOLS, metadata.namespace, metadata.name, (draft) => {
      const others = draft.metadata.finalizers?.filter((name) => name !== POOL_FINALIZER) ?? [];
      if (wanted) draft.metadata.finalizers = [...others, POOL_FINALIZER];
      else draft.metadata.finalizers = others;
    });
  }

  private tell(pool: Pool, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.cluster.event(pool, { type, reason, message, component: COMPONENT });
  }
}

/** What the condition ReplicaFailure is to say. */
class SetError extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

function failureOf(error: unknown, work: string): SetFailure {
  if (error instanceof SetError) return { reason: error.reason, message: error.message };
  console.error(`vm pool: cannot ${work}:`, error);
  return { reason: 'FailedUpdate', message: error instanceof Error ? error.message : String(error) };
}

/** A VM of the pool, before its webhooks' defaults. */
function vmOf({ metadata, spec, ...pool }: Pool, name: string, revision: string): NewObject {
  const { labels, annotations } = spec.virtualMachineTemplate.metadata ?? {};
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      labels: { ...labels, [POOL_REVISION]: revision },
      ...(annotations ? { annotations: { ...annotations } } : {}),
      finalizers: [POOL_FINALIZER],
      ownerReferences: [ownerReference({ ...pool, metadata })],
    },
    spec: indexedSpec(spec, indexOf(name), revision),
  };
}

const UNITS_MS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration as Go writes it (`5m`, `1h30m`), in milliseconds. */
function goDuration(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? 0), 0);
}
