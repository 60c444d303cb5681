import { describe, expect, it } from 'vitest';
import type { KubeObject } from './objects';
import { RESOURCES } from './resources';
import { tableRow } from './table';

const created = '2026-01-01T00:00:00Z';
const now = Date.parse('2026-01-02T00:00:00Z');

function row(id: string, fields: object): unknown[] {
  const type = RESOURCES.find((one) => one.id === id);
  if (!type) throw new Error(`No resource ${id}`);
  const object = {
    apiVersion: 'v1',
    kind: type.kind,
    metadata: { name: 'x', creationTimestamp: created },
    ...fields,
  };
  // Printers read no more of the metadata.
  return tableRow(type, object as unknown as KubeObject, 'None', now).cells;
}

describe('what is only kept', () => {
  it.each([
    ['networkpolicies.networking.k8s.io', { spec: { podSelector: {} } }, ['x', '<none>', '24h']],
    [
      'ingresses.networking.k8s.io',
      {
        spec: { ingressClassName: 'nginx', tls: [{}], rules: ['a', 'b', 'c', 'd'].map((host) => ({ host })) },
        status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
      },
      ['x', 'nginx', 'a,b,c + 1 more...', '10.0.0.1', '80, 443', '24h'],
    ],
    ['ingresses.networking.k8s.io', { spec: {} }, ['x', '<none>', '*', '', '80', '24h']],
    ['ingressclasses.networking.k8s.io', { spec: { controller: 'k/n' } }, ['x', 'k/n', '<none>', '24h']],
    [
      'volumeattachments.storage.k8s.io',
      {
        spec: { attacher: 'csi', nodeName: 'n', source: { persistentVolumeName: 'pv' } },
        status: { attached: true },
      },
      ['x', 'csi', 'pv', 'n', true, '24h'],
    ],
  ])('%s is printed as kube-apiserver prints it', (id, fields, cells) => {
    expect(row(id, fields)).toEqual(cells);
  });
});
