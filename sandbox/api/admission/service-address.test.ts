import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects';
import { allocateService } from './service-address';

const service = (spec: object, uid = 'u'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 's',
    namespace: 'n',
    uid,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: { type: 'ClusterIP', ports: [{ port: 80 }], ...spec },
});

describe('a service', () => {
  it('gets an address of the range, and says where its ports lead', () => {
    const made = service({});
    expect(allocateService(made, undefined, [])).toEqual([]);
    expect(made.spec).toMatchObject({
      clusterIP: expect.stringMatching(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/),
      ipFamilies: ['IPv4'],
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    });
    expect(made.spec).toMatchObject({ clusterIPs: [(made.spec as { clusterIP: string }).clusterIP] });
  });

  it('gets the one that it asks for, unless another has it or it is none of ours', () => {
    const asked = (clusterIP: string) =>
      allocateService(service({ clusterIP }), undefined, [service({ clusterIP: '10.96.0.10' }, 'other')]).map(
        ({ message }) => message,
      );
    expect(asked('10.96.0.11')).toEqual([]);
    expect(asked('None')).toEqual([]);
    expect(asked('10.96.0.10')).toEqual([
      'Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    ]);
    expect(asked('192.168.0.1')[0]).toContain('the provided network does not match the current range');
  });

  it('keeps what it has, and cannot change it', () => {
    const before = service({ clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] });
    const after = service({});
    expect(allocateService(after, before, [before])).toEqual([]);
    expect(after.spec).toMatchObject({ clusterIP: '10.96.0.10' });
    const [cause] = allocateService(service({ clusterIP: '10.96.0.12' }), before, [before]);
    expect(cause).toMatchObject({
      field: 'spec.clusterIPs[0]',
      message: 'Invalid value: ["10.96.0.12"]: may not change once set',
    });
  });

  it('gets node ports of their range where its type has them', () => {
    const made = service({ type: 'NodePort' });
    allocateService(made, undefined, []);
    const { nodePort } = (made.spec as { ports: [{ nodePort: number }] }).ports[0];
    expect(nodePort).toBeGreaterThanOrEqual(30_000);
    expect(nodePort).toBeLessThanOrEqual(32_767);
    const second = service({ type: 'NodePort', ports: [{ port: 80, nodePort }] }, 'second');
    expect(allocateService(second, undefined, [made])[0]).toMatchObject({
      field: 'spec.ports[0].nodePort',
      message: `Invalid value: ${nodePort}: provided port is already allocated`,
    });
  });

  it('has none when it is only a name for something outside', () => {
    const made = service({ type: 'ExternalName', externalName: 'example.com' });
    expect(allocateService(made, undefined, [])).toEqual([]);
    expect(made.spec).not.toHaveProperty('clusterIP');
  });
});
