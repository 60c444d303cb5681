import type { Admission } from '../api/admission';
import type { ClusterApi, NewObject } from '../api/objects';
import { clock } from '../clock';
import { syncCatalogue } from '../controllers/common-instancetypes';
import { isTrue } from '../controllers/conditions';
import { PVCS, STORAGE_CLASSES } from '../controllers/storage-types';
import { type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../controllers/types';
import type { VirtHandler } from '../controllers/virt-handler';
import { addBootImages } from './boot-images';
import { addCdi } from './cdi';
import { addComponents } from './component-pods';
import { addHistory } from './history';
import { addHyperConverged } from './hyperconverged';
import { dataClaim, MACHINES, machine, PAUSED_MACHINE, STARTED_MACHINE } from './machines';
import { addMetricsServer } from './metrics-server';
import { addNetworkAddons } from './network-addons';
import { NODES, type NodeFacts, node } from './nodes';
import { csiDriver, kubevirt, noteDeployment, priorityClasses, storageClasses } from './platform';

const HOUR_MS = 3_600_000;
export const CLUSTER_AGE_MS = 42 * 24 * HOUR_MS;
const PRIORITY_CLASSES = 'priorityclasses.scheduling.k8s.io';
const NAMESPACES = ['kubevirt', 'production', 'staging', 'dev'];

/** Whether nobody has written anything here yet. */
export function isUnseeded(cluster: ClusterApi): boolean {
  return cluster.list('nodes').length === 0;
}

export interface PlatformOptions {
  ageMs?: number;
  /** Beside the usual three. */
  moreNodes?: readonly NodeFacts[];
  /** Only what Kubernetes and KubeVirt bring: no CDI, no network add-ons, no metrics, no default StorageClass. */
  kubevirtOnly?: boolean;
}

/**
 * What every first start writes: nodes, storage, and a day later KubeVirt itself with its instance types and its
 * neighbours.
 */
export function seedPlatform(
  cluster: ClusterApi,
  { ageMs = CLUSTER_AGE_MS, moreNodes = [], kubevirtOnly = false }: PlatformOptions = {},
): void {
  clock.ago(ageMs, (born) => {
    for (const facts of [...NODES, ...moreNodes]) cluster.as('kubelet').create('nodes', node(facts, born));
    cluster.create('csidrivers.storage.k8s.io', csiDriver());
    for (const storageClass of storageClasses(!kubevirtOnly)) cluster.create(STORAGE_CLASSES, storageClass);
    for (const priorityClass of priorityClasses()) cluster.create(PRIORITY_CLASSES, priorityClass);
    for (const name of NAMESPACES) addNamespace(cluster, name);
  });
  clock.ago(ageMs - 24 * HOUR_MS, (born) => {
    cluster.as('virt-operator').create('kubevirts.kubevirt.io', kubevirt(born));
    addComponents(cluster, born);
    noteDeployment(cluster.as('virt-operator'));
    syncCatalogue(cluster.as('virt-operator'));
    if (kubevirtOnly) return;
    addMetricsServer(cluster, born);
    addCdi(cluster.as('cdi-operator'), born);
    addBootImages(cluster, born);
    addNetworkAddons(cluster, born);
    addHyperConverged(cluster, born);
  });
}

/**
 * Adds what makes a first look worth it: machines in varied states and what happened to them. Nothing here is special
 * afterwards: all of it can be changed and deleted, and it is written only once.
 */
export function seedCluster(cluster: ClusterApi, admission: Admission): void {
  const people = cluster.as('kubectl-create');
  for (const facts of MACHINES) {
    clock.ago(facts.ageHours * HOUR_MS, () => {
      if (facts.dataGi) people.create(PVCS, dataClaim(facts));
      people.create(VMS, admitted(admission, machine(facts)));
    });
  }
  const { namespace, name } = STARTED_MACHINE;
  cluster.as('virt-api').update<VirtualMachine>(VMS, namespace, name, (draft) => {
    draft.status = { ...draft.status, stateChangeRequests: [{ action: 'Start' }] };
  });
  addHistory(cluster, clock.millis());
}

/** Pauses the machine that is to be found paused, once its guest has booted (or runs, where no agent can say so). */
export function pauseWhenUp(cluster: ClusterApi, virtHandler: VirtHandler, guestsBoot: boolean): () => void {
  const { namespace, name } = PAUSED_MACHINE;
  const stop = cluster.watch<VirtualMachineInstance>(VMIS, ({ object }) => {
    if (object.metadata.namespace !== namespace || object.metadata.name !== name) return;
    const up = guestsBoot ? isTrue(object.status, 'AgentConnected') : object.status?.phase === 'Running';
    const guest = virtHandler.guestOf(object);
    if (!up || !guest) return;
    stop();
    virtHandler
      .setPaused(object, guest, true)
      .catch((error) => console.error(`${namespace}/${name} cannot be paused:`, error));
  });
  return stop;
}

function addNamespace(cluster: ClusterApi, name: string): void {
  if (cluster.get('namespaces', undefined, name)) return;
  cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** What KubeVirt's webhooks would store. */
function admitted(admission: Admission, draft: NewObject): NewObject {
  const { namespace = 'default', name = '' } = draft.metadata;
  const metadata = {
    ...draft.metadata,
    namespace,
    name,
    uid: '',
    resourceVersion: '',
    creationTimestamp: '',
  };
  const object = { ...draft, metadata };
  admission.mutateAndValidate({
    ...{ resource: 'virtualmachines', group: 'kubevirt.io', operation: 'CREATE', namespace, object },
    ...{ user: { username: 'admin', groups: ['system:masters'] }, fieldValidation: 'Ignore', dryRun: false },
  });
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _time, ...rest } = object.metadata;
  return { ...object, metadata: rest };
}
