import { describe, expect, it } from 'vitest';
import type { TemplateMeta, VmiSpec } from '../api/admission/types';
import { applyChoice } from './apply';
import { unmetRequirement } from './requirements';
import { guestTopology, spreadConflict } from './topology';
import type { InstancetypeSpec, PreferenceSpec } from './types';

const SMALL: InstancetypeSpec = { cpu: { guest: 2 }, memory: { guest: '4Gi' } };

function template(domain: Partial<VmiSpec['domain']> = {}, rest: Partial<VmiSpec> = {}): VmiSpec {
  return { domain: { devices: {}, ...domain }, ...rest };
}

function apply(
  instancetype: InstancetypeSpec | undefined,
  preference: PreferenceSpec | undefined,
  spec = template(),
) {
  const metadata: TemplateMeta = {};
  const conflicts = applyChoice('spec', { instancetype, preference }, spec, metadata);
  return { spec, metadata, conflicts: conflicts.map(({ field }) => field) };
}

describe('an instance type', () => {
  it('decides CPU and memory, vCPUs as sockets unless a preference says otherwise', () => {
    const { spec } = apply(SMALL, undefined);
    expect(spec.domain.cpu).toEqual({ sockets: 2, cores: 1, threads: 1 });
    expect(spec.domain.memory).toEqual({ guest: '4Gi' });
    expect(apply(SMALL, { cpu: { preferredCPUTopology: 'cores' } }).spec.domain.cpu?.cores).toBe(2);
  });

  it('brings the rest of what it names', () => {
    const { spec, metadata } = apply(
      {
        annotations: { a: 'b' },
        cpu: { guest: 2, dedicatedCPUPlacement: true, maxSockets: 2, numa: { guestMappingPassthrough: {} } },
        gpus: [{ name: 'g', deviceName: 'vendor.io/gpu' }],
        ioThreads: { supplementalPoolThreadCount: 4 },
        ioThreadsPolicy: 'supplementalPool',
        memory: { guest: '4Gi', hugepages: { pageSize: '1Gi' } },
        nodeSelector: { zone: 'a' },
        schedulerName: 'careful',
      },
      undefined,
    );
    expect(spec).toEqual({
      domain: {
        cpu: {
          ...{ sockets: 2, cores: 1, threads: 1, maxSockets: 2 },
          dedicatedCpuPlacement: true,
          numa: { guestMappingPassthrough: {} },
        },
        devices: { gpus: [{ name: 'g', deviceName: 'vendor.io/gpu' }] },
        ioThreads: { supplementalPoolThreadCount: 4 },
        ioThreadsPolicy: 'supplementalPool',
        memory: { guest: '4Gi', hugepages: { pageSize: '1Gi' } },
      },
      nodeSelector: { zone: 'a' },
      schedulerName: 'careful',
    });
    expect(metadata.annotations).toEqual({ a: 'b' });
  });

  it('requests less than the guest sees when it overcommits', () => {
    const { spec } = apply({ cpu: { guest: 1 }, memory: { guest: '2Gi', overcommitPercent: 50 } }, undefined);
    expect(spec.domain.resources?.requests).toEqual({ memory: '1Gi' });
  });

  it.each<[string, VmiSpec, string[]]>([
    [
      'cores and sockets',
      template({ cpu: { sockets: 1, cores: 2 } }),
      ['spec.domain.cpu.sockets', 'spec.domain.cpu.cores'],
    ],
    ['guest memory', template({ memory: { guest: '1Gi' } }), ['spec.domain.memory.guest']],
    [
      'requests',
      template({ resources: { requests: { cpu: '1', memory: '1Gi' } } }),
      ['spec.domain.resources.requests.cpu', 'spec.domain.resources.requests.memory'],
    ],
    [
      'limits',
      template({ resources: { limits: { memory: '1Gi' } } }),
      ['spec.domain.resources.limits.memory'],
    ],
  ])('does not share the decision about %s', (_what, spec, fields) => {
    expect(apply(SMALL, undefined, spec).conflicts).toEqual(fields);
  });
});

