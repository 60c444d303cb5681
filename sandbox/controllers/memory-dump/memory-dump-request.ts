import type { VirtualMachine, VirtualMachineInstance, Volume } from '../types';
import type { MemoryDumpRequest } from './types';

/** The volume that carries a dump: it is called like its claim, and comes and goes while the guest runs. */
export function memoryDumpVolume(claimName: string): Volume {
  return { name: claimName, memoryDump: { claimName, hotpluggable: true } };
}

/** Whether a request needs its volume in the instance no more. Mirrors HasCompleted. */
export function hasCompleted(request: MemoryDumpRequest | undefined): boolean {
  return request !== undefined && request.phase !== 'Associating' && request.phase !== 'InProgress';
}

/** The request as it goes on from what is seen of the instance; undefined when it is over. Mirrors UpdateRequest. */
export function nextRequest(
  request: MemoryDumpRequest,
  { spec }: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): MemoryDumpRequest | undefined {
  const { claimName, phase } = request;
  const seen = vmi?.status?.volumeStatus?.find(({ name }) => name === claimName);
  const isAssociated = spec.template.spec.volumes?.some(({ name }) => name === claimName) ?? false;
  switch (phase) {
    case 'Associating':
      return isAssociated ? { ...request, phase: 'InProgress' } : request;
    case 'InProgress': {
      const { startTimestamp, endTimestamp, targetFileName } = seen?.memoryDumpVolume ?? {};
      const times = {
        ...(startTimestamp ? { startTimestamp } : {}),
        ...(endTimestamp ? { endTimestamp } : {}),
      };
      if (seen?.phase === 'MemoryDumpCompleted') {
        return { ...request, ...times, phase: 'Unmounting', fileName: targetFileName ?? '' };
      }
      if (seen?.phase === 'MemoryDumpFailed') {
        return { ...request, ...times, phase: 'Failed', message: seen.message ?? '' };
      }
      return { ...request, ...(startTimestamp ? { startTimestamp } : {}) };
    }
    case 'Unmounting':
      return seen ? request : { ...request, phase: 'Completed' };
    case 'Dissociating':
      return seen || isAssociated ? request : undefined;
    default:
      return request;
  }
}
