import { describe, expect, it } from 'vitest';
import { admit, devicesWith, refusal, vmWith } from './testing';

const root = { name: 'root', disk: { bus: 'virtio' } };
const disks = (...list: object[]) => ({ domain: devicesWith({ disks: list }) });
const nics = (...list: object[]) => ({ domain: devicesWith({ interfaces: list }) });
const image = { name: 'root', containerDisk: { image: 'quay.io/disks/web:1' } };
const volumes = (...list: object[]) => ({ volumes: [image, ...list] });
const domain = (fields: object) => ({ domain: { ...devicesWith({}), ...fields } });

describe('a VM that KubeVirt takes', () => {
  it('gets the defaults that are visible right after create', () => {
    const vm = vmWith();
    expect(admit(vm)).toEqual([]);
    const { template } = vm.spec as {
      template: { metadata: object; spec: { domain: Record<string, unknown> } };
    };
    expect(template.metadata).toEqual({
      labels: { app: 'web' },
      annotations: { 'kubevirt.io/pci-topology-version': 'v3' },
    });
    expect(template.spec).toMatchObject({
      architecture: 'amd64',
      domain: { machine: { type: 'q35' }, resources: {} },
    });
    expect(template.spec.domain.firmware).toEqual({
      uuid: expect.stringMatching(/^[\da-f]{8}-/),
      serial: expect.stringMatching(/^[\da-f]{8}-/),
    });
    // What only the VMI gets.
    expect(template.spec.domain).not.toHaveProperty('cpu');
    expect(template.spec.domain).not.toHaveProperty('features');
  });

  it('keeps what it says itself', () => {
    const vm = vmWith(domain({ machine: { type: 'pc-q35-9.0' }, firmware: { serial: 'abc', uuid: 'u' } }));
    admit(vm);
    expect(vm.spec).toMatchObject({
      template: {
        spec: { domain: { machine: { type: 'pc-q35-9.0' }, firmware: { serial: 'abc', uuid: 'u' } } },
      },
    });
  });

  it('has a template with a spec, also while it is being deleted', () => {
    const old = vmWith();
    const vm = vmWith();
    vm.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    Object.assign(vm.spec as object, { template: {} });
    admit(vm, { oldObject: old });
    expect(vm.spec).toMatchObject({ template: { spec: { domain: { devices: {} } } } });
  });

  it('gets no new firmware ids on update', () => {
    const old = vmWith();
    const vm = vmWith();
    admit(vm, { oldObject: old });
    expect(JSON.stringify(vm)).not.toContain('firmware');
  });

  it('has its quantities in canonical spelling and its nulls dropped', () => {
    const vm = vmWith(domain({ memory: { guest: '2048Mi' }, resources: { limits: { cpu: '0.5' } } }));
    Object.assign((vm.spec as { template: object }).template, { metadata: { creationTimestamp: null } });
    admit(vm);
    expect(vm.spec).toMatchObject({
      template: { spec: { domain: { memory: { guest: '2Gi' }, resources: { limits: { cpu: '500m' } } } } },
    });
    expect(JSON.stringify(vm)).not.toContain('null');
  });

  it('is warned about spec.running', () => {
    const warnings = admit(vmWith({}, { runStrategy: undefined, running: true }));
    expect(warnings).toEqual(['spec.running is deprecated, please use spec.runStrategy instead.']);
  });

  it.each([
    ['a volume that no disk uses', volumes({ name: 'spare', emptyDisk: { capacity: '1Gi' } })],
    ['no guest memory', domain({ memory: {} })],
    ['a guest memory of 0', domain({ memory: { guest: '0' } })],
    [
      'dedicated CPUs without a count',
      domain({ cpu: { dedicatedCpuPlacement: true }, memory: { guest: '1Gi' } }),
    ],
    ['a negative grace period', { terminationGracePeriodSeconds: -5 }],
    ['a node selector that is no label', { nodeSelector: { 'bad key!': 'x' } }],
    ['a priority class that does not exist', { priorityClassName: 'nope' }],
    [
      'a GPU that is not permitted',
      { domain: devicesWith({ gpus: [{ name: 'g', deviceName: 'nvidia.com/X' }] }) },
    ],
    ['a disk without a bus', disks({ name: 'root', disk: {} })],
    ['a disk without a target', disks({ name: 'root' })],
    ['an empty CD-ROM drive', disks(root, { name: 'drive', cdrom: { bus: 'sata' } })],
    ['no network at all', { networks: [], ...nics() }],
    ['no disk at all', { volumes: [], ...disks() }],
  ])('may have %s', (_what, template) => {
    expect(refusal(vmWith(template))).toBeUndefined();
  });

  it('may name an instance type that does not exist', () => {
    const vm = vmWith(domain({ memory: undefined }), { instancetype: { name: 'nope' } });
    expect(refusal(vm)).toBeUndefined();
  });

  it('is let through while it is being deleted', () => {
    const vm = vmWith(disks({ name: 'root', disk: { bus: 'warp' } }));
    vm.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(refusal(vm, { oldObject: vmWith() })).toBeUndefined();
  });
});

