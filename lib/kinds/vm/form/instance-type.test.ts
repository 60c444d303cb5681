import { describe, expect, it } from 'vitest';
import { valueAt, withValueAt } from '@/lib/k8s/json';
import { DOMAIN, GUEST } from './field';
import {
  INSTANCETYPE,
  NO_MATCHER,
  sizeOffer,
  sizeSeries,
  withInstanceType,
  withOwnSize,
} from './instance-type';
import { preferenceOffer, unmetRequirement } from './preference';

const object = (kind: string, name: string, spec: unknown, more: object = {}) =>
  // Only what the functions look at.
  ({ apiVersion: 'instancetype.kubevirt.io/v1beta1', kind, metadata: { name, ...more }, spec }) as never;
const type = (name: string, spec: unknown, more: object = {}) =>
  object('VirtualMachineClusterInstancetype', name, spec, more);

const medium = sizeOffer(type('u1.medium', { cpu: { guest: 1 }, memory: { guest: '4Gi' } }));
const exclusive = sizeOffer(
  type('cx1.large', {
    cpu: { guest: 2, dedicatedCPUPlacement: true, numa: { guestMappingPassthrough: {} }, maxSockets: 2 },
    memory: { guest: '4Gi', hugepages: { pageSize: '2Mi' } },
    ioThreadsPolicy: 'auto',
  }),
);
const own = withValueAt({ spec: { runStrategy: 'Halted' } }, DOMAIN, {
  cpu: { sockets: 2, cores: 2, model: 'host-model' },
  memory: { guest: '8Gi' },
  resources: { requests: { memory: '8Gi' } },
  ioThreadsPolicy: 'shared',
});

describe('choosing an instance type', () => {
  it('removes what the API would refuse beside it, and says what', () => {
    const { vm, removed } = withInstanceType(own, medium, medium.spec);
    expect(removed).toEqual([
      { path: 'domain.cpu.sockets', value: '2' },
      { path: 'domain.cpu.cores', value: '2' },
      { path: 'domain.memory.guest', value: '8Gi' },
      { path: 'domain.resources.requests.memory', value: '8Gi' },
    ]);
    expect(valueAt(vm, DOMAIN)).toEqual({ cpu: { model: 'host-model' }, ioThreadsPolicy: 'shared' });
    expect(valueAt(vm, ['spec', 'instancetype'])).toEqual({ name: 'u1.medium', kind: medium.kind });
  });

  it('removes what only this one decides', () => {
    const { removed } = withInstanceType(own, exclusive, exclusive.spec);
    expect(removed.map(({ path }) => path)).toContain('domain.ioThreadsPolicy');
  });

  it('goes back to an own size with the amounts of the instance type', () => {
    const { vm } = withInstanceType(own, exclusive, exclusive.spec);
    const back = withOwnSize(vm, exclusive);
    expect(valueAt(back, ['spec', 'instancetype'])).toBeUndefined();
    expect(valueAt(back, DOMAIN)).toEqual({
      cpu: {
        model: 'host-model',
        sockets: 2,
        maxSockets: 2,
        dedicatedCpuPlacement: true,
        numa: { guestMappingPassthrough: {} },
      },
      memory: { guest: '4Gi', hugepages: { pageSize: '2Mi' } },
      ioThreadsPolicy: 'auto',
    });
    const thin = sizeOffer(
      type('o1.small', { cpu: { guest: 1 }, memory: { guest: '2Gi', overcommitPercent: 50 } }),
    );
    expect(valueAt(withOwnSize({}, thin), [...DOMAIN, 'resources'])).toEqual({
      requests: { memory: '1024Mi' },
    });
  });

  it('forgets the revision of another, and keeps what is inferred', () => {
    const inferred = {
      spec: { instancetype: { inferFromVolume: 'root', inferFromVolumeFailurePolicy: 'Ignore' } },
    };
    expect(INSTANCETYPE.read(inferred)).toEqual({ ...NO_MATCHER, inferFromVolume: 'root' });
    expect(INSTANCETYPE.write(inferred, { name: 'u1.small', kind: '', inferFromVolume: '' })).toEqual({
      spec: { instancetype: { name: 'u1.small' } },
    });
    const revised = { spec: { instancetype: { name: 'u1.small', revisionName: 'r' } } };
    expect(INSTANCETYPE.write(revised, { name: 'u1.large', kind: '', inferFromVolume: '' })).toEqual({
      spec: { instancetype: { name: 'u1.large' } },
    });
    expect(INSTANCETYPE.write(revised, NO_MATCHER)).toEqual({});
  });

  it('never stumbles over odd objects', () => {
    for (const spec of [undefined, 'odd', { cpu: 'odd', memory: [] }]) {
      const odd = sizeOffer(type('odd', spec));
      expect(odd.vcpus).toBe(0);
      expect(withOwnSize({}, odd)).toEqual({});
    }
  });
});

describe('series', () => {
  it('puts the namespace first, then the usual one, and sizes in order', () => {
    const offers = [
      sizeOffer(type('u1.xlarge', { cpu: { guest: 4 }, memory: { guest: '16Gi' } })),
      sizeOffer(type('cx1.large', { cpu: { guest: 2 }, memory: { guest: '4Gi' } })),
      medium,
      sizeOffer(
        object('VirtualMachineInstancetype', 'ours', { cpu: { guest: 1 }, memory: { guest: '1Gi' } }),
      ),
    ];
    expect(sizeSeries(offers).map(({ id, offers: all }) => [id, ...all.map(({ name }) => name)])).toEqual([
      ['own', 'ours'],
      ['u1', 'u1.medium', 'u1.xlarge'],
      ['cx1', 'cx1.large'],
    ]);
  });
});

describe('requirements of a preference', () => {
  const windows = preferenceOffer(
    object('VirtualMachineClusterPreference', 'windows.11', {
      requirements: { cpu: { guest: 2 }, memory: { guest: '4Gi' }, architecture: 'amd64' },
    }),
  );

  it('are met by the instance type or the VM', () => {
    expect(unmetRequirement({}, windows, medium)?.key).toBe('compute.preference.shortOfCpu');
    const two = withValueAt({}, DOMAIN, { cpu: { sockets: 2 }, memory: { guest: '2Gi' } });
    expect(unmetRequirement(two, windows, undefined)?.key).toBe('compute.preference.shortOfMemory');
    const enough = withValueAt(two, [...DOMAIN, 'memory', 'guest'], '4Gi');
    expect(unmetRequirement(enough, windows, undefined)).toBeUndefined();
    expect(
      unmetRequirement(withValueAt(enough, [...GUEST, 'architecture'], 'arm64'), windows, undefined)?.key,
    ).toBe('compute.preference.otherArchitecture');
  });

  it('count the level of the topology that the preference prefers', () => {
    const cores = withValueAt({}, DOMAIN, { cpu: { cores: 4 }, memory: { guest: '4Gi' } });
    expect(unmetRequirement(cores, windows, undefined)?.key).toBe('compute.preference.shortOfCpu');
    expect(unmetRequirement(cores, { ...windows, topology: 'any' }, undefined)).toBeUndefined();
  });
});
