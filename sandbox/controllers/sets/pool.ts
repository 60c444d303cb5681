import { ApiError } from '../../api/errors';
import { selects } from '../../api/label-selection';
import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { goDuration } from '../../go-duration';
import { findCondition, isTrue } from '../conditions';
import { type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../types';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { controllerOf } from '../workloads/pods';
import { admitNewVm } from './admit-vm';
import { inPolicyOrder, newNames } from './pool-plan';
import { ensureRevision, pruneRevisions } from './pool-revisions';
import { rollOut } from './pool-rollout';
import { SetError, tell, vmOf } from './pool-vm';
import { reportSet, type SetFailure } from './set-status';
import { POOL_FINALIZER, POOLS, type Pool } from './types';

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
      const { settled, waits } = rollOut(this.cluster, pool, vms);
      if (waits) this.queue.add(key, RETRY_MS);
      if (settled) pruneRevisions(this.cluster, pool, vms);
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
    const revision = ensureRevision(this.cluster, pool);
    const isTaken = (vm: string) => this.cluster.get(VMS, namespace, vm) !== undefined;
    for (const vm of newNames(name, count, isTaken)) {
      try {
        const draft = vmOf(pool, vm, revision);
        admitNewVm(this.cluster, draft);
        this.cluster.create(VMS, draft);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        tell(this.cluster, pool, 'Warning', 'FailedCreate', `Error creating VM: ${error.message}`);
        throw new SetError('FailedScaleOut', `error during scale out: ${error.message}`);
      }
      tell(this.cluster, pool, 'Normal', 'SuccessfulCreate', `Created VM ${namespace}/${vm}`);
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
    tell(
      this.cluster,
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
}

function failureOf(error: unknown, work: string): SetFailure {
  if (error instanceof SetError) return { reason: error.reason, message: error.message };
  console.error(`vm pool: cannot ${work}:`, error);
  return { reason: 'FailedUpdate', message: error instanceof Error ? error.message : String(error) };
}
