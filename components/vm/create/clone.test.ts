import { describe, expect, it } from 'vitest';
import { cloneOf } from './clone';

describe('cloneOf', () => {
  it('is another machine: no address, serial number or history of the first, and disks of its own', () => {
    const clone = cloneOf(
      {
        apiVersion: 'kubevirt.io/v1',
        kind: 'VirtualMachine',
        metadata: {
          name: 'web',
          namespace: 'dev',
          uid: 'u',
          resourceVersion: '7',
          finalizers: ['kubevirt.io/virtualMachineControllerFinalize'],
          annotations: { 'kubevirt.io/latest-observed-api-version': 'v1', mine: 'kept' },
        },
        spec: {
          runStrategy: 'Always',
          dataVolumeTemplates: [
            {
              metadata: { name: 'web-root' },
              spec: {
                sourceRef: { kind: 'DataSource', name: 'fedora' },
                storage: { resources: { requests: { storage: '30Gi' } } },
              },
            },
          ],
          template: {
            spec: {
              domain: {
                firmware: { uuid: 'x', serial: 'y', bootloader: { bios: {} } },
                devices: {
                  interfaces: [{ name: 'default', masquerade: {}, macAddress: '02:00:00:00:00:01' }],
                },
              },
              volumes: [
                { name: 'root', dataVolume: { name: 'web-root' } },
                { name: 'data', persistentVolumeClaim: { claimName: 'archive' } },
                { name: 'init', cloudInitNoCloud: { secretRef: { name: 'web-login' } } },
              ],
            },
          },
        },
        status: { ready: true },
      },
      'web-2',
    );
    expect(clone).toEqual({
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'web-2', namespace: 'dev', annotations: { mine: 'kept' } },
      spec: {
        runStrategy: 'Always',
        dataVolumeTemplates: [
          {
            metadata: { name: 'web-2-root' },
            spec: {
              source: { pvc: { namespace: 'dev', name: 'web-root' } },
              storage: { resources: { requests: { storage: '30Gi' } } },
            },
          },
          {
            metadata: { name: 'web-2-archive' },
            spec: { source: { pvc: { namespace: 'dev', name: 'archive' } }, storage: {} },
          },
        ],
        template: {
          spec: {
            domain: {
              firmware: { bootloader: { bios: {} } },
              devices: { interfaces: [{ name: 'default', masquerade: {} }] },
            },
            volumes: [
              { name: 'root', dataVolume: { name: 'web-2-root' } },
              { name: 'data', dataVolume: { name: 'web-2-archive' } },
              // A Secret of the first machine, which nobody copies: both read it.
              { name: 'init', cloudInitNoCloud: { secretRef: { name: 'web-login' } } },
            ],
          },
        },
      },
    });
  });
});
