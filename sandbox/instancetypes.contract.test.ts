import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox } from './testing';

const GROUP = '/apis/instancetype.kubevirt.io/v1beta1';
const CLUSTER_TYPES = `${GROUP}/virtualmachineclusterinstancetypes`;
const NAMESPACE = 'sizes';
const VMS = `/apis/kubevirt.io/v1/namespaces/${NAMESPACE}/virtualmachines`;

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NAMESPACE);
});
afterAll(() => sandbox.close());

function vm(name: string, spec: object, domain: object = {}) {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      runStrategy: 'Halted',
      template: {
        spec: {
          domain: { devices: { disks: [{ name: 'root', disk: {} }] }, ...domain },
          volumes: [{ name: 'root', containerDisk: { image: 'example.org/disk:1' } }],
        },
      },
      ...spec,
    },
  };
}

const createVm = (name: string, spec: object, domain?: object) =>
  sandbox.createVm(vm(name, spec, domain), NAMESPACE);

const instancetype = (name: string, spec: object) => ({
  apiVersion: 'instancetype.kubevirt.io/v1beta1',
  kind: 'VirtualMachineInstancetype',
  metadata: { name },
  spec,
});

const expandSpec = (name: string) =>
  sandbox.ask(
    'GET',
    `/apis/subresources.kubevirt.io/v1/namespaces/${NAMESPACE}/virtualmachines/${name}/expand-spec`,
  );

describe('the catalogue', () => {
  it('is there from the start', async () => {
    const { body } = await sandbox.ask('GET', CLUSTER_TYPES);
    expect(body.items).toHaveLength(65);
    expect((await sandbox.ask('GET', `${GROUP}/virtualmachineclusterpreferences`)).body.items).toHaveLength(
      54,
    );
  });

  it('comes back when one is deleted or edited, as virt-operator keeps it', async () => {
    const before = await sandbox.ask('GET', `${CLUSTER_TYPES}/u1.nano`);
    await sandbox.ask('DELETE', `${CLUSTER_TYPES}/u1.nano`);
    await sandbox.until(
      () => sandbox.ask('GET', `${CLUSTER_TYPES}/u1.nano`),
      ({ status, body }) => status === 200 && body.metadata.uid !== before.body.metadata.uid,
      'u1.nano is back',
    );
    await sandbox.ask('PATCH', `${CLUSTER_TYPES}/u1.micro`, { spec: { memory: { guest: '3Gi' } } });
    await sandbox.until(
      () => sandbox.ask('GET', `${CLUSTER_TYPES}/u1.micro`),
      ({ body }) => body.spec.memory.guest === '1Gi',
      'u1.micro is as deployed',
    );
  });
});

describe('admission of instance types and preferences', () => {
  it('refuses overcommitment that cannot be', async () => {
    const { status, body } = await sandbox.ask(
      'POST',
      `${GROUP}/namespaces/${NAMESPACE}/virtualmachineinstancetypes`,
      instancetype('over', {
        cpu: { guest: 1 },
        memory: { guest: '1Gi', overcommitPercent: 20, hugepages: { pageSize: '2Mi' } },
      }),
    );
    expect(status).toBe(422);
    expect(body.message).toBe(
      'admission webhook "virtualmachineinstancetype-validator.instancetype.kubevirt.io" denied the request: ' +
        'spec.memory.overcommitPercent and spec.memory.hugepages should not be requested together.',
    );
  });

  it('refuses topologies that it does not know', async () => {
    const { status, body } = await sandbox.ask('POST', `${GROUP}/virtualmachineclusterpreferences`, {
      apiVersion: 'instancetype.kubevirt.io/v1beta1',
      kind: 'VirtualMachineClusterPreference',
      metadata: { name: 'odd' },
      spec: { cpu: { preferredCPUTopology: 'sideways' } },
    });
    expect(status).toBe(422);
    expect(body.details.causes).toEqual([
      {
        reason: 'FieldValueInvalid',
        message: 'unknown preferredCPUTopology sideways',
        field: 'spec.cpu.preferredCPUTopology',
      },
    ]);
  });
});

describe('admission of VMs', () => {
  it('refuses what the instance type decides', async () => {
    const { status, body } = await createVm(
      'both',
      { instancetype: { name: 'u1.nano' } },
      { cpu: { cores: 2 }, memory: { guest: '1Gi' } },
    );
    expect(status).toBe(422);
    expect(body.details.causes.map((cause: { field: string }) => cause.field)).toEqual([
      'spec.template.spec.domain.cpu.cores',
      'spec.template.spec.domain.memory.guest',
    ]);
    expect(body.details.causes[0].message).toBe(
      'VM field(s) spec.template.spec.domain.cpu.cores conflicts with selected instance type',
    );
  });

  it('refuses what the preference finds too small', async () => {
    const { status, body } = await createVm('small', {
      instancetype: { name: 'u1.nano' },
      preference: { name: 'ubuntu' },
    });
    expect(status).toBe(422);
    expect(body.details.causes).toEqual([
      {
        reason: 'FieldValueNotFound',
        message:
          'failure checking preference requirements: insufficient Memory resources of 512Mi provided by instance type, preference requires 2Gi',
        field: 'spec.instancetype',
      },
    ]);
  });

  it('takes names and kinds that mean nothing, and says so when asked to expand', async () => {
    expect((await createVm('lost', { instancetype: { name: 'nope' } })).status).toBe(201);
    expect((await createVm('shoe', { instancetype: { name: 'u1.nano', kind: 'Shoe' } })).status).toBe(201);
    const { status, body } = await expandSpec('lost');
    expect(status).toBe(500);
    expect(body.message).toBe(
      'Internal error occurred: virtualmachineclusterinstancetypes.instancetype.kubevirt.io "nope" not found',
    );
  });

  it('wants a name or a volume to infer from, not both', async () => {
    const neither = await createVm('neither', { instancetype: {} });
    expect(neither.status).toBe(422);
    expect(neither.body.message).toBe(
      'admission webhook "virtualmachines-mutator.kubevirt.io" denied the request: ' +
        'Either Name or InferFromVolume should be provided within the instancetype matcher',
    );
    const both = await createVm('two', { preference: { name: 'fedora', inferFromVolume: 'root' } });
    expect(both.body.details.causes[0].field).toBe('spec.preference.name');
  });
});

