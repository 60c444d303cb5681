import { clock } from '../clock';
import { isTrue } from '../controllers/conditions';
import { guestBytes } from '../controllers/instance-size';
import type { VirtualMachineInstance } from '../controllers/types';
import type { MemoryStats } from '../guests/guest-stats';
import { modelledUsage } from './modelled-usage';

/**
 * What machines that are only their state would have taken: the model of their usage, added up from one look to the
 * next. Disks and networks have no model, so such machines have no figures of them.
 */
export class ModelledCounters {
  private readonly sums = new Map<string, { cpuSeconds: number; atMs: number }>();

  of(vmi: VirtualMachineInstance): { cpuSeconds: number; memory: MemoryStats } {
    const { metadata, spec, status } = vmi;
    const atMs = clock.millis();
    const usage = modelledUsage(metadata.uid, spec, atMs, isTrue(status, 'Paused'));
    const domainBytes = guestBytes(spec);
    const before = this.sums.get(metadata.uid) ?? { cpuSeconds: 0, atMs: startOf(vmi) };
    const passed = Math.max(0, atMs - before.atMs) / 1000;
    const cpuSeconds = before.cpuSeconds + usage.cpuCores * passed;
    this.sums.set(metadata.uid, { cpuSeconds, atMs });
    const usableBytes = Math.max(0, domainBytes - usage.memoryBytes);
    return {
      cpuSeconds,
      memory: {
        domainBytes,
        balloonBytes: domainBytes,
        residentBytes: usage.memoryBytes,
        guest: { availableBytes: domainBytes, usableBytes, unusedBytes: usableBytes },
      },
    };
  }

  /** Forgets all others. */
  keep(uids: ReadonlySet<string>): void {
    for (const uid of this.sums.keys()) if (!uids.has(uid)) this.sums.delete(uid);
  }
}

function startOf({ metadata, status }: VirtualMachineInstance): number {
  const running = status?.phaseTransitionTimestamps?.find(({ phase }) => phase === 'Running');
  return Date.parse(running?.phaseTransitionTimestamp ?? metadata.creationTimestamp);
}
