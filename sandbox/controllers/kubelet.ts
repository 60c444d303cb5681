import type { ClusterApi, KubeObject } from '../api/objects';
import { clock } from '../clock';
import type { ImageStore } from '../registry/image-store';
import { configTrouble } from './container-config';
import type { DeadNodes } from './dead-nodes';
import { containerDiskOf, ImagePulls } from './image-pulls';
import { pullFailure } from './images';
import { hasGuestLeft, holdsGuest } from './launchers';
import { attach, NETWORK_STATUS } from './multus';
import { ATTACHMENT_DEFINITIONS } from './networks/attachment-config';
import { PodAddresses } from './pod-addresses';
import * as report from './pod-status';
import { isFinal } from './run-strategy';
import { now } from './time';
import {
  type Container,
  type Node,
  type Pod,
  type PodStatus,
  type VirtualMachineInstance,
  VMIS,
} from './types';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const LATENCY_MS = 30;
const FIRST_PULL_MS = 500;
/** From the end of the guest to the end of its pod: the instance is final and still there for that long. */
const ENDING_MS = 900;
const REMOVAL_MS = 150;
/** A readiness gate that opens is noticed with the next sync of the pod; one that closes at once. */
const GATE_OPENS_MS = 1000;
const FIRST_PULL_RETRY_MS = 10_000;
const LAST_PULL_RETRY_MS = 300_000;
const BACK_OFF_SHOWS_MS = 1500;
const SANDBOX_RETRY_MS = 12_000;
const MOUNT_RETRY_MS = 120_000;

interface PullTrouble {
  failures: number;
  reason: 'ErrImagePull' | 'ErrImageNeverPull';
  message: string;
  failedAt: number;
  retryAt: number;
}

