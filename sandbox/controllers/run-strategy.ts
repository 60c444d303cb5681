import type {
  RunStrategy,
  StartFailure,
  StateChangeRequest,
  VirtualMachine,
  VirtualMachineInstance,
} from './types';

const BACKOFF_UNIT_S = 10;
const BACKOFF_LIMIT_S = 300;

/** What the VM controller does next about a VM's instance. */
export type RunDecision =
  | { act: 'nothing' }
  | { act: 'start'; paused: boolean }
  /** Delete the instance; `queueStart` asks for a new one afterwards (RerunOnFailure after a crash). */
  | { act: 'stop'; queueStart: boolean }
  /** A start was requested of a halted VM: its spec becomes Always, or `running: true`. */
  | { act: 'unhalt' }
  | { act: 'wait'; milliseconds: number };

const NOTHING: RunDecision = { act: 'nothing' };

/** The run strategy in force; the deprecated `running` stands for Always and Halted. */
export function runStrategyOf(vm: Pick<VirtualMachine, 'spec'>): RunStrategy {
  return vm.spec.runStrategy ?? (vm.spec.running ? 'Always' : 'Halted');
}

export function isFinal(vmi: VirtualMachineInstance | undefined): boolean {
  return vmi?.status?.phase === 'Succeeded' || vmi?.status?.phase === 'Failed';
}

/**
 * Whether the instance should exist, per run strategy and pending request.
 * Mirrors syncRunStrategy of virt-controller (pkg/virt-controller/watch/vm).
 */
export function decideRun(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  now: number,
): RunDecision {
  const strategy = runStrategyOf(vm);
  const stopAsked = vmi !== undefined && isStopRequestedFor(vm, vmi);
  if (vmi?.metadata.deletionTimestamp) return NOTHING;
  const firstRun = vm.status?.runStrategy !== strategy;
  switch (strategy) {
    case 'Always':
      if (!vmi) return startOrWait(vm, now);
      return stopAsked || isFinal(vmi) ? { act: 'stop', queueStart: false } : NOTHING;
    case 'RerunOnFailure':
      if (!vmi) return firstRun || isStartRequested(vm) ? startOrWait(vm, now) : NOTHING;
      if (stopAsked) return { act: 'stop', queueStart: false };
      return isFinal(vmi) ? { act: 'stop', queueStart: vmi.status?.phase === 'Failed' } : NOTHING;
    case 'Manual':
      if (!vmi) return isStartRequested(vm) ? startNow(vm) : NOTHING;
      return stopAsked ? { act: 'stop', queueStart: false } : NOTHING;
    case 'Once':
      return !vmi && (firstRun || isStartRequested(vm)) ? startOrWait(vm, now) : NOTHING;
    case 'Halted':
      if (vmi) return { act: 'stop', queueStart: false };
      return isStartRequested(vm) ? { act: 'unhalt' } : NOTHING;
    case 'WaitAsReceiver':
      return vmi ? NOTHING : startNow(vm);
    default:
      // The webhook looks no more at a VM that is being deleted, and so lets anything through.
      return NOTHING;
  }
}

/**
 * The requests that remain once the first has been carried out; later ones are not looked at before it.
 * A stop is done when its instance has gone, a start when an instance lives.
 */
export function remainingRequests(
  requests: readonly StateChangeRequest[],
  vmi: VirtualMachineInstance | undefined,
): StateChangeRequest[] {
  const [first, ...rest] = requests;
  if (!first) return [];
  const alive = vmi !== undefined && !isFinal(vmi) && !vmi.metadata.deletionTimestamp;
  const done = first.action === 'Stop' ? vmi === undefined || vmi.metadata.uid !== first.uid : alive;
  return done ? rest : [...requests];
}

/**
 * Counts starts that failed before the guest ever ran: the next one waits 10·n² seconds, with up to half as much
 * again at random, at most 300. `random` is in [0, 1). Undefined when there is nothing to count.
 */
export function startFailureAfter(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  now: number,
  random: number,
): StartFailure | undefined {
  const strategy = runStrategyOf(vm);
  const counted = strategy === 'Always' || strategy === 'RerunOnFailure' || strategy === 'Once';
  if (!counted || hasRun(vmi)) return undefined;
  const known = vm.status?.startFailure;
  if (!vmi || !isFinal(vmi) || known?.lastFailedVMIUID === vmi.metadata.uid) return known;
  const count = (known?.consecutiveFailCount ?? 0) + 1;
  const seconds = Math.min(BACKOFF_LIMIT_S, BACKOFF_UNIT_S * count ** 2 * (1 + random / 2));
  return {
    consecutiveFailCount: count,
    lastFailedVMIUID: vmi.metadata.uid,
    retryAfterTimestamp: `${new Date(now + seconds * 1000).toISOString().slice(0, 19)}Z`,
  };
}

function startOrWait(vm: VirtualMachine, now: number): RunDecision {
  const retryAt = Date.parse(vm.status?.startFailure?.retryAfterTimestamp ?? '');
  if (retryAt > now) return { act: 'wait', milliseconds: retryAt - now };
  return startNow(vm);
}

function startNow(vm: VirtualMachine): RunDecision {
  return { act: 'start', paused: vm.status?.stateChangeRequests?.[0]?.data?.paused === 'true' };
}

function isStartRequested(vm: VirtualMachine): boolean {
  return vm.status?.stateChangeRequests?.[0]?.action === 'Start';
}

function isStopRequestedFor(vm: VirtualMachine, vmi: VirtualMachineInstance): boolean {
  const first = vm.status?.stateChangeRequests?.[0];
  return first?.action === 'Stop' && first.uid === vmi.metadata.uid;
}

function hasRun(vmi: VirtualMachineInstance | undefined): boolean {
  return vmi?.status?.phaseTransitionTimestamps?.some(({ phase }) => phase === 'Running') ?? false;
}
