import type { ApiError } from '../api/errors';
import { isTrue } from '../controllers/conditions';
import type { VirtualMachineInstance } from '../controllers/types';
import { handlerFailure, refuse } from './replies';
import type { CallOptions } from './request-body';

type Rule = (vmi: VirtualMachineInstance, options: CallOptions) => ApiError | undefined;

/**
 * Why an action on an instance is refused, as virt-api and virt-handler refuse it; undefined when it goes on.
 * `guestosinfo`, `userlist` and `filesystemlist` write theirs as plain text.
 */
export const INSTANCE_RULES: Record<string, Rule> = {
  pause: (vmi) => {
    const conflict = conflictOf(vmi);
    if (!isRunning(vmi)) return conflict('VM is not running');
    const probe = vmi.spec.livenessProbe as { guestAgentPing?: object } | undefined;
    if (probe && !probe.guestAgentPing) {
      return refuse.forbidden('Pausing VMIs with a non-GuestAgentPing LivenessProbe is not supported');
    }
    return isTrue(vmi.status, 'Paused') ? conflict('VMI is already paused') : undefined;
  },
  unpause: (vmi) => {
    if (!isRunning(vmi)) return conflictOf(vmi)('VMI is not running');
    return isTrue(vmi.status, 'Paused') ? undefined : conflictOf(vmi)('VMI is not paused');
  },
  freeze: (vmi, { unfreezeTimeout }) => {
    if (!isRunning(vmi)) return conflictOf(vmi)('VM is not running');
    if (unfreezeTimeout === undefined) {
      return handlerFailure('Unfreeze timeout in freeze request is not set', '400 (400 Bad Request)');
    }
    return agentFailure(vmi, 'Freeze');
  },
  unfreeze: (vmi) => {
    if (!isRunning(vmi)) return conflictOf(vmi)('VM is not running');
    return agentFailure(vmi, 'Unfreeze');
  },
  softreboot: (vmi) => {
    const conflict = conflictOf(vmi);
    if (!isRunning(vmi)) return conflict('VM is not running');
    if (isTrue(vmi.status, 'Paused')) return conflict('VMI is paused');
    const acpi = vmi.spec.domain.features?.acpi?.enabled ?? vmi.spec.domain.features?.acpi !== undefined;
    if (isTrue(vmi.status, 'AgentConnected') || acpi) return undefined;
    return conflict('VMI neither have the agent connected nor the ACPI feature enabled');
  },
  reset: (vmi) => {
    if (isRunning(vmi)) return undefined;
    // virt-api checks nothing but whether there is a node to ask; virt-handler knows that the guest doesn't run yet.
    if (vmi.status?.phase !== 'Scheduled') return unreachable(vmi);
    return handlerFailure('Failed to reset non-running VMI with phase Scheduled');
  },
  guestosinfo: needsAgent,
  userlist: needsAgent,
  filesystemlist: needsAgent,
  'vnc/screenshot': (vmi) => {
    if (!hasScreen(vmi)) return refuse.badRequest('No graphics devices are present.');
    return isRunning(vmi) ? undefined : refuse.badRequest('VMI is not running');
  },
  vnc: (vmi) => {
    if (!hasScreen(vmi)) return refuse.badRequest('No graphics devices are present.');
    return isRunning(vmi) ? undefined : refuse.badRequest('VMI is not running');
  },
  console: (vmi) => {
    if (vmi.spec.domain.devices.autoattachSerialConsole === false) {
      return refuse.badRequest('No serial consoles are present.');
    }
    if (vmi.status?.phase === 'Failed') return conflictOf(vmi)('VMI is in failed status');
    return isRunning(vmi) ? undefined : refuse.badRequest('VMI is not running');
  },
  usbredir: (vmi) =>
    vmi.spec.domain.devices.clientPassthrough
      ? undefined
      : conflictOf(vmi)('Not configured with USB Redirection'),
  vsock: () => refuse.badRequest('VSOCK is not attached.'),
  portforward: (vmi) => {
    if (isTrue(vmi.status, 'Paused')) return conflictOf(vmi)('VMI is paused');
    const [first] = vmi.status?.interfaces ?? [];
    return first ? undefined : refuse.badRequest('no network interfaces are present');
  },
  backup: (vmi) => conflictOf(vmi)('ChangedBlockTracking is not enabled'),
  'redefine-checkpoint': (vmi) => conflictOf(vmi)('ChangedBlockTracking is not enabled'),
  'sev/fetchcertchain': withoutSev,
  'sev/querylaunchmeasurement': withoutSev,
  'sev/setupsession': withoutSev,
  'sev/injectlaunchsecret': withoutSev,
};

function needsAgent(vmi: VirtualMachineInstance): ApiError | undefined {
  if (!isRunning(vmi)) return conflictOf(vmi)('VMI is not running');
  return isTrue(vmi.status, 'AgentConnected')
    ? undefined
    : conflictOf(vmi)('VMI does not have guest agent connected');
}

function withoutSev(): ApiError {
  return refuse.badRequest("'WorkloadEncryptionSEV' feature gate is not enabled");
}

/** What libvirt says when nobody listens inside. */
function agentFailure(vmi: VirtualMachineInstance, command: string): ApiError | undefined {
  if (isTrue(vmi.status, 'AgentConnected')) return undefined;
  const libvirt = `LibvirtError(Code=86, Domain=10, Message='Guest agent is not responding: QEMU guest agent is not connected')`;
  return handlerFailure(`server error. command ${command} failed: "${libvirt}"`);
}

function unreachable({ status }: VirtualMachineInstance): ApiError {
  const phase = status?.phase ?? '';
  const why = `Unable to connect to VirtualMachineInstance because phase is ${phase} instead of Running or Scheduled`;
  return refuse.badRequest(why);
}

function conflictOf({ metadata }: VirtualMachineInstance): (why: string) => ApiError {
  return (why) => refuse.vmiConflict(metadata.name, why);
}

function isRunning({ status }: VirtualMachineInstance): boolean {
  return status?.phase === 'Running';
}

function hasScreen({ spec }: VirtualMachineInstance): boolean {
  return spec.domain.devices.autoattachGraphicsDevice !== false;
}
