import { ApiError } from '../../api/errors';
import type { ClusterApi } from '../../api/objects';
import { isTrue } from '../conditions';
import { type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../types';
import { admitNewVm } from './admit-vm';
import { inPolicyOrder, instanceUpdate, isOutdated, maxUnavailable } from './pool-plan';
import { ensureRevision, specOf } from './pool-revisions';
import { SetError, tell, vmOf } from './pool-vm';
import { POOL_REVISION, type Pool, type PoolSpec } from './types';

/**
 * Carries the pool's template over to its VMs and, unless the strategy leaves that to chance, to their instances, no
 * more of which go out of service at once than the pool allows. `settled`: every VM is as the template says; `waits`:
 * instances remain for later.
 * @throws SetError with what the VM's webhook refused.
 */
export function rollOut(
  cluster: ClusterApi,
  pool: Pool,
  vms: VirtualMachine[],
): { settled: boolean; waits: boolean } {
  const { updateStrategy: strategy } = pool.spec;
  if (strategy?.unmanaged) return { settled: false, waits: false };
  const specAt = (revision: string) => specOf(cluster, pool, revision);
  const outdated = vms.filter((vm) => isOutdated(vm, pool.spec, specAt));
  for (const vm of outdated) updateVm(cluster, pool, vm);
  const settled = outdated.length === 0;
  if (strategy?.opportunistic) return { settled, waits: false };
  const current = vms.filter((vm) => !outdated.includes(vm));
  return { settled, waits: updateInstances(cluster, pool, current, specAt) };
}

function updateVm(cluster: ClusterApi, pool: Pool, { metadata }: VirtualMachine): void {
  const draft = vmOf(pool, metadata.name, ensureRevision(cluster, pool));
  try {
    admitNewVm(cluster, draft);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = `Error updating virtual machine ${metadata.name}/${metadata.namespace}: ${error.message}`;
    tell(cluster, pool, 'Warning', 'FailedUpdate', message);
    throw new SetError('FailedUpdate', `error during VM update: ${error.message}`);
  }
  cluster.update<VirtualMachine>(VMS, metadata.namespace, metadata.name, (vm) => {
    const { firmware } = vm.spec.template.spec.domain;
    // Built from the pool's template, which has passed its schema.
    vm.spec = draft.spec as VirtualMachine['spec'];
    if (firmware) vm.spec.template.spec.domain.firmware = firmware;
    vm.metadata.labels = { ...draft.metadata.labels };
    vm.metadata.annotations = { ...draft.metadata.annotations };
  });
  tell(cluster, pool, 'Normal', 'SuccessfulUpdate', `Updated VM ${metadata.namespace}/${metadata.name}`);
}

/** Returns whether instances remain for later. */
function updateInstances(
  cluster: ClusterApi,
  pool: Pool,
  vms: VirtualMachine[],
  specAt: (revision: string) => PoolSpec | undefined,
): boolean {
  const instances = new Map(
    vms.map((vm) => {
      const { namespace, name } = vm.metadata;
      return [vm, cluster.get<VirtualMachineInstance>(VMIS, namespace, name)] as const;
    }),
  );
  const serving = [...instances.values()].filter((vmi) => vmi && serves(vmi)).length;
  let budget = maxUnavailable(pool.spec) - (vms.length - serving);
  const policy = pool.spec.updateStrategy?.proactive?.selectionPolicy;
  for (const vm of inPolicyOrder(vms, policy, Math.random)) {
    const vmi = instances.get(vm);
    if (!vmi || vmi.metadata.deletionTimestamp) continue;
    const kind = instanceUpdate(vm, vmi, specAt);
    if (kind === 'none') continue;
    // What does not serve anyway may go at any time.
    if (serves(vmi) && kind !== 'relabel') {
      if (budget <= 0) return true;
      budget -= 1;
    }
    updateInstance(cluster, pool, vm, kind);
  }
  return false;
}

function serves({ metadata, status }: VirtualMachineInstance): boolean {
  return !metadata.deletionTimestamp && status?.phase === 'Running' && isTrue(status, 'Ready');
}

function updateInstance(
  cluster: ClusterApi,
  pool: Pool,
  { metadata: { namespace, name, labels } }: VirtualMachine,
  kind: 'relabel' | 'restart' | 'replace VM',
): void {
  if (kind === 'restart') cluster.delete(VMIS, namespace, name);
  if (kind === 'replace VM') cluster.delete(VMS, namespace, name, { propagationPolicy: 'Foreground' });
  if (kind === 'relabel') {
    cluster.update<VirtualMachineInstance>(VMIS, namespace, name, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, [POOL_REVISION]: labels?.[POOL_REVISION] ?? '' };
    });
  }
  tell(cluster, pool, 'Normal', 'SuccessfulDelete', `Successfully updated resource ${namespace}/${name}`);
}
