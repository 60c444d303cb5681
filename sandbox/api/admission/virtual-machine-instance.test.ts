import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from './config';
import { admit, devicesWith, object, refusal, vmiWith } from './testing';
import type { VirtualMachineInstance } from './types';
import { admitNewVmi } from './virtual-machine-instance';
import { defaultVirtualMachineInstance } from './vmi-defaults';

const CREATE =
  'admission webhook "virtualmachineinstances-create-validator.kubevirt.io" denied the request: ';
const UPDATE =
  'admission webhook "virtualmachineinstances-update-validator.kubevirt.io" denied the request: ';
const byKubeVirt = {
  user: { username: 'system:serviceaccount:kubevirt:kubevirt-controller', groups: [] },
};

function defaulted(spec: Record<string, unknown>, config = DEFAULT_CONFIG): VirtualMachineInstance {
  const vmi = object('VirtualMachineInstance', spec);
  defaultVirtualMachineInstance(vmi, config);
  return vmi as VirtualMachineInstance;
}

describe('the defaults of a VMI', () => {
  it('make a whole machine out of next to nothing', () => {
    const vmi = defaulted({ domain: { devices: {}, resources: { requests: { memory: '256Mi' } } } });
    expect(vmi.spec).toEqual({
      architecture: 'amd64',
      domain: {
        cpu: { cores: 1, sockets: 1, threads: 1, maxSockets: 4, model: 'host-model' },
        devices: { interfaces: [{ name: 'default', masquerade: {} }] },
        features: { acpi: { enabled: true } },
        firmware: { uuid: expect.any(String), serial: expect.any(String) },
        machine: { type: 'q35' },
        memory: { guest: '256Mi' },
        resources: { requests: { memory: '256Mi' } },
      },
      evictionStrategy: 'None',
      networks: [{ name: 'default', pod: {} }],
    });
    expect(vmi.metadata).toMatchObject({
      annotations: { 'kubevirt.io/pci-topology-version': 'v3' },
      finalizers: ['kubevirt.io/foregroundDeleteVirtualMachine'],
    });
    expect(vmi.status).toEqual({
      phase: 'Pending',
      phaseTransitionTimestamps: [
        { phase: 'Pending', phaseTransitionTimestamp: expect.stringMatching(/Z$/) },
      ],
      memory: { guestAtBoot: '256Mi', guestCurrent: '256Mi', guestRequested: '256Mi' },
      currentCPUTopology: { cores: 1, sockets: 1, threads: 1 },
      runtimeUser: 107,
    });
  });

  it('are the same when they are filled in twice, but for nothing', () => {
    const vmi = defaulted({ domain: { devices: {}, memory: { guest: '2Gi' } } });
    const { spec, metadata } = structuredClone(vmi);
    defaultVirtualMachineInstance(vmi);
    expect(vmi.spec).toEqual(spec);
    expect(vmi.metadata).toEqual(metadata);
  });

  it('give every volume a disk, and every disk a bus', () => {
    const { spec } = defaulted({
      domain: { devices: { disks: [{ name: 'b', disk: { bus: 'virtio' } }] } },
      volumes: [
        { name: 'a', containerDisk: { image: 'x:1' } },
        { name: 'b', containerDisk: { image: 'y' } },
      ],
    });
    expect(spec.domain.devices.disks).toEqual([
      { name: 'b', disk: { bus: 'virtio' } },
      { name: 'a', disk: { bus: 'sata' } },
    ]);
    expect(spec.volumes?.map(({ containerDisk }) => containerDisk?.imagePullPolicy)).toEqual([
      'IfNotPresent',
      'Always',
    ]);
  });

  it.each([
    [{ cores: 2 }, { cores: 2, maxSockets: 4 }],
    [
      { sockets: 3, cores: 1, threads: 1 },
      { sockets: 3, maxSockets: 12 },
    ],
    [
      { sockets: 200, cores: 1, threads: 1 },
      { sockets: 200, maxSockets: 512 },
    ],
    [
      { sockets: 64, cores: 4, threads: 4 },
      { sockets: 64, maxSockets: 64 },
    ],
    [
      { sockets: 1, maxSockets: 9 },
      { sockets: 1, maxSockets: 9 },
    ],
  ])('leave room to plug CPUs in: %j', (cpu, expected) => {
    expect(defaulted({ domain: { devices: {}, cpu } }).spec.domain.cpu).toMatchObject(expected);
  });

  it('take the sockets from the CPU limit when no topology is given', () => {
    const { domain } = defaulted({ domain: { devices: {}, resources: { limits: { cpu: '3' } } } }).spec;
    expect(domain.cpu).toMatchObject({ sockets: 3, cores: 1, threads: 1 });
    expect(domain.resources?.requests).toEqual({ cpu: '3' });
  });

  it.each([
    ['1Gi', '4Gi'],
    ['1536Mi', '6Gi'],
    ['1026Mi', '4104Mi'],
    ['512Mi', undefined],
    ['1025Mi', undefined],
  ])('leave room to plug memory in beside %s: %s', (guest, maxGuest) => {
    expect(defaulted({ domain: { devices: {}, memory: { guest } } }).spec.domain.memory?.maxGuest).toBe(
      maxGuest,
    );
  });

  it('leave no room where the cluster stages changes', () => {
    const { domain } = defaulted(
      { domain: { devices: {}, memory: { guest: '2Gi' } } },
      {
        ...DEFAULT_CONFIG,
        liveUpdate: false,
      },
    ).spec;
    expect(domain.memory?.maxGuest).toBeUndefined();
    expect(domain.cpu?.maxSockets).toBeUndefined();
  });

  it('add no network to a VMI that wants none', () => {
    const { spec } = defaulted({ domain: { devices: { autoattachPodInterface: false } } });
    expect(spec.networks).toBeUndefined();
    expect(spec.domain.devices.interfaces).toBeUndefined();
  });
});

