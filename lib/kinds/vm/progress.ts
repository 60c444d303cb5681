import { type MessageKey, type Text, text } from '@/lib/text';
import { findCondition, type VirtualMachineInstance } from './types';

/** Something on its way into or out of a running guest. */
export interface Progress {
  key: string;
  sentence: Text;
  /** The cluster's own words. */
  words: string;
}

/** KubeVirt's phases of a volume that comes or goes. */
const PHASES: Record<string, MessageKey> = {
  Pending: 'configure.phase.pending',
  Bound: 'configure.phase.bound',
  AttachedToNode: 'configure.phase.attachedToNode',
  MountedToPod: 'configure.phase.mountedToPod',
  Detaching: 'configure.phase.detaching',
  UnMountedFromPod: 'configure.phase.unmountedFromPod',
};

/** The volumes that are not where they should be. */
export function volumeProgress({ spec, status }: VirtualMachineInstance): Progress[] {
  const known = new Set(status?.volumeStatus?.map(({ name }) => name));
  const coming = (status?.volumeStatus ?? []).flatMap(({ name, phase, hotplugVolume, message }) => {
    if (!hotplugVolume || !phase || phase === 'Ready') return [];
    const key = Object.hasOwn(PHASES, phase) ? PHASES[phase] : undefined;
    const sentence = key ? text(key, { name }) : text('configure.phase.other', { name, phase });
    return [{ key: name, sentence, words: message ?? '' }];
  });
  // The instance has it, and nobody has looked at it yet.
  const asked = (spec.volumes ?? []).filter(
    ({ name, persistentVolumeClaim, dataVolume }) =>
      !known.has(name) && (persistentVolumeClaim?.hotpluggable || dataVolume?.hotpluggable),
  );
  return [
    ...asked.map(({ name }) => ({
      key: name,
      sentence: text('configure.phase.pending', { name }),
      words: '',
    })),
    ...coming,
  ];
}

/** The cards that the instance asks for and its guest doesn't have yet, or that are to leave it. */
export function nicProgress({ spec, status }: VirtualMachineInstance): Progress[] {
  if (status?.phase !== 'Running') return [];
  const present = new Set(status.interfaces?.map(({ name }) => name));
  return (spec.domain.devices.interfaces ?? []).flatMap(({ name, state }) => {
    const key =
      state === 'absent'
        ? ('configure.nic.leaving' as const)
        : present.has(name)
          ? undefined
          : ('configure.nic.coming' as const);
    return key ? [{ key: name, sentence: text(key, { name }), words: '' }] : [];
  });
}

/** The migration that brings a change, under way or awaited. */
export function moveProgress({ status }: VirtualMachineInstance): Progress[] {
  const move = status?.migrationState;
  if (move?.startTimestamp && !move.endTimestamp && !move.completed && !move.failed) {
    const [from, to] = [move.sourceNode ?? '', move.targetNode ?? ''];
    return [{ key: 'migration', sentence: text('configure.move.running', { from, to }), words: '' }];
  }
  const waits = ['HotVCPUChange', 'HotMemoryChange', 'MigrationRequired', 'VolumesChange'].flatMap(
    (type) => findCondition(status?.conditions, type) ?? [],
  );
  if (waits.length === 0) return [];
  const words = waits.flatMap(({ message }) => message ?? []).join(' ');
  return [{ key: 'migration', sentence: text('configure.move.awaited'), words }];
}
