import type { KubeVirtConfig } from '../api/admission/config';
import type { VirtualMachine as AdmittedMachine } from '../api/admission/types';
import { defaultVirtualMachine } from '../api/admission/vm-defaults';
import { type VirtualMachine, VM_FINALIZER, type Volume } from '../controllers/types';
import { identity } from './entry';
import type { MachinePlan } from './plan';
import type { Random } from './random';
import { claimNames } from './storage-objects';

/** What controllers leave on every machine and instance. */
export const OBSERVED = {
  'kubevirt.io/latest-observed-api-version': 'v1',
  'kubevirt.io/storage-observed-api-version': 'v1',
};

export interface MachineFacts {
  config: KubeVirtConfig;
  /** The DataVolume template of the root disk, if the machine has one. */
  template: object | undefined;
  /** The cluster-wide instance type and preference to name. */
  instancetype: { name: string; preference: string | undefined } | undefined;
}

/** The VM as its maker sent it: what goes into managedFields first. */
export function sentMachine(random: Random, plan: MachinePlan, facts: MachineFacts): VirtualMachine {
  const { name, namespace, bornMs, description, labels } = plan;
  const { config, instancetype, template } = facts;
  const vm: VirtualMachine = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      ...identity(random, { name, namespace, bornMs, generation: 1 }),
      labels,
      ...(description ? { annotations: { description } } : {}),
    },
    spec: {
      runStrategy: plan.runStrategy,
      ...(template ? { dataVolumeTemplates: [template] } : {}),
      ...(instancetype
        ? { instancetype: { kind: 'VirtualMachineClusterInstancetype', name: instancetype.name } }
        : {}),
      ...(instancetype?.preference
        ? { preference: { kind: 'VirtualMachineClusterPreference', name: instancetype.preference } }
        : {}),
      template: {
        metadata: { labels: { 'kubevirt.io/domain': name, ...pickLabels(labels) } },
        spec: machineSpec(random, plan, instancetype !== undefined),
      },
    },
  } as VirtualMachine;
  // The admission package names the published types, the controllers what they need of them.
  defaultVirtualMachine(vm as unknown as AdmittedMachine, config, true);
  Object.assign(vm.spec.template.spec.domain.firmware ?? {}, { uuid: random.uuid(), serial: random.uuid() });
  return vm;
}

/** The VM after virt-controller has first looked at it. */
export function observedMachine(vm: VirtualMachine): VirtualMachine {
  const annotations = { ...vm.metadata.annotations, ...OBSERVED };
  const { ownerReferences, managedFields, ...metadata } = vm.metadata;
  return { ...vm, metadata: { ...metadata, annotations, finalizers: [VM_FINALIZER] } };
}

function pickLabels({ app, os }: Record<string, string>): Record<string, string> {
  return { ...(app ? { app } : {}), ...(os ? { os } : {}) };
}

function machineSpec(random: Random, plan: MachinePlan, sized: boolean): object {
  const { size, system } = plan;
  const bus = system.windows && random.chance(0.3) ? 'sata' : 'virtio';
  const volumes = volumesOf(plan);
  const domain = {
    ...(sized ? {} : { cpu: { cores: size.cpus, sockets: 1, threads: 1 } }),
    devices: {
      ...(system.windows ? { autoattachMemBalloon: true } : {}),
      disks: volumes.map(({ name }, index) => ({
        ...(index === 0 ? { bootOrder: 1 } : {}),
        disk: { bus: name === 'cloudinitdisk' ? 'virtio' : bus },
        name,
      })),
      interfaces: [{ macAddress: random.mac(), masquerade: {}, model: 'virtio', name: 'default' }],
      ...(random.chance(0.6) ? { rng: {} } : {}),
    },
    ...(system.windows
      ? { clock: { timer: { hpet: { present: false }, hyperv: {}, pit: { tickPolicy: 'delay' } }, utc: {} } }
      : {}),
    features: {
      acpi: {},
      ...(system.windows ? { hyperv: { relaxed: {}, spinlocks: { spinlocks: 8191 }, vapic: {} } } : {}),
    },
    firmware: {},
    ...(sized ? {} : { memory: { guest: `${size.memoryGi}Gi` } }),
  };
  return {
    domain,
    ...(plan.state === 'unschedulable'
      ? { nodeSelector: { 'nvidia.com/gpu.product': 'A100-SXM4-80GB' } }
      : {}),
    evictionStrategy: 'LiveMigrate',
    hostname: plan.name.slice(0, 63),
    networks: [{ name: 'default', pod: {} }],
    terminationGracePeriodSeconds: system.windows ? 3600 : 180,
    volumes,
  };
}

function volumesOf(plan: MachinePlan): Volume[] {
  const { storage, system, dataGi } = plan;
  const names = claimNames(plan);
  const image =
    plan.state === 'image-missing' ? `registry.example.invalid/golden/${system.os}:latest` : system.image;
  const root: Volume =
    storage === 'container-disk' || plan.state === 'image-missing'
      ? { name: 'rootdisk', containerDisk: { image } }
      : storage === 'data-volume'
        ? { name: 'rootdisk', dataVolume: { name: names.root } }
        : { name: 'rootdisk', persistentVolumeClaim: { claimName: names.root } };
  const data: Volume[] = dataGi
    ? [{ name: 'datadisk', persistentVolumeClaim: { claimName: names.data } }]
    : [];
  if (!system.user) return [root, ...data];
  return [root, ...data, { name: 'cloudinitdisk', cloudInitNoCloud: { userData: cloudConfig(plan) } }];
}

function cloudConfig({ name, system, index }: MachinePlan): string {
  return [
    '#cloud-config',
    `hostname: ${name}`,
    `user: ${system.user}`,
    'chpasswd: { expire: False }',
    'ssh_pwauth: false',
    'ssh_authorized_keys:',
    `  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${Buffer.from(`${name}/${index}/key of the operators`).toString('base64').slice(0, 43).padEnd(43, 'A')} ops@estate`,
    'packages:',
    '  - qemu-guest-agent',
    'runcmd:',
    '  - [systemctl, enable, --now, qemu-guest-agent]',
    '',
  ].join('\n');
}