describe('a VMI on its way in', () => {
  it('is admitted with its defaults', () => {
    const vmi = vmiWith();
    expect(admit(vmi)).toEqual([]);
    expect(vmi.status).toMatchObject({ phase: 'Pending' });
  });

  it('may not bring a status', () => {
    const vmi = vmiWith();
    vmi.status = { phase: 'Running', nodeName: 'mine' };
    admit(vmi);
    expect(vmi.status).not.toHaveProperty('nodeName');
  });

  it('must say how much memory it wants', () => {
    const message =
      "no memory requested, at least one of 'spec.domain.memory.guest', 'spec.domain.memory.hugepages.pageSize' or 'spec.domain.resources.requests.memory' must be set";
    expect(refusal(object('VirtualMachineInstance', { domain: { devices: {} } }))).toMatchObject({
      code: 422,
      message: CREATE + message,
      details: { causes: [{ reason: 'FieldValueRequired', message }] },
    });
  });

  it('is validated as a VM is, with its own paths', () => {
    const status = refusal(
      vmiWith({ domain: devicesWith({ disks: [{ name: 'x', disk: { bus: 'virtio' } }] }) }),
    );
    expect(status?.message).toContain("spec.domain.devices.disks[0].Name 'x' not found.");
  });

  it('must have a domain', () => {
    expect(refusal(object('VirtualMachineInstance', {}))?.message).toBe(
      'admission webhook "virtualmachineinstances-mutator.kubevirt.io" denied the request: spec.domain in body is required',
    );
  });

  it('may not claim a reserved label, unless KubeVirt says so', () => {
    const labelled = () => {
      const vmi = vmiWith();
      vmi.metadata.labels = { 'kubevirt.io/nodeName': 'node-1' };
      return vmi;
    };
    expect(refusal(labelled())?.message).toContain('creation of the following reserved kubevirt.io/ labels');
    expect(refusal(labelled(), byKubeVirt)).toBeUndefined();
  });
});

describe('a VMI that the VM controller makes', () => {
  it('keeps the status it is made with', () => {
    const vmi = vmiWith();
    vmi.status = { virtualMachineRevisionName: 'revision-1' };
    admitNewVmi(vmi, DEFAULT_CONFIG, true);
    expect(vmi.status).toMatchObject({ virtualMachineRevisionName: 'revision-1', phase: 'Pending' });
  });

  it('is refused like any other', () => {
    const draft = object('VirtualMachineInstance', { domain: { devices: {} } });
    expect(() => admitNewVmi(draft, DEFAULT_CONFIG, true)).toThrow('no memory requested');
  });
});

describe('a VMI that exists', () => {
  const stored = () => {
    const vmi = vmiWith();
    admit(vmi);
    vmi.status = { phase: 'Running', nodeName: 'node-1' };
    vmi.metadata.labels = { 'kubevirt.io/nodeName': 'node-1' };
    return vmi;
  };

  it('may not have its spec changed', () => {
    const oldObject = stored();
    const vmi = structuredClone(oldObject);
    Object.assign(vmi.spec as object, { terminationGracePeriodSeconds: 1 });
    expect(refusal(vmi, { oldObject })).toMatchObject({
      code: 422,
      message: `${UPDATE}update of VMI object is restricted`,
      details: {
        causes: [{ reason: 'FieldValueNotSupported', message: 'update of VMI object is restricted' }],
      },
    });
    expect(refusal(vmi, { oldObject, ...byKubeVirt })).toBeUndefined();
  });

  it('keeps its status whatever users write', () => {
    const oldObject = stored();
    const vmi = structuredClone(oldObject);
    vmi.status = { phase: 'Failed' };
    expect(admit(vmi, { oldObject })).toEqual([]);
    expect(vmi.status).toEqual({ phase: 'Running', nodeName: 'node-1' });
  });

  it('may get labels, but not lose a reserved one', () => {
    const oldObject = stored();
    const more = structuredClone(oldObject);
    more.metadata.labels = { ...more.metadata.labels, team: 'a' };
    expect(refusal(more, { oldObject })).toBeUndefined();
    const fewer = structuredClone(oldObject);
    fewer.metadata.labels = {};
    expect(refusal(fewer, { oldObject })?.message).toBe(
      `${UPDATE}modification of the following reserved kubevirt.io/ labels on a VMI object is prohibited`,
    );
  });
});
