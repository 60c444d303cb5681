import type { VmFacts } from '@/lib/kinds/vm/facts';
import type { ConsoleKind } from '@/lib/paths';
import { type ConsoleState, DEVICE_FIELDS, type Situation, type WaitsFor } from './state';

/** A VMI that can be connected to, or the state that says why there is none. */
export type Gate = { open: true; instance: string; paused: boolean } | { open: false; state: ConsoleState };

/**
 * What the last known VM and VMI allow. virt-api connects only to a VMI in phase Running ("VMI is not running"), paused
 * or not, whose spec has the device.
 */
export function gate(situation: Situation, kind: ConsoleKind): Gate {
  if (situation.feed === 'refused') {
    return closed({ name: 'refused', refusal: situation.refusal ?? { code: 0, message: '' } });
  }
  const { vm } = situation;
  if (!vm) {
    if (situation.feed === 'live') return closed({ name: 'absent' });
    if (situation.feed === 'signed-out') return closed({ name: 'signed-out' });
    return closed(situation.feed === 'paused' ? clusterLost(situation) : { name: 'loading' });
  }
  const { vmi } = vm;
  if (!vmi) return closed(withoutInstance(vm));
  if (vmi.phase === 'Succeeded' || vmi.phase === 'Failed') return closed(withoutInstance(vm));
  if (vmi.phase !== 'Running') {
    if (vmi.deleting) return closed({ name: 'stopped', stopping: true });
    const waitsFor = WAITS_FOR_STATUS[vm.printableStatus] ?? WAITS_FOR_PHASE[vmi.phase] ?? 'other';
    return closed({ name: 'starting', waitsFor, status: vm.printableStatus || vmi.phase });
  }
  if (kind === 'vnc' ? !vmi.graphics : !vmi.serial) {
    return closed({ name: 'no-device', field: DEVICE_FIELDS[kind] });
  }
  return { open: true, instance: vmi.uid, paused: vmi.paused };
}

export function clusterLost({ feedRetryAt }: Situation): ConsoleState {
  return feedRetryAt === undefined
    ? { name: 'cluster-lost' }
    : { name: 'cluster-lost', retryAt: feedRetryAt };
}

const closed = (state: ConsoleState): Gate => ({ open: false, state });

const STOPPED = new Set(['Stopped', 'Unknown', '']);
const STOPPING = new Set(['Stopping', 'Terminating', 'Running', 'Paused']);

function withoutInstance(vm: VmFacts): ConsoleState {
  const { printableStatus } = vm;
  if (vm.deleting || STOPPING.has(printableStatus)) return { name: 'stopped', stopping: true };
  if (STOPPED.has(printableStatus)) {
    return vm.requests.includes('Start')
      ? { name: 'starting', waitsFor: 'request', status: printableStatus }
      : { name: 'stopped', stopping: false };
  }
  const waitsFor =
    WAITS_FOR_STATUS[printableStatus] ?? (printableStatus === 'Starting' ? 'request' : 'other');
  return { name: 'starting', waitsFor, status: printableStatus };
}

const WAITS_FOR_STATUS: Partial<Record<string, WaitsFor>> = {
  Provisioning: 'storage',
  WaitingForVolumeBinding: 'storage',
  ErrorPvcNotFound: 'storage',
  DataVolumeError: 'storage',
  ErrImagePull: 'image',
  ImagePullBackOff: 'image',
  ErrorUnschedulable: 'capacity',
  CrashLoopBackOff: 'crash',
};

const WAITS_FOR_PHASE: Partial<Record<string, WaitsFor>> = {
  Pending: 'schedule',
  Scheduling: 'node',
  Scheduled: 'guest',
  Unknown: 'lostNode',
};