describe('a preference', () => {
  const LINUX: PreferenceSpec = {
    annotations: { 'vm.kubevirt.io/os': 'linux' },
    devices: { preferredDiskBus: 'virtio', preferredInterfaceModel: 'virtio', preferredRng: {} },
    preferredTerminationGracePeriodSeconds: 60,
  };

  it('fills in what the VM leaves open', () => {
    const spec = template({ devices: { disks: [{ name: 'root' }], interfaces: [{ name: 'default' }] } });
    const { metadata } = apply(undefined, LINUX, spec);
    expect(spec).toEqual({
      domain: {
        devices: {
          disks: [{ name: 'root', disk: { bus: 'virtio' } }],
          interfaces: [{ name: 'default', model: 'virtio' }],
          rng: {},
        },
      },
      terminationGracePeriodSeconds: 60,
    });
    expect(metadata.annotations).toEqual({ 'vm.kubevirt.io/os': 'linux' });
  });

  it('leaves alone what the VM decides', () => {
    const spec = template(
      { devices: { disks: [{ name: 'root', disk: { bus: 'sata' } }] } },
      { terminationGracePeriodSeconds: 5 },
    );
    apply(undefined, LINUX, spec);
    expect(spec.domain.devices.disks).toEqual([{ name: 'root', disk: { bus: 'sata' } }]);
    expect(spec.terminationGracePeriodSeconds).toBe(5);
  });

  it('chooses firmware only where none is chosen', () => {
    const efi: PreferenceSpec = { firmware: { preferredEfi: { secureBoot: true } } };
    expect(apply(undefined, efi).spec.domain.firmware?.bootloader).toEqual({ efi: { secureBoot: true } });
    const bios = template({ firmware: { bootloader: { bios: {} } } });
    expect(apply(undefined, efi, bios).spec.domain.firmware?.bootloader).toEqual({ bios: {} });
  });

  it('adds Hyper-V features to those of the VM, and none beside passthrough', () => {
    const windows: PreferenceSpec = { features: { preferredHyperv: { vapic: {}, relaxed: {} } } };
    const own = template({ features: { hyperv: { relaxed: { enabled: false } } } });
    expect(apply(undefined, windows, own).spec.domain.features?.hyperv).toEqual({
      vapic: {},
      relaxed: { enabled: false },
    });
    const passthrough = template({ features: { hypervPassthrough: { enabled: true } } });
    expect(apply(undefined, windows, passthrough).spec.domain.features?.hyperv).toBeUndefined();
  });
});

describe('spreading vCPUs', () => {
  const spread = (across: string, ratio?: number): PreferenceSpec => ({
    cpu: { preferredCPUTopology: 'spread', spreadOptions: { across, ...(ratio ? { ratio } : {}) } },
  });

  it.each([
    ['SocketsCores', 2, { sockets: 4, cores: 2, threads: 1 }],
    ['CoresThreads', 2, { sockets: 1, cores: 4, threads: 2 }],
    ['SocketsCoresThreads', 4, { sockets: 1, cores: 4, threads: 2 }],
  ])('across %s', (across, ratio, topology) => {
    expect(guestTopology(8, spread(across, ratio))).toEqual(topology);
  });

  it('needs a number that divides', () => {
    const three: InstancetypeSpec = { cpu: { guest: 3 }, memory: { guest: '1Gi' } };
    expect(spreadConflict(three, spread('SocketsCores'))?.message).toBe(
      '3 vCPUs provided by the instance type are not divisible by the Spec.PreferSpreadSocketToCoreRatio or Spec.CPU.PreferSpreadOptions.Ratio of 2 provided by the preference',
    );
    expect(spreadConflict(SMALL, spread('SocketsCores'))).toBeUndefined();
    expect(guestTopology(4, { cpu: { preferredCPUTopology: 'preferCores' } }).cores).toBe(4);
  });
});

describe('requirements', () => {
  const demanding: PreferenceSpec = {
    requirements: { cpu: { guest: 2 }, memory: { guest: '4Gi' } },
  };
  const unmet = (instancetype: InstancetypeSpec | undefined, preference: PreferenceSpec, spec = template()) =>
    unmetRequirement({ instancetype, preference }, spec);

  it('look at the instance type where there is one', () => {
    expect(unmet(SMALL, demanding)).toBeUndefined();
    expect(unmet({ cpu: { guest: 1 }, memory: { guest: '4Gi' } }, demanding)).toEqual({
      field: 'spec.instancetype',
      message: 'insufficient CPU resources of 1 vCPU provided by instance type, preference requires 2 vCPU',
    });
    expect(unmet({ cpu: { guest: 2 }, memory: { guest: '512Mi' } }, demanding)?.message).toBe(
      'insufficient Memory resources of 512Mi provided by instance type, preference requires 4Gi',
    );
  });

  it('look at the VM otherwise, by the topology that is preferred', () => {
    const cores = template({ cpu: { sockets: 1, cores: 4, threads: 1 }, memory: { guest: '8Gi' } });
    expect(unmet(undefined, demanding, cores)).toEqual({
      field: 'spec.template.spec.domain.cpu.sockets',
      message:
        'insufficient CPU resources of 1 vCPU provided by VirtualMachine, preference requires 2 vCPU provided as sockets',
    });
    const any: PreferenceSpec = { ...demanding, cpu: { preferredCPUTopology: 'any' } };
    expect(unmet(undefined, any, cores)).toBeUndefined();
  });

  it('know architectures', () => {
    const arm: PreferenceSpec = { requirements: { architecture: 'arm64' } };
    expect(unmet(SMALL, arm, template({}, { architecture: 'amd64' }))?.message).toBe(
      'preference requires architecture arm64 but amd64 is being requested',
    );
  });
});
