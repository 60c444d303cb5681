/** A container disk that many clusters can pull, with the size and the preference that fit its system. */
export interface KnownDisk {
  image: string;
  /** The system's own name; no word to translate. */
  title: string;
  /** A cluster preference of KubeVirt's common instance types. */
  preference: string;
  /** One that is large enough for what the preference requires: KubeVirt refuses less. */
  instancetype: string;
}

/** Published by the KubeVirt project: quay.io/organization/containerdisks and its demonstration disks. */
export const KNOWN_DISKS: readonly KnownDisk[] = [
  {
    image: 'quay.io/containerdisks/fedora:latest',
    title: 'Fedora',
    preference: 'fedora',
    instancetype: 'u1.medium',
  },
  {
    image: 'quay.io/containerdisks/ubuntu:24.04',
    title: 'Ubuntu 24.04',
    preference: 'ubuntu',
    instancetype: 'u1.medium',
  },
  {
    image: 'quay.io/containerdisks/ubuntu:22.04',
    title: 'Ubuntu 22.04',
    preference: 'ubuntu',
    instancetype: 'u1.medium',
  },
  {
    image: 'quay.io/containerdisks/debian:13',
    title: 'Debian 13',
    preference: 'debian',
    instancetype: 'u1.small',
  },
  {
    image: 'quay.io/containerdisks/debian:12',
    title: 'Debian 12',
    preference: 'debian',
    instancetype: 'u1.small',
  },
  {
    image: 'quay.io/containerdisks/centos-stream:10',
    title: 'CentOS Stream 10',
    preference: 'centos.stream10',
    instancetype: 'u1.medium',
  },
  {
    image: 'quay.io/containerdisks/centos-stream:9',
    title: 'CentOS Stream 9',
    preference: 'centos.stream9',
    instancetype: 'u1.medium',
  },
  {
    image: 'quay.io/containerdisks/opensuse-leap:15.6',
    title: 'openSUSE Leap 15.6',
    preference: 'opensuse.leap',
    instancetype: 'u1.medium',
  },
  {
    image: 'quay.io/containerdisks/opensuse-tumbleweed:1.0.0',
    title: 'openSUSE Tumbleweed',
    preference: 'opensuse.tumbleweed',
    instancetype: 'u1.medium',
  },
  {
    image: 'quay.io/kubevirt/alpine-container-disk-demo:latest',
    title: 'Alpine',
    preference: 'alpine',
    instancetype: 'u1.nano',
  },
  {
    image: 'quay.io/kubevirt/cirros-container-disk-demo:latest',
    title: 'CirrOS',
    preference: 'cirros',
    instancetype: 'u1.nano',
  },
];