/** The kubelets of all nodes: brings pods up and down in the steps that watchers of a real cluster see. */
export class Kubelet {
  private readonly queue = new WorkQueue('kubelet', (key) => this.reconcile(key), LATENCY_MS);
  private readonly addresses: PodAddresses;
  private readonly pulls: ImagePulls;
  private readonly pulled = new Set<string>();
  private readonly pullTroubles = new Map<string, PullTrouble>();
  private readonly endingSince = new Map<string, number>();
  private readonly gateOpenSince = new Map<string, number>();
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly deadNodes: DeadNodes,
    images: ImageStore,
  ) {
    this.pulls = new ImagePulls(cluster, images);
    this.addresses = new PodAddresses(cluster);
    const retryPending = ({ object }: { object: KubeObject }) => {
      for (const pod of cluster.list<Pod>('pods', object.metadata.namespace)) {
        if (pod.spec.nodeName && pod.status?.phase === 'Pending') this.queue.add(keyFor(pod));
      }
    };
    this.stops = [
      deadNodes.watch((node) => {
        for (const pod of cluster.list<Pod>('pods')) {
          if (pod.spec.nodeName === node) this.queue.add(keyFor(pod));
        }
      }),
      cluster.watch<Pod>('pods', ({ type, object }) => {
        if (type === 'DELETED') this.forget(object);
        else if (object.spec.nodeName) this.queue.add(keyFor(object));
      }),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
        const ended = type === 'DELETED' || isFinal(object);
        if (ended || object.status?.migrationState?.endTimestamp) this.wakeLaunchers(object);
      }),
      cluster.watch('secrets', retryPending),
      cluster.watch('configmaps', retryPending),
      cluster.watch(ATTACHMENT_DEFINITIONS, () => {
        for (const pod of cluster.list<Pod>('pods')) if (isHeld(pod)) this.queue.add(keyFor(pod));
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.addresses.close();
    this.queue.close();
  }

  private wakeLaunchers({ metadata }: VirtualMachineInstance): void {
    for (const pod of this.cluster.ownedBy<Pod>('pods', metadata.uid)) this.queue.add(keyFor(pod));
  }

  private forget(pod: Pod): void {
    const { metadata } = pod;
    this.pulls.forget(pod);
    this.pullTroubles.delete(metadata.uid);
    this.endingSince.delete(metadata.uid);
    this.gateOpenSince.delete(metadata.uid);
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const pod = this.cluster.get<Pod>('pods', namespace, name);
    if (!pod?.spec.nodeName || this.deadNodes.has(pod.spec.nodeName)) return;
    const phase = pod.status?.phase ?? 'Pending';
    if (pod.metadata.deletionTimestamp || this.hasGuestEnded(pod)) this.end(key, pod);
    else if (phase === 'Pending') this.start(key, pod);
    else if (phase === 'Running') this.keepReady(key, pod);
  }

  private keepReady(key: string, pod: Pod): void {
    const { uid } = pod.metadata;
    if (!report.opensGate(pod)) {
      this.gateOpenSince.delete(uid);
    } else {
      const since = this.gateOpenSince.get(uid) ?? clock.millis();
      this.gateOpenSince.set(uid, since);
      const left = since + GATE_OPENS_MS - clock.millis();
      if (left > 0) {
        this.queue.add(key, left);
        return;
      }
    }
    this.write(pod, (status) => report.judge(status, pod, now()));
  }

  /** One step towards Running. */
  private start(key: string, pod: Pod): void {
    const { status } = pod;
    const node = pod.spec.nodeName ?? '';
    if (!status?.startTime) {
      this.write(pod, (draft) => report.accept(draft, pod, this.hostAddress(node), now()));
      return;
    }
    const lost = this.missingMount(pod);
    if (lost) {
      this.tell(pod, 'Warning', 'FailedMount', lost);
      this.queue.add(key, MOUNT_RETRY_MS);
      return;
    }
    if (!status.podIP) {
      const ip = pod.spec.hostNetwork ? this.hostAddress(node) : this.addresses.next(node);
      if (!this.attachNetworks(key, pod, ip)) return;
      this.write(pod, (draft) => report.startSidecars(draft, pod, ip, now()));
      for (const container of (pod.spec.initContainers ?? []).filter(report.isSidecar))
        this.tellStarted(pod, presence(container.image));
      return;
    }
    const init = (pod.spec.initContainers ?? []).find((container) => this.isWaiting(status, container));
    if (init) {
      if (this.pull(key, pod, init)) this.write(pod, (draft) => report.completeInit(draft, pod, init, now()));
      return;
    }
    if (!pod.spec.containers.every((container) => this.pull(key, pod, container))) return;
    const trouble = configTrouble(this.cluster, pod);
    if (trouble) {
      const { container, message } = trouble;
      const waiting = { reason: 'CreateContainerConfigError', message };
      // Whoever makes what is missing wakes this.
      if (this.write(pod, (draft) => report.hold(draft, pod, container, waiting, now())))
        this.tell(pod, 'Warning', 'Failed', `Error: ${message}`);
      return;
    }
    this.write(pod, (draft) => report.startContainers(draft, pod, now()));
  }

  /** Multus has its say before the pod's sandbox stands. */
  private attachNetworks(key: string, pod: Pod, ip: string): boolean {
    const attached = attach(this.cluster, pod, ip);
    if (!attached) return true;
    if ('failure' in attached) {
      this.tell(pod, 'Warning', 'FailedCreatePodSandBox', attached.failure);
      this.queue.add(key, SANDBOX_RETRY_MS);
      return false;
    }
    this.cluster.update<Pod>('pods', pod.metadata.namespace, pod.metadata.name, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [NETWORK_STATUS]: attached.status };
    });
    return true;
  }

  private isWaiting(status: PodStatus, { name }: Container): boolean {
    return status.initContainerStatuses?.find((known) => known.name === name)?.state.waiting !== undefined;
  }

  /** Whether the image is there; otherwise the pull goes on, or fails and is tried again later. */
  private pull(key: string, pod: Pod, container: Container): boolean {
    const { image } = container;
    const trouble = this.pullTroubles.get(pod.metadata.uid);
    if (trouble && trouble.retryAt > clock.millis()) {
      this.backOff(key, pod, container, trouble);
      return false;
    }
    const vmi = this.instanceOf(pod);
    const disk = containerDiskOf(vmi, container);
    if (vmi && disk) return this.pullDisk(key, pod, container, vmi, disk.path);
    const failure = pullFailure(image, { bootable: vmi !== undefined });
    if (failure) {
      this.tell(pod, 'Normal', 'Pulling', `Pulling image "${image}"`);
      this.failPull(key, pod, container, { reason: 'ErrImagePull', message: failure });
      return false;
    }
    const place = `${pod.spec.nodeName} ${image}`;
    if (this.pulled.has(place)) {
      this.tellStarted(pod, presence(image));
      return true;
    }
    this.pulled.add(place);
    this.tell(pod, 'Normal', 'Pulling', `Pulling image "${image}"`);
    this.queue.add(key, FIRST_PULL_MS);
    return false;
  }

  /** A container disk's image really comes from its registry, where one answers. */
  private pullDisk(
    key: string,
    pod: Pod,
    container: Container,
    vmi: VirtualMachineInstance,
    path: string | undefined,
  ): boolean {
    const outcome = this.pulls.look(pod, container, path, {
      onStep: () => this.queue.add(key),
      tell: (type, reason, message) => this.tell(pod, type, reason, message),
    });
    if (outcome.kind === 'failed') this.failPull(key, pod, container, outcome);
    if (outcome.kind === 'pulling' && outcome.waitMs !== undefined) this.queue.add(key, outcome.waitMs);
    if (outcome.kind !== 'ready') return false;
    if (outcome.standIn) {
      const host = pod.spec.nodeName;
      const what = { type: 'Normal', reason: 'BuiltInGuest', message: outcome.standIn } as const;
      this.cluster.event(vmi, { ...what, component: 'kubelet', ...(host ? { host } : {}) });
    }
    if (outcome.message) this.tellStarted(pod, outcome.message);
    return true;
  }

  private failPull(
    key: string,
    pod: Pod,
    container: Container,
    { reason, message }: { reason: PullTrouble['reason']; message: string },
  ): void {
    const { uid } = pod.metadata;
    const failures = (this.pullTroubles.get(uid)?.failures ?? 0) + 1;
    const pause = Math.min(LAST_PULL_RETRY_MS, FIRST_PULL_RETRY_MS * 2 ** (failures - 1));
    const failedAt = clock.millis();
    this.pullTroubles.set(uid, { failures, reason, message, failedAt, retryAt: failedAt + pause });
    if (reason === 'ErrImageNeverPull') this.tell(pod, 'Warning', reason, message);
    else this.tell(pod, 'Warning', 'Failed', `Failed to pull image "${container.image}": ${message}`);
    this.tell(pod, 'Warning', 'Failed', `Error: ${reason}`);
    if (failures === 1) {
      this.write(pod, (draft) => report.hold(draft, pod, container, { reason, message }, now()));
    }
    this.queue.add(key, BACK_OFF_SHOWS_MS);
  }

  private backOff(key: string, pod: Pod, container: Container, trouble: PullTrouble): void {
    const { image } = container;
    const due = trouble.retryAt - clock.millis();
    const shown = clock.millis() - trouble.failedAt;
    // Nothing is pulled that never may be: the kubelet looks again and finds the same.
    if (shown < BACK_OFF_SHOWS_MS || trouble.reason === 'ErrImageNeverPull') {
      this.queue.add(
        key,
        Math.max(BACK_OFF_SHOWS_MS - shown, trouble.reason === 'ErrImageNeverPull' ? due : 0),
      );
      return;
    }
    const message = `Back-off pulling image "${image}": ${trouble.reason}: ${trouble.message}`;
    const waiting = { reason: 'ImagePullBackOff', message };
    const changed = this.write(pod, (draft) => report.hold(draft, pod, container, waiting, now()));
    if (changed) {
      this.tell(pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
      this.tell(pod, 'Warning', 'Failed', 'Error: ImagePullBackOff');
    }
    this.queue.add(key, due);
  }

  /** One step towards the end: containers stop when the guest has, then the pod goes. */
  private end(key: string, pod: Pod): void {
    const { uid, deletionTimestamp } = pod.metadata;
    const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (!finished) {
      const overdue = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) <= clock.millis();
      if (!overdue && this.hasLiveGuest(pod)) {
        if (deletionTimestamp) this.queue.add(key, Date.parse(deletionTimestamp) - clock.millis());
        return;
      }
      const since = this.endingSince.get(uid) ?? clock.millis();
      if (!this.endingSince.has(uid)) this.tellStopping(pod);
      this.endingSince.set(uid, since);
      const left = since + (pod.status?.podIP ? ENDING_MS : 0) - clock.millis();
      if (left > 0) {
        this.queue.add(key, left);
        return;
      }
      this.write(pod, (draft) => report.complete(draft, pod, now()));
      if (deletionTimestamp) this.queue.add(key, REMOVAL_MS);
      return;
    }
    if (!deletionTimestamp) return;
    this.cluster.delete('pods', pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0 });
  }

  private hasGuestEnded(pod: Pod): boolean {
    const vmi = this.instanceOf(pod);
    return vmi !== undefined && hasGuestLeft(pod, vmi);
  }

  private hasLiveGuest(pod: Pod): boolean {
    const vmi = this.instanceOf(pod);
    return vmi !== undefined && holdsGuest(pod, vmi);
  }

  private instanceOf({ metadata }: Pod): VirtualMachineInstance | undefined {
    const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'VirtualMachineInstance');
    const vmi = owner && this.cluster.get<VirtualMachineInstance>(VMIS, metadata.namespace, owner.name);
    return vmi?.metadata.uid === owner?.uid ? vmi : undefined;
  }

  private missingMount({ metadata, spec }: Pod): string | undefined {
    for (const { name, secret, configMap } of spec.volumes ?? []) {
      const failed = `MountVolume.SetUp failed for volume "${name}"`;
      if (secret && !secret.optional && !this.cluster.get('secrets', metadata.namespace, secret.secretName)) {
        return `${failed} : secret "${secret.secretName}" not found`;
      }
      if (
        configMap &&
        !configMap.optional &&
        !this.cluster.get('configmaps', metadata.namespace, configMap.name)
      ) {
        return `${failed} : configmap "${configMap.name}" not found`;
      }
    }
    return undefined;
  }

  private hostAddress(node: string): string {
    const addresses = this.cluster.get<Node>('nodes', undefined, node)?.status?.addresses;
    return addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '127.0.0.1';
  }

  private write(pod: Pod, change: (status: PodStatus) => void): boolean {
    const { namespace, name } = pod.metadata;
    const before = this.cluster.get<Pod>('pods', namespace, name)?.metadata.resourceVersion;
    const after = this.cluster.update<Pod>('pods', namespace, name, (draft) => {
      draft.status ??= {};
      change(draft.status);
    });
    return after?.metadata.resourceVersion !== before;
  }

  private tellStarted(pod: Pod, pulled: string): void {
    this.tell(pod, 'Normal', 'Pulled', pulled);
    this.tell(pod, 'Normal', 'Created', 'Container created');
    this.tell(pod, 'Normal', 'Started', 'Container started');
  }

  private tellStopping(pod: Pod): void {
    if (!pod.metadata.deletionTimestamp) return;
    for (const { name } of pod.spec.containers)
      this.tell(pod, 'Normal', 'Killing', `Stopping container ${name}`);
  }

  private tell(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const host = pod.spec.nodeName;
    this.cluster.event(pod, { type, reason, message, component: 'kubelet', ...(host ? { host } : {}) });
  }
}

function presence(image: string): string {
  return `Container image "${image}" already present on machine and can be accessed by the pod`;
}

/** A pod that a node has taken and that has no network yet. */
function isHeld({ spec, status }: Pod): boolean {
  return spec.nodeName !== undefined && status?.phase === 'Pending' && !status.podIP;
}
