import { valueAt } from '@/lib/k8s/json';
import { RESOURCES } from '@/lib/kinds/resources';
import { userDataIn, userDataProblem } from './cloud-init';
import {
  type ClaimVolume,
  type Evidence,
  isRunning,
  isWanted,
  phaseSince,
  secondsSince,
  vmiCondition,
} from './evidence';
import { type Finding, found, type Severity, short } from './finding';
import type { GuestVolume } from './objects';
import { type SerialSigns, serialSigns } from './serial';

/** A guest that has said nothing for so long has most likely nothing to boot. */
const SILENT_S = 30;
/** Nothing to start from is in volumes of these kinds, whoever looks into them. */
const NEVER_BOOTABLE = [
  'emptyDisk',
  'cloudInitNoCloud',
  'cloudInitConfigDrive',
  'configMap',
  'secret',
  'serviceAccount',
  'downwardAPI',
  'downwardMetrics',
  'sysprep',
];

/** What is wrong inside the guest, as far as its manifest, its agent and its serial line tell. */
export function guestCauses(e: Evidence): Finding[] {
  const signs = e.serial === undefined ? undefined : serialSigns(e.serial);
  return [...bootCauses(e, signs), ...cloudInitCauses(e, signs)];
}

export function agentConnected(e: Evidence): boolean {
  return vmiCondition(e, 'AgentConnected') !== undefined;
}

/** Whether the guest has come up, by its agent's word or its login prompt. */
export function hasBooted(e: Evidence): boolean {
  return isRunning(e) && (agentConnected(e) || (e.serial !== undefined && serialSigns(e.serial).hasLogin));
}

function bootCauses(e: Evidence, signs: SerialSigns | undefined): Finding[] {
  if (hasBooted(e)) return [];
  const stuck = isRunning(e) ? signs?.stuck : undefined;
  const tried = bootOrder(e);
  const names = tried.map(({ name }) => name).join(', ');
  const other = e.volumes.find(
    (volume) => !isEmpty(volume, e) && !tried.some(({ name }) => name === volume.name),
  );
  const values = { disks: names, other: other?.name ?? '', hasOther: other ? 'yes' : 'no' };
  const offer = { kind: 'section', section: 'disks' } as const;
  const words = [stuck?.line];
  if (tried.length > 0 && tried.every((volume) => isEmpty(volume, e))) {
    const since = secondsSince(e, phaseSince(e, 'Running'));
    const certain = isRunning(e) && (stuck?.at === 'firmware' || since > SILENT_S);
    const severity: Severity = certain ? 'broken' : 'attention';
    return isWanted(e) || e.vm.spec
      ? [found('bootDiskEmpty', severity, 'boot', values, { words, offer })]
      : [];
  }
  if (!stuck) return [];
  const cause = {
    firmware: 'nothingToBoot',
    bootloader: 'bootLoader',
    kernel: 'kernelPanic',
    emergency: 'emergencyMode',
  } as const;
  const known = { words, offer: stuck.at === 'firmware' ? offer : ({ kind: 'console' } as const) };
  return [found(cause[stuck.at], 'broken', 'boot', { ...values, words: short(stuck.line) }, known)];
}

/**
 * The volumes that firmware tries, in order. Where a device has a boot order, devices without one are not tried
 * (libvirt starts QEMU with `-boot strict=on`); where none has, the first disk is. Empty when a network card is tried.
 */
export function bootOrder({ spec, volumes }: Evidence): GuestVolume[] {
  const devices = spec?.domain?.devices;
  const disks = devices?.disks ?? [];
  const ordered = disks
    .filter(({ bootOrder: order }) => order !== undefined)
    .sort((a, b) => (a.bootOrder ?? 0) - (b.bootOrder ?? 0));
  if ((devices?.interfaces ?? []).some(({ bootOrder: order }) => order !== undefined)) return [];
  // A kernel that is given from outside needs no boot disk.
  if (valueAt(spec, ['domain', 'firmware', 'kernelBoot'])) return [];
  const tried = ordered.length > 0 ? ordered : disks.slice(0, 1);
  return tried.flatMap(({ name }) => volumes.find((volume) => volume.name === name) ?? []);
}

function isEmpty(volume: GuestVolume, { claims }: Evidence): boolean {
  if (NEVER_BOOTABLE.includes(volume.source)) return true;
  const behind: ClaimVolume | undefined = claims.find(({ name }) => name === volume.name);
  return behind?.dv?.spec?.source !== undefined && 'blank' in behind.dv.spec.source;
}

function cloudInitCauses(e: Evidence, signs: SerialSigns | undefined): Finding[] {
  // With the agent's word that the guest is up, it still does not know its users.
  const severity: Severity = 'attention';
  const offer = { kind: 'section', section: 'guest' } as const;
  const words = isRunning(e) ? (signs?.cloudInit ?? []) : [];
  for (const { name, userData } of userDataIn(e.spec)) {
    const problem = userDataProblem(userData);
    if (!problem) continue;
    const values = {
      volume: name,
      problem: problem.kind,
      first: problem.kind === 'header' ? problem.first : '',
      line: problem.kind === 'yaml' ? problem.line : 0,
      words: problem.kind === 'yaml' ? problem.words : '',
    };
    const about = { resource: RESOURCES.virtualMachines, ...e.target };
    return [found('cloudInitInvalid', severity, 'boot', values, { words, about, offer })];
  }
  if (words.length === 0) return [];
  return [found('cloudInitFailed', severity, 'boot', { words: short(words.at(-1) ?? '') }, { words, offer })];
}
