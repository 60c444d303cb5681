import { RESOURCES } from '@/lib/kinds/resources';
import type { Text } from '@/lib/text';
import { text } from '@/lib/text';
import { parseQuantity } from '@/lib/units';
import {
  type ClaimVolume,
  type Evidence,
  isRunning,
  isWanted,
  phaseSince,
  podEvents,
  secondsSince,
  vmiCondition,
} from './evidence';
import type { Finding, ObjectLink, StepId } from './finding';
import { agentConnected, hasBooted } from './guest-causes';
import { sourceOf } from './volume-causes';

export type StepState = 'done' | 'doing' | 'waiting' | 'failed' | 'unknown';

/** One volume on its way to its bytes. */
export interface VolumePart {
  volume: string;
  object: ObjectLink;
  state: StepState;
  sentence: Text;
  /** From 0 to 100, while bytes come. */
  percent?: number;
  /** Bytes of the volume as it was asked for. */
  size?: number;
  /** Seconds that are left if it goes on like this. */
  leftS?: number;
}

export interface Step {
  id: StepId;
  state: StepState;
  /** What of it is so, in a sentence. */
  sentence: Text;
  /** RFC 3339. */
  since?: string;
  until?: string;
  objects: readonly ObjectLink[];
  parts?: VolumePart[];
}

/** What a guest without an agent gets before it counts as one that has none. */
const AGENT_PATIENCE_S = 180;
const BOOT_PATIENCE_S = 180;

/** The way of a VM from its volumes to the word of its agent, as far as it has come. `told` is said above them already. */
export function stepsOf(e: Evidence, findings: readonly Finding[], told: Finding | undefined): Step[] {
  const steps = [
    volumesStep(e),
    instanceStep(e),
    schedulingStep(e),
    launcherStep(e),
    bootStep(e),
    agentStep(e),
  ];
  return steps.map((step) => {
    const stopping = findings.find(
      ({ step: of, severity }) => of === step.id && (severity === 'broken' || severity === 'waiting'),
    );
    if (!stopping) return step;
    const state = stopping.severity === 'waiting' ? 'waiting' : 'failed';
    const { until: _, ...rest } = step;
    return { ...rest, state, ...(stopping === told ? {} : { sentence: stopping.sentence }) };
  });
}

/** From where to where the total counts: a machine's first start begins with its volumes, others with their instance. */
export function totalOf(e: Evidence, steps: readonly Step[]): { since?: string; until?: string } {
  if (!e.vmi) return {};
  const born = e.vm.metadata.creationTimestamp;
  const made = e.vmi.metadata.creationTimestamp;
  const volumes = steps.find(({ id }) => id === 'volumes');
  const before = Date.parse(volumes?.until ?? born);
  const isFirst = Date.parse(made) - Math.max(before, Date.parse(born)) < 60_000;
  const end = steps.findLast(({ until }) => until !== undefined)?.until;
  const over = steps.every(({ state }) => state === 'done') || (hasBooted(e) && end !== undefined);
  return { since: isFirst ? born : made, ...(over && end ? { until: end } : {}) };
}

function volumesStep(e: Evidence): Step {
  const parts = e.claims.map((volume) => volumePart(e, volume));
  const base = { id: 'volumes', objects: parts.map(({ object }) => object) } as const;
  if (parts.length === 0)
    return { ...base, state: 'done', sentence: text('diagnose.step.volumes.none'), objects: [] };
  const open = parts.filter(({ state }) => state !== 'done');
  const since = e.claims
    .map(({ dv, pvc }) => (dv ?? pvc)?.metadata.creationTimestamp ?? '')
    .filter(Boolean)
    .sort()[0];
  const from = since ? { since } : {};
  if (open.length === 0) {
    const until = e.claims.map(readySince).filter(Boolean).sort().at(-1);
    return {
      ...base,
      ...from,
      ...(until ? { until } : {}),
      state: 'done',
      sentence: text('diagnose.step.volumes.done', { count: parts.length }),
      parts,
    };
  }
  const state = open.some((part) => part.state === 'doing')
    ? 'doing'
    : open.every((part) => part.state === 'unknown')
      ? 'unknown'
      : 'waiting';
  return {
    ...base,
    ...from,
    state,
    sentence: text('diagnose.step.volumes.open', { open: open.length, count: parts.length }),
    parts,
  };
}

