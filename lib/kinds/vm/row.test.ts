import { describe, expect, it } from 'vitest';
import { vmFacts } from './facts';
import { vmRow } from './parts';
import { vmReason } from './reason';
import { sampleVm, sampleVmi } from './sample';

describe('vmRow', () => {
  it('flattens a running VM', () => {
    const vmi = sampleVmi({
      phase: 'Running',
      nodeName: 'node-2',
      guestOSInfo: { prettyName: 'Fedora Linux 40 (Cloud Edition)' },
      interfaces: [
        { name: 'default', ipAddress: '10.0.0.7', ipAddresses: ['10.0.0.7', 'fd00::7'] },
        { interfaceName: 'docker0', ipAddress: '172.17.0.1' },
      ],
    });
    expect(vmRow(sampleVm({}, { printableStatus: 'Running', created: true }), vmi)).toMatchObject({
      namespace: 'shop',
      name: 'web-1',
      node: 'node-2',
      ips: ['10.0.0.7', 'fd00::7', '172.17.0.1'],
      vcpus: 4,
      memoryBytes: 2 ** 30,
      os: 'Fedora Linux 40 (Cloud Edition)',
      reason: '',
    });
  });

  it('takes sizes from the template of a stopped VM, and none where an instance type decides', () => {
    expect(vmRow(sampleVm())).toMatchObject({ vcpus: 1, memoryBytes: 512 * 2 ** 20, node: '', ips: [] });
    expect(vmRow(sampleVm({ instancetype: { name: 'u1.small' } }))).toMatchObject({
      vcpus: 0,
      memoryBytes: 0,
    });
  });

  it('reads sizes from resources as KubeVirt does', () => {
    const template = {
      spec: { domain: { devices: {}, resources: { requests: { memory: '256Mi', cpu: '1500m' } } } },
    };
    expect(vmRow(sampleVm({ template }))).toMatchObject({ vcpus: 2, memoryBytes: 256 * 2 ** 20 });
  });

  it('does not show where an ended guest was', () => {
    const vmi = sampleVmi({
      phase: 'Succeeded',
      nodeName: 'node-2',
      interfaces: [{ ipAddress: '10.0.0.7' }],
    });
    expect(vmRow(sampleVm(), vmi)).toMatchObject({ node: '', ips: [] });
  });

  it('guesses the system from labels and preference', () => {
    const vm = sampleVm({ preference: { name: 'fedora' } });
    expect(vmRow(vm).os).toBe('fedora');
    vm.metadata.labels = { 'os.template.kubevirt.io/rhel9': 'true' };
    expect(vmRow(vm).os).toBe('rhel9');
  });
});

describe('vmReason', () => {
  it('quotes the condition that names the cause', () => {
    const unscheduled = sampleVmi({
      phase: 'Scheduling',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available.',
        },
      ],
    });
    expect(vmReason(sampleVm(), unscheduled)).toBe('0/3 nodes are available.');
  });

  it('prefers Synchronized, which knows the claim, to PodScheduled', () => {
    const vmi = sampleVmi({
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'later' },
        {
          type: 'Synchronized',
          status: 'False',
          reason: 'FailedPvcNotFound',
          message: 'PVC shop/disk does not exist, waiting for it to appear',
        },
      ],
    });
    expect(vmReason(sampleVm(), vmi)).toBe('PVC shop/disk does not exist, waiting for it to appear');
  });

  it('says that an instance type was not found, though the VM is only Stopped', () => {
    const conditions = [
      { type: 'Failure', status: 'True' as const, reason: 'FailedFindInstancetype', message: 'not found' },
    ];
    expect(vmReason(sampleVm({}, { printableStatus: 'Stopped', conditions }))).toBe('not found');
  });

  it('ignores copies of conditions that a vanished VMI left behind', () => {
    const conditions = [{ type: 'Synchronized', status: 'False' as const, message: 'old' }];
    expect(vmReason(sampleVm({}, { printableStatus: 'Stopped', created: false, conditions }))).toBe('');
  });

  it('tells a pause by a disk error from one that somebody asked for', () => {
    const paused = (reason: string) =>
      vmReason(
        sampleVm(),
        sampleVmi({
          phase: 'Running',
          conditions: [{ type: 'Paused', status: 'True', reason, message: reason }],
        }),
      );
    expect(paused('PausedByUser')).toBe('');
    expect(paused('PausedIOError')).toBe('PausedIOError');
  });
});

describe('vmFacts', () => {
  it('reads the deprecated running as a run strategy', () => {
    expect(vmFacts(sampleVm({ runStrategy: undefined, running: true })).runStrategy).toBe('Always');
    expect(vmFacts(sampleVm({ runStrategy: undefined, running: false })).runStrategy).toBe('Halted');
  });

  it('takes ACPI, graphics and serial as present unless they are switched off', () => {
    expect(vmFacts(sampleVm(), sampleVmi()).vmi).toMatchObject({ acpi: true, graphics: true, serial: true });
    const bare = sampleVmi(
      { phase: 'Running' },
      {
        domain: {
          features: { acpi: { enabled: false } },
          devices: { autoattachGraphicsDevice: false, autoattachSerialConsole: false },
        },
      },
    );
    expect(vmFacts(sampleVm(), bare).vmi).toMatchObject({ acpi: false, graphics: false, serial: false });
  });

  it('survives a VM that was just created and has no status', () => {
    const vm = sampleVm();
    delete vm.status;
    expect(vmFacts(vm)).toMatchObject({ printableStatus: '', requests: [] });
  });
});
