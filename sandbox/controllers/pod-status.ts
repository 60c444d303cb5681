import { createHash } from 'node:crypto';
import { findCondition, setCondition } from './conditions';
import { imageId } from './images';
import { formatBytes, parseQuantity } from './quantity';
import { QEMU_USER } from './release';
import type { Condition, Container, ContainerState, ContainerStatus, Pod, PodStatus } from './types';

/** What the kubelet reports about a pod, step by step. All functions edit `status` and read the pod's spec. */

const DEVICE_PREFIX = 'devices.kubevirt.io/';

export function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === 'Always';
}

/** The kubelet took the pod on: nothing runs yet. */
export function accept(status: PodStatus, pod: Pod, hostIP: string, time: string): void {
  status.phase = 'Pending';
  status.startTime = time;
  status.hostIP = hostIP;
  status.hostIPs = [{ ip: hostIP }];
  status.observedGeneration = pod.metadata.generation ?? 1;
  Object.assign(status, podResources(pod));
  const waiting = (container: Container) =>
    containerStatus(container, { waiting: { reason: 'PodInitializing' } }, { ready: false, started: false });
  if (pod.spec.initContainers) status.initContainerStatuses = pod.spec.initContainers.map(waiting);
  status.containerStatuses = pod.spec.containers.map(waiting);
  judge(status, pod, time);
}

/** The pod has a network and its sidecars run. */
export function startSidecars(status: PodStatus, pod: Pod, ip: string, time: string): void {
  status.podIP = ip;
  status.podIPs = [{ ip }];
  for (const container of (pod.spec.initContainers ?? []).filter(isSidecar)) {
    enter(status, container, { running: { startedAt: time } }, { ready: true, started: true });
  }
  judge(status, pod, time);
}

/** An init container ran to its end. */
export function completeInit(status: PodStatus, pod: Pod, container: Container, time: string): void {
  const terminated = { exitCode: 0, reason: 'Completed', startedAt: time, finishedAt: time };
  enter(status, container, { terminated }, { ready: true, started: false });
  judge(status, pod, time);
}

export function startContainers(status: PodStatus, pod: Pod, time: string): void {
  for (const container of pod.spec.containers) {
    enter(status, container, { running: { startedAt: time } }, { ready: true, started: true });
  }
  status.phase = 'Running';
  judge(status, pod, time);
}

/** An image cannot be pulled: the container waits. */
export function hold(
  status: PodStatus,
  pod: Pod,
  container: Container,
  waiting: ContainerState['waiting'],
  time: string,
) {
  enter(status, container, { ...(waiting ? { waiting } : {}) }, { ready: false, started: false });
  judge(status, pod, time);
}

/** Every container has ended. */
export function complete(status: PodStatus, pod: Pod, time: string): void {
  const end = (container: Container) => {
    const known = statusOf(status, container);
    if (known?.state.terminated) return;
    const startedAt = known?.state.running?.startedAt ?? time;
    const terminated = { exitCode: 0, reason: 'Completed', startedAt, finishedAt: time };
    enter(status, container, { terminated }, { ready: false, started: false });
  };
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) end(container);
  status.phase = 'Succeeded';
  judge(status, pod, time);
}

