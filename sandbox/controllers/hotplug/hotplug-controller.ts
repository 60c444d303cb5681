import { ApiError } from '../../api/errors';
import type { ClusterApi } from '../../api/objects';
import { claimName, claimOf } from '../claims';
import { createPod } from '../create-pod';
import { currentLauncher, isDown, launchersOf } from '../launchers';
import { isFinal } from '../run-strategy';
import { PVCS } from '../storage-types';
import { type Pod, type VirtualMachineInstance, VMIS, type Volume, type VolumeStatus } from '../types';
import { claimInfo } from '../vmi-status';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { ATTACHMENT_LABEL, attachmentPod, carriedBy, carries } from './attachment-pod';
import { isHotpluggable, volumesToAttach } from './hotplug-volumes';
import { followAttachment, followDetachment, type VolumeNews } from './volume-phases';

const COMPONENT = 'virtualmachine-controller';
const LATENCY_MS = 80;
const RETRY_MS = 5_000;

/** virt-controller's part of hot-plugged volumes: attachment pods beside each launcher, and the volumes' status. */
export class HotplugController {
  private readonly queue = new WorkQueue('hotplug', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
        if (type !== 'DELETED' && concerns(object)) this.queue.add(keyFor(object));
      }),
      cluster.watch<Pod>('pods', ({ object: { metadata } }) => {
        const vm = metadata.labels?.['vm.kubevirt.io/name'];
        if (vm) this.queue.add(`${metadata.namespace}/${vm}`);
        else if (metadata.labels?.['kubevirt.io'] === ATTACHMENT_LABEL) this.touch(metadata.namespace);
      }),
      cluster.watch(PVCS, ({ object: { metadata } }) => this.touch(metadata.namespace)),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private touch(namespace: string | undefined): void {
    for (const vmi of this.cluster.list<VirtualMachineInstance>(VMIS, namespace)) {
      if (concerns(vmi)) this.queue.add(keyFor(vmi));
    }
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (!vmi || isFinal(vmi) || vmi.metadata.deletionTimestamp) return;
    if (vmi.status?.phase !== 'Running' && vmi.status?.phase !== 'Scheduled') return;
    const current = currentLauncher(this.cluster, vmi);
    for (const launcher of launchersOf(this.cluster, vmi)) {
      if (isDown(launcher) || launcher.metadata.deletionTimestamp || !launcher.spec.nodeName) continue;
      if (launcher.status?.phase === 'Running' || launcher !== current) this.attach(key, vmi, launcher);
    }
    if (current) this.report(vmi, current);
  }

  /** One pod carries all volumes; when they change, another takes its place before it goes. */
  private attach(key: string, vmi: VirtualMachineInstance, launcher: Pod): void {
    const { namespace = '' } = vmi.metadata;
    const wanted = volumesToAttach(vmi, launcher).filter((volume) => {
      return claimOf(this.cluster, namespace, volume) !== undefined;
    });
    const present = this.attachmentsOf(launcher).filter(({ metadata }) => !metadata.deletionTimestamp);
    let active = present.find((pod) => carries(pod, wanted));
    if (!active && wanted.length > 0) active = this.create(key, vmi, launcher, wanted);
    if (wanted.length > 0 && active?.status?.phase !== 'Running') return;
    for (const pod of present) {
      if (pod !== active && this.isLetGo(vmi, pod, wanted)) this.remove(vmi, pod);
    }
  }

  /** Whether the volumes that only this pod carries have been taken out of the guest. */
  private isLetGo({ status }: VirtualMachineInstance, pod: Pod, wanted: readonly Volume[]): boolean {
    const kept = new Set(wanted.map(({ name }) => name));
    return carriedBy(pod).every((name) => {
      const known = status?.volumeStatus?.find((volume) => volume.name === name);
      return kept.has(name) || !known || known.phase === 'UnMountedFromPod';
    });
  }

  private create(
    key: string,
    vmi: VirtualMachineInstance,
    launcher: Pod,
    volumes: readonly Volume[],
  ): Pod | undefined {
    try {
      const pod = createPod(this.cluster, attachmentPod(launcher, volumes));
      this.tell(vmi, { reason: 'SuccessfulCreate', message: `Created attachment pod ${pod.metadata.name}` });
      return pod;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = `Error creating attachment pod: ${error.message}`;
      this.cluster.event(vmi, { type: 'Warning', reason: 'FailedCreate', message, component: COMPONENT });
      this.queue.add(key, RETRY_MS);
      return undefined;
    }
  }

  private remove(vmi: VirtualMachineInstance, { metadata }: Pod): void {
    this.cluster.delete('pods', metadata.namespace, metadata.name);
    this.tell(vmi, { reason: 'SuccessfulDelete', message: `Deleted attachment pod ${metadata.name}` });
  }

  private report(vmi: VirtualMachineInstance, launcher: Pod): void {
    const { namespace = '', name } = vmi.metadata;
    const pods = this.attachmentsOf(launcher);
    const news: VolumeNews[] = [];
    this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, (draft) => {
      const known = draft.status?.volumeStatus ?? [];
      const wanted = volumesToAttach(draft, launcher);
      const note = (said: VolumeNews | undefined) => {
        if (said) news.push(said);
      };
      const attached = wanted.map((volume) => {
        const status: VolumeStatus = known.find(({ name }) => name === volume.name) ?? {
          name: volume.name,
          target: '',
        };
        const claim = claimOf(this.cluster, namespace, volume);
        const attachment = bestOf(pods, volume.name);
        note(followAttachment(status, { claim, claimName: claimName(volume) ?? '', attachment }));
        const dump = volume.memoryDump && (status.memoryDumpVolume ?? { claimName: volume.name });
        return { ...status, ...claimInfo(claim), ...(dump ? { memoryDumpVolume: dump } : {}) };
      });
      const rest = known.filter(({ name: of }) => !wanted.some((volume) => volume.name === of));
      const leaving = rest.filter((status) => {
        if (!status.hotplugVolume) return true;
        const attachment = bestOf(pods, status.name);
        if (attachment) note(followDetachment(status, attachment));
        return attachment !== undefined;
      });
      const volumeStatus = [...attached, ...leaving].sort((a, b) => (a.name < b.name ? -1 : 1));
      draft.status = { ...draft.status, volumeStatus };
    });
    for (const said of news) this.tell(vmi, said);
  }

  private attachmentsOf(launcher: Pod): Pod[] {
    return this.cluster.ownedBy<Pod>('pods', launcher.metadata.uid);
  }

  private tell(vmi: VirtualMachineInstance, { reason, message }: VolumeNews): void {
    this.cluster.event(vmi, { type: 'Normal', reason, message, component: COMPONENT });
  }
}

/** Of the attachment pods that carry a volume the one that stays. */
function bestOf(pods: readonly Pod[], volume: string) {
  const carrying = pods.filter((pod) => carriedBy(pod).includes(volume));
  const pod =
    carrying.find(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase === 'Running') ??
    carrying.find(({ metadata }) => !metadata.deletionTimestamp) ??
    carrying[0];
  if (!pod) return undefined;
  const { name, uid, deletionTimestamp } = pod.metadata;
  const ready = pod.status?.containerStatuses?.every((container) => container.ready) ?? false;
  return {
    name,
    uid,
    ready: pod.status?.phase === 'Running' && ready,
    deleting: deletionTimestamp !== undefined,
  };
}

function concerns({ spec, status }: VirtualMachineInstance): boolean {
  return (
    spec.volumes?.some(isHotpluggable) ||
    (status?.volumeStatus?.some(({ hotplugVolume }) => hotplugVolume) ?? false)
  );
}
