import type {
  V1Devices,
  V1Disk,
  V1DomainSpec,
  V1VirtualMachineInstanceSpec,
  V1VirtualMachineInstanceStatus,
  V1VirtualMachineSpec,
} from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { KubeObject, ObjectMeta } from '../objects';

// The schema check comes before everything here, so that objects may be read as the published types say they are.

export type VmiSpec = V1VirtualMachineInstanceSpec;
export type Domain = V1DomainSpec;
export type Devices = V1Devices;
export type Disk = V1Disk;

/** Metadata of a template: none of it is filled in by the server. */
export type TemplateMeta = Partial<ObjectMeta>;

export interface VmTemplate {
  metadata?: TemplateMeta;
  spec: VmiSpec;
}

export interface VirtualMachine extends KubeObject {
  spec: Omit<V1VirtualMachineSpec, 'template'> & { template: VmTemplate };
}

export interface VirtualMachineInstance extends KubeObject {
  spec: VmiSpec;
  status?: Partial<V1VirtualMachineInstanceStatus>;
}
