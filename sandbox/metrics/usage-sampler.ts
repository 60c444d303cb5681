import type { ClusterApi } from '../api/objects';
import { type VirtualMachineInstance, VMIS } from '../controllers/types';
import type { VirtHandler } from '../controllers/virt-handler';
import { type ProcessUsage, processUsage } from '../guests/process-usage';
import type { Usage } from './modelled-usage';

/** How often metrics-server asks. */
const RESOLUTION_MS = 15_000;

export interface Measured extends Usage {
  windowMs: number;
}

interface Sample extends ProcessUsage {
  pid: number;
  /** Milliseconds of a clock that only runs forward. */
  at: number;
}

/**
 * Looks at the processes of the guests every 15 s: what they took between two looks is what they use. A guest has no
 * usage before it was seen twice, as with metrics-server.
 */
export class UsageSampler {
  private readonly samples = new Map<string, Sample>();
  private readonly measured = new Map<string, Measured>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: Pick<VirtHandler, 'guestOf'>,
    resolutionMs = RESOLUTION_MS,
  ) {
    this.timer = setInterval(() => this.look(), resolutionMs);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** By the instance's uid. Undefined for guests that have no process or were seen only once. */
  of(uid: string): Measured | undefined {
    return this.measured.get(uid);
  }

  private look(): void {
    const seen = new Set<string>();
    for (const vmi of this.cluster.list<VirtualMachineInstance>(VMIS)) {
      const pid = this.virtHandler.guestOf(vmi)?.pid;
      const usage = pid === undefined ? undefined : processUsage(pid);
      if (pid === undefined || !usage) continue;
      seen.add(vmi.metadata.uid);
      this.note(vmi.metadata.uid, { ...usage, pid, at: performance.now() });
    }
    for (const uid of this.samples.keys()) {
      if (seen.has(uid)) continue;
      this.samples.delete(uid);
      this.measured.delete(uid);
    }
  }

  private note(uid: string, sample: Sample): void {
    const before = this.samples.get(uid);
    this.samples.set(uid, sample);
    // Another process began at nothing: what it took since is no difference to the one before.
    if (before?.pid !== sample.pid) {
      this.measured.delete(uid);
      return;
    }
    const windowMs = sample.at - before.at;
    if (windowMs <= 0) return;
    const cpuCores = Math.max(0, (sample.cpuSeconds - before.cpuSeconds) / (windowMs / 1000));
    this.measured.set(uid, { cpuCores, memoryBytes: sample.memoryBytes, windowMs });
  }
}
