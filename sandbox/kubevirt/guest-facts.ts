import type { VirtualMachineInstance } from '../controllers/types';
import type { GuestAgentFacts } from '../guests/hypervisor';

/** The agent's answers in the shapes of virt-api's guest subresources. */

export function guestOsInfo(facts: GuestAgentFacts, { status }: VirtualMachineInstance): object {
  return {
    guestAgentVersion: facts.agentVersion,
    supportedCommands: facts.supportedCommands,
    hostname: facts.hostname,
    os: facts.os,
    timezone: facts.timezone,
    ...(facts.users.length > 0 ? { userList: facts.users } : {}),
    fsInfo: { disks: facts.filesystems.length > 0 ? facts.filesystems : null },
    fsFreezeStatus: status?.fsFreezeStatus ?? 'thawed',
  };
}

export function userList({ users }: GuestAgentFacts): object {
  return { metadata: {}, items: users };
}

export function fileSystemList({ filesystems }: GuestAgentFacts): object {
  return { metadata: {}, items: filesystems };
}
