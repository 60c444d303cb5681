import type { KubeVirtConfig } from '../api/admission/config';
import { defaultVirtualMachineInstance } from '../api/admission/vmi-defaults';
import { applyBuiltInDefaults } from '../api/built-in-defaults';
import type { KubeObject } from '../api/objects';
import { setCondition } from '../controllers/conditions';
import * as describe from '../controllers/domain-status';
import { guestNics, standingGuest } from '../controllers/guest-plan';
import { launcherPod } from '../controllers/launcher-pod';
import * as report from '../controllers/pod-status';
import type { PersistentVolumeClaim } from '../controllers/storage-types';
import { timestamp } from '../controllers/time';
import {
  type Pod,
  type VirtualMachine,
  type VirtualMachineInstance,
  VM_GENERATION,
  type Volume,
} from '../controllers/types';
import { pinnedSpec } from '../controllers/vm-instancetype';
import { unpausedGate } from '../controllers/vmi-controller';
import { instanceFrom, revisionName } from '../controllers/vmi-factory';
import { followPod, setPhase } from '../controllers/vmi-status';
import { identity } from './entry';
import { agentFacts } from './guest-agent';
import { OBSERVED } from './machine-objects';
import type { MachinePlan } from './plan';
import type { Random } from './random';

/** Between the steps of a start, as a quiet cluster takes them. */
const SCHEDULED_MS = 1000;
const PULLED_MS = 2000;
const BOOTED_MS = 3000;
const AGENT_MS = 24_000;

/** Where an instance runs. */
export interface Place {
  node: string;
  nodeAddress: string;
  podAddress: string;
}

export interface InstanceFacts {
  config: KubeVirtConfig;
  claimOf: (volume: Volume) => PersistentVolumeClaim | undefined;
  place: Place;
}

/** The instance as virt-controller creates it, without a status beyond the first. */
export function newInstance(
  random: Random,
  plan: MachinePlan,
  vm: VirtualMachine,
  config: KubeVirtConfig,
): VirtualMachineInstance {
  const draft = instanceFrom(vm, { paused: false });
  const domain = (draft.spec as VirtualMachineInstance['spec']).domain as unknown as Record<string, unknown>;
  // What an instance type says is expanded before the instance is made.
  domain.cpu ??= { cores: 1, sockets: plan.size.cpus, threads: 1 };
  domain.memory ??= { guest: `${plan.size.memoryGi}Gi` };
  defaultVirtualMachineInstance(draft, config);
  // Its first phase began when it began.
  const {
    phase: _phase,
    phaseTransitionTimestamps: _times,
    ...early
  } = (draft.status ?? {}) as Record<string, unknown>;
  const { labels = {}, annotations, finalizers = [], ownerReferences = [] } = draft.metadata;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      ...identity(random, { ...plan, bornMs: plan.startedMs, generation: 1 }),
      labels,
      annotations: { ...annotations, ...OBSERVED, [VM_GENERATION]: String(vm.metadata.generation ?? 1) },
      finalizers,
      ownerReferences,
    },
    // Filled in by the defaults above.
    spec: draft.spec as VirtualMachineInstance['spec'],
    status: {
      virtualMachineRevisionName: revisionName(vm),
      guestOSInfo: {},
      ...early,
      runtimeUser: 107,
    },
  };
}

/** The launcher as virt-controller creates it and the API server stores it. */
export function newLauncher(random: Random, vmi: VirtualMachineInstance, bornMs: number): Pod {
  const draft = launcherPod(vmi);
  applyBuiltInDefaults('pods', draft);
  const {
    generateName = '',
    namespace = '',
    labels = {},
    annotations = {},
    ownerReferences = [],
  } = draft.metadata;
  const { uid, resourceVersion, creationTimestamp } = identity(random, { name: '', bornMs });
  return {
    ...draft,
    metadata: {
      name: `${generateName}${random.suffix()}`,
      generateName,
      namespace,
      uid,
      resourceVersion,
      generation: 1,
      creationTimestamp,
      labels,
      annotations,
      ownerReferences,
    },
    spec: draft.spec as Pod['spec'],
    status: draft.status as NonNullable<Pod['status']>,
  };
}

/** Brings pod and instance up, step by step, with the words of kubelet, virt-controller and virt-handler. */
export function bringUp(
  random: Random,
  plan: MachinePlan,
  { vmi, pod }: { vmi: VirtualMachineInstance; pod: Pod },
  { place, claimOf }: InstanceFacts,
): void {
  const at = (milliseconds: number) => timestamp(plan.startedMs + milliseconds);
  const status = vmi.status ?? {};
  vmi.status = status;
  const follow = (launcher: Pod, time: string) =>
    followPod(status, { vmi, pod: launcher, launchers: [launcher], missingClaim: undefined, claimOf, time });
  setPhase(status, 'Pending', at(0));
  follow(pod, at(SCHEDULED_MS));
  runLauncher(pod, place, { scheduled: at(SCHEDULED_MS), started: at(PULLED_MS) });
  follow(pod, at(PULLED_MS));
  describe.describePlacement(status, vmi, claimOf);
  const guest = {
    ...standingGuest(vmi, plan.state === 'paused'),
    nics: guestNics(vmi, place.podAddress),
  };
  describe.describeRunning(status, vmi, guest, at(BOOTED_MS));
  if (plan.state === 'paused') {
    closeGate(pod, at(AGENT_MS));
    report.judge(pod.status ?? {}, pod, at(AGENT_MS));
  }
  follow(pod, at(BOOTED_MS));
  // One in twelve guests has no agent.
  if (!random.chance(1 / 12))
    describe.describeAgent(status, guest, agentFacts(guest, plan.system), at(AGENT_MS));
  vmi.metadata.labels = { ...vmi.metadata.labels, 'kubevirt.io/nodeName': place.node };
  vmi.metadata.generation = 9;
  pod.metadata.labels = { ...pod.metadata.labels, 'kubevirt.io/nodeName': place.node };
}

function runLauncher(pod: Pod, place: Place, times: { scheduled: string; started: string }): void {
  const { scheduled, started } = times;
  const status = pod.status ?? {};
  pod.status = status;
  pod.spec.nodeName = place.node;
  setCondition(status, {
    ...{ type: 'PodScheduled', status: 'True', observedGeneration: 1 },
    ...{ lastProbeTime: null, lastTransitionTime: scheduled },
  } as Parameters<typeof setCondition>[1]);
  setCondition(status, { ...unpausedGate(false), lastProbeTime: scheduled, lastTransitionTime: scheduled });
  report.accept(status, pod, place.nodeAddress, scheduled);
  report.startSidecars(status, pod, place.podAddress, scheduled);
  for (const container of pod.spec.initContainers ?? [])
    if (!report.isSidecar(container)) report.completeInit(status, pod, container, started);
  report.startContainers(status, pod, started);
}

function closeGate(pod: Pod, time: string): void {
  setCondition(pod.status ?? {}, { ...unpausedGate(true), lastProbeTime: time, lastTransitionTime: time });
}

/** The spec that an instance was started with, kept for as long as the machine has it. */
export function startRevision(random: Random, vm: VirtualMachine, bornMs: number, owner: object): KubeObject {
  const { namespace } = vm.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      ...identity(random, { name: revisionName(vm), ...(namespace ? { namespace } : {}), bornMs }),
      ownerReferences: [owner as NonNullable<KubeObject['metadata']['ownerReferences']>[number]],
    },
    data: { spec: pinnedSpec(vm) },
    revision: vm.metadata.generation ?? 1,
  };
}
