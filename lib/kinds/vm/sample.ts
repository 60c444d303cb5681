import type { VmFacts } from './facts';
import type { VirtualMachine, VirtualMachineInstance } from './types';

/*
 * Small objects for tests, shaped as KubeVirt writes them.
 */

export function sampleVm(
  spec: Partial<VirtualMachine['spec']> = {},
  status: VirtualMachine['status'] = {},
  name = 'web-1',
): VirtualMachine {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name,
      namespace: 'shop',
      uid: `vm-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-11-22T11:00:00Z',
    },
    spec: {
      runStrategy: 'Always',
      template: { spec: { domain: { devices: {}, memory: { guest: '512Mi' } } } },
      ...spec,
    },
    status,
  };
}

export function sampleVmi(
  status: VirtualMachineInstance['status'] = { phase: 'Running' },
  spec: Partial<VirtualMachineInstance['spec']> = {},
): VirtualMachineInstance {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      uid: 'vmi-1',
      resourceVersion: '2',
      creationTimestamp: '2026-11-22T11:01:00Z',
    },
    spec: {
      domain: { devices: {}, memory: { guest: '1Gi' }, cpu: { sockets: 2, cores: 2 } },
      ...spec,
    },
    status,
  };
}

export function sampleFacts(
  facts: Partial<Omit<VmFacts, 'vmi'>> = {},
  vmi?: Partial<NonNullable<VmFacts['vmi']>>,
): VmFacts {
  return {
    uid: 'vm-web-1',
    printableStatus: vmi ? 'Running' : 'Stopped',
    runStrategy: 'Always',
    deleting: false,
    requests: [],
    restartRequired: false,
    ...(vmi && {
      vmi: {
        uid: 'vmi-1',
        phase: 'Running',
        deleting: false,
        paused: false,
        ready: true,
        agentConnected: false,
        acpi: true,
        graphics: true,
        serial: true,
        ...vmi,
      },
    }),
    ...facts,
  };
}
