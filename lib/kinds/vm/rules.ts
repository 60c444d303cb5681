import { type Text, text } from '@/lib/text';
import { isAlive, type VmFacts } from './facts';

/*
 * Why virt-api would refuse an action now. Each rule restates the check of one handler of KubeVirt's
 * pkg/virt-api/rest; a contract test drives them through a cluster. In the sandbox they are written a second time.
 */

type Rule = (facts: VmFacts) => Text | undefined;

const BY_ITSELF = ['Always', 'Once'];

// A request while another is pending: 500 "unable to complete request: stop/start already underway".
const isBusy = ({ requests }: VmFacts): boolean => requests.length > 0;

// WaitAsReceiver: virt-api answers 202 to start, stop and restart, and nothing ever happens.
const waitsForMigration: Rule = ({ runStrategy }) =>
  runStrategy === 'WaitAsReceiver' ? text('vm.reason.waitsForMigration') : undefined;

const beingDeleted: Rule = ({ deleting }) => (deleting ? text('vm.reason.beingDeleted') : undefined);

export const startUnavailable: Rule = (facts) => {
  const { runStrategy, vmi } = facts;
  if (beingDeleted(facts)) return beingDeleted(facts);
  // 409 "VM is already running", also while it is starting; not for a VMI in phase "" or Unknown.
  if (isAlive(facts) && vmi?.phase !== '' && vmi?.phase !== 'Unknown') {
    return vmi?.phase === 'Running' ? text('vm.reason.running') : text('vm.reason.starting');
  }
  // 409 with the text about volume recovery.
  if (facts.recoveryRequired) return text('vm.reason.recoveryRequired');
  // 409 "Always does not support manual start requests".
  if (BY_ITSELF.includes(runStrategy)) return text('vm.reason.startsByItself', { strategy: runStrategy });
  // 409 "RerunOnFailure does not support starting VM from failed state".
  if (runStrategy === 'RerunOnFailure' && vmi?.phase === 'Failed') return text('vm.reason.rerunsByItself');
  // Halted starts by a patch of the run strategy, which no pending request hinders.
  if (runStrategy !== 'Halted' && isBusy(facts)) return text('vm.reason.busy');
  return waitsForMigration(facts);
};

const stopBasics: Rule = (facts) => {
  if (waitsForMigration(facts)) return waitsForMigration(facts);
  // 409 "VM is not running". Always and Once can be stopped without a VMI: that rewrites the run strategy.
  return !isAlive(facts) && !BY_ITSELF.includes(facts.runStrategy) ? text('vm.reason.stopped') : undefined;
};

export const stopUnavailable: Rule = (facts) => {
  if (beingDeleted(facts)) return beingDeleted(facts);
  const basics = stopBasics(facts);
  if (basics) return basics;
  // 409 "Halted only supports manual stop requests with a shorter graceperiod".
  return facts.runStrategy === 'Halted' ? text('vm.reason.stopping') : undefined;
};

export const forceStopUnavailable: Rule = (facts) => {
  const basics = stopBasics(facts);
  if (basics) return basics;
  // The same 409: a grace period of 0 is not shorter than 0.
  return facts.runStrategy === 'Halted' && facts.vmi?.graceSeconds === 0
    ? text('vm.reason.stopping')
    : undefined;
};

export const restartUnavailable: Rule = (facts) => {
  const { runStrategy, vmi } = facts;
  if (beingDeleted(facts)) return beingDeleted(facts);
  // 409 "RunStategy Halted does not support manual restart requests" (sic).
  if (runStrategy === 'Halted')
    return isAlive(facts) ? text('vm.reason.stopping') : text('vm.reason.stopped');
  if (runStrategy === 'Once') return text('vm.reason.runsOnce');
  // 409 "VM is not running: Halted".
  if (!vmi) return text('vm.reason.stopped');
  // 409 with the text about volume recovery.
  if (facts.volumesChanging) return text('vm.reason.volumesChanging');
  return isBusy(facts) ? text('vm.reason.busy') : waitsForMigration(facts);
};

// 404 without a VMI, 409 "VM is not running" in any other phase.
const guestNotRunning: Rule = (facts) => {
  if (!isAlive(facts)) return text('vm.reason.stopped');
  return facts.vmi?.phase === 'Running' ? undefined : text('vm.reason.notYetRunning');
};

export const pauseUnavailable: Rule = (facts) => {
  const notRunning = guestNotRunning(facts);
  if (notRunning) return notRunning;
  // 409 "VMI is already paused".
  if (facts.vmi?.paused) return text('vm.reason.paused');
  // 403 "Pausing VMIs with a non-GuestAgentPing LivenessProbe is not supported".
  return facts.vmi?.probed ? text('vm.reason.probed') : undefined;
};

export const unpauseUnavailable: Rule = (facts) => {
  const notRunning = guestNotRunning(facts);
  if (notRunning) return notRunning;
  // 409 "VMI is not paused", 409 "VM snapshot is in progress".
  if (!facts.vmi?.paused) return text('vm.reason.notPaused');
  return facts.snapshotting ? text('vm.reason.snapshotting') : undefined;
};

export const softRebootUnavailable: Rule = (facts) => {
  const notRunning = guestNotRunning(facts);
  if (notRunning) return notRunning;
  // 409 "VMI is paused".
  if (facts.vmi?.paused) return text('vm.reason.frozen');
  // 409 "VMI neither have the agent connected nor the ACPI feature enabled".
  return facts.vmi?.agentConnected || facts.vmi?.acpi ? undefined : text('vm.reason.noAgentNoAcpi');
};

// virt-api checks nothing; virt-handler fails with "Failed to reset non-running VMI with phase X".
export const resetUnavailable: Rule = guestNotRunning;

// A second DELETE is 200 and changes nothing.
export const deleteUnavailable: Rule = beingDeleted;

// A console's page waits for a VM that is off; only a missing device is final (400 "No graphics devices are present.").
export const vncUnavailable: Rule = ({ vmi }) =>
  vmi?.graphics === false ? text('vm.reason.noGraphics') : undefined;

export const serialUnavailable: Rule = ({ vmi }) =>
  vmi?.serial === false ? text('vm.reason.noSerial') : undefined;
