import { cloneRefusal, serviceAccountUser } from '../api/access/clone-access';
import { admitDataVolume, cloneNamespace } from '../api/admission/data-volume';
import type { ClusterApi, EventDetails, KubeObject, NewObject } from '../api/objects';
import { claimName, serves } from './claims';
import { setCondition } from './conditions';
import { DATA_VOLUMES } from './storage-types';
import type {
  Condition,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceStatus,
} from './types';
import { ownerReference } from './vmi-factory';

const COMPONENT = 'virtualmachine-controller';
const CREATED_BY = 'kubevirt.io/created-by';
const VIRT_CONTROLLER = {
  username: 'system:serviceaccount:kubevirt:kubevirt-controller',
  groups: ['system:masters'],
};

interface DataVolume extends KubeObject {
  spec: Parameters<typeof cloneNamespace>[0];
  status?: { phase?: string; conditions?: Condition[] };
}

/**
 * Makes the DataVolumes of a VM's templates that are not there, started or not. Mirrors handleDataVolumes of
 * virt-controller.
 * @throws Error with what kept it from making one, after an event that says so.
 */
export function makeDataVolumes(cluster: ClusterApi, vm: VirtualMachine): void {
  const { namespace = 'default' } = vm.metadata;
  // A restore is about to put others in their place.
  if (vm.status?.restoreInProgress !== undefined) return;
  for (const template of vm.spec.dataVolumeTemplates ?? []) {
    if (!serves(cluster, DATA_VOLUMES)) {
      throw new Error('the server could not find the requested resource (post datavolumes.cdi.kubevirt.io)');
    }
    const { name } = template.metadata;
    const known = cluster.get<DataVolume>(DATA_VOLUMES, namespace, name);
    if (known?.status?.phase === 'Failed') {
      tell(
        cluster,
        vm,
        'Warning',
        'FailedDataVolumeImport',
        `DataVolume ${name} failed to import disk image`,
      );
    }
    if (known) continue;
    make(cluster, vm, draftOf(vm, template));
    tell(cluster, vm, 'Normal', 'SuccessfulDataVolumeCreate', `Created DataVolume ${name}`);
  }
}

function make(cluster: ClusterApi, vm: VirtualMachine, draft: NewObject & DataVolume): void {
  const { namespace = 'default' } = vm.metadata;
  const source = cloneNamespace(draft.spec, namespace, cluster);
  const refusal =
    source === undefined || source === namespace
      ? undefined
      : cloneRefusal(cluster, serviceAccountUser(namespace, accountOf(vm)), source);
  if (refusal) {
    const message = `Not authorized to create DataVolume: ${refusal}`;
    tell(cluster, vm, 'Warning', 'UnauthorizedDataVolumeCreate', message);
    throw new Error(message);
  }
  try {
    admitDataVolume(
      {
        ...{
          resource: 'datavolumes',
          group: 'cdi.kubevirt.io',
          operation: 'CREATE',
          namespace,
          object: draft,
        },
        ...{ user: VIRT_CONTROLLER, fieldValidation: 'Ignore', dryRun: false },
      },
      cluster,
    );
    cluster.create(DATA_VOLUMES, draft);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `Error creating DataVolume ${draft.metadata.name}: ${why}`;
    tell(cluster, vm, 'Warning', 'FailedDataVolumeCreate', message);
    throw new Error(`failed to create DataVolume: ${why}`);
  }
}

function draftOf(
  vm: VirtualMachine,
  { metadata, spec }: NonNullable<VirtualMachine['spec']['dataVolumeTemplates']>[number],
): NewObject & DataVolume {
  const { labels, annotations } = metadata as Partial<KubeObject['metadata']>;
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      ...{ uid: '', resourceVersion: '', creationTimestamp: '' },
      name: metadata.name,
      ...(vm.metadata.namespace ? { namespace: vm.metadata.namespace } : {}),
      labels: { ...labels, [CREATED_BY]: vm.metadata.uid },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [ownerReference(vm)],
    },
    // The VM's webhooks have checked it.
    spec: structuredClone(spec) as DataVolume['spec'],
  };
}

/** The account whose rights count for a clone: the one that the VM mounts, or the namespace's default. */
function accountOf({ spec }: VirtualMachine): string {
  const mounted = spec.template.spec.volumes?.find(({ serviceAccount }) => serviceAccount)?.serviceAccount;
  return (mounted as { serviceAccountName?: string } | undefined)?.serviceAccountName ?? 'default';
}

function tell(
  cluster: ClusterApi,
  vm: VirtualMachine,
  type: EventDetails['type'],
  reason: string,
  message: string,
): void {
  cluster.event(vm, { type, reason, message, component: COMPONENT });
}

/** Whether all DataVolumes of an instance are ready, as a condition of it; nothing where it has none. Edits `status`. */
export function reportDataVolumes(
  status: VirtualMachineInstanceStatus,
  { metadata, spec }: VirtualMachineInstance,
  cluster: ClusterApi,
  time: string,
): void {
  const dataVolumes = (spec.volumes ?? []).flatMap(({ dataVolume }) => {
    if (!dataVolume || !serves(cluster, DATA_VOLUMES)) return [];
    const found = cluster.get<DataVolume>(DATA_VOLUMES, metadata.namespace, dataVolume.name);
    return found ? [found] : [];
  });
  if (dataVolumes.length === 0) return;
  const words = dataVolumes.map(
    (dv) => dv.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown',
  );
  const is = words.includes('False') ? 'False' : words.includes('Unknown') ? 'Unknown' : 'True';
  const times = { lastProbeTime: null, lastTransitionTime: time };
  const said =
    is === 'True'
      ? { reason: 'AllDVsReady', message: "All of the VMI's DVs are bound and ready" }
      : { reason: 'NotAllDVsReady', message: "Not all of the VMI's DVs are ready" };
  setCondition(status, { type: 'DataVolumesReady', status: is, ...times, ...said });
}

/** Whether a VM has the claim among its disks; a DataVolume's claim has its name. */
export function usesClaim({ spec }: VirtualMachine, name: string): boolean {
  const used = spec.template.spec.volumes?.some((volume) => claimName(volume) === name) ?? false;
  return used || (spec.dataVolumeTemplates?.some(({ metadata }) => metadata.name === name) ?? false);
}
