import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ClusterApi } from '../../api/objects';
import type { Guest } from '../../guests/hypervisor';
import { imageBytes } from '../claim-image';
import { claimName, claimOf } from '../claims';
import { findCondition, isTrue, removeCondition } from '../conditions';
import { claimFile } from '../guest-files';
import { isHotpluggable } from '../hotplug/hotplug-volumes';
import { VOLUMES_CHANGE } from '../live-update/volume-migration';
import { isFinal } from '../run-strategy';
import type { PersistentVolumeClaim } from '../storage-types';
import { now } from '../time';
import { type VirtualMachineInstance, VMIS } from '../types';
import type { VirtHandler } from '../virt-handler';
import { claimInfo } from '../vmi-status';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { MIGRATION_TARGET_NODE } from './migration';
import { isMoving } from './migration-state';

const LATENCY_MS = 100;
const RETRY_MS = 5_000;

/**
 * Moves the bytes of volumes whose claims were swapped under a running guest: before its memory goes, and back when
 * that was given up. What libvirt copies to the target's process is copied in the source's here.
 */
export class VolumeMoves {
  private readonly queue = new WorkQueue('volume moves', (key) => this.settle(key), LATENCY_MS);
  private readonly running = new Map<string, AbortController>();
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
    private readonly directory: string,
  ) {
    this.stop = cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
      const { migratedVolumes, migrationState } = object.status ?? {};
      const isWanted = type !== 'DELETED' && migratedVolumes !== undefined && isMoving(migrationState);
      if (!isWanted || migrationState?.abortRequested) this.running.get(object.metadata.uid)?.abort();
      if (type !== 'DELETED' && findCondition(object.status, VOLUMES_CHANGE)) this.queue.add(keyFor(object));
    });
  }

  close(): void {
    this.stop();
    this.queue.close();
    for (const move of this.running.values()) move.abort();
  }

  /** Whether the disks of a migrating guest lie where they belong; otherwise they are on their way, and `wake` is called. */
  areThere(vmi: VirtualMachineInstance, wake: () => void): boolean {
    if (!vmi.status?.migratedVolumes?.length) return true;
    const { uid } = vmi.metadata;
    if (this.running.has(uid)) return false;
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) {
      this.queue.add(keyFor(vmi), RETRY_MS);
      return false;
    }
    if (this.strays(vmi, guest).length === 0) return true;
    void this.bring(vmi, guest)
      .catch((error: unknown) => this.fail(vmi, error instanceof Error ? error.message : String(error)))
      .finally(wake);
    return false;
  }

  /** The end of a migration is the end of its volumes' move; what was given up goes back. */
  private async settle(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    const guest = vmi?.status?.phase === 'Running' ? this.virtHandler.guestOf(vmi) : undefined;
    if (!vmi || !guest || isFinal(vmi) || isMoving(vmi.status?.migrationState)) return;
    const change = findCondition(vmi.status, VOLUMES_CHANGE);
    if (change?.status === 'False' && this.strays(vmi, guest).length > 0) {
      if (!this.running.has(vmi.metadata.uid)) await this.bring(vmi, guest);
      return;
    }
    const { migrationState, migratedVolumes = [] } = vmi.status ?? {};
    const since = Date.parse(change?.lastTransitionTime ?? '');
    const isOver = migrationState?.completed && !migrationState.failed;
    const isLater = Date.parse(migrationState?.endTimestamp ?? '') >= since;
    if (!isTrue(vmi.status, VOLUMES_CHANGE) || !isOver || !isLater) return;
    if (this.strays(vmi, guest).length > 0) return;
    this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, ({ status, spec }) => {
      if (!status || !isDeepStrictEqual(status.migratedVolumes ?? [], migratedVolumes)) return;
      delete status.migratedVolumes;
      removeCondition(status, VOLUMES_CHANGE);
      for (const told of status.volumeStatus ?? []) {
        const volume = spec.volumes?.find((candidate) => candidate.name === told.name);
        if (volume && claimName(volume))
          Object.assign(told, claimInfo(claimOf(this.cluster, namespace, volume)));
      }
    });
  }

  /** The disks that lie elsewhere than on the claims that the instance names. */
  private strays(
    vmi: VirtualMachineInstance,
    guest: Guest,
  ): { disk: string; claim: PersistentVolumeClaim }[] {
    return (vmi.spec.volumes ?? []).flatMap((volume) => {
      if (isHotpluggable(volume) || volume.ephemeral || volume.memoryDump) return [];
      const claim = claimOf(this.cluster, vmi.metadata.namespace ?? '', volume);
      const disk = guest.spec.disks.find(({ name }) => name === volume.name);
      if (!claim || !disk || disk.path === claimFile(this.directory, claim)) return [];
      return [{ disk: disk.name, claim }];
    });
  }

  private async bring(vmi: VirtualMachineInstance, guest: Guest): Promise<void> {
    const { uid } = vmi.metadata;
    const move = new AbortController();
    this.running.set(uid, move);
    try {
      for (const { disk, claim } of this.strays(vmi, guest)) {
        await this.mirror(vmi, guest, disk, claim, move.signal);
      }
    } finally {
      this.running.delete(uid);
    }
  }

  private async mirror(
    vmi: VirtualMachineInstance,
    guest: Guest,
    disk: string,
    claim: PersistentVolumeClaim,
    signal: AbortSignal,
  ): Promise<void> {
    const from = guest.spec.disks.find(({ name }) => name === disk)?.path ?? '';
    const bytes = imageBytes(this.cluster, claim);
    const { size } = await stat(from).catch(() => ({ size: 0 }));
    if (size > bytes) {
      throw new Error(
        `volume ${disk} does not fit: claim ${claim.metadata.name} holds ${bytes} bytes, the disk has ${size}`,
      );
    }
    const target = claimFile(this.directory, claim);
    await this.virtHandler.change(vmi, guest, (record) => {
      const moved = guest.spec.disks.map((known) =>
        known.name === disk ? { ...known, path: target } : known,
      );
      const beforePivot = () => record({ ...guest.spec, disks: moved });
      return guest.mirrorDisk(disk, target, { signal, beforePivot });
    });
    if (size < bytes) await guest.resizeDisk(disk, bytes);
  }

  private fail({ metadata }: VirtualMachineInstance, failureReason: string): void {
    const { namespace, name, uid } = metadata;
    this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, (draft) => {
      const state = draft.status?.migrationState;
      if (draft.metadata.uid !== uid || !isMoving(state) || !state || state.abortRequested) return;
      const time = now();
      Object.assign(state, { startTimestamp: state.startTimestamp ?? time, endTimestamp: time });
      Object.assign(state, { completed: true, failed: true, failureReason });
      delete draft.metadata.labels?.[MIGRATION_TARGET_NODE];
    });
  }
}
