import assert from 'node:assert/strict';
import type { Chapter } from '../operation';
import { diskVm, VM, VMI, VMS } from './machines';
import type { Virtctl } from './virtctl';

const SNAPSHOTS = '/apis/snapshot.kubevirt.io/v1beta1/namespaces/{ns}/virtualmachinesnapshots';
const RESTORES = '/apis/snapshot.kubevirt.io/v1beta1/namespaces/{ns}/virtualmachinerestores';
const CLONES = '/apis/clone.kubevirt.io/v1beta1/namespaces/{ns}/virtualmachineclones';
const EXPAND = '/apis/subresources.kubevirt.io/v1/namespaces/{ns}/expand-vm-spec';
const MACHINE = { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'vm' };

/** What `create vm --name=vm --instancetype=… --volume-containerdisk=…` writes. */
const written = (instancetype: string) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'vm' },
  spec: {
    runStrategy: 'Always',
    instancetype: { name: instancetype },
    template: {
      metadata: {},
      spec: {
        domain: { devices: {}, resources: {} },
        terminationGracePeriodSeconds: 180,
        volumes: [
          { name: 'vm-containerdisk-0', containerDisk: { image: 'quay.io/containerdisks/fedora:42' } },
        ],
      },
    },
  },
});

const apply = (v: Virtctl, where: string, body: object) => v.call('POST', where, { body });

// biome-ignore lint/suspicious/noExplicitAny: a VM as it was answered.
function assertExpanded({ spec }: any): void {
  assert.equal(spec.instancetype, undefined);
  assert.equal(spec.template.spec.domain.memory.guest, '2Gi');
  assert.equal(spec.template.spec.domain.cpu.sockets, 1);
}

export const making: Chapter<Virtctl> = {
  title: 'Making machines',
  operations: [
    {
      name: 'create vm, applied',
      async run(v) {
        await apply(v, VMS, written('u1.small'));
        const vmi = await v.until(VMI, ({ status }) => status?.phase === 'Running');
        assert.equal(vmi.spec.domain.memory.guest, '2Gi');
        assert.equal(vmi.spec.domain.devices.disks[0].name, 'vm-containerdisk-0');
      },
    },
    {
      name: 'create clone, applied',
      async run(v) {
        await diskVm(v);
        await apply(v, CLONES, {
          apiVersion: 'clone.kubevirt.io/v1beta1',
          kind: 'VirtualMachineClone',
          metadata: { name: 'clone' },
          spec: { source: MACHINE, target: { ...MACHINE, name: 'twin' } },
        });
        await v.until(`${CLONES}/clone`, ({ status }) => status?.phase === 'Succeeded');
        const { spec } = await v.see(`${VMS}/twin`);
        const [{ persistentVolumeClaim }] = spec.template.spec.volumes;
        assert.notEqual(persistentVolumeClaim.claimName, 'disk');
      },
    },
    {
      name: 'a snapshot and its restore, applied',
      async run(v) {
        await diskVm(v);
        const apiVersion = 'snapshot.kubevirt.io/v1beta1';
        const metadata = { name: 'saved' };
        await apply(v, SNAPSHOTS, {
          apiVersion,
          kind: 'VirtualMachineSnapshot',
          metadata,
          spec: { source: MACHINE },
        });
        await v.until(`${SNAPSHOTS}/saved`, ({ status }) => status?.readyToUse);
        await apply(v, RESTORES, {
          apiVersion,
          kind: 'VirtualMachineRestore',
          metadata,
          spec: { target: MACHINE, virtualMachineSnapshotName: 'saved' },
        });
        const { metadata: restore } = await v.until(`${RESTORES}/saved`, ({ status }) => status?.complete);
        const { spec } = await v.see(VM);
        assert.match(JSON.stringify(spec.template.spec.volumes), new RegExp(`restore-${restore.uid}-root`));
      },
    },
    {
      name: 'expand --vm',
      async run(v) {
        await apply(v, VMS, written('u1.small'));
        assertExpanded(await v.read('virtualmachines', 'vm', 'expand-spec'));
        assert.equal((await v.see(VM)).spec.instancetype.name, 'u1.small');
      },
    },
    {
      name: 'expand --file',
      async run(v) {
        assertExpanded(await v.call('PUT', EXPAND, { raw: written('u1.small') }));
        assert.match(
          await v.refused(v.call('PUT', EXPAND, { raw: written('u1.missing') })),
          /"u1\.missing" not found/,
        );
        assert.equal(
          await v.refused(v.call('PUT', EXPAND, { raw: { kind: 'VirtualMachine' } })),
          'Object is not a valid VirtualMachine',
        );
        assert.equal(await v.see(VM), undefined);
      },
    },
  ],
};