describe('inference', () => {
  const claim = (name: string, labels: Record<string, string>) =>
    sandbox.ask('POST', `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, labels },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
  const from = (name: string, claimName: string, matchers: object, domain?: object) => {
    const draft = vm(name, matchers, domain);
    const { spec } = draft.spec.template;
    Object.assign(spec, { volumes: [{ name: 'root', persistentVolumeClaim: { claimName } }] });
    return sandbox.createVm(draft, NAMESPACE);
  };

  it('takes the defaults that a claim is labelled with', async () => {
    await claim('labelled', {
      'instancetype.kubevirt.io/default-instancetype': 'u1.small',
      'instancetype.kubevirt.io/default-preference': 'fedora',
      'instancetype.kubevirt.io/default-preference-kind': 'VirtualMachineClusterPreference',
    });
    const { body } = await from('inferred', 'labelled', {
      instancetype: { inferFromVolume: 'root' },
      preference: { inferFromVolume: 'root' },
    });
    expect(body.spec.instancetype).toEqual({ name: 'u1.small' });
    expect(body.spec.preference).toEqual({ name: 'fedora', kind: 'VirtualMachineClusterPreference' });
  });

  it('refuses a claim without them, unless told to ignore that', async () => {
    await claim('plain', {});
    const refused = await from('refused', 'plain', { instancetype: { inferFromVolume: 'root' } });
    expect(refused.status).toBe(400);
    expect(refused.body.message).toBe(
      'admission webhook "virtualmachines-mutator.kubevirt.io" denied the request: ' +
        'unable to find required instancetype.kubevirt.io/default-instancetype label on the volume',
    );
    const ignored = await from(
      'ignored',
      'plain',
      { instancetype: { inferFromVolume: 'root', inferFromVolumeFailurePolicy: 'Ignore' } },
      { memory: { guest: '1Gi' } },
    );
    expect(ignored.status).toBe(201);
    expect(ignored.body.spec.instancetype).toBeUndefined();
  });
});

describe('expansion', () => {
  it('shows what the references stand for', async () => {
    await createVm('whole', { instancetype: { name: 'u1.small' }, preference: { name: 'fedora' } });
    const { status, body } = await expandSpec('whole');
    expect(status).toBe(200);
    expect(body.spec.instancetype).toBeUndefined();
    expect(body.spec.preference).toBeUndefined();
    expect(body.spec.template).toMatchObject({
      metadata: { annotations: { 'vm.kubevirt.io/os': 'linux' } },
      spec: {
        domain: {
          cpu: { sockets: 1, cores: 1, threads: 1 },
          memory: { guest: '2Gi' },
          resources: {},
          features: { smm: {} },
          firmware: { bootloader: { efi: { secureBoot: true } } },
          devices: {
            disks: [{ name: 'root', disk: { bus: 'virtio' } }],
            interfaces: [{ name: 'default', model: 'virtio', masquerade: {} }],
            rng: {},
          },
        },
        evictionStrategy: 'None',
      },
    });
  });

  it('previews a manifest, and refuses one that decides twice', async () => {
    const ask = (domain: object) =>
      sandbox.ask(
        'PUT',
        `/apis/subresources.kubevirt.io/v1/namespaces/${NAMESPACE}/expand-vm-spec`,
        vm('draft', { instancetype: { name: 'u1.small' } }, domain),
      );
    expect((await ask({})).body.spec.template.spec.domain.memory.guest).toBe('2Gi');
    const { status, body } = await ask({ memory: { guest: '1Gi' } });
    expect([status, body.message]).toEqual([
      400,
      'VM field(s) spec.template.spec.domain.memory.guest conflicts with selected instance type',
    ]);
  });

  it('finds namespaced types where they are asked for', async () => {
    await sandbox.ask(
      'POST',
      `${GROUP}/namespaces/${NAMESPACE}/virtualmachineinstancetypes`,
      instancetype('mine', { cpu: { guest: 3 }, memory: { guest: '640Mi' } }),
    );
    await createVm('namespaced', { instancetype: { name: 'mine', kind: 'virtualmachineinstancetype' } });
    expect((await expandSpec('namespaced')).body.spec.template.spec.domain.cpu.sockets).toBe(3);
  });

  it('is also said by PATCH of a VM', async () => {
    await createVm('patched', { instancetype: { name: 'u1.small' } });
    const { status } = await sandbox.ask('PATCH', `${VMS}/patched`, {
      spec: { template: { spec: { domain: { cpu: { cores: 4 } } } } },
    });
    expect(status).toBe(422);
  });
});