/** Brings the pod's conditions up to date with its containers and readiness gates. */
export function judge(status: PodStatus, pod: Pod, time: string): void {
  const generation = pod.metadata.generation ?? 1;
  const say = (type: string, trouble?: { reason: string; message?: string }, ok = !trouble) => {
    const condition: Condition & { observedGeneration: number } = {
      type,
      status: ok ? 'True' : 'False',
      observedGeneration: generation,
      lastProbeTime: null,
      lastTransitionTime: transitionTime(status, type, ok, time),
      ...trouble,
    };
    setCondition(status, condition);
  };
  const done = status.phase === 'Succeeded' || status.phase === 'Failed';
  say('PodReadyToStartContainers', undefined, status.podIP !== undefined && !done);
  if (done) {
    say('Initialized', { reason: 'PodCompleted' }, true);
    say('Ready', { reason: 'PodCompleted' });
    say('ContainersReady', { reason: 'PodCompleted' });
    return;
  }
  const incomplete = (status.initContainerStatuses ?? [])
    .filter(({ ready }) => !ready)
    .map(({ name }) => name);
  say(
    'Initialized',
    incomplete.length > 0 ? named('ContainersNotInitialized', 'incomplete status', incomplete) : undefined,
  );
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const serving = [
    ...(status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
    ...(status.containerStatuses ?? []),
  ];
  const unready = serving.filter(({ ready }) => !ready).map(({ name }) => name);
  const trouble = unready.length > 0 ? named('ContainersNotReady', 'unready status', unready) : undefined;
  say('Ready', trouble ?? closedGate(status, pod));
  say('ContainersReady', trouble);
}

/** Whether the pod was held up by a readiness gate alone that is open now. */
export function opensGate(pod: Pod): boolean {
  const status = pod.status ?? {};
  return (
    findCondition(status, 'Ready')?.reason === 'ReadinessGatesNotReady' &&
    closedGate(status, pod) === undefined
  );
}

function closedGate(status: PodStatus, pod: Pod): { reason: string; message: string } | undefined {
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const found = findCondition(status, conditionType);
    if (found?.status === 'True') continue;
    const message = found
      ? `the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`
      : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`;
    return { reason: 'ReadinessGatesNotReady', message };
  }
  return undefined;
}

function named(reason: string, what: string, names: readonly string[]): { reason: string; message: string } {
  return { reason, message: `containers with ${what}: [${names.join(' ')}]` };
}

function transitionTime(status: PodStatus, type: string, ok: boolean, time: string): string {
  const known = findCondition(status, type);
  return known?.status === (ok ? 'True' : 'False') ? (known.lastTransitionTime ?? time) : time;
}

function statusOf(status: PodStatus, { name }: Container): ContainerStatus | undefined {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].find(
    (known) => known.name === name,
  );
}

function enter(
  status: PodStatus,
  container: Container,
  state: ContainerState,
  flags: { ready: boolean; started: boolean },
): void {
  const next = containerStatus(container, state, flags);
  const replace = (known: ContainerStatus) => (known.name === container.name ? next : known);
  if (status.initContainerStatuses) status.initContainerStatuses = status.initContainerStatuses.map(replace);
  if (status.containerStatuses) status.containerStatuses = status.containerStatuses.map(replace);
}

function containerStatus(
  container: Container,
  state: ContainerState,
  { ready, started }: { ready: boolean; started: boolean },
): ContainerStatus {
  const ran = state.running ?? state.terminated;
  const containerID = `containerd://${hash(`${container.name}${ran?.startedAt}`)}`;
  const devices = Object.keys(container.resources?.limits ?? {}).filter((name) =>
    name.startsWith(DEVICE_PREFIX),
  );
  return {
    name: container.name,
    state: state.terminated ? { terminated: { ...state.terminated, containerID } } : state,
    lastState: {},
    ready,
    restartCount: 0,
    image: container.image,
    imageID: ran ? imageId(container.image, hash) : '',
    ...(ran ? { containerID } : {}),
    started,
    ...(ran && container.resources?.requests ? { allocatedResources: container.resources.requests } : {}),
    ...(ran && container.resources ? { resources: container.resources } : {}),
    ...(container.volumeMounts ? { volumeMounts: container.volumeMounts.map(mountStatus) } : {}),
    ...(ran && isOurUser(container)
      ? { user: { linux: { uid: QEMU_USER, gid: QEMU_USER, supplementalGroups: [QEMU_USER] } } }
      : {}),
    ...(devices.length > 0 ? { allocatedResourcesStatus: devices.map(deviceStatus) } : {}),
  };
}

function isOurUser({ securityContext }: Container): boolean {
  return (securityContext as { runAsUser?: number } | undefined)?.runAsUser === QEMU_USER;
}

function mountStatus({ name, mountPath, readOnly }: { name: string; mountPath: string; readOnly?: boolean }) {
  return { name, mountPath, ...(readOnly ? { readOnly, recursiveReadOnly: 'Disabled' } : {}) };
}

function deviceStatus(name: string) {
  const short = name.slice(DEVICE_PREFIX.length);
  return { name, resources: [{ resourceID: `${short}0`, health: 'Healthy' }] };
}

/** Pod-level sums, as in-place resizing reports them. */
function podResources({ spec }: Pod): object {
  const lasting = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  const requests = sum(lasting.map(({ resources }) => resources?.requests ?? {}));
  const limits = sum(lasting.map(({ resources }) => resources?.limits ?? {}));
  if (Object.keys(requests).length === 0) return {};
  return {
    allocatedResources: requests,
    resources: { requests, ...(Object.keys(limits).length > 0 ? { limits } : {}) },
  };
}

function sum(amounts: readonly Record<string, string>[]): Record<string, string> {
  const total: Record<string, string> = {};
  for (const [name, quantity] of amounts.flatMap((amount) => Object.entries(amount))) {
    const known = total[name];
    if (known === undefined) total[name] = quantity;
    else if (name === 'cpu')
      total[name] = `${Math.round((parseQuantity(known) + parseQuantity(quantity)) * 1000)}m`;
    else total[name] = formatBytes(parseQuantity(known) + parseQuantity(quantity));
  }
  return total;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
