import assert from 'node:assert/strict';
import type { Chapter } from '../operation';
import { createVm, NO_VM, NO_VMI, runVm, VM, VMI, vmConflict, vmiConflict } from './machines';
import type { Virtctl } from './virtctl';

const machine = (v: Virtctl, action: string, options: object = {}) =>
  v.put('virtualmachines', 'vm', action, options);
const instance = (v: Virtctl, action: string, options?: object) =>
  v.put('virtualmachineinstances', 'vm', action, options);

/** `pause vm` and its like look up the VM, whose instance has its name. */
async function instanceOfVm(v: Virtctl, action: string): Promise<void> {
  const { metadata } = await v.call('GET', VM);
  await v.put('virtualmachineinstances', metadata.name, action, {});
}

const paused = ({ status }: { status?: { conditions?: { type: string; status: string }[] } }) =>
  status?.conditions?.some(({ type, status: is }) => type === 'Paused' && is === 'True');
const uidOf = async (v: Virtctl): Promise<string> => (await v.see(VMI)).metadata.uid;

export const lifecycle: Chapter<Virtctl> = {
  title: 'Starting and stopping',
  operations: [
    {
      name: 'start VM',
      async run(v) {
        await createVm(v, 'Halted');
        await machine(v, 'start');
        const vm = await v.until(VM, ({ status }) => status?.printableStatus === 'Running');
        assert.equal(vm.spec.runStrategy, 'Always');
        assert.equal(await v.refused(machine(v, 'start')), vmConflict('VM is already running'));
      },
    },
    {
      name: 'start VM that runs by hand',
      async run(v) {
        await createVm(v, 'Manual');
        await machine(v, 'start');
        const vm = await v.until(VM, ({ status }) => status?.printableStatus === 'Running');
        assert.equal(vm.spec.runStrategy, 'Manual');
      },
    },
    {
      name: 'start VM --paused',
      async run(v) {
        await createVm(v, 'Halted');
        await machine(v, 'start', { paused: true });
        await v.until(VMI, paused);
        assert.equal((await v.see(VMI)).spec.startStrategy, 'Paused');
      },
    },
    {
      name: 'start VM --dry-run',
      async run(v) {
        await createVm(v, 'Halted');
        await machine(v, 'start', { dryRun: ['All'] });
        assert.equal((await v.see(VM)).spec.runStrategy, 'Halted');
        assert.equal(await v.see(VMI), undefined);
      },
    },
    {
      name: 'start of a VM that is not there',
      run: async (v) => assert.equal(await v.refused(machine(v, 'start')), NO_VM),
    },
    {
      name: 'stop VM',
      async run(v) {
        await runVm(v);
        await machine(v, 'stop');
        await v.gone(VMI);
        const vm = await v.until(VM, ({ status }) => status?.printableStatus === 'Stopped');
        assert.equal(vm.spec.runStrategy, 'Halted');
        assert.equal(await v.refused(machine(v, 'stop')), vmConflict('VM is not running'));
      },
    },
    {
      name: 'stop VM --force --grace-period=0',
      async run(v) {
        await createVm(v, 'Manual');
        await machine(v, 'start');
        await v.until(VMI, ({ status }) => status?.phase === 'Running');
        await machine(v, 'stop', { gracePeriod: 0 });
        await v.gone(VMI);
        assert.equal((await v.see(VM)).spec.runStrategy, 'Manual');
      },
    },
    {
      name: 'stop VM --dry-run',
      async run(v) {
        await runVm(v);
        await machine(v, 'stop', { dryRun: ['All'] });
        assert.equal((await v.see(VM)).spec.runStrategy, 'Always');
        assert.equal((await v.see(VMI)).metadata.deletionTimestamp, undefined);
      },
    },
    {
      name: 'restart VM',
      async run(v) {
        await runVm(v);
        const before = await uidOf(v);
        await machine(v, 'restart');
        await v.until(VMI, ({ metadata, status }) => metadata.uid !== before && status?.phase === 'Running');
      },
    },
    {
      name: 'restart VM --force --grace-period=0',
      async run(v) {
        await runVm(v);
        const before = await uidOf(v);
        await machine(v, 'restart', { gracePeriodSeconds: 0 });
        await v.until(VMI, ({ metadata, status }) => metadata.uid !== before && status?.phase === 'Running');
        assert.equal(
          await v.refused(machine(v, 'restart', { gracePeriodSeconds: 5 })),
          'For force restart, only gracePeriod=0 is supported for now',
        );
      },
    },
    {
      name: 'restart of a VM that is off',
      async run(v) {
        await createVm(v, 'Halted');
        const why = 'RunStategy Halted does not support manual restart requests';
        assert.equal(await v.refused(machine(v, 'restart')), vmConflict(why));
      },
    },
    {
      name: 'pause vm, unpause vm',
      async run(v) {
        await runVm(v);
        await instanceOfVm(v, 'pause');
        await v.until(VM, ({ status }) => status.printableStatus === 'Paused');
        assert.equal(await v.refused(instanceOfVm(v, 'pause')), vmiConflict('VMI is already paused'));
        await instanceOfVm(v, 'unpause');
        await v.until(VM, ({ status }) => status.printableStatus === 'Running');
      },
    },
    {
      name: 'pause vmi, unpause vmi',
      async run(v) {
        await runVm(v);
        await instance(v, 'pause', {});
        await v.until(VMI, paused);
        await instance(v, 'unpause', {});
        await v.until(VMI, (vmi) => !paused(vmi));
        assert.equal(await v.refused(instance(v, 'unpause', {})), vmiConflict('VMI is not paused'));
      },
    },
    {
      name: 'pause vmi --dry-run',
      async run(v) {
        await runVm(v);
        await instance(v, 'pause', { dryRun: ['All'] });
        assert.equal(await v.refused(instance(v, 'unpause', {})), vmiConflict('VMI is not paused'));
      },
    },
    {
      name: 'pause of what is not there',
      async run(v) {
        const none = 'virtualmachines.kubevirt.io "vm" not found';
        assert.equal(await v.refused(instanceOfVm(v, 'pause')), none);
        assert.equal(await v.refused(instance(v, 'pause', {})), NO_VMI);
      },
    },
    {
      name: 'soft-reboot VMI',
      async run(v) {
        await runVm(v, 'Always', ({ domain }) => Object.assign(domain, { features: { acpi: {} } }));
        const before = await uidOf(v);
        await instance(v, 'softreboot');
        assert.equal(await uidOf(v), before);
        await instance(v, 'pause', {});
        await v.until(VMI, paused);
        assert.equal(await v.refused(instance(v, 'softreboot')), vmiConflict('VMI is paused'));
      },
    },
    {
      name: 'reset VMI',
      async run(v) {
        await runVm(v);
        const before = await uidOf(v);
        await instance(v, 'reset');
        const { metadata, status } = await v.see(VMI);
        assert.deepEqual([metadata.uid, status.phase], [before, 'Running']);
      },
    },
  ],
};
