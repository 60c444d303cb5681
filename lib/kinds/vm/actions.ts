import type { Ref } from '@/lib/k8s/object';
import { resourcePath } from '@/lib/k8s/resource';
import type { ActionAccess, ApiCall, CallAction, LinkAction, Settlement } from '@/lib/kinds/action';
import { RESOURCES } from '@/lib/kinds/resources';
import { paths } from '@/lib/paths';
import { type DeleteInput, deleteCalls } from './delete';
import { isAlive, type VmFacts } from './facts';
import * as rules from './rules';
import { vmStatus } from './status';

type VmVerb = 'start' | 'stop' | 'restart';
type VmiVerb = 'pause' | 'unpause' | 'softreboot' | 'reset';

const vmAccess = (subresource: VmVerb): ActionAccess => ({
  doing: `access.doing.${subresource}`,
  verb: 'update',
  resource: RESOURCES.virtualMachineActions,
  subresource,
});
const vmiAccess = (subresource: VmiVerb | 'vnc' | 'console', verb = 'update'): ActionAccess => ({
  doing: `access.doing.${subresource}`,
  verb,
  resource: RESOURCES.virtualMachineInstanceActions,
  subresource,
});

const callVm =
  (subresource: VmVerb, body: unknown = {}) =>
  ({ namespace, name }: Ref): ApiCall[] => [
    {
      method: 'PUT',
      path: resourcePath(RESOURCES.virtualMachineActions, namespace, name, subresource),
      body,
    },
  ];
const callVmi =
  (subresource: VmiVerb) =>
  ({ namespace, name }: Ref): ApiCall[] => [
    {
      method: 'PUT',
      path: resourcePath(RESOURCES.virtualMachineInstanceActions, namespace, name, subresource),
      body: {},
    },
  ];

const SOON_MS = 15_000;
// Time to pull an image and to boot; longer is possible, and then the task says that nothing was seen yet.
const BOOT_MS = 180_000;
// KubeVirt's own default of terminationGracePeriodSeconds.
const DEFAULT_GRACE_S = 30;

const soon = () => SOON_MS;
const untilBooted = () => BOOT_MS;
const untilEnded = ({ vmi }: VmFacts) => (vmi?.graceSeconds ?? DEFAULT_GRACE_S) * 1000 + 60_000;

/** A VMI other than the one before has come to run, ended already, or cannot come up. */
function newGuestRuns(before: VmFacts, now: VmFacts | undefined): Settlement {
  if (!now || now.deleting) return 'failed';
  const isNew = now.vmi !== undefined && now.vmi.uid !== before.vmi?.uid;
  // The VM's word follows the VMI's phase by some 100 ms, and people read the VM's word.
  if (isNew && now.vmi?.phase === 'Running' && ['Running', 'Paused'].includes(now.printableStatus))
    return 'done';
  if (isNew && now.vmi?.phase === 'Succeeded') return 'done';
  const broken = vmStatus(now, '').tone === 'danger';
  return broken && (isNew || now.printableStatus === 'CrashLoopBackOff') ? 'failed' : undefined;
}

function guestEnded(before: VmFacts, now: VmFacts | undefined): Settlement {
  if (!now) return 'done';
  const rewritten = now.runStrategy === 'Halted' || !['Always', 'Once'].includes(before.runStrategy);
  // KubeVirt says Stopped while the ended VMI still exists for some seconds; Stopping lingers on the VM's side.
  return rewritten && !isAlive(now) && now.printableStatus !== 'Stopping' ? 'done' : undefined;
}

const paused =
  (wanted: boolean) =>
  (before: VmFacts, now: VmFacts | undefined): Settlement => {
    if (!now || now.vmi?.uid !== before.vmi?.uid) return 'failed';
    return now.vmi?.paused === wanted && (now.printableStatus === 'Paused') === wanted ? 'done' : undefined;
  };

