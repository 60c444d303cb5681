import { rename, rm } from 'node:fs/promises';
import type { ClusterApi } from '../api/objects';
import type { Guest } from '../guests/hypervisor';
import { claimName } from './claims';
import { claimFile } from './guest-files';
import type { PersistentVolumeClaim } from './storage-types';
import { type VirtualMachineInstance, VMIS } from './types';
import type { VirtHandler } from './virt-handler';
import { copyImage } from './volume-files';

/** Copies of claims as storage makes snapshots: of one moment, also while a guest writes. */
export class LiveImages {
  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
    private readonly directory: string,
  ) {}

  /** Complete or not there at all. @throws in plain words why it cannot be written. */
  async copy(claim: PersistentVolumeClaim, target: string): Promise<void> {
    const source = claimFile(this.directory, claim);
    const writer = this.writerOf(claim, source);
    if (!writer) return copyImage(source, target, 0);
    const draft = `${target}.copying`;
    await rm(draft, { force: true });
    try {
      await writer.guest.copyDisk(writer.disk, draft);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      // It has ended meanwhile: now nobody writes.
      if (this.writerOf(claim, source)?.guest === writer.guest) throw error;
      await copyImage(source, target, 0);
    }
  }

  /** The guest that has a claim's image open for writing, and its disk. */
  private writerOf(
    { metadata }: PersistentVolumeClaim,
    file: string,
  ): { guest: Guest; disk: string } | undefined {
    for (const vmi of this.cluster.list<VirtualMachineInstance>(VMIS, metadata.namespace)) {
      const uses = vmi.spec.volumes?.some((volume) => claimName(volume) === metadata.name);
      const guest = uses && vmi.status?.phase === 'Running' ? this.virtHandler.guestOf(vmi) : undefined;
      const disk = guest?.spec.disks.find(({ path, readOnly }) => path === file && !readOnly);
      if (guest && disk) return { guest, disk: disk.name };
    }
    return undefined;
  }
}
