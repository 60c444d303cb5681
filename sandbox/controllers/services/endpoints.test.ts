import { describe, expect, it } from 'vitest';
import type { Pod } from '../types';
import { slicesOf, subsetsOf } from './endpoints';
import type { Service } from './types';

const META = { namespace: 'dev', resourceVersion: '1', creationTimestamp: '' };

function service(spec: Partial<Service['spec']> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...META, name: 'web', uid: 'service' },
    spec: {
      clusterIP: '10.96.1.2',
      selector: { app: 'web' },
      ports: [{ port: 80, targetPort: 8080 }],
      ...spec,
    },
  };
}

function pod(
  name: string,
  { ready = true, ending = false, ip = '10.244.1.7', spec = {}, phase = 'Running' } = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...META,
      name,
      uid: name,
      labels: { app: 'web' },
      ...(ending ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      nodeName: 'node1',
      containers: [{ name: 'compute', image: '', ports: [{ name: 'http', containerPort: 8000 }] }],
      ...spec,
    },
    // The phase is one of the API's words.
    status: {
      phase: phase as 'Running',
      podIP: ip,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

const ref = (name: string) => ({ kind: 'Pod', namespace: 'dev', name, uid: name });

describe('the endpoints of a service', () => {
  it('are its running pods, ready or not, by address', () => {
    const pods = [pod('b', { ip: '10.244.1.9' }), pod('a'), pod('late', { ready: false, ip: '10.244.2.3' })];
    expect(subsetsOf(service(), pods)).toEqual([
      {
        addresses: [
          { ip: '10.244.1.7', nodeName: 'node1', targetRef: ref('a') },
          { ip: '10.244.1.9', nodeName: 'node1', targetRef: ref('b') },
        ],
        notReadyAddresses: [{ ip: '10.244.2.3', nodeName: 'node1', targetRef: ref('late') }],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ]);
    const [slice, ...more] = slicesOf(service(), pods);
    expect(more).toEqual([]);
    expect(slice?.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
    expect(slice?.endpoints.map(({ conditions }) => conditions.ready)).toEqual([true, true, false]);
  });

  it('are none that have ended, and of those that end only slices tell', () => {
    const pods = [pod('done', { phase: 'Succeeded' }), pod('ending', { ending: true })];
    expect(subsetsOf(service(), pods)).toEqual([]);
    expect(slicesOf(service(), pods)[0]?.endpoints).toMatchObject([
      { conditions: { ready: false, serving: true, terminating: true } },
    ]);
    expect(slicesOf(service(), [])).toEqual([{ endpoints: [], ports: [] }]);
  });

  it('count as ready when the service publishes all', () => {
    const pods = [pod('late', { ready: false })];
    expect(subsetsOf(service({ publishNotReadyAddresses: true }), pods)[0]?.addresses).toHaveLength(1);
  });

  it('have the port that a name stands for in the pod', () => {
    const named = service({ ports: [{ name: 'web', port: 80, targetPort: 'http' }] });
    expect(subsetsOf(named, [pod('a')])[0]?.ports).toEqual([{ name: 'web', port: 8000, protocol: 'TCP' }]);
    expect(subsetsOf(service({ ports: [{ port: 80, targetPort: 'nosuch' }] }), [pod('a')])).toEqual([]);
  });

  it('carry the name of pods that are known by one below the service', () => {
    const known = pod('a', { spec: { hostname: 'db-0', subdomain: 'web' } });
    const headless = service({ clusterIP: 'None', ports: [] });
    expect(subsetsOf(headless, [known])).toMatchObject([{ addresses: [{ hostname: 'db-0' }] }]);
    const elsewhere = pod('a', { spec: { hostname: 'db-0', subdomain: 'other' } });
    expect(subsetsOf(headless, [elsewhere])[0]?.addresses?.[0]).not.toHaveProperty('hostname');
  });
});
