import { testVm, type VmSpec } from '../../testing';
import type { Virtctl } from './virtctl';

export const VMS = '/apis/kubevirt.io/v1/namespaces/{ns}/virtualmachines';
export const VMIS = '/apis/kubevirt.io/v1/namespaces/{ns}/virtualmachineinstances';
export const CLAIMS = '/api/v1/namespaces/{ns}/persistentvolumeclaims';
export const PODS = '/api/v1/namespaces/{ns}/pods';
export const SECRETS = '/api/v1/namespaces/{ns}/secrets';
export const VM = '/apis/kubevirt.io/v1/namespaces/{ns}/virtualmachines/vm';
export const VMI = '/apis/kubevirt.io/v1/namespaces/{ns}/virtualmachineinstances/vm';

/** Where virtctl finds nothing of that name. */
export const NO_VM = 'virtualmachine.kubevirt.io "vm" not found';
export const NO_VMI = 'virtualmachineinstance.kubevirt.io "vm" not found';
/** A 409 of virt-api about the machine of the operations. */
export const vmConflict = (why: string) =>
  `Operation cannot be fulfilled on virtualmachine.kubevirt.io "vm": ${why}`;
export const vmiConflict = (why: string) =>
  `Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "vm": ${why}`;

/** The machine `vm`, as applied from a file. */
export async function createVm(v: Virtctl, strategy: string, change?: (spec: VmSpec) => void): Promise<void> {
  await v.call('POST', VMS, { body: testVm('vm', strategy, change) });
}

/** The machine `vm`, running. */
export async function runVm(v: Virtctl, strategy = 'Always', change?: (spec: VmSpec) => void) {
  await createVm(v, strategy, change);
  return v.until(VM, ({ status }) => status?.printableStatus === 'Running');
}

export async function createClaim(
  v: Virtctl,
  name: string,
  spec: object = {},
  annotations: Record<string, string> = {},
): Promise<void> {
  const body = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  };
  await v.call('POST', CLAIMS, { body });
}

/** The machine `vm`, halted, whose disk is a claim that can be snapshot. */
export async function diskVm(v: Virtctl): Promise<void> {
  await createClaim(v, 'disk');
  await createVm(v, 'Halted', (spec) => {
    spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'disk' } }];
  });
  await v.until(VM, ({ status }) => status?.volumeSnapshotStatuses?.[0]?.enabled === true);
}
