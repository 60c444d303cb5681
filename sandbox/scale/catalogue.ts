import type { GuestAgentFacts } from '../guests/hypervisor';

/** An operating system as machines of the estate run it. */
export interface GuestSystem {
  /** The label's value. */
  os: string;
  image: string;
  user: string | undefined;
  info: GuestAgentFacts['os'];
  /** Of the first network interface, in the guest. */
  link: string;
  windows?: boolean;
}

const DISKS = 'quay.io/containerdisks';

function linux(
  os: string,
  image: string,
  user: string,
  names: { id: string; name: string; pretty: string; version: string; versionId: string },
  kernel: { release: string; version: string },
  link = 'enp1s0',
): GuestSystem {
  const info = {
    id: names.id,
    kernelRelease: kernel.release,
    kernelVersion: kernel.version,
    machine: 'x86_64',
    name: names.name,
    prettyName: names.pretty,
    version: names.version,
    versionId: names.versionId,
  };
  return { os, image: `${DISKS}/${image}`, user, info, link };
}

function windows(os: string, pretty: string, versionId: string, build: string): GuestSystem {
  const info = {
    id: 'mswindows',
    kernelRelease: build,
    kernelVersion: '10.0',
    machine: 'x86_64',
    name: 'Microsoft Windows',
    prettyName: pretty,
    version: pretty.replace(/ (Standard|Datacenter|Enterprise)$/, ''),
    versionId,
  };
  const image = `registry.internal.lan/golden/${os}-windows:${build}`;
  return { os, image, user: undefined, info, link: 'Ethernet', windows: true };
}

export const SYSTEMS: readonly (readonly [GuestSystem, number])[] = [
  [
    linux(
      'rhel9',
      'rhel:9.6',
      'cloud-user',
      {
        id: 'rhel',
        name: 'Red Hat Enterprise Linux',
        pretty: 'Red Hat Enterprise Linux 9.6 (Plow)',
        version: '9.6 (Plow)',
        versionId: '9.6',
      },
      {
        release: '5.14.0-570.49.1.el9_6.x86_64',
        version: '#1 SMP PREEMPT_DYNAMIC Thu Sep 25 12:12:01 EDT 2025',
      },
      'eth0',
    ),
    22,
  ],
  [
    linux(
      'rhel8',
      'rhel:8.10',
      'cloud-user',
      {
        id: 'rhel',
        name: 'Red Hat Enterprise Linux',
        pretty: 'Red Hat Enterprise Linux 8.10 (Ootpa)',
        version: '8.10 (Ootpa)',
        versionId: '8.10',
      },
      { release: '4.18.0-553.76.1.el8_10.x86_64', version: '#1 SMP Tue Sep 16 08:03:22 EDT 2025' },
      'eth0',
    ),
    9,
  ],
  [
    linux(
      'ubuntu24.04',
      'ubuntu:24.04',
      'ubuntu',
      {
        id: 'ubuntu',
        name: 'Ubuntu',
        pretty: 'Ubuntu 24.04.3 LTS',
        version: '24.04.3 LTS (Noble Numbat)',
        versionId: '24.04',
      },
      { release: '6.8.0-85-generic', version: '#85-Ubuntu SMP PREEMPT_DYNAMIC Thu Sep 18 15:26:59 UTC 2025' },
    ),
    14,
  ],
  [
    linux(
      'ubuntu22.04',
      'ubuntu:22.04',
      'ubuntu',
      {
        id: 'ubuntu',
        name: 'Ubuntu',
        pretty: 'Ubuntu 22.04.5 LTS',
        version: '22.04.5 LTS (Jammy Jellyfish)',
        versionId: '22.04',
      },
      { release: '5.15.0-157-generic', version: '#167-Ubuntu SMP Wed Sep 17 21:35:53 UTC 2025' },
    ),
    8,
  ],
  [
    linux(
      'debian12',
      'debian:12',
      'debian',
      {
        id: 'debian',
        name: 'Debian GNU/Linux',
        pretty: 'Debian GNU/Linux 12 (bookworm)',
        version: '12 (bookworm)',
        versionId: '12',
      },
      { release: '6.1.0-40-cloud-amd64', version: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)' },
    ),
    8,
  ],
  [
    linux(
      'fedora42',
      'fedora:42',
      'fedora',
      {
        id: 'fedora',
        name: 'Fedora Linux',
        pretty: 'Fedora Linux 42 (Cloud Edition)',
        version: '42 (Cloud Edition)',
        versionId: '42',
      },
      { release: '6.16.10-200.fc42.x86_64', version: '#1 SMP PREEMPT_DYNAMIC Thu Oct  2 18:19:14 UTC 2025' },
    ),
    6,
  ],
  [
    linux(
      'centos.stream10',
      'centos-stream:10',
      'cloud-user',
      {
        id: 'centos',
        name: 'CentOS Stream',
        pretty: 'CentOS Stream 10 (Coughlan)',
        version: '10 (Coughlan)',
        versionId: '10',
      },
      { release: '6.12.0-133.el10.x86_64', version: '#1 SMP PREEMPT_DYNAMIC Mon Sep 29 11:20:41 UTC 2025' },
    ),
    5,
  ],
  [
    linux(
      'sles15',
      'opensuse-leap:15.6',
      'opensuse',
      {
        id: 'opensuse-leap',
        name: 'openSUSE Leap',
        pretty: 'openSUSE Leap 15.6',
        version: '15.6',
        versionId: '15.6',
      },
      {
        release: '6.4.0-150600.23.70-default',
        version: '#1 SMP PREEMPT_DYNAMIC Tue Sep 23 09:37:06 UTC 2025',
      },
      'eth0',
    ),
    5,
  ],
  [windows('windows2022', 'Windows Server 2022 Standard', '2022', '20348'), 12],
  [windows('windows2019', 'Windows Server 2019 Standard', '2019', '17763'), 5],
  [windows('windows11', 'Windows 11 Enterprise', '11', '26100'), 6],
];

/** A machine's size: vCPUs, and its memory in GiB. */
export interface Size {
  cpus: number;
  memoryGi: number;
}

export const SIZES: readonly (readonly [Size, number])[] = [
  [{ cpus: 1, memoryGi: 1 }, 8],
  [{ cpus: 1, memoryGi: 2 }, 16],
  [{ cpus: 2, memoryGi: 2 }, 8],
  [{ cpus: 2, memoryGi: 4 }, 24],
  [{ cpus: 2, memoryGi: 8 }, 14],
  [{ cpus: 4, memoryGi: 8 }, 12],
  [{ cpus: 4, memoryGi: 16 }, 9],
  [{ cpus: 8, memoryGi: 16 }, 3],
  [{ cpus: 8, memoryGi: 32 }, 4],
  [{ cpus: 16, memoryGi: 64 }, 1.5],
  [{ cpus: 32, memoryGi: 128 }, 0.5],
];
