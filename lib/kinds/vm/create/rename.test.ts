import { describe, expect, it } from 'vitest';
import { renamed } from './rename';

const draft = {
  vm: {
    metadata: { name: 'web', labels: { app: 'web', tier: 'front' } },
    spec: {
      dataVolumeTemplates: [{ metadata: { name: 'web-root' } }, { metadata: { name: 'cache' } }],
      template: {
        metadata: { labels: { 'kubevirt.io/domain': 'web' } },
        spec: {
          hostname: 'web',
          volumes: [
            { name: 'web-root', dataVolume: { name: 'web-root' } },
            { name: 'cache', dataVolume: { name: 'cache' } },
            { name: 'shared', persistentVolumeClaim: { claimName: 'shared' } },
            {
              name: 'init',
              cloudInitNoCloud: { secretRef: { name: 'web-login' }, userData: 'hostname: web\nuser: web\n' },
            },
          ],
          accessCredentials: [{ sshPublicKey: { source: { secret: { secretName: 'keys' } } } }],
        },
      },
    },
  },
  others: [
    {
      kind: 'Secret',
      metadata: { name: 'web-login' },
      stringData: { userdata: '#cloud-config\nfqdn: web.lab # here\n' },
    },
    { kind: 'Namespace', metadata: { name: 'web' } },
    { kind: 'Secret', metadata: { name: 'keys' } },
  ],
};

describe('renamed', () => {
  it('takes along what is named after the VM, and every reference to it', () => {
    const { vm, others } = renamed(draft, 'shop');
    expect(vm).toEqual({
      metadata: { name: 'shop', labels: { app: 'shop', tier: 'front' } },
      spec: {
        dataVolumeTemplates: [{ metadata: { name: 'shop-root' } }, { metadata: { name: 'cache' } }],
        template: {
          metadata: { labels: { 'kubevirt.io/domain': 'shop' } },
          spec: {
            hostname: 'shop',
            volumes: [
              { name: 'web-root', dataVolume: { name: 'shop-root' } },
              { name: 'cache', dataVolume: { name: 'cache' } },
              { name: 'shared', persistentVolumeClaim: { claimName: 'shared' } },
              {
                name: 'init',
                cloudInitNoCloud: {
                  secretRef: { name: 'shop-login' },
                  userData: 'hostname: shop\nuser: web\n',
                },
              },
            ],
            accessCredentials: [{ sshPublicKey: { source: { secret: { secretName: 'keys' } } } }],
          },
        },
      },
    });
    expect(others).toEqual([
      {
        kind: 'Secret',
        metadata: { name: 'shop-login' },
        stringData: { userdata: '#cloud-config\nfqdn: shop.lab # here\n' },
      },
      { kind: 'Namespace', metadata: { name: 'web' } },
      { kind: 'Secret', metadata: { name: 'keys' } },
    ]);
  });

  it('gives a copy that stands beside the first a name for everything that is made with it', () => {
    const { vm, others } = renamed(draft, 'web-2', { apart: true });
    expect(JSON.stringify(vm)).toContain('"dataVolume":{"name":"web-2-cache"}');
    expect(JSON.stringify(vm)).toContain('"secretName":"web-2-keys"');
    expect(JSON.stringify(vm)).toContain('"claimName":"shared"');
    expect(others.map(({ metadata }) => (metadata as { name: string }).name)).toEqual([
      'web-2-login',
      'web',
      'web-2-keys',
    ]);
  });

  it('returns the same draft where nothing changes', () => {
    expect(renamed(draft, 'web')).toBe(draft);
    expect(renamed(draft, '')).toBe(draft);
  });
});
