/** A container disk that many clusters can pull, with the preference that fits its system. */
export interface KnownDisk {
  image: string;
  /** The system's own name; no word to translate. */
  title: string;
  /** A cluster preference of KubeVirt's common instance types. */
  preference: string;
}

/** Published by the KubeVirt project: quay.io/organization/containerdisks and its demonstration disks. */
export const KNOWN_DISKS: readonly KnownDisk[] = [
  { image: 'quay.io/containerdisks/fedora:latest', title: 'Fedora', preference: 'fedora' },
  { image: 'quay.io/containerdisks/ubuntu:24.04', title: 'Ubuntu 24.04', preference: 'ubuntu' },
  { image: 'quay.io/containerdisks/ubuntu:22.04', title: 'Ubuntu 22.04', preference: 'ubuntu' },
  { image: 'quay.io/containerdisks/debian:13', title: 'Debian 13', preference: 'debian' },
  { image: 'quay.io/containerdisks/debian:12', title: 'Debian 12', preference: 'debian' },
  {
    image: 'quay.io/containerdisks/centos-stream:10',
    title: 'CentOS Stream 10',
    preference: 'centos.stream10',
  },
  {
    image: 'quay.io/containerdisks/centos-stream:9',
    title: 'CentOS Stream 9',
    preference: 'centos.stream9',
  },
  {
    image: 'quay.io/containerdisks/opensuse-leap:15.6',
    title: 'openSUSE Leap 15.6',
    preference: 'opensuse.leap',
  },
  {
    image: 'quay.io/containerdisks/opensuse-tumbleweed:1.0.0',
    title: 'openSUSE Tumbleweed',
    preference: 'opensuse.tumbleweed',
  },
  { image: 'quay.io/kubevirt/alpine-container-disk-demo:latest', title: 'Alpine', preference: 'alpine' },
  { image: 'quay.io/kubevirt/cirros-container-disk-demo:latest', title: 'CirrOS', preference: 'cirros' },
];