function readySince({ dv, pvc }: ClaimVolume): string {
  const ready = dv?.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'True');
  return ready?.lastTransitionTime ?? (dv ?? pvc)?.metadata.creationTimestamp ?? '';
}

function volumePart(e: Evidence, { name, claim, dv, pvc, isMissing }: ClaimVolume): VolumePart {
  const { namespace } = e.target;
  const object: ObjectLink = dv
    ? { resource: RESOURCES.dataVolumes, namespace, name: claim }
    : { resource: RESOURCES.persistentVolumeClaims, namespace, name: claim };
  const asked = dv?.spec?.storage ?? dv?.spec?.pvc ?? pvc?.spec;
  const size = parseQuantity(asked?.resources?.requests?.storage ?? pvc?.status?.capacity?.storage);
  const base = { volume: name, object, ...(size === undefined ? {} : { size }) };
  const phase = dv?.status?.phase;
  if (dv && phase !== 'Succeeded') {
    const percent = Number.parseFloat(dv.status?.progress ?? '');
    const running = dv.status?.conditions?.find(({ type }) => type === 'Running');
    const spent = running?.status === 'True' ? secondsSince(e, running.lastTransitionTime) : 0;
    const isMoving = Number.isFinite(percent) && percent > 0;
    const waits = phase === 'WaitForFirstConsumer' || phase === 'PendingPopulation' || phase === 'Paused';
    const failed = phase === 'Failed' || (running?.status === 'False' && running.reason === 'Error');
    return {
      ...base,
      state: failed ? 'failed' : waits ? 'waiting' : 'doing',
      sentence: waits
        ? text('diagnose.step.volumes.consumer', { volume: name, claim })
        : text('diagnose.step.volumes.filling', {
            volume: name,
            claim,
            source: sourceOf(dv),
            phase: phase || 'Pending',
          }),
      ...(isMoving ? { percent: Math.min(100, percent) } : {}),
      ...(isMoving && spent >= 2 && percent < 100
        ? { leftS: Math.ceil((spent * (100 - percent)) / percent) }
        : {}),
    };
  }
  if (pvc?.status?.phase === 'Bound')
    return { ...base, state: 'done', sentence: text('diagnose.step.volumes.bound', { volume: name, claim }) };
  if (pvc)
    return {
      ...base,
      state: pvc.status?.phase === 'Lost' ? 'failed' : 'waiting',
      sentence: text('diagnose.step.volumes.pending', { volume: name, claim }),
    };
  if (isMissing)
    return {
      ...base,
      state: 'waiting',
      sentence: text('diagnose.step.volumes.missing', { volume: name, claim }),
    };
  return {
    ...base,
    state: 'unknown',
    sentence: text('diagnose.step.volumes.unknown', { volume: name, claim }),
  };
}

function instanceStep(e: Evidence): Step {
  const { vmi, vm, target } = e;
  const base = {
    id: 'instance',
    objects: [{ resource: RESOURCES.virtualMachineInstances, ...target }],
  } as const;
  if (!vmi) {
    const object: ObjectLink = { resource: RESOURCES.virtualMachines, ...target };
    const none = { ...base, objects: [object], state: 'waiting' } as const;
    return {
      ...none,
      sentence: text(isWanted(e) ? 'diagnose.step.instance.awaited' : 'diagnose.step.instance.off'),
    };
  }
  const until = phaseSince(e, 'Scheduling') ?? e.pod?.metadata.creationTimestamp;
  const since = vmi.metadata.creationTimestamp;
  if (until || isRunning(e))
    return {
      ...base,
      state: 'done',
      since,
      ...(until ? { until } : {}),
      sentence: text('diagnose.step.instance.done'),
    };
  if (e.facts.vmi?.phase === 'Succeeded' || e.facts.vmi?.phase === 'Failed')
    return {
      ...base,
      state: 'done',
      since,
      sentence: text('diagnose.step.instance.over', { phase: e.facts.vmi.phase }),
    };
  return {
    ...base,
    state: 'doing',
    since: since ?? vm.metadata.creationTimestamp,
    sentence: text('diagnose.step.instance.doing'),
  };
}