it('a template without a spec is one with an empty spec, as Go decodes it', () => {
  const vm = vmWith({}, { template: {} });
  // vmWith puts its own template over what it is given.
  (vm.spec as { template: object }).template = {};
  admit(vm);
  expect(vm.spec).toMatchObject({ template: { spec: { domain: { devices: {} } } } });
});

describe('a VM of the wrong shape', () => {
  const MUTATOR = 'admission webhook "virtualmachines-mutator.kubevirt.io" denied the request: ';

  it.each<[string, (spec: Record<string, unknown>) => unknown, string]>([
    ['no template', ({ template: _template, ...spec }) => spec, 'spec.template in body is required'],
    [
      'no domain',
      (spec) => ({ ...spec, template: { spec: {} } }),
      'spec.template.spec.domain in body is required',
    ],
    [
      'no devices',
      (spec) => ({ ...spec, template: { spec: { domain: {} } } }),
      'spec.template.spec.domain.devices in body is required',
    ],
    [
      'text for a truth',
      (spec) => ({ ...spec, running: 'yes' }),
      'spec.running in body must be of type boolean: "string"',
    ],
    [
      'nothing for a list',
      (spec) => ({ ...spec, template: { spec: { domain: { devices: {} }, volumes: null } } }),
      'spec.template.spec.volumes in body must be of type array: "null"',
    ],
    [
      'a nameless disk',
      (spec) => ({ ...spec, template: { spec: { domain: { devices: { disks: [{}] } } } } }),
      'spec.template.spec.domain.devices.disks.0.name in body is required',
    ],
    [
      'text for a number',
      (spec) => ({ ...spec, template: { spec: { domain: { devices: {}, cpu: { cores: 'two' } } } } }),
      'spec.template.spec.domain.cpu.cores in body must be of type integer: "string"',
    ],
    [
      'half a core',
      (spec) => ({ ...spec, template: { spec: { domain: { devices: {}, cpu: { cores: 1.5 } } } } }),
      'spec.template.spec.domain.cpu.cores in body must be of type integer: "number"',
    ],
  ])('is refused by the mutator: %s', (_what, change, message) => {
    const vm = vmWith();
    vm.spec = change(vm.spec as Record<string, unknown>);
    expect(refusal(vm)).toMatchObject({
      code: 422,
      message: MUTATOR + message,
      details: { causes: [{ message }] },
    });
  });

  it('is refused without any spec', () => {
    const vm = vmWith();
    delete vm.spec;
    expect(refusal(vm)?.message).toBe(
      `${MUTATOR}spec in body is required, spec in body must be of type object: "null"`,
    );
  });

  it.each([
    [
      'memory that is no quantity',
      domain({ resources: { requests: { memory: 'lots' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      'a negative number of cores',
      domain({ cpu: { cores: -1 } }),
      'json: cannot unmarshal number -1 into Go struct field VirtualMachineInstanceTemplateSpec.spec.template.spec.domain.cpu.cores of type uint32',
    ],
  ])('is a bad request without a reason: %s', (_what, template, message) => {
    const status = refusal(vmWith(template));
    expect(status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: MUTATOR + message,
      code: 400,
    });
  });
});

describe('unknown fields', () => {
  const typo = () => vmWith(domain({ warpDrive: true }));
  const FIELD = 'spec.template.spec.domain.warpDrive';

  it('are dropped with a warning', () => {
    const vm = typo();
    expect(admit(vm)).toEqual([`unknown field "${FIELD}"`]);
    expect(JSON.stringify(vm)).not.toContain('warpDrive');
  });

  it('are dropped in silence when asked', () => {
    expect(admit(typo(), { fieldValidation: 'Ignore' })).toEqual([]);
  });

  it('are refused under Strict', () => {
    expect(refusal(typo(), { fieldValidation: 'Strict' })).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message: `VirtualMachine in version "v1" cannot be handled as a VirtualMachine: strict decoding error: unknown field "${FIELD}"`,
    });
  });
});
