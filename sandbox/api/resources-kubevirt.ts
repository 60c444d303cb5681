import { ageColumn, replicaColumns, replicaScale } from './custom-columns';
import { column, customResourceType, type ResourceType } from './resource-type';

const kubevirt = { group: 'kubevirt.io', version: 'v1', deprecatedVersions: ['v1alpha3'] };
const condition = (type: string) => `.status.conditions[?(@.type=='${type}')].status`;

/** The resources that KubeVirt's own CustomResourceDefinitions declare, columns in their order. */
export const KUBEVIRT_RESOURCES: ResourceType[] = [
  customResourceType({
    ...kubevirt,
    plural: 'virtualmachines',
    kind: 'VirtualMachine',
    shortNames: ['vm', 'vms'],
    status: true,
    columns: [
      ageColumn,
      column('Status', '.status.printableStatus', { description: 'Human Readable Status' }),
      column('Ready', condition('Ready')),
    ],
  }),
  customResourceType({
    ...kubevirt,
    plural: 'virtualmachineinstances',
    kind: 'VirtualMachineInstance',
    shortNames: ['vmi', 'vmis'],
    columns: [
      ageColumn,
      column('Phase', '.status.phase'),
      column('IP', '.status.interfaces[0].ipAddress'),
      column('NodeName', '.status.nodeName'),
      column('Ready', condition('Ready')),
      column('Live-Migratable', condition('LiveMigratable'), { priority: 1 }),
      column('Paused', condition('Paused'), { priority: 1 }),
    ],
  }),
  customResourceType({
    ...kubevirt,
    plural: 'virtualmachineinstancemigrations',
    kind: 'VirtualMachineInstanceMigration',
    shortNames: ['vmim', 'vmims'],
    status: true,
    columns: [
      column('Phase', '.status.phase', { description: 'The current phase of VM instance migration' }),
      column('VMI', '.spec.vmiName', { description: 'The name of the VMI to perform the migration on' }),
    ],
  }),
  customResourceType({
    ...kubevirt,
    plural: 'virtualmachineinstancereplicasets',
    kind: 'VirtualMachineInstanceReplicaSet',
    shortNames: ['vmirs', 'vmirss'],
    status: true,
    scale: replicaScale,
    columns: replicaColumns,
  }),
  customResourceType({
    ...kubevirt,
    plural: 'virtualmachineinstancepresets',
    kind: 'VirtualMachineInstancePreset',
    shortNames: ['vmipreset', 'vmipresets'],
    // Nothing rewrote the presets when v1 came.
    storageVersion: 'v1alpha3',
  }),
  customResourceType({
    ...kubevirt,
    plural: 'kubevirts',
    kind: 'KubeVirt',
    shortNames: ['kv', 'kvs'],
    status: true,
    columns: [ageColumn, column('Phase', '.status.phase')],
  }),
];
