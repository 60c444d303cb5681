import type { ClusterApi } from '../../api/objects';
import type { Guest, GuestDisk, Hypervisor } from '../../guests/hypervisor';
import { imageBytes } from '../claim-image';
import { claimName, claimOf } from '../claims';
import { claimImage } from '../guest-files';
import { deviceOf } from '../guest-plan';
import { isFinal } from '../run-strategy';
import type { Disk, VirtualMachineInstance, Volume, VolumeStatus } from '../types';
import { VMIS } from '../types';
import type { VirtHandler } from '../virt-handler';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { bootTargets, nextTarget } from './hotplug-volumes';

const LATENCY_MS = 150;
const RETRY_MS = 5_000;
const MOUNTABLE = ['AttachedToNode', 'UnMountedFromPod'];

/** virt-handler's part of hot-plugged volumes: from the node into the launcher, from there into the guest, and back. */
export class HotplugHandler {
  private readonly queue = new WorkQueue('hotplug handler', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
    private readonly hypervisor: Hypervisor,
    private readonly directory: string,
  ) {
    this.stop = cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
      const hotplugged = object.status?.volumeStatus?.some(({ hotplugVolume }) => hotplugVolume);
      if (type !== 'DELETED' && hotplugged) this.queue.add(keyFor(object));
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
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) {
      this.queue.add(key, RETRY_MS);
      return;
    }
    for (const status of vmi.status.volumeStatus ?? []) {
      if (!status.hotplugVolume) continue;
      const volume = vmi.spec.volumes?.find((candidate) => candidate.name === status.name);
      const disk = vmi.spec.domain.devices.disks?.find((candidate) => candidate.name === status.name);
      if (volume && disk) await this.plug(key, vmi, guest, { status, volume, disk });
      else if (!volume) await this.unplug(key, vmi, guest, status);
    }
  }

  private async plug(
    key: string,
    vmi: VirtualMachineInstance,
    guest: Guest,
    { status, volume, disk }: { status: VolumeStatus; volume: Volume; disk: Disk },
  ): Promise<void> {
    const { phase, name } = status;
    if (phase && MOUNTABLE.includes(phase)) {
      if (!status.hotplugVolume?.attachPodUID) return;
      const claim = claimOf(this.cluster, vmi.metadata.namespace ?? '', volume);
      if (!claim || (await claimImage(this.directory, claim)) === undefined) {
        const why = `failed to mount filesystem hotplug volume ${name}: lstat disk.img: no such file or directory`;
        this.tell(vmi, 'HotplugFailed', why, 'Warning');
        this.queue.add(key, RETRY_MS);
        return;
      }
      const message = `Volume ${name} has been mounted in virt-launcher pod`;
      this.change(vmi, name, { phase: 'MountedToPod', reason: 'VolumeMountedToPod', message });
      this.tell(vmi, 'VolumeMountedToPod', message);
      return;
    }
    const drive = guest.spec.disks.find((known) => known.name === name);
    const present = drive !== undefined && drive.path !== '';
    if (phase !== 'MountedToPod' && (phase !== 'Ready' || present)) return;
    if (!present) {
      const medium = await this.diskOf(vmi, volume, disk);
      await this.virtHandler.change(vmi, guest, () =>
        drive ? guest.insertDisk(medium) : guest.plugDisk(medium),
      );
    }
    if (phase === 'Ready') return;
    const message = `Successfully attach hotplugged volume ${name} to VM`;
    this.change(vmi, name, (current) => ({
      phase: 'Ready',
      reason: 'VolumeReady',
      message,
      target: nextTarget(disk, takenTargets(current)),
    }));
    this.tell(vmi, 'VolumeReady', message);
  }

  private async unplug(
    key: string,
    vmi: VirtualMachineInstance,
    guest: Guest,
    { name, phase, target }: VolumeStatus,
  ): Promise<void> {
    if (phase === 'UnMountedFromPod') return;
    const kept = vmi.spec.domain.devices.disks?.some((disk) => disk.name === name && disk.cdrom);
    const drive = guest.spec.disks.find((disk) => disk.name === name);
    if (drive) {
      await this.virtHandler.change(vmi, guest, () =>
        kept ? guest.ejectDisk(name) : guest.unplugDisk(name),
      );
    }
    if (target) {
      this.change(vmi, name, { target: '' });
      this.tell(vmi, 'VolumeUnplugged', `Volume ${name} has been unplugged`);
      this.queue.add(key);
      return;
    }
    const message = `Volume ${name} has been unmounted from virt-launcher pod`;
    this.change(vmi, name, { phase: 'UnMountedFromPod', reason: 'VolumeUnMountedFromPod', message });
    this.tell(vmi, 'VolumeUnMountedFromPod', message);
  }

  private async diskOf(vmi: VirtualMachineInstance, volume: Volume, disk: Disk): Promise<GuestDisk> {
    const claim = claimOf(this.cluster, vmi.metadata.namespace ?? '', volume);
    const image = claim && (await claimImage(this.directory, claim));
    if (!claim || !image) throw new Error(`claim ${claimName(volume)} has no image to plug in`);
    await this.hypervisor.makeDataDisk(image.path, imageBytes(this.cluster, claim));
    return { name: volume.name, path: image.path, role: 'data', ...deviceOf(disk) };
  }

  private change(
    { metadata }: VirtualMachineInstance,
    name: string,
    change: Partial<VolumeStatus> | ((vmi: VirtualMachineInstance) => Partial<VolumeStatus>),
  ): void {
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      const status = draft.status?.volumeStatus?.find((known) => known.name === name);
      if (status) Object.assign(status, typeof change === 'function' ? change(draft) : change);
    });
  }

  private tell(
    vmi: VirtualMachineInstance,
    reason: string,
    message: string,
    type: 'Normal' | 'Warning' = 'Normal',
  ): void {
    const host = vmi.status?.nodeName;
    this.cluster.event(vmi, { type, reason, message, component: 'virt-handler', ...(host ? { host } : {}) });
  }
}

function takenTargets({ spec, status }: VirtualMachineInstance): string[] {
  const hotplugged = new Set(
    status?.volumeStatus?.filter(({ hotplugVolume }) => hotplugVolume).map(({ name }) => name),
  );
  const lasting = (spec.domain.devices.disks ?? []).filter(({ name }) => !hotplugged.has(name));
  const targets = status?.volumeStatus?.map(({ target }) => target) ?? [];
  return [...targets, ...bootTargets(lasting).values()];
}
