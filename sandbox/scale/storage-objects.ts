import type { KubeObject } from '../api/objects';
import {
  DATA_VOLUMES,
  type PersistentVolumeClaim,
  PVCS,
  PVS,
  type StorageClass,
} from '../controllers/storage-types';
import { timestamp } from '../controllers/time';
import type { VirtualMachine } from '../controllers/types';
import { ownerReference } from '../controllers/vmi-factory';
import { provisionedVolume } from '../controllers/volume-objects';
import { identity, type Load } from './entry';
import type { MachinePlan } from './plan';
import type { Random } from './random';

const CDI = 'cdi.kubevirt.io';
const IMPORT_MS = 95_000;

/** The names that a machine's claims have. */
export function claimNames({ name }: Pick<MachinePlan, 'name'>): { root: string; data: string } {
  return { root: `${name}-rootdisk`, data: `${name}-data` };
}

/** What CDI is asked to fill the root disk from. */
export function rootSource({ system }: MachinePlan): object {
  return system.windows
    ? { pvc: { namespace: 'golden-images', name: `${system.os}-golden` } }
    : { registry: { url: `docker://${system.image}`, pullMethod: 'node' } };
}

/** The DataVolume template of a machine's root disk. */
export function rootTemplate(plan: MachinePlan, storageClass: StorageClass): object {
  return {
    metadata: { name: claimNames(plan).root },
    spec: {
      source: rootSource(plan),
      storage: {
        accessModes: ['ReadWriteMany'],
        resources: { requests: { storage: `${plan.rootGi}Gi` } },
        storageClassName: storageClass.metadata.name,
      },
    },
  };
}

/** Loads the claims of a machine with their volumes, and the DataVolume that filled the root disk. */
export function storageObjects(
  random: Random,
  plan: MachinePlan,
  vm: VirtualMachine,
  storageClass: StorageClass,
  load: Load,
): Map<string, PersistentVolumeClaim> {
  const claims = new Map<string, PersistentVolumeClaim>();
  const names = claimNames(plan);
  const add = (name: string, gi: number, owner: object | undefined) => {
    const shape = `${plan.storage} ${owner ? 'imported' : 'blank'}`;
    const claim = load(PVCS, boundClaim(random, plan, { name, gi, owner, storageClass }), shape);
    const volume = provisionedVolume(claim, storageClass, claim.spec.volumeName ?? '');
    const { metadata, ...rest } = volume;
    const object: KubeObject = {
      ...rest,
      metadata: {
        ...identity(random, { name: metadata.name ?? '', bornMs: plan.bornMs + 3000 }),
        annotations: metadata.annotations ?? {},
        finalizers: metadata.finalizers ?? [],
      },
      status: { phase: 'Bound', lastPhaseTransitionTime: timestamp(plan.bornMs + 3000) },
    };
    claims.set(name, claim);
    load(PVS, object, '');
  };
  if (plan.storage === 'data-volume') {
    const dataVolume = load(DATA_VOLUMES, filledVolume(random, plan, vm, storageClass), plan.system.os);
    add(names.root, plan.rootGi, ownerReference(dataVolume));
  }
  if (plan.storage === 'claim') add(names.root, plan.rootGi, undefined);
  if (plan.dataGi) add(names.data, plan.dataGi, undefined);
  return claims;
}

function boundClaim(
  random: Random,
  { namespace, bornMs }: MachinePlan,
  facts: { name: string; gi: number; owner: object | undefined; storageClass: StorageClass },
): PersistentVolumeClaim {
  const { name, gi, owner, storageClass } = facts;
  const storage = `${gi}Gi`;
  const accessModes = ['ReadWriteMany'];
  const metadata = identity(random, { name, namespace, bornMs });
  const { provisioner } = storageClass;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...metadata,
      ...(owner
        ? { labels: { app: 'containerized-data-importer', 'app.kubernetes.io/component': 'storage' } }
        : {}),
      annotations: {
        ...(owner ? { 'cdi.kubevirt.io/storage.condition.running.reason': 'Completed' } : {}),
        'pv.kubernetes.io/bind-completed': 'yes',
        'pv.kubernetes.io/bound-by-controller': 'yes',
        'volume.beta.kubernetes.io/storage-provisioner': provisioner,
        'volume.kubernetes.io/storage-provisioner': provisioner,
      },
      finalizers: ['kubernetes.io/pvc-protection'],
      ...(owner ? { ownerReferences: [owner as ReturnType<typeof ownerReference>] } : {}),
    },
    spec: {
      accessModes,
      resources: { requests: { storage } },
      storageClassName: storageClass.metadata.name,
      volumeMode: 'Filesystem',
      volumeName: `pvc-${metadata.uid}`,
    },
    status: { phase: 'Bound', accessModes, capacity: { storage } },
  };
}

function filledVolume(random: Random, plan: MachinePlan, vm: VirtualMachine, storageClass: StorageClass) {
  const { namespace, bornMs } = plan;
  const name = claimNames(plan).root;
  const done = timestamp(bornMs + IMPORT_MS);
  const condition = (type: string, status: string, rest: object) => ({
    ...{ type, status, lastHeartbeatTime: done, lastTransitionTime: done },
    ...rest,
  });
  const template = rootTemplate(plan, storageClass) as { spec: object };
  return {
    apiVersion: `${CDI}/v1beta1`,
    kind: 'DataVolume',
    metadata: {
      ...identity(random, { name, namespace, bornMs, generation: 1 }),
      labels: { 'kubevirt.io/created-by': vm.metadata.uid },
      annotations: { 'cdi.kubevirt.io/storage.usePopulator': 'true' },
      ownerReferences: [ownerReference(vm)],
    },
    spec: template.spec,
    status: {
      claimName: name,
      conditions: [
        condition('Bound', 'True', { message: `PVC ${name} Bound`, reason: 'Bound' }),
        condition('Ready', 'True', {}),
        condition('Running', 'False', { message: 'Import Complete', reason: 'Completed' }),
      ],
      phase: 'Succeeded',
      progress: '100.0%',
    },
  };
}
