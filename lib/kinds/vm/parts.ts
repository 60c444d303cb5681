import { isAlive, isChangingVolumes, type VmFacts, vmFactsAlone, vmiFacts, withVmi } from './facts';
import { applicationOf, descriptionOf, folderOf, tagsOf } from './labels';
import { naturalKey } from './natural-key';
import { osHint } from './os-hint';
import { copiedReason, guestReason, vmFailure } from './reason';
import type { VmRecord, VmRow } from './row';
import { sharedList, sharedText } from './shared-texts';
import { vmSize } from './size';
import { askedSizes, networksOf, type VmStorage, vmStorage } from './storage-and-networks';
import type { VirtualMachine, VirtualMachineInstance } from './types';

/** What of a VM its row needs, whether or not there is a VMI; the object itself is let go. */
export interface VmPart {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly facts: VmFacts;
  readonly createdAt: string;
  readonly hostname: string;
  readonly description: string;
  readonly instancetype: string;
  readonly preference: string;
  readonly labels: Record<string, string>;
  readonly folder: string;
  readonly tags: string[];
  readonly application: string;
  readonly owner: string;
  /** Name, labels and annotations, in lower case. */
  readonly words: string;
  /** Goes before any other reason. */
  readonly failure: string | undefined;
  /** From here on: what counts where the VMI does not say it. */
  readonly reason: string;
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly storage: VmStorage;
  /** By claim, in bytes. */
  readonly asked: ReadonlyMap<string, number> | undefined;
  readonly networks: string[];
  readonly macs: string[];
  readonly conditions: string[];
  readonly migratable: string | undefined;
}

/** What of a VMI the row of its VM needs. */
export interface VmiPart {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly facts: NonNullable<VmFacts['vmi']>;
  readonly volumesChanging: boolean;
  readonly reason: string | undefined;
  readonly node: string;
  readonly ips: string[];
  readonly macs: string[];
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly startedAt: string;
  /** Empty when its agent does not say. */
  readonly os: string;
  readonly storage: VmStorage;
  readonly networks: string[];
  /** Types of conditions that are True, and of all. */
  readonly conditions: string[];
  readonly said: string[];
  readonly hasConditions: boolean;
  readonly migratable: string | undefined;
}

/** Annotations that programs keep for themselves; nobody looks for a VM by them. */
const UNSEARCHED = /last-applied-configuration|^kubevirt\.io\/(?:latest|storage)-observed|^kubemacpool/;

export function vmPart(vm: VirtualMachine): VmPart {
  const { uid, name, namespace = '', labels = {}, annotations = {}, ownerReferences = [] } = vm.metadata;
  const owner = ownerReferences.find(({ controller }) => controller) ?? ownerReferences[0];
  const spec = vm.spec.template?.spec;
  const hostname = spec?.hostname ?? '';
  const description = descriptionOf(annotations);
  const searched = Object.entries(annotations).filter(([key]) => !UNSEARCHED.test(key));
  const pairs = [...Object.entries(labels), ...searched].map(([key, value]) => `${key}=${value}`);
  return {
    uid,
    namespace: sharedText(namespace),
    name,
    key: `${naturalKey(name)}\0${namespace}`,
    facts: shareFacts(vmFactsAlone(vm)),
    createdAt: sharedText(vm.metadata.creationTimestamp),
    hostname: hostname === name ? name : hostname,
    description,
    instancetype: sharedText(vm.spec.instancetype?.name ?? ''),
    preference: sharedText(vm.spec.preference?.name ?? ''),
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, sharedText(value)])),
    folder: sharedText(folderOf(labels)),
    tags: sharedList(tagsOf(labels)),
    application: sharedText(applicationOf(labels)),
    owner: sharedText(owner ? `${owner.kind}/${owner.name}` : ''),
    words: lines(name, namespace, hostname, description, ...pairs),
    failure: vmFailure(vm),
    reason: copiedReason(vm),
    ...vmSize(vm),
    os: sharedText(osHint(vm)),
    storage: vmStorage(spec),
    asked: askedSizes(vm),
    networks: sharedList(networksOf(spec)),
    macs: distinct((spec?.domain?.devices?.interfaces ?? []).flatMap(({ macAddress }) => lower(macAddress))),
    conditions: sharedList(trueTypes(vm.status?.conditions)),
    migratable: vm.status?.conditions?.find(({ type }) => type === 'LiveMigratable')?.status,
  };
}

export function vmiPart(vmi: VirtualMachineInstance): VmiPart {
  const { uid, name, namespace = '' } = vmi.metadata;
  const { status, spec } = vmi;
  const facts = vmiFacts(vmi);
  const guest = status?.guestOSInfo;
  return {
    uid,
    namespace: sharedText(namespace),
    name,
    facts: { ...facts, phase: sharedText(facts.phase) },
    volumesChanging: isChangingVolumes(vmi),
    reason: guestReason(vmi),
    node: sharedText(status?.nodeName ?? ''),
    ips: vmiAddresses(vmi),
    macs: distinct((status?.interfaces ?? []).flatMap(({ mac }) => lower(mac))),
    ...vmSize(undefined, vmi),
    startedAt: startOf(vmi),
    os: sharedText(guest?.prettyName || guest?.name || ''),
    storage: vmStorage(spec, status?.volumeStatus),
    networks: sharedList(networksOf(spec)),
    conditions: sharedList(trueTypes(status?.conditions)),
    said: sharedList((status?.conditions ?? []).map(({ type }) => type)),
    hasConditions: status?.conditions !== undefined,
    migratable: status?.conditions?.find(({ type }) => type === 'LiveMigratable')?.status,
  };
}

