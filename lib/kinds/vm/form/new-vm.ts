import type { VmManifest } from './field';

export interface NewVm {
  name: string;
  namespace: string;
}

/**
 * The VM that the form begins with: runs at once, reaches out by the pod network, has a source of entropy, and virtio
 * wherever there is a choice. Image and size are for the person to choose; an image may name its own size.
 */
export function newVm({ name, namespace }: NewVm): VmManifest {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace },
    spec: {
      runStrategy: 'Always',
      template: {
        metadata: { labels: { 'vm.kubevirt.io/name': name } },
        spec: {
          domain: {
            // All three: a preference may ask for its CPUs as sockets or as cores, and counts what is not said as none.
            cpu: { cores: 1, sockets: 1, threads: 1 },
            memory: { guest: '1Gi' },
            devices: {
              disks: [],
              interfaces: [{ name: 'default', masquerade: {}, model: 'virtio' }],
              rng: {},
            },
          },
          networks: [{ name: 'default', pod: {} }],
          volumes: [],
        },
      },
    },
  };
}

// Without the letters and digits that are taken for others when read aloud.
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789';

/** A name that is hardly taken, from random bytes. */
export function proposedName(random: Uint8Array): string {
  return `vm-${[...random].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}
