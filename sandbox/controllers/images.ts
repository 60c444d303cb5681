import { parseImage } from '../registry/reference';

/** What a registry host under a reserved top-level name (RFC 2606) can never answer. */
const RESERVED_HOST = /(^|\.)(invalid|test|example)(:\d+)?$/;

/** Container disks and images that this cluster can run, by a word in the last part of the repository's name. */
const KNOWN = [
  ...[
    'fedora',
    'cirros',
    'alpine',
    'ubuntu',
    'debian',
    'centos',
    'rhel',
    'almalinux',
    'rocky',
    'oraclelinux',
  ],
  ...['opensuse', 'tumbleweed', 'sles', 'arch', 'gentoo', 'nixos', 'flatcar', 'coreos', 'freebsd', 'windows'],
  ...[
    'container-disk',
    'containerdisk',
    'bootc',
    'guest',
    'blank',
    'linux',
    'busybox',
    'virtio',
    'microvm',
    'demo',
  ],
  ...['virt-', 'pause', 'coredns', 'kube-', 'etcd', 'nginx', 'kindnet', 'flannel', 'provisioner'],
];

/** The account that a distribution's cloud-init configuration names; the first word that occurs counts. */
const DEFAULT_USERS: readonly [word: string, user: string][] = [
  ['fedora', 'fedora'],
  ['ubuntu', 'ubuntu'],
  ['debian', 'debian'],
  ['alpine', 'alpine'],
  ['cirros', 'cirros'],
  ['centos', 'cloud-user'],
  ['rhel', 'cloud-user'],
  ['oraclelinux', 'cloud-user'],
  ['almalinux', 'almalinux'],
  ['rocky', 'rocky'],
  ['opensuse', 'opensuse'],
  ['tumbleweed', 'opensuse'],
  ['sles', 'sles'],
  ['arch', 'arch'],
  ['flatcar', 'core'],
  ['coreos', 'core'],
  ['freebsd', 'freebsd'],
];

/**
 * Why an image cannot be pulled, in containerd's words; undefined when it can. Container disks have to be of a kind
 * that can boot here (`bootable`); any other image is a name whose program never runs.
 */
export function pullFailure(reference: string, { bootable }: { bootable: boolean }): string | undefined {
  const { host, repository, tag } = parseImage(reference);
  const failed = `failed to pull and unpack image "${reference}": failed to resolve image`;
  const address = `https://${host}/v2/${repository}/manifests/${tag}`;
  if (RESERVED_HOST.test(host)) {
    return `${failed}: failed to do request: Head "${address}": dial tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`;
  }
  const last = repository.split('/').at(-1) ?? '';
  const unknown = bootable && !KNOWN.some((word) => last.includes(word));
  if (tag.includes('nosuch') || last.includes('nosuch') || unknown) {
    return `${failed}: ${host}/${repository}:${tag}: not found`;
  }
  return undefined;
}

/** Who a `password:` of cloud-init belongs to in a container disk of this name. */
export function defaultUser(reference: string): string | undefined {
  const { repository } = parseImage(reference);
  return DEFAULT_USERS.find(([word]) => repository.includes(word))?.[1];
}

/** A digest that is the same for the same reference. */
export function imageId(reference: string, hash: (text: string) => string): string {
  return `${reference.split('@')[0]?.replace(/:[^/:]*$/, '')}@sha256:${hash(reference)}`;
}
