import { isJsonObject, type JsonObject, mappingsAt, wordAt } from '@/lib/k8s/json';
import { RESOURCES } from '@/lib/kinds/resources';
import { GUEST } from './form/field';

/** What a clone is made of: a VM as it is now, or as a snapshot of it kept it. */
export type CloneSource = 'vm' | 'snapshot';

export interface CloneInput {
  namespace: string;
  from: CloneSource;
  /** The name of the VM or of the snapshot. */
  source: string;
  /** The name of the VM that is made. */
  target: string;
}

const SOURCES = {
  vm: RESOURCES.virtualMachines,
  snapshot: RESOURCES.virtualMachineSnapshots,
} as const;

/**
 * The order to KubeVirt's clone controller. No MAC addresses are given, so that the new VM gets its own; labels and
 * annotations come along, as is the API's default.
 */
export function cloneManifest({ namespace, from, source, target }: CloneInput): JsonObject {
  const { group, version, kind } = RESOURCES.virtualMachineClones;
  const of = SOURCES[from];
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { generateName: `clone-${target}-`, namespace },
    spec: {
      source: { apiGroup: of.group, kind: of.kind, name: source },
      target: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: target },
    },
  };
}

export const CLONE_STEPS = ['snapshot', 'restore', 'target'] as const;
export type CloneStep = (typeof CLONE_STEPS)[number];

/** How far a clone is. `stuck`: KubeVirt says what is in the way, and goes on once that is gone. */
export interface CloneProgress {
  state: 'waiting' | 'working' | 'stuck' | 'failed' | 'done';
  steps: { id: CloneStep; state: 'waiting' | 'doing' | 'failed' | 'done' }[];
  /** KubeVirt's own words about what is in the way; empty when nothing is. */
  words: string;
  /** The VM that is made. */
  target: string;
}

const STEP_OF_PHASE: Record<string, CloneStep> = {
  SnapshotInProgress: 'snapshot',
  RestoreInProgress: 'restore',
  CreatingTargetVM: 'target',
};

/** What the conditions say when nothing is wrong (virt-controller's clone package). */
const WELL = ['', 'Still processing', 'Pending', 'Ready'];

/** What a VirtualMachineClone says about itself. */
export function cloneProgress(clone: unknown): CloneProgress {
  const phase = wordAt(clone, ['status', 'phase']);
  const ids = CLONE_STEPS.filter((id) => id !== 'snapshot' || sourceOf(clone) === 'vm');
  const trouble = troubleOf(clone);
  const state =
    phase === 'Succeeded'
      ? 'done'
      : phase === 'Failed'
        ? 'failed'
        : trouble
          ? 'stuck'
          : phase
            ? 'working'
            : 'waiting';
  const at = ids.indexOf(STEP_OF_PHASE[phase] ?? 'snapshot');
  return {
    state,
    steps: ids.map((id, index) => ({ id, state: stepState(state, index, at) })),
    words: state === 'failed' || state === 'stuck' ? trouble : '',
    target: wordAt(clone, ['status', 'targetName']) || wordAt(clone, ['spec', 'target', 'name']),
  };
}

/** `at` is the step under way; below zero where the API does not say which. */
function stepState(
  state: CloneProgress['state'],
  index: number,
  at: number,
): 'waiting' | 'doing' | 'failed' | 'done' {
  if (state === 'done') return 'done';
  if (state === 'waiting') return 'waiting';
  if (index < at) return 'done';
  if (index > Math.max(at, 0)) return 'waiting';
  return state === 'working' ? 'doing' : 'failed';
}

/** What a clone is made of; a VM where that can't be told. */
export function sourceOf(clone: unknown): CloneSource {
  return wordAt(clone, ['spec', 'source', 'kind']) === SOURCES.snapshot.kind ? 'snapshot' : 'vm';
}

/** virt-controller says "Pending" or "Failed" with Progressing, and why with Ready; both are read, the reason first. */
function troubleOf(clone: unknown): string {
  const conditions = mappingsAt(clone, ['status', 'conditions']).filter(({ status }) => status === 'False');
  for (const wanted of ['Ready', 'Progressing']) {
    const condition = conditions.find(({ type }) => type === wanted);
    const [reason, message] = [wordAt(condition, ['reason']), wordAt(condition, ['message'])];
    if (!WELL.includes(reason) || message) return [reason, message].filter(Boolean).join(': ');
  }
  return '';
}

/** What stands in the snapshot that a clone waits for, in KubeVirt's words; empty when nothing does. */
export function snapshotWords(snapshot: unknown): string {
  const error = wordAt(snapshot, ['status', 'error', 'message']);
  if (error) return error;
  // A snapshot's conditions carry their text as the reason.
  const progressing = mappingsAt(snapshot, ['status', 'conditions']).find(
    ({ type }) => type === 'Progressing',
  );
  return wordAt(progressing, ['reason']);
}

/**
 * Volumes whose storage can't snapshot. KubeVirt clones no VM that has one; what is no claim (container disks,
 * cloud-init) is part of the VM itself and comes along.
 */
export function volumesWithoutSnapshots(vm: unknown): { name: string; reason: string }[] {
  const claims = new Set(
    mappingsAt(vm, [...GUEST, 'volumes'])
      .filter(({ persistentVolumeClaim, dataVolume }) =>
        [persistentVolumeClaim, dataVolume].some(isJsonObject),
      )
      .map((volume) => wordAt(volume, ['name'])),
  );
  return mappingsAt(vm, ['status', 'volumeSnapshotStatuses'])
    .filter(({ name, enabled }) => enabled === false && claims.has(String(name)))
    .map((status) => ({ name: wordAt(status, ['name']), reason: wordAt(status, ['reason']) }));
}
