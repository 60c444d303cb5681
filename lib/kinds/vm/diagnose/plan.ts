import type { K8sObject } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VirtualMachine, VirtualMachineInstance } from '../types';
import { findCondition } from '../types';
import {
  attachments,
  type Claim,
  credentialSecrets,
  type DataVolume,
  guestVolumes,
  type LauncherPod,
} from './objects';

/** One thing to be looked at; equal keys are the same thing. */
export type Read =
  /** A list by selectors, or one object by its name. It can be watched. */
  | {
      key: string;
      kind: 'objects';
      resource: Resource;
      namespace?: string;
      labelSelector?: string;
      fieldSelector?: string;
    }
  /** Whether there is such an object, and its metadata: what is in it is nobody's business here. */
  | { key: string; kind: 'metadata'; resource: Resource; namespace: string; name: string }
  /** What the guest printed on its serial line. */
  | { key: string; kind: 'log'; namespace: string; pod: string; container: string; resource: Resource };

/** What came of a read. */
export type Look =
  | { sight: 'loading' }
  | { sight: 'seen'; objects: readonly K8sObject[]; text?: string }
  /** `denied`: the user may not; `absent`: the cluster has no such kind; with the server's words. */
  | { sight: 'denied' | 'absent' | 'unreachable'; words: string };

export type Looks = ReadonlyMap<string, Look>;

export interface Target {
  namespace: string;
  name: string;
}

/** The container of a launcher pod that repeats the guest's serial line. */
const CONSOLE_LOG = 'guest-console-log';

/**
 * Everything to be looked at for a VM, by what is known so far: each look may name more, so it is asked again until
 * nothing new comes. What it names is narrow: single objects, pods and events of this VM, and all nodes only while a
 * place is sought.
 */
export function readsFor(target: Target, looks: Looks): Read[] {
  const { namespace, name } = target;
  const reads = new Map<string, Read>();
  const add = (read: Read) => {
    reads.set(read.key, read);
    return looks.get(read.key);
  };
  const one = <T extends K8sObject>(resource: Resource, where: string | undefined, which: string) =>
    first<T>(add(named(resource, where, which)));

  const vm = one<VirtualMachine>(RESOURCES.virtualMachines, namespace, name);
  const vmi = one<VirtualMachineInstance>(RESOURCES.virtualMachineInstances, namespace, name);
  add(eventsOf(namespace, name));
  if (!vm) return [...reads.values()];
  add({ key: 'kubevirts', kind: 'objects', resource: RESOURCES.kubevirts });
  add({
    key: 'migrations',
    kind: 'objects',
    resource: RESOURCES.migrations,
    namespace,
    labelSelector: `kubevirt.io/vmi-name=${name}`,
  });

  const spec = vmi?.spec ?? vm.spec.template?.spec;
  readVolumes(spec, namespace, add, one);
  const isUp = vmi?.status?.phase === 'Running';
  if (!isUp) {
    const volumes = guestVolumes(spec);
    const secrets = [...volumes.flatMap(({ secrets }) => secrets), ...credentialSecrets(spec)];
    for (const secret of secrets) add(metadata(RESOURCES.secrets, namespace, secret));
    for (const each of volumes.flatMap(({ configMaps }) => configMaps))
      add(metadata(RESOURCES.configMaps, namespace, each));
    for (const net of attachments(spec, namespace))
      add(named(RESOURCES.networkAttachmentDefinitions, net.namespace, net.name));
    add({ key: 'quotas', kind: 'objects', resource: RESOURCES.resourceQuotas, namespace });
  }
  readSizes(vm, namespace, add);
  if (vmi) readInstance(vmi, namespace, add);
  return [...reads.values()];
}

/** The key of one object. */
export function keyOf(resource: Resource, namespace: string | undefined, name: string): string {
  return `${resource.plural} ${namespace ?? ''}/${name}`;
}

export function launcherKey(uid: string): string {
  return `launchers ${uid}`;
}

export const WORKERS = 'workers';
export const NODES = 'nodes';
export const SERIAL = 'serial';

type Add = (read: Read) => Look | undefined;
type One = <T extends K8sObject>(
  resource: Resource,
  namespace: string | undefined,
  name: string,
) => T | undefined;

