import type { AgentClient } from './agent-client';
import { type Json, list, number, record, text } from './answers';
import type { GuestAgentFacts } from './hypervisor';

/** Keeps the fields that the guest named: KubeVirt leaves the others out (`omitempty`). */
function named<T extends Json>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof named<T>
  >;
}

/** guest-get-osinfo in the words of KubeVirt's VirtualMachineInstanceGuestOSInfo. */
export function osFacts(answer: unknown): GuestAgentFacts['os'] {
  const os = record(answer);
  return named({
    name: text(os.name),
    kernelRelease: text(os['kernel-release']),
    version: text(os.version),
    prettyName: text(os['pretty-name']),
    versionId: text(os['version-id']),
    kernelVersion: text(os['kernel-version']),
    machine: text(os.machine),
    id: text(os.id),
  });
}

/** guest-get-fsinfo as KubeVirt's VirtualMachineInstanceFileSystem: a disk's serial is what the guest's udev calls it. */
export function fileSystemFacts(answer: unknown): GuestAgentFacts['filesystems'] {
  return list(answer).map((entry) => ({
    diskName: text(entry.name) ?? '',
    mountPoint: text(entry.mountpoint) ?? '',
    fileSystemType: text(entry.type) ?? '',
    usedBytes: number(entry['used-bytes']),
    totalBytes: number(entry['total-bytes']),
    disk: list(entry.disk).map((device) => {
      const serial = text(device.serial);
      return { ...(serial ? { serial } : {}), busType: text(device['bus-type']) ?? '' };
    }),
  }));
}

/** guest-network-get-interfaces without the loopback device, which KubeVirt leaves out of a VMI's status. */
export function interfaceFacts(answer: unknown): GuestAgentFacts['interfaces'] {
  return list(answer)
    .filter((entry) => entry.name !== 'lo')
    .map((entry) => ({
      interfaceName: text(entry.name) ?? '',
      mac: text(entry['hardware-address']) ?? '',
      ipAddresses: list(entry['ip-addresses']).flatMap((address) => text(address['ip-address']) ?? []),
    }));
}

/** Asks the agent for everything; about a dozen milliseconds a question. @throws when it doesn't answer in 5 s. */
export async function readAgentFacts(agent: AgentClient): Promise<GuestAgentFacts> {
  const deadline = Date.now() + 5000;
  const ask = (command: string) => agent.request(command, {}, Math.max(1, deadline - Date.now()));
  const version = record(await ask('guest-info'));
  const host = record(await ask('guest-get-host-name'));
  const zone = record(await ask('guest-get-timezone'));
  const os = await ask('guest-get-osinfo');
  const users = list(await ask('guest-get-users'));
  const fileSystems = await ask('guest-get-fsinfo');
  const interfaces = await ask('guest-network-get-interfaces');
  const offset = number(zone.offset);
  return {
    agentVersion: text(version.version) ?? '',
    supportedCommands: list(version.supported_commands).map((command) => ({
      name: text(command.name) ?? '',
      enabled: command.enabled === true,
    })),
    hostname: text(host['host-name']) ?? '',
    // KubeVirt prints the zone's name and its offset in seconds: "UTC, 0".
    timezone: `${text(zone.zone) ?? 'UTC'}, ${offset}`,
    os: osFacts(os),
    users: users.map((user) => ({
      userName: text(user.user) ?? '',
      ...(text(user.domain) ? { domain: text(user.domain) } : {}),
      loginTime: number(user['login-time']),
    })),
    filesystems: fileSystemFacts(fileSystems),
    interfaces: interfaceFacts(interfaces),
  };
}
