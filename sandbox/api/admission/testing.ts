import type { AdmissionRequest } from '../admission';
import { ApiError, type Status } from '../errors';
import { plainCopy } from '../metadata';
import type { KubeObject } from '../objects';
import { createCluster } from '../store';
import { createAdmission } from './create-admission';

type Fields = Record<string, unknown>;

/** A VirtualMachine that is admitted as it stands; `spec` and `template` replace top-level parts of the two specs. */
export function vmWith(template: Fields = {}, spec: Fields = {}): KubeObject {
  const { domain, ...rest } = template;
  return object('VirtualMachine', {
    runStrategy: 'Halted',
    ...spec,
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        networks: [{ name: 'default', pod: {} }],
        volumes: [{ name: 'root', containerDisk: { image: 'quay.io/disks/web:1' } }],
        ...rest,
        domain: {
          devices: {
            disks: [{ name: 'root', disk: { bus: 'virtio' } }],
            interfaces: [{ name: 'default', masquerade: {} }],
          },
          memory: { guest: '1Gi' },
          ...(domain as Fields | undefined),
        },
      },
    },
  });
}

/** The same as a VirtualMachineInstance. */
export function vmiWith(spec: Fields = {}): KubeObject {
  const { template } = vmWith(spec).spec as { template: { spec: Fields } };
  return object('VirtualMachineInstance', template.spec);
}

/** Devices with one disk and one NIC, changed. */
export function devicesWith(devices: Fields): Fields {
  return {
    devices: {
      disks: [{ name: 'root', disk: { bus: 'virtio' } }],
      interfaces: [{ name: 'default', masquerade: {} }],
      ...devices,
    },
  };
}

const API_VERSIONS: Record<string, string> = { Deployment: 'apps/v1', Job: 'batch/v1' };

export function object(kind: string, spec: unknown, metadata: Fields = {}): KubeObject {
  return plainCopy({
    apiVersion: API_VERSIONS[kind] ?? (kind.startsWith('V') || kind === 'KubeVirt' ? 'kubevirt.io/v1' : 'v1'),
    kind,
    // The server fills in the rest before it admits.
    metadata: { name: 'web', namespace: 'shop', ...metadata } as KubeObject['metadata'],
    spec,
  });
}

const RESOURCES: Record<string, [string, string]> = {
  VirtualMachine: ['virtualmachines', 'kubevirt.io'],
  VirtualMachineInstance: ['virtualmachineinstances', 'kubevirt.io'],
  VirtualMachineInstanceMigration: ['virtualmachineinstancemigrations', 'kubevirt.io'],
  KubeVirt: ['kubevirts', 'kubevirt.io'],
  Pod: ['pods', ''],
  Secret: ['secrets', ''],
  ConfigMap: ['configmaps', ''],
  Service: ['services', ''],
  PersistentVolumeClaim: ['persistentvolumeclaims', ''],
  Deployment: ['deployments', 'apps'],
  Job: ['jobs', 'batch'],
};

/** A cluster with one namespace, in memory. */
export function emptyCluster() {
  const cluster = createCluster({ directory: undefined });
  cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  return cluster;
}

/** Sends an object through admission and returns its warnings; `object` is changed as it would be stored. */
export function admit(
  target: KubeObject,
  extra: Partial<AdmissionRequest> = {},
  cluster = emptyCluster(),
): string[] {
  const [resource, group] = RESOURCES[target.kind] ?? ['', ''];
  return createAdmission(cluster, cluster.registry).mutateAndValidate({
    resource,
    group,
    operation: extra.oldObject ? 'UPDATE' : 'CREATE',
    namespace: 'shop',
    object: target,
    user: { username: 'edith', groups: [] },
    fieldValidation: 'Warn',
    dryRun: false,
    ...extra,
  });
}

/** The refusal of an object, or undefined where it is admitted. */
export function refusal(
  target: KubeObject,
  extra: Partial<AdmissionRequest> = {},
  cluster = emptyCluster(),
): Status | undefined {
  try {
    admit(target, extra, cluster);
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
}
