import { canonicalQuantity, quantityValue } from '../api/admission/quantity';
import type { VmiSpec } from '../api/admission/types';
import { preferredTopology, spreadOptions } from './topology';
import type { Choice, Conflict, PreferenceSpec } from './types';

const CPU = 'spec.template.spec.domain.cpu';

/**
 * Why a VM, with its instance type and preference applied and its defaults set, falls short of what the preference
 * requires. Mirrors the requirements checker of KubeVirt; `field` may name several, joined by ", ".
 */
export function unmetRequirement({ instancetype, preference }: Choice, spec: VmiSpec): Conflict | undefined {
  const { cpu, memory, architecture } = preference?.requirements ?? {};
  return (
    (cpu && preference && shortOfCpu(cpu.guest, { instancetype, preference }, spec)) ||
    (memory && shortOfMemory(memory.guest, instancetype?.memory.guest, spec)) ||
    (architecture !== undefined && architecture !== spec.architecture
      ? {
          field: 'spec.template.spec.architecture',
          message: `preference requires architecture ${architecture} but ${spec.architecture} is being requested`,
        }
      : undefined)
  );
}

function shortOfCpu(
  required: number,
  { instancetype, preference }: Choice & { preference: PreferenceSpec },
  { domain }: VmiSpec,
): Conflict | undefined {
  if (instancetype) {
    if (instancetype.cpu.guest >= required) return undefined;
    const message = `insufficient CPU resources of ${instancetype.cpu.guest} vCPU provided by instance type, preference requires ${required} vCPU`;
    return { field: 'spec.instancetype', message };
  }
  if (!domain.cpu) {
    const message = `no CPU resources provided by VirtualMachine, preference requires ${required} vCPU`;
    return { field: CPU, message };
  }
  const { levels, shown } = countedLevels(preference);
  const { cpu } = domain;
  const vcpus = levels.reduce((product, level) => product * (cpu[level] ?? 0), 1);
  if (levels.length === 0 || vcpus >= required) return undefined;
  return {
    field: levels.map((level) => `${CPU}.${level}`).join(', '),
    message: `insufficient CPU resources of ${vcpus} vCPU provided by VirtualMachine, preference requires ${required} vCPU provided as ${shown}`,
  };
}

type Level = 'sockets' | 'cores' | 'threads';

/** The levels of the topology that count for a preference, and how a refusal names them. */
function countedLevels(preference: PreferenceSpec): { levels: readonly Level[]; shown: string } {
  const topology = preferredTopology(preference);
  const { across } = spreadOptions(preference);
  switch (topology) {
    case 'threads':
    case 'cores':
    case 'sockets':
      return { levels: [topology], shown: topology };
    case 'any':
      return { levels: ['cores', 'sockets', 'threads'], shown: 'cores, sockets and threads' };
    case 'spread':
      if (across === 'SocketsCores') return { levels: ['sockets', 'cores'], shown: across };
      if (across === 'CoresThreads') return { levels: ['cores', 'threads'], shown: across };
      return { levels: ['sockets', 'cores', 'threads'], shown: across };
    default:
      return { levels: [], shown: topology };
  }
}

function shortOfMemory(
  required: string,
  provided: string | undefined,
  { domain }: VmiSpec,
): Conflict | undefined {
  const short = (field: string, memory: string, by: string): Conflict | undefined =>
    quantityValue(memory) >= quantityValue(required)
      ? undefined
      : {
          field,
          message: `insufficient Memory resources of ${canonicalQuantity(memory)} provided by ${by}, preference requires ${canonicalQuantity(required)}`,
        };
  if (provided !== undefined) return short('spec.instancetype', provided, 'instance type');
  const guest = domain.memory?.guest;
  return guest === undefined ? undefined : short('spec.template.spec.domain.memory', guest, 'VirtualMachine');
}
