import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterApi } from '../api/objects';
import { type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from './types';

/** Where a machine's EFI variables and TPM lie that outlast its instances; `uid` is the VM's, or that of an instance without one. */
export function keptStateOf(directory: string, uid: string): string {
  return path.join(directory, 'persistent-state', uid);
}

/** Removes what machines have kept when they go, as KubeVirt's backend storage does. */
export class KeptState {
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly directory: string,
  ) {
    this.stops = [
      cluster.watch<VirtualMachine>(VMS, ({ type, object }) => {
        if (type === 'DELETED') this.remove(object.metadata.uid);
      }),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
        if (type === 'DELETED') this.remove(object.metadata.uid);
      }),
    ];
    void this.sweep();
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  /** What went while no sandbox was there to see it. */
  private async sweep(): Promise<void> {
    const machines = [
      ...this.cluster.list<VirtualMachine>(VMS),
      ...this.cluster.list<VirtualMachineInstance>(VMIS),
    ];
    const known = new Set(machines.map(({ metadata }) => metadata.uid));
    const names = await readdir(path.join(this.directory, 'persistent-state')).catch(() => []);
    for (const uid of names) if (!known.has(uid)) this.remove(uid);
  }

  private remove(uid: string): void {
    rm(keptStateOf(this.directory, uid), { recursive: true, force: true }).catch((error) =>
      console.error(`Cannot remove what machine ${uid} kept:`, error),
    );
  }
}
