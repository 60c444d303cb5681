import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { claimOf } from '../claims';
import { claimFile } from '../guest-files';
import { isFinal } from '../run-strategy';
import { now } from '../time';
import { type VirtualMachineInstance, VMIS, type VolumeStatus } from '../types';
import type { VirtHandler } from '../virt-handler';
import { keyFor, splitKey, WorkQueue } from '../work-queue';

const LATENCY_MS = 150;

/** virt-handler's and virt-launcher's part of memory dumps: writes the guest's memory into the claim that was attached. */
export class MemoryDumpHandler {
  private readonly queue = new WorkQueue('memory dump handler', (key) => this.reconcile(key), LATENCY_MS);
  /** Dumps under way, by instance and file. */
  private readonly dumping = new Set<string>();
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
    private readonly directory: string,
  ) {
    this.stop = cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
      const carries = object.status?.volumeStatus?.some((volume) => volume.memoryDumpVolume);
      if (type !== 'DELETED' && carries) this.queue.add(keyFor(object));
    });
  }

  close(): void {
    this.stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (!vmi || isFinal(vmi) || vmi.metadata.deletionTimestamp || vmi.status?.phase !== 'Running') return;
    for (const status of vmi.status.volumeStatus ?? []) {
      const isWanted = vmi.spec.volumes?.some((volume) => volume.name === status.name && volume.memoryDump);
      if (status.memoryDumpVolume && isWanted) await this.step(vmi, status);
    }
  }

  /** Mirrors updateMemoryDumpInfo of virt-handler. */
  private async step(vmi: VirtualMachineInstance, status: VolumeStatus): Promise<void> {
    const { name, phase, hotplugVolume, memoryDumpVolume } = status;
    const reason = 'VolumeMountedToPod';
    if (phase === 'AttachedToNode' && hotplugVolume?.attachPodUID) {
      const message = `Volume ${name} has been mounted in virt-launcher pod`;
      this.change(vmi, name, { phase: 'MountedToPod', reason, message });
      this.tell(vmi, reason, message);
    } else if (phase === 'MountedToPod') {
      const message = `Memory dump Volume ${name} is attached, getting memory dump`;
      const targetFileName = fileName(vmi.metadata.name, name);
      const about = { ...memoryDumpVolume, claimName: name, targetFileName };
      this.change(vmi, name, { phase: 'MemoryDumpInProgress', reason, message, memoryDumpVolume: about });
      this.tell(vmi, reason, message);
    } else if (phase === 'MemoryDumpInProgress') await this.dump(vmi, status);
  }

  private async dump(vmi: VirtualMachineInstance, { name, memoryDumpVolume }: VolumeStatus): Promise<void> {
    const key = `${vmi.metadata.uid}/${memoryDumpVolume?.targetFileName}`;
    if (this.dumping.has(key)) return;
    this.dumping.add(key);
    const startTimestamp = now();
    this.change(vmi, name, (known) => ({
      memoryDumpVolume: { claimName: name, ...known.memoryDumpVolume, startTimestamp },
    }));
    const failure = await this.write(vmi, name).catch((error) =>
      error instanceof Error ? error.message : String(error),
    );
    const phase = failure === undefined ? 'MemoryDumpCompleted' : 'MemoryDumpFailed';
    const message =
      failure === undefined
        ? `Memory dump to Volume ${name} has completed successfully`
        : `Memory dump to pvc ${name} failed: ${failure}`;
    const reason = failure === undefined ? { reason: 'VolumeReady' } : {};
    this.change(vmi, name, (known) => ({
      ...{ phase, message, ...reason },
      memoryDumpVolume: { claimName: name, ...known.memoryDumpVolume, endTimestamp: now() },
    }));
    this.tell(vmi, failure === undefined ? 'VolumeReady' : 'MemoryDumpFailed', message, failure);
    this.dumping.delete(key);
  }

  /** The claim holds nothing but the dump, whole or not at all. */
  private async write(vmi: VirtualMachineInstance, volume: string): Promise<undefined> {
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) throw new Error('the guest is being brought back');
    const claim = claimOf(this.cluster, vmi.metadata.namespace ?? '', {
      name: volume,
      memoryDump: { claimName: volume },
    });
    if (!claim) throw new Error(`persistentvolumeclaim "${volume}" not found`);
    const file = claimFile(this.directory, claim);
    const draft = `${file}.dumping`;
    await mkdir(path.dirname(file), { recursive: true });
    try {
      await guest.dumpMemory(draft);
      await rename(draft, file);
    } finally {
      await rm(draft, { force: true });
    }
  }

  private change(
    { metadata }: VirtualMachineInstance,
    name: string,
    change: Partial<VolumeStatus> | ((known: VolumeStatus) => Partial<VolumeStatus>),
  ): void {
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      const status = draft.status?.volumeStatus?.find((known) => known.name === name);
      if (draft.metadata.uid === metadata.uid && status)
        Object.assign(status, typeof change === 'function' ? change(status) : change);
    });
  }

  private tell(vmi: VirtualMachineInstance, reason: string, message: string, failure?: string): void {
    const host = vmi.status?.nodeName;
    const type = failure === undefined ? 'Normal' : 'Warning';
    this.cluster.event(vmi, { type, reason, message, component: 'virt-handler', ...(host ? { host } : {}) });
  }
}

/** `<vmi>-<volume>-YYYYMMDD-hhmmss.memory.dump` */
function fileName(vmi: string, volume: string): string {
  const [date = '', time = ''] = clock.now().toISOString().split('T');
  const stamp = `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`;
  return `${vmi}-${volume}-${stamp}.memory.dump`;
}
