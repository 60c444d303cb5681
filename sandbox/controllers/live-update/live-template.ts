import { isDeepStrictEqual } from 'node:util';
import { hotplugCauses } from '../../api/admission/check-hotplug';
import { denied } from '../../api/admission/webhook';
import { now } from '../time';
import type { InstanceSpec, VirtualMachine, VirtualMachineInstance } from '../types';
import { cpuChange } from './cpu';
import { memoryChange } from './memory';
import { interfaceChange, withLiveInterfaces } from './network';
import type { Outcome } from './outcome';
import { volumeMigration } from './volume-migration';
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
  /** The volume mode of a claim, by its name. */
  modeOf: (claim: string) => string | undefined;
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
  const move = volumeMigration(facts.current, facts.vmi, { time: now(), modeOf: facts.modeOf });
  if (move.restart) return [...outcomes, move];
  return [
    ...outcomes,
    move,
    placementChange(template),
    cpuChange(template, facts.vmi),
    memoryChange(template, facts.vmi),
    interfaceChange(template, facts.vmi),
  ];
}

/** Whether the template differs from the one that the instance was started with in something that takes a restart. */
function needsRestart({ started, current, vmi, liveUpdate }: TemplateFacts): boolean {
  const template = current.template.spec;
  if (isDeepStrictEqual(started.template.spec, template)) return false;
  const old = structuredClone(started.template.spec);
  if (liveUpdate) {
    const disksLive = areDisksLive(old, template);
    if (areVolumesLive(old, template, current.updateVolumesStrategy === 'Migration'))
      take(old, template, 'volumes');
    if (disksLive) Object.assign(old.domain.devices, { disks: template.domain.devices.disks });
    if (old.domain.cpu && template.domain.cpu)
      old.domain.cpu = { ...old.domain.cpu, sockets: template.domain.cpu.sockets };
    if (old.domain.memory && template.domain.memory) {
      old.domain.memory = { ...old.domain.memory, guest: template.domain.memory.guest };
    }
    for (const field of PLACEMENT) take(old, template, field);
    withLiveInterfaces(old, template, vmi);
  } else if (sameDevices(template, vmi.spec)) {
    take(old, template, 'volumes');
    Object.assign(old.domain.devices, { disks: template.domain.devices.disks });
  }
  return !isDeepStrictEqual(plain(old), plain(template));
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
