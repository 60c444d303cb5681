import type { NodeLoad } from '@/lib/kinds/platform/capacity';
import type { Footprint } from './footprint';

/** Whether a VM finds a place in the cluster as it is now, by what nodes have left for requests. */
export interface Room {
  /** Nodes that take guests at all. */
  open: number;
  /** Of these, how many have room for one such VM. */
  fitting: number;
  /** The most that one node has left: of memory in bytes, of CPU in cores. */
  mostMemory: number;
  mostCpu: number;
}

/** Only what VMs ask for is known of a node's load, so a node may have less room than this says. */
export function roomFor(loads: readonly NodeLoad[], { cpuRequest, memoryRequest }: Footprint): Room {
  const open = loads.filter(({ isReady, isCordoned }) => isReady && !isCordoned);
  const left = open.map(({ cpu, memory }) => ({
    cpu: cpu.allocatable - cpu.requested,
    memory: memory.allocatable - memory.requested,
  }));
  return {
    open: open.length,
    fitting: left.filter((each) => each.cpu >= cpuRequest && each.memory >= memoryRequest).length,
    mostMemory: Math.max(0, ...left.map(({ memory }) => memory)),
    mostCpu: Math.max(0, ...left.map(({ cpu }) => cpu)),
  };
}
