import { type Column, column, type ScalePaths } from './resource-type';

/** Printer columns that several custom resources declare alike. */
export const ageColumn = column('Age', '.metadata.creationTimestamp', { type: 'date' });

export const replicaColumns: Column[] = [
  column('Desired', '.spec.replicas', {
    type: 'integer',
    description: 'Number of desired VirtualMachineInstances',
  }),
  column('Current', '.status.replicas', {
    type: 'integer',
    description: 'Number of managed and not final or deleted VirtualMachineInstances',
  }),
  column('Ready', '.status.readyReplicas', {
    type: 'integer',
    description: 'Number of managed VirtualMachineInstances which are ready to receive traffic',
  }),
  ageColumn,
];

export const replicaScale: ScalePaths = {
  spec: '.spec.replicas',
  status: '.status.replicas',
  selector: '.status.labelSelector',
};
