import { isJsonObject, type JsonObject, type JsonPath, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { GUEST, type VmManifest } from './form/field';
import { isDefault, isFilledIn, isNothing, isSameAmount, type Specs } from './pending-defaults';
import { findCondition, type VirtualMachine, type VirtualMachineInstance } from './types';

/** A step to a value: a key, or the entry of a list by its name. */
export type PendingStep = string | { name: string };

/** Something that is stored of a VM and that its running guest doesn't have. */
export interface Pending {
  steps: readonly PendingStep[];
  /** The same in writing: `spec.template.spec.volumes[data].dataVolume.name`. */
  path: string;
  /** Undefined where the guest has none. */
  running: unknown;
  /** Undefined where it was taken out. */
  stored: unknown;
  /** It is on its way into the guest. */
  isUnderWay: boolean;
  /** Whether the running value can be put back: what an instance type brings is not the VM's own. */
  canDiscard: boolean;
}

/** What KubeVirt says about a restart that a VM needs; empty when it says only that. */
export function restartReason({ status }: VirtualMachine): string | undefined {
  const condition = findCondition(status?.conditions, 'RestartRequired');
  return condition && (condition.message ?? '');
}

/**
 * What differs between a VM and its running instance. `expanded` is the VM as the subresource expand-spec gives it;
 * without it, a VM with an instance type or a preference is compared only in what it says itself. What KubeVirt fills
 * in is no difference.
 */
export function pendingChanges(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance,
  expanded?: VirtualMachine,
): Pending[] {
  if (vmi.metadata.deletionTimestamp || ['Succeeded', 'Failed'].includes(vmi.status?.phase ?? '')) return [];
  const own = json(vm.spec.template?.spec);
  const hasMatcher = vm.spec.instancetype !== undefined || vm.spec.preference !== undefined;
  const stored = hasMatcher && expanded ? json(expanded.spec.template?.spec) : own;
  const specs = { stored, running: withoutDump(json(vmi.spec), vm) };
  const matchers = matcherChanges(vm, vmi);
  const found: Pending[] = [];
  compare(stored, specs.running, [], { specs, found });
  const isOwn = ({ steps }: Pending) =>
    !hasMatcher || valueAtSteps(own, steps) !== undefined || isPartOfOwnList(own, steps);
  const changes = found.flatMap((change) => {
    if (isOwn(change)) return [prefixed(change, true)];
    // Another instance type is told once, and not by each of its parts.
    return expanded && matchers.length === 0 ? [prefixed(change, false)] : [];
  });
  return [...matchers, ...changes, ...metadataChanges(vm, vmi), ...underWay(vmi)];
}

/**
 * The VM with what runs put back in place of these changes. `started` is what the ControllerRevision of the instance
 * keeps: the VM as it was started. KubeVirt compares with that one, so what stood there, or didn't, is what is put back.
 */
export function withRunningValues(
  vm: VmManifest,
  changes: readonly Pending[],
  started?: VmManifest,
): VmManifest {
  return changes
    .filter(({ canDiscard }) => canDiscard)
    .reduce((before, { steps, running }) => {
      const path = pathOf(before, steps);
      const next = withValueAt(before, path, isFilled(steps, running, started) ? undefined : running);
      return steps[1] === 'instancetype' || steps[1] === 'preference'
        ? withValueAt(next, ['spec', steps[1], 'revisionName'], undefined)
        : next;
    }, vm);
}

/** Whether KubeVirt has filled in what runs, so that the VM did without. */
function isFilled(steps: readonly PendingStep[], running: unknown, started: VmManifest | undefined): boolean {
  const inside = steps.slice(GUEST.length);
  const specs = { stored: json(valueAt(started, GUEST)), running: {} };
  if (!isDefault(patternOf(inside), running, specs)) return false;
  // Without knowing how it was started, only one CPU of a kind is surely nobody's wish.
  return started ? valueAtSteps(started, steps) === undefined : running === 1;
}

/** Steps with the places of entries in the VM's lists; a new entry's place is the end. */
function pathOf(vm: VmManifest, steps: readonly PendingStep[]): JsonPath {
  const path: (string | number)[] = [];
  for (const step of steps) {
    if (typeof step === 'string') path.push(step);
    else {
      const list = valueAt(vm, path);
      const entries: unknown[] = Array.isArray(list) ? list : [];
      const index = entries.findIndex((entry) => wordAt(entry, ['name']) === step.name);
      path.push(index < 0 ? entries.length : index);
    }
  }
  return path;
}

interface Comparison {
  specs: Specs;
  found: Pending[];
}

function compare(
  stored: unknown,
  running: unknown,
  steps: readonly PendingStep[],
  comparison: Comparison,
): void {
  const { specs, found } = comparison;
  if (sameJson(stored, running)) return;
  const pattern = patternOf(steps);
  if (stored === undefined && isDefault(pattern, running, specs)) return;
  if (running === undefined && isNothing(pattern, stored)) return;
  if (isSameAmount(pattern, stored, running, specs) || isFilledIn(pattern, stored, running)) return;
  const [mine, theirs] = [named(stored), named(running)];
  if (mine && theirs) {
    for (const name of new Set([...mine.keys(), ...theirs.keys()])) {
      compare(mine.get(name), theirs.get(name), [...steps, { name }], comparison);
    }
    return;
  }
  const isOpen = (value: unknown) => value === undefined || isJsonObject(value);
  const isMapping = isOpen(stored) && isOpen(running) && isComparedInside(pattern, stored, running);
  if (isMapping) {
    const [a, b] = [isJsonObject(stored) ? stored : {}, isJsonObject(running) ? running : {}];
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      compare(a[key], b[key], [...steps, key], comparison);
    }
    return;
  }
  found.push({ steps, path: written(steps), running, stored, isUnderWay: false, canDiscard: true });
}