function schedulingStep(e: Evidence): Step {
  const { pod, vmi } = e;
  const node = vmi?.status?.nodeName ?? pod?.spec?.nodeName;
  const objects: ObjectLink[] = node ? [{ resource: RESOURCES.nodes, name: node }] : [];
  const base = { id: 'scheduling', objects } as const;
  const scheduled = pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const since = pod?.metadata.creationTimestamp ?? phaseSince(e, 'Scheduling');
  const from = since ? { since } : {};
  if (node) {
    const until = scheduled?.status === 'True' ? scheduled.lastTransitionTime : undefined;
    return {
      ...base,
      ...from,
      ...(until ? { until } : {}),
      state: 'done',
      sentence: text('diagnose.step.scheduling.done', { node }),
    };
  }
  if (!pod)
    return {
      ...base,
      state: vmi && isPast(e, 'Scheduling') ? 'unknown' : 'waiting',
      sentence: text('diagnose.step.scheduling.waiting'),
    };
  return { ...base, ...from, state: 'doing', sentence: text('diagnose.step.scheduling.doing') };
}

function isPast(e: Evidence, phase: string): boolean {
  return phaseSince(e, phase) !== undefined;
}

function launcherStep(e: Evidence): Step {
  const { pod, target } = e;
  const objects: ObjectLink[] = pod
    ? [{ resource: RESOURCES.pods, namespace: target.namespace, name: pod.metadata.name }]
    : [];
  const base = { id: 'launcher', objects } as const;
  const placed = pod?.status?.conditions?.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'True',
  );
  const since = placed?.lastTransitionTime ?? pod?.status?.startTime;
  const from = since ? { since } : {};
  const until = phaseSince(e, 'Scheduled');
  if (until || isRunning(e))
    return {
      ...base,
      ...from,
      ...(until ? { until } : {}),
      state: 'done',
      sentence: text('diagnose.step.launcher.done'),
    };
  if (!pod?.spec?.nodeName)
    return { ...base, state: 'waiting', sentence: text('diagnose.step.launcher.waiting') };
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const open = all.filter(({ ready, state }) => !ready && !state?.terminated).length;
  // The newest of the kubelet's words on images says what it pulls now.
  const [pull] = podEvents(e, 'Pulling', 'Pulled');
  const image = pull?.reason === 'Pulling' ? /image "([^"]+)"/.exec(pull.message ?? '')?.[1] : undefined;
  if (image)
    return { ...base, ...from, state: 'doing', sentence: text('diagnose.step.launcher.pulling', { image }) };
  return {
    ...base,
    ...from,
    state: 'doing',
    sentence: text('diagnose.step.launcher.doing', { open, count: all.length }),
  };
}

function bootStep(e: Evidence): Step {
  const base = { id: 'boot', objects: [] } as const;
  const since = phaseSince(e, 'Running');
  if (!isRunning(e)) return { ...base, state: 'waiting', sentence: text('diagnose.step.boot.waiting') };
  const from = since ? { since } : {};
  if (hasBooted(e)) {
    const until = agentSince(e);
    return {
      ...base,
      ...from,
      ...(until ? { until } : {}),
      state: 'done',
      sentence: text('diagnose.step.boot.done', { by: until ? 'agent' : 'login' }),
    };
  }
  if (secondsSince(e, since) > BOOT_PATIENCE_S)
    return { ...base, ...from, state: 'unknown', sentence: text('diagnose.step.boot.unknown') };
  return {
    ...base,
    ...from,
    state: 'doing',
    sentence: text('diagnose.step.boot.doing', { seen: e.serial === undefined ? 'no' : 'yes' }),
  };
}

function agentStep(e: Evidence): Step {
  const base = { id: 'agent', objects: [] } as const;
  const since = phaseSince(e, 'Running');
  if (!isRunning(e)) return { ...base, state: 'waiting', sentence: text('diagnose.step.agent.waiting') };
  const from = since ? { since } : {};
  if (agentConnected(e)) {
    const until = agentSince(e);
    return {
      ...base,
      ...from,
      ...(until ? { until } : {}),
      state: 'done',
      sentence: text('diagnose.step.agent.done'),
    };
  }
  if (secondsSince(e, since) > AGENT_PATIENCE_S)
    return { ...base, state: 'unknown', sentence: text('diagnose.step.agent.none') };
  return { ...base, ...from, state: 'doing', sentence: text('diagnose.step.agent.doing') };
}

function agentSince(e: Evidence): string | undefined {
  return vmiCondition(e, 'AgentConnected')?.lastTransitionTime ?? undefined;
}
