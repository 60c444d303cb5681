import type { Condition, K8sObject } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import { type EventObject, lastSeen } from '@/lib/kinds/event';
import { RESOURCES } from '@/lib/kinds/resources';
import { type VmFacts, vmFacts } from '../facts';
import type { GuestSpec, VirtualMachine, VirtualMachineInstance } from '../types';
import {
  type Claim,
  type ClusterNode,
  type DataVolume,
  type GuestVolume,
  guestVolumes,
  type LauncherPod,
} from './objects';
import {
  keyOf,
  type Look,
  type Looks,
  launcherKey,
  NODES,
  objectsIn,
  SERIAL,
  type Target,
  WORKERS,
} from './plan';

/** A volume of the guest that stands for a claim, with what is known of both. */
export interface ClaimVolume extends GuestVolume {
  claim: string;
  pvc: Claim | undefined;
  dv: DataVolume | undefined;
  /** Whether nobody has such a claim: it was looked for and is not there. */
  isMissing: boolean;
}

/** Whether an object is there, is not, or could not be looked for. */
export type Presence = 'there' | 'missing' | 'unknown';

/** What is known of a VM and of everything that it depends on. */
export interface Evidence {
  /** Milliseconds since the epoch. */
  now: number;
  target: Target;
  vm: VirtualMachine;
  vmi: VirtualMachineInstance | undefined;
  facts: VmFacts;
  /** What the guest is made of: the instance's, else the VM's template. */
  spec: GuestSpec | undefined;
  volumes: GuestVolume[];
  claims: ClaimVolume[];
  /** The pod that matters: the newest that has not ended, else the newest. */
  pod: LauncherPod | undefined;
  workers: readonly LauncherPod[];
  nodes: readonly ClusterNode[];
  /** Of all objects, newest first. */
  events: EventObject[];
  /** What the guest printed, without its control sequences; undefined when that could not be read. */
  serial: string | undefined;
  looks: Looks;
}

/** Puts together what came of the reads of a plan; undefined while the VM has not been seen. */
export function evidenceOf(target: Target, looks: Looks, now: number): Evidence | undefined {
  const { namespace, name } = target;
  const one = <T extends K8sObject>(resource: Resource, where: string | undefined, which: string) =>
    objectsIn<T>(looks.get(keyOf(resource, where, which)))[0];
  const vm = one<VirtualMachine>(RESOURCES.virtualMachines, namespace, name);
  if (!vm) return undefined;
  const vmi = one<VirtualMachineInstance>(RESOURCES.virtualMachineInstances, namespace, name);
  const spec = vmi?.spec ?? vm.spec.template?.spec;
  const volumes = guestVolumes(spec);
  const launchers = vmi ? objectsIn<LauncherPod>(looks.get(launcherKey(vmi.metadata.uid))) : [];
  const serial = looks.get(SERIAL);
  const claims = volumes.flatMap((volume): ClaimVolume[] => {
    const { claim } = volume;
    if (!claim) return [];
    const pvc = one<Claim>(RESOURCES.persistentVolumeClaims, namespace, claim);
    const dv = one<DataVolume>(RESOURCES.dataVolumes, namespace, claim);
    const isMissing =
      looks.get(keyOf(RESOURCES.persistentVolumeClaims, namespace, claim))?.sight === 'seen' && !pvc;
    return [{ ...volume, claim, pvc, dv, isMissing }];
  });
  return {
    now,
    target,
    vm,
    vmi,
    facts: vmFacts(vm, vmi),
    spec,
    volumes,
    claims,
    pod: [...launchers].sort(newestAliveFirst)[0],
    workers: objectsIn<LauncherPod>(looks.get(WORKERS)),
    nodes: nodesIn(looks, vmi, launchers),
    events: eventsIn(looks),
    serial: serial?.sight === 'seen' ? plainText(serial.text ?? '') : undefined,
    looks,
  };
}

/** Whether an object that was looked for by its name is there. */
export function presence(
  e: Evidence,
  resource: Resource,
  namespace: string | undefined,
  name: string,
): Presence {
  const look = e.looks.get(keyOf(resource, namespace, name));
  if (look?.sight !== 'seen') return 'unknown';
  return look.objects.length > 0 ? 'there' : 'missing';
}

/** The one object of a name that was looked for. */
export function objectOf<T extends K8sObject>(
  e: Evidence,
  resource: Resource,
  namespace: string | undefined,
  name: string,
): T | undefined {
  return objectsIn<T>(e.looks.get(keyOf(resource, namespace, name)))[0];
}

/** Events of the object of that name, of these reasons, newest first. */
export function eventsAbout(e: Evidence, name: string, ...reasons: string[]): EventObject[] {
  return e.events.filter(
    ({ involvedObject, reason }) =>
      involvedObject.name === name && (reasons.length === 0 || reasons.includes(reason ?? '')),
  );
}

/** Events of the pod that matters. */
export function podEvents(e: Evidence, ...reasons: string[]): EventObject[] {
  return e.pod ? eventsAbout(e, e.pod.metadata.name, ...reasons) : [];
}

export function vmiCondition(
  e: Evidence,
  type: string,
  status: Condition['status'] = 'True',
): Condition | undefined {
  return e.vmi?.status?.conditions?.find((each) => each.type === type && each.status === status);
}

/** When the instance came into a phase (RFC 3339). */
export function phaseSince(e: Evidence, phase: string): string | undefined {
  const all = e.vmi?.status?.phaseTransitionTimestamps ?? [];
  return all.find((each) => each.phase === phase)?.phaseTransitionTimestamp;
}

/** Seconds since a time; 0 when it is unknown. */
export function secondsSince(e: Evidence, time: string | null | undefined): number {
  const at = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? 0 : Math.max(0, (e.now - at) / 1000);
}

/** Whether somebody or something wants the machine to run. */
export function isWanted({ facts }: Evidence): boolean {
  return (
    facts.vmi !== undefined ||
    facts.requests.includes('Start') ||
    ['Always', 'RerunOnFailure', 'Once'].includes(facts.runStrategy)
  );
}

export function isRunning({ vmi }: Evidence): boolean {
  return vmi?.status?.phase === 'Running';
}

function newestAliveFirst(a: LauncherPod, b: LauncherPod): number {
  const ended = ({ status }: LauncherPod) => Number(['Succeeded', 'Failed'].includes(status?.phase ?? ''));
  return ended(a) - ended(b) || b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp);
}

function nodesIn(
  looks: Looks,
  vmi: VirtualMachineInstance | undefined,
  pods: readonly LauncherPod[],
): readonly ClusterNode[] {
  const all = objectsIn<ClusterNode>(looks.get(NODES));
  if (all.length > 0) return all;
  const name = vmi?.status?.nodeName ?? pods.find(({ spec }) => spec?.nodeName)?.spec?.nodeName;
  return name ? objectsIn<ClusterNode>(looks.get(keyOf(RESOURCES.nodes, undefined, name))) : [];
}

function eventsIn(looks: Looks): EventObject[] {
  const known = new Map<string, EventObject>();
  for (const [key, look] of looks as ReadonlyMap<string, Look>) {
    if (!key.startsWith('events ')) continue;
    for (const event of objectsIn<EventObject>(look)) known.set(event.metadata.uid, event);
  }
  return [...known.values()].sort((a, b) => Date.parse(lastSeen(b)) - Date.parse(lastSeen(a)));
}

/** A serial line's text without what moves the cursor and colours it. */
function plainText(raw: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's control sequences begin with escape
  return raw.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|\u001b[()][A-Z0-9]|\u001b[=>78cM]|\r|\u0000/g, '');
}