/** The record of a VM, with what the VMI of its name tells, if there is one that may be seen. */
export function joinParts(vm: VmPart, vmi?: VmiPart): VmRecord {
  const facts = withVmi(vm.facts, vmi?.facts, vmi?.volumesChanging ?? false);
  const guest = isAlive(facts) ? vmi : undefined;
  const { storage } = vmi ?? vm;
  const diskBytes = storage.unsized.reduce((sum, claim) => sum + (vm.asked?.get(claim) ?? 0), storage.bytes);
  const migratable = (vmi?.hasConditions ? vmi : vm).migratable;
  const row: VmRow = {
    uid: vm.uid,
    namespace: vm.namespace,
    name: vm.name,
    facts,
    reason: vm.failure ?? vmi?.reason ?? vm.reason,
    node: guest?.node ?? '',
    ips: guest?.ips ?? NONE,
    macs: merged(guest?.macs ?? NONE, vm.macs),
    vcpus: (vmi ?? vm).vcpus,
    memoryBytes: (vmi ?? vm).memoryBytes,
    createdAt: vm.createdAt,
    startedAt: guest?.startedAt ?? '',
    os: vmi?.os || vm.os,
    hostname: vm.hostname,
    description: vm.description,
    instancetype: vm.instancetype,
    preference: vm.preference,
    disks: storage.disks,
    diskBytes,
    volumes: storage.volumes,
    networks: (vmi ?? vm).networks,
    labels: vm.labels,
    folder: vm.folder,
    tags: vm.tags,
    application: vm.application,
    owner: vm.owner,
    ...(guest && migratable && migratable !== 'Unknown' ? { migratable: migratable === 'True' } : {}),
    conditions: guest ? conditionsOf(vm, guest) : vm.conditions,
  };
  const { node, os, ips, macs } = row;
  const words = `${vm.words}\n${lines(facts.printableStatus, node, os, ...ips, ...macs)}`;
  return { row, key: vm.key, words };
}

/** The record that the inventory keeps of a VM and the VMI of the same name. */
export function vmRecord(vm: VirtualMachine, vmi?: VirtualMachineInstance): VmRecord {
  return joinParts(vmPart(vm), vmi && vmiPart(vmi));
}

/** Flattens a VM and the VMI of the same name, if there is one. */
export function vmRow(vm: VirtualMachine, vmi?: VirtualMachineInstance): VmRow {
  return vmRecord(vm, vmi).row;
}

const NONE: string[] = [];

/** Copies of the VMI's conditions stay on the VM as they were when it goes; what is the VM's own is always read there. */
function conditionsOf(vm: VmPart, guest: VmiPart): string[] {
  const own = vm.conditions.filter((type) => !guest.said.includes(type));
  return own.length === 0 ? guest.conditions : sharedList(merged(own, guest.conditions));
}

function trueTypes(conditions: { type: string; status: string }[] = []): string[] {
  return distinct(conditions.filter(({ status }) => status === 'True').map(({ type }) => type));
}

/** Both without repeats; one of them itself where that is all. */
function merged(first: string[], second: string[]): string[] {
  if (first.length === 0) return second;
  const more = second.filter((each) => !first.includes(each));
  return more.length === 0 ? first : [...first, ...more];
}

/** All addresses the guest is known by, the pod network's first, without repeats. */
function vmiAddresses({ status }: VirtualMachineInstance): string[] {
  const all = (status?.interfaces ?? []).flatMap(
    ({ ipAddress, ipAddresses }) => ipAddresses ?? (ipAddress ? [ipAddress] : []),
  );
  return distinct(all);
}

function startOf({ status }: VirtualMachineInstance): string {
  const running = status?.phaseTransitionTimestamps?.find(({ phase }) => phase === 'Running');
  return running?.phaseTransitionTimestamp ?? '';
}

function shareFacts(facts: VmFacts): VmFacts {
  return {
    ...facts,
    printableStatus: sharedText(facts.printableStatus),
    runStrategy: sharedText(facts.runStrategy),
    requests: facts.requests.length === 0 ? NO_REQUESTS : facts.requests,
  };
}

const NO_REQUESTS: VmFacts['requests'] = [];

const lower = (text: string | undefined): string[] => (text ? [text.toLowerCase()] : []);

const lines = (...texts: string[]): string => texts.filter(Boolean).join('\n').toLowerCase();

const distinct = (texts: string[]): string[] => (texts.length === 0 ? NONE : [...new Set(texts)]);