/** Everything one can do with a VM, in the order in which menus show it. `delete` alone asks for an input. */
export const VM_ACTIONS = [
  {
    id: 'start',
    label: 'vm.actions.start.label',
    doing: 'vm.actions.start.doing',
    done: 'vm.actions.start.done',
    tone: 'normal',
    group: 'power',
    access: vmAccess('start'),
    unavailable: rules.startUnavailable,
    run: callVm('start'),
    settled: newGuestRuns,
    patienceMs: untilBooted,
  },
  {
    id: 'stop',
    label: 'vm.actions.stop.label',
    doing: 'vm.actions.stop.doing',
    done: 'vm.actions.stop.done',
    tone: 'normal',
    group: 'power',
    access: vmAccess('stop'),
    unavailable: rules.stopUnavailable,
    run: callVm('stop'),
    settled: guestEnded,
    patienceMs: untilEnded,
  },
  {
    id: 'force-stop',
    label: 'vm.actions.forceStop.label',
    doing: 'vm.actions.forceStop.doing',
    done: 'vm.actions.forceStop.done',
    tone: 'danger',
    group: 'power',
    access: vmAccess('stop'),
    unavailable: rules.forceStopUnavailable,
    confirm: { title: 'vm.actions.forceStop.title', loss: 'vm.actions.forceStop.loss' },
    run: callVm('stop', { gracePeriod: 0 }),
    settled: guestEnded,
    patienceMs: untilEnded,
  },
  {
    id: 'restart',
    label: 'vm.actions.restart.label',
    doing: 'vm.actions.restart.doing',
    done: 'vm.actions.restart.done',
    tone: 'normal',
    group: 'power',
    access: vmAccess('restart'),
    unavailable: rules.restartUnavailable,
    run: callVm('restart'),
    settled: newGuestRuns,
    patienceMs: (facts) => untilEnded(facts) + BOOT_MS,
  },
  {
    id: 'pause',
    label: 'vm.actions.pause.label',
    doing: 'vm.actions.pause.doing',
    done: 'vm.actions.pause.done',
    tone: 'normal',
    group: 'guest',
    access: vmiAccess('pause'),
    unavailable: rules.pauseUnavailable,
    run: callVmi('pause'),
    settled: paused(true),
    patienceMs: soon,
  },
  {
    id: 'unpause',
    label: 'vm.actions.unpause.label',
    doing: 'vm.actions.unpause.doing',
    done: 'vm.actions.unpause.done',
    tone: 'normal',
    group: 'guest',
    access: vmiAccess('unpause'),
    unavailable: rules.unpauseUnavailable,
    run: callVmi('unpause'),
    settled: paused(false),
    patienceMs: soon,
  },
  {
    // Neither reboot leaves a trace in the VMI: same uid, same phase.
    id: 'soft-reboot',
    label: 'vm.actions.softReboot.label',
    doing: 'vm.actions.softReboot.doing',
    done: 'vm.actions.softReboot.done',
    tone: 'normal',
    group: 'guest',
    access: vmiAccess('softreboot'),
    unavailable: rules.softRebootUnavailable,
    run: callVmi('softreboot'),
    patienceMs: soon,
  },
  {
    id: 'reset',
    label: 'vm.actions.reset.label',
    doing: 'vm.actions.reset.doing',
    done: 'vm.actions.reset.done',
    tone: 'danger',
    group: 'guest',
    access: vmiAccess('reset'),
    unavailable: rules.resetUnavailable,
    confirm: { title: 'vm.actions.reset.title', loss: 'vm.actions.reset.loss' },
    run: callVmi('reset'),
    patienceMs: soon,
  },
  {
    id: 'open-vnc',
    label: 'vm.actions.openVnc.label',
    tone: 'normal',
    group: 'console',
    access: vmiAccess('vnc', 'get'),
    unavailable: rules.vncUnavailable,
    href: (ref) => paths.console(ref, 'vnc'),
  },
  {
    id: 'open-serial',
    label: 'vm.actions.openSerial.label',
    tone: 'normal',
    group: 'console',
    access: vmiAccess('console', 'get'),
    unavailable: rules.serialUnavailable,
    href: (ref) => paths.console(ref, 'serial'),
  },
  {
    id: 'diagnose',
    label: 'vm.actions.diagnose.label',
    tone: 'normal',
    group: 'diagnose',
    access: { doing: 'access.doing.getVms', verb: 'get', resource: RESOURCES.virtualMachines },
    unavailable: () => undefined,
    href: (ref) => paths.vm(ref, 'diagnose'),
    here: true,
  },
  {
    // A page that offers both ways of it: nothing is asked of the cluster before somebody says so there.
    id: 'clone',
    label: 'vm.actions.clone.label',
    tone: 'normal',
    group: 'manage',
    access: { doing: 'access.doing.createVms', verb: 'create', resource: RESOURCES.virtualMachines },
    unavailable: () => undefined,
    href: ({ cluster, namespace, name }) => paths.cloneVm(cluster, { namespace, from: 'vm', source: name }),
    here: true,
  },
  {
    id: 'delete',
    label: 'vm.actions.delete.label',
    doing: 'vm.actions.delete.doing',
    done: 'vm.actions.delete.done',
    tone: 'danger',
    group: 'danger',
    access: { doing: 'access.doing.delete', verb: 'delete', resource: RESOURCES.virtualMachines },
    unavailable: rules.deleteUnavailable,
    confirm: { title: 'vm.actions.delete.title', loss: 'vm.actions.delete.loss' },
    run: (ref, facts, input) => deleteCalls(ref, facts, input ?? { keep: [], hasTemplates: false }),
    settled: (before, now) => (!now || now.uid !== before.uid ? 'done' : undefined),
    patienceMs: untilEnded,
  },
] as const satisfies VmAction[];

export type VmCallAction = CallAction<VmFacts, DeleteInput | undefined>;
export type VmAction = VmCallAction | LinkAction<VmFacts>;
export type VmActionId = (typeof VM_ACTIONS)[number]['id'];

/** The action of that id. */
export function vmAction(id: VmActionId): VmAction {
  const found = (VM_ACTIONS as readonly VmAction[]).find((action) => action.id === id);
  if (!found) throw new Error(`No VM action ${id}`);
  return found;
}

export function isCall(action: VmAction): action is VmCallAction {
  return 'run' in action;
}
