import { isDeepStrictEqual } from 'node:util';
import { hotplugCauses } from '../../api/admission/check-hotplug';
import { denied } from '../../api/admission/webhook';
import type { InstanceSpec, VirtualMachine, VirtualMachineInstance } from '../types';
import { cpuChange } from './cpu';
import { memoryChange } from './memory';
import { interfaceChange, withLiveInterfaces } from './network';
import type { Outcome } from './outcome';
import { areDisksLive, areVolumesLive, hotplugDevices } from './volumes';

const RESTART_REQUIRED = 'a non-live-updatable field was changed in the template spec';
/** Fields that virt-controller carries over to a running instance as they are. */
const PLACEMENT = ['nodeSelector', 'affinity', 'tolerations'] as const;

export interface TemplateFacts {
  /** The VM's spec when the instance was started, and now; instance type and preference applied to both. */
  started: VirtualMachine['spec'];
  current: VirtualMachine['spec'];
  vmi: VirtualMachineInstance;
  /** vmRolloutStrategy is LiveUpdate. */
  liveUpdate: boolean;
}

/**
 * What the differences between a VM's template and its running instance come to. Mirrors addRestartRequiredIfNeeded and
 * the change handlers of virt-controller: whatever takes a restart holds up everything else but hot-plugged volumes.
 */
export function liveChanges(facts: TemplateFacts): Outcome[] {
  const template = facts.current.template.spec;
  const outcomes = [volumeChange(template, facts.vmi)];
  if (needsRestart(facts)) return [...outcomes, { restart: RESTART_REQUIRED }];
  if (!facts.liveUpdate) return outcomes;
  return [
    ...outcomes,
    placementChange(template),
    cpuChange(template, facts.vmi),
    memoryChange(template, facts.vmi),
    interfaceChange(template, facts.vmi),
  ];
}

/** Whether the template differs from the one that the instance was started with in something that takes a restart. */
function needsRestart({ started, current, vmi, liveUpdate }: TemplateFacts): boolean {
  const now = current.template.spec;
  if (isDeepStrictEqual(started.template.spec, now)) return false;
  const old = structuredClone(started.template.spec);
  if (liveUpdate) {
    const disksLive = areDisksLive(old, now);
    if (areVolumesLive(old, now)) take(old, now, 'volumes');
    if (disksLive) Object.assign(old.domain.devices, { disks: now.domain.devices.disks });
    if (old.domain.cpu && now.domain.cpu)
      old.domain.cpu = { ...old.domain.cpu, sockets: now.domain.cpu.sockets };
    if (old.domain.memory && now.domain.memory) {
      old.domain.memory = { ...old.domain.memory, guest: now.domain.memory.guest };
    }
    for (const field of PLACEMENT) take(old, now, field);
    withLiveInterfaces(old, now, vmi);
  } else if (sameDevices(now, vmi.spec)) {
    take(old, now, 'volumes');
    Object.assign(old.domain.devices, { disks: now.domain.devices.disks });
  }
  return !isDeepStrictEqual(plain(old), plain(now));
}

function volumeChange(template: InstanceSpec, vmi: VirtualMachineInstance): Outcome {
  const { volumes, disks } = hotplugDevices(template, vmi);
  const before = { volumes: vmi.spec.volumes ?? [], disks: vmi.spec.domain.devices.disks ?? [] };
  if (vmi.status?.phase !== 'Running' || isDeepStrictEqual(before, { volumes, disks })) return {};
  const causes = hotplugCauses(before, { volumes, disks });
  if (causes.length > 0) {
    // The instance's webhook refuses what the VM's let pass.
    const { message } = denied('virtualmachineinstances-update-validator.kubevirt.io', causes);
    return { failure: { reason: 'HotPlugVolumeError', message } };
  }
  return {
    edit(spec) {
      spec.volumes = volumes;
      spec.domain.devices.disks = disks;
    },
  };
}

function placementChange(template: InstanceSpec): Outcome {
  return {
    edit(spec) {
      for (const field of PLACEMENT) take(spec, template, field);
    },
  };
}

function sameDevices(template: InstanceSpec, running: InstanceSpec): boolean {
  const devices = ({ volumes = [], domain }: InstanceSpec) =>
    [volumes, domain.devices.disks ?? []].map((list) => list.map(({ name }) => name));
  return isDeepStrictEqual(devices(template), devices(running));
}

function take<Field extends keyof InstanceSpec>(to: InstanceSpec, from: InstanceSpec, field: Field): void {
  if (from[field] === undefined) delete to[field];
  else to[field] = structuredClone(from[field]);
}

/** Without the difference between an absent field and an undefined one. */
function plain(spec: InstanceSpec): unknown {
  return JSON.parse(JSON.stringify(spec));
}
