import type { GuestAgentFacts, GuestSpec } from '../guests/hypervisor';
import { type GuestSystem, SYSTEMS } from './catalogue';

const GIB = 2 ** 30;

/** The system that an image holds, or else that a label names; the commonest where neither says. */
export function systemOf(image: string | undefined, label: string | undefined): GuestSystem {
  const systems = SYSTEMS.map(([system]) => system);
  const found =
    systems.find((system) => system.os === label) ??
    systems.find((system) => image !== undefined && system.image.split(':')[0] === image.split(':')[0]);
  return found ?? (systems[0] as GuestSystem);
}

/** What the agent in a guest of a generated machine answers: the same for the same machine. */
export function agentFacts(guest: GuestSpec, system: GuestSystem): GuestAgentFacts {
  const [nic] = guest.nics;
  const { windows } = system;
  const used = 2 + (Number.parseInt(guest.id.slice(0, 4), 16) % 6000) / 1000;
  return {
    agentVersion: windows ? '109.0.2' : '9.2.4',
    supportedCommands: [
      'guest-get-osinfo',
      'guest-network-get-interfaces',
      'guest-get-fsinfo',
      'guest-get-users',
    ].map((name) => ({ name, enabled: true })),
    hostname: guest.name,
    timezone: 'UTC, 0',
    os: system.info,
    users: system.user && guest.id < '4' ? [{ userName: system.user, loginTime: 1_760_000_000 }] : [],
    filesystems: [
      {
        diskName: windows ? 'C:' : 'vda4',
        mountPoint: windows ? 'C:\\' : '/',
        fileSystemType: windows ? 'NTFS' : 'xfs',
        usedBytes: Math.round(used * GIB),
        totalBytes: 20 * GIB,
        disk: [{ serial: 'rootdisk', busType: 'virtio' }],
      },
    ],
    interfaces: [
      {
        interfaceName: windows ? 'Loopback Pseudo-Interface 1' : 'lo',
        mac: '00:00:00:00:00:00',
        ipAddresses: ['127.0.0.1', '::1'],
      },
      ...(nic
        ? [{ interfaceName: system.link, mac: nic.mac, ipAddresses: [nic.address, linkLocal(nic.mac)] }]
        : []),
    ],
  };
}

/** The address that a guest gives itself from its MAC (RFC 4291, appendix A). */
function linkLocal(mac: string): string {
  const [a = '02', b, c, d, e, f] = mac.split(':');
  const first = (Number.parseInt(a, 16) ^ 2).toString(16).padStart(2, '0');
  return `fe80::${first}${b}:${c}ff:fe${d}:${e}${f}`;
}