/** What is there on one side only is one change, unless KubeVirt fills in parts of it. */
function isComparedInside(pattern: string, stored: unknown, running: unknown): boolean {
  if (isJsonObject(stored) && isJsonObject(running)) return true;
  if (pattern.endsWith('[]')) return false;
  const known = stored ?? running;
  return isJsonObject(known) && Object.keys(known).length > 0 && INSIDE.has(pattern);
}

const INSIDE = new Set([
  'domain',
  'domain.cpu',
  'domain.memory',
  'domain.machine',
  'domain.firmware',
  'domain.features',
  'domain.clock',
  'domain.devices',
  'domain.resources',
  'domain.resources.requests',
  'domain.resources.limits',
]);

/** The entries of a list by name, if they all have one of their own; an absent list has none. */
function named(value: unknown): Map<string, unknown> | undefined {
  if (value === undefined) return new Map();
  if (!Array.isArray(value)) return undefined;
  const entries = new Map(value.map((entry) => [wordAt(entry, ['name']), entry as unknown]));
  return entries.size === value.length && !entries.has('') ? entries : undefined;
}

/** Instance type and preference by the names that the running instance was made with. */
function matcherChanges(vm: VirtualMachine, vmi: VirtualMachineInstance): Pending[] {
  const annotations = vmi.metadata.annotations ?? {};
  return (['instancetype', 'preference'] as const).flatMap((matcher) => {
    const stored = vm.spec[matcher]?.name;
    const running =
      annotations[`kubevirt.io/cluster-${matcher}-name`] ?? annotations[`kubevirt.io/${matcher}-name`];
    if (stored === running) return [];
    const steps = ['spec', matcher, 'name'];
    return [
      {
        ...{ steps, path: written(steps), running, stored, isUnderWay: false },
        canDiscard: stored !== undefined && running !== undefined,
      },
    ];
  });
}

/** Labels and annotations of the template that the running instance doesn't have; it has others of KubeVirt's. */
function metadataChanges(vm: VirtualMachine, vmi: VirtualMachineInstance): Pending[] {
  const wanted = json(vm.spec.template?.metadata);
  return (['labels', 'annotations'] as const).flatMap((part) =>
    Object.entries(json(wanted[part])).flatMap(([key, stored]) => {
      const running = vmi.metadata[part]?.[key];
      if (running === stored) return [];
      const steps = ['spec', 'template', 'metadata', part, key];
      return [{ steps, path: written(steps), running, stored, isUnderWay: false, canDiscard: true }];
    }),
  );
}

/** What the instance has taken over and its guest has not yet got: a migration brings it. */
function underWay({ spec, status }: VirtualMachineInstance): Pending[] {
  const changes: Pending[] = [];
  const add = (field: readonly string[], running: unknown, stored: unknown) => {
    const steps = [...GUEST, 'domain', ...field];
    changes.push({ steps, path: written(steps), running, stored, isUnderWay: true, canDiscard: false });
  };
  const has = status?.currentCPUTopology?.sockets;
  const wanted = spec.domain.cpu?.sockets;
  if (has !== undefined && wanted !== undefined && has !== wanted) add(['cpu', 'sockets'], has, wanted);
  const { guestCurrent, guestRequested } = status?.memory ?? {};
  if (guestCurrent !== undefined && guestRequested !== undefined && guestCurrent !== guestRequested) {
    add(['memory', 'guest'], guestCurrent, guestRequested);
  }
  return changes;
}

/** Without the volume of a memory dump, which comes and goes as the dump is taken. */
function withoutDump(running: JsonObject, { status }: VirtualMachine): JsonObject {
  const claim = status?.memoryDumpRequest?.claimName;
  if (!claim || !Array.isArray(running.volumes)) return running;
  return {
    ...running,
    volumes: running.volumes.filter(
      (volume: unknown) => valueAt(volume, ['memoryDump', 'claimName']) !== claim,
    ),
  };
}

function prefixed(change: Pending, canDiscard: boolean): Pending {
  const steps = [...GUEST, ...change.steps];
  return { ...change, steps, path: written(steps), canDiscard };
}

function valueAtSteps(root: JsonObject, steps: readonly PendingStep[]): unknown {
  return valueAt(root, pathOf(root, steps));
}

/** What was taken out of a list that the VM has is its own change, though nothing of it is left. */
function isPartOfOwnList(own: JsonObject, steps: readonly PendingStep[]): boolean {
  const at = steps.findIndex((step) => typeof step !== 'string');
  return at >= 0 && valueAtSteps(own, steps.slice(0, at)) !== undefined;
}

function patternOf(steps: readonly PendingStep[]): string {
  return written(steps).replace(/\[[^\]]*\]/g, '[]');
}

/** `spec.template.spec.volumes[data]`. */
function written(steps: readonly PendingStep[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step !== 'string') return `${path}[${step.name}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
}

/** Wire objects are plain mappings; their types only say more about them. */
function json(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