function readVolumes(spec: unknown, namespace: string, add: Add, one: One): void {
  let working = false;
  for (const { claim } of guestVolumes(spec)) {
    if (!claim) continue;
    const dv = one<DataVolume>(RESOURCES.dataVolumes, namespace, claim);
    const pvc = one<Claim>(RESOURCES.persistentVolumeClaims, namespace, claim);
    const isReady = pvc?.status?.phase === 'Bound' && (!dv || dv.status?.phase === 'Succeeded');
    if (isReady) continue;
    add(eventsOf(namespace, claim));
    if (dv && dv.status?.phase !== 'Succeeded') working = true;
    const className =
      pvc?.spec?.storageClassName ?? dv?.spec?.storage?.storageClassName ?? dv?.spec?.pvc?.storageClassName;
    if (className) add(named(RESOURCES.storageClasses, undefined, className));
    const ref = dv?.spec?.sourceRef;
    if (ref?.name) add(named(RESOURCES.dataSources, ref.namespace ?? namespace, ref.name));
    const from = dv?.spec?.source?.pvc;
    if (from?.name) add(named(RESOURCES.persistentVolumeClaims, from.namespace ?? namespace, from.name));
    const snapshot = dv?.spec?.source?.snapshot;
    if (snapshot?.name) add(named(RESOURCES.volumeSnapshots, snapshot.namespace ?? namespace, snapshot.name));
  }
  if (!working) return;
  const workers = add({
    key: WORKERS,
    kind: 'objects',
    resource: RESOURCES.pods,
    namespace,
    labelSelector: 'app=containerized-data-importer',
  });
  for (const { metadata } of objectsIn<LauncherPod>(workers)) add(eventsOf(namespace, metadata.name));
}

function readSizes({ spec }: VirtualMachine, namespace: string, add: Add): void {
  const { instancetype, preference } = spec;
  if (instancetype?.name) {
    const own = /^virtualmachineinstancetypes?$/i.test(instancetype.kind ?? '');
    add(
      own
        ? named(RESOURCES.instancetypes, namespace, instancetype.name)
        : named(RESOURCES.clusterInstancetypes, undefined, instancetype.name),
    );
  }
  if (preference?.name) {
    const own = /^virtualmachinepreferences?$/i.test(preference.kind ?? '');
    add(
      own
        ? named(RESOURCES.preferences, namespace, preference.name)
        : named(RESOURCES.clusterPreferences, undefined, preference.name),
    );
  }
}

function readInstance(vmi: VirtualMachineInstance, namespace: string, add: Add): void {
  const pods = objectsIn<LauncherPod>(
    add({
      key: launcherKey(vmi.metadata.uid),
      kind: 'objects',
      resource: RESOURCES.pods,
      namespace,
      labelSelector: `kubevirt.io/created-by=${vmi.metadata.uid}`,
    }),
  );
  for (const { metadata } of pods) add(eventsOf(namespace, metadata.name));
  const seeking =
    findCondition(vmi.status?.conditions, 'PodScheduled', 'False') ||
    pods.some(({ status }) => findCondition(status?.conditions, 'PodScheduled', 'False'));
  if (seeking) add({ key: NODES, kind: 'objects', resource: RESOURCES.nodes });
  const node = vmi.status?.nodeName ?? pods.find(({ spec }) => spec?.nodeName)?.spec?.nodeName;
  if (node) add(named(RESOURCES.nodes, undefined, node));
  const pod = pods.find(({ status }) => status?.phase === 'Running') ?? pods[0];
  const containers = [...(pod?.spec?.containers ?? []), ...(pod?.spec?.initContainers ?? [])];
  if (pod && vmi.status?.phase === 'Running' && containers.some(({ name }) => name === CONSOLE_LOG)) {
    const container = CONSOLE_LOG;
    add({ key: SERIAL, kind: 'log', namespace, pod: pod.metadata.name, container, resource: RESOURCES.pods });
  }
}

function named(resource: Resource, namespace: string | undefined, name: string): Read {
  return {
    key: keyOf(resource, namespace, name),
    kind: 'objects',
    resource,
    ...(namespace ? { namespace } : {}),
    fieldSelector: `metadata.name=${name}`,
  };
}

function metadata(resource: Resource, namespace: string, name: string): Read {
  return { key: keyOf(resource, namespace, name), kind: 'metadata', resource, namespace, name };
}

/** Events of all objects of that name: a VM shares it with its instance and often with a claim. */
function eventsOf(namespace: string, name: string): Read {
  return {
    key: `events ${namespace}/${name}`,
    kind: 'objects',
    resource: RESOURCES.events,
    namespace,
    fieldSelector: `involvedObject.name=${name}`,
  };
}

export function objectsIn<T extends K8sObject>(look: Look | undefined): readonly T[] {
  // The read's resource says what kind they are.
  return look?.sight === 'seen' ? (look.objects as readonly T[]) : [];
}

function first<T extends K8sObject>(look: Look | undefined): T | undefined {
  return objectsIn<T>(look)[0];
}
