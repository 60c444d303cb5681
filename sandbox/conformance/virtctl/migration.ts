import assert from 'node:assert/strict';
import { type Chapter, eventually } from '../operation';
import { createVm, NO_VM, runVm, VMI, vmConflict } from './machines';
import type { Virtctl } from './virtctl';

const MIGRATIONS = '/apis/kubevirt.io/v1/namespaces/{ns}/virtualmachineinstancemigrations';

interface Migration {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { addedNodeSelector?: Record<string, string> };
  status?: { phase?: string };
}

const migrate = (v: Virtctl, options: object = {}) => v.put('virtualmachines', 'vm', 'migrate', options);
const isFinal = ({ status }: Migration) => status?.phase === 'Succeeded' || status?.phase === 'Failed';

async function migrations(v: Virtctl): Promise<Migration[]> {
  const { items } = await v.call('GET', `${MIGRATIONS}?labelSelector=kubevirt.io%2Fvmi-name%3D%3Dvm`);
  return items;
}

/** `migrate-cancel`: deletes those that are not over. @returns their names */
async function cancel(v: Virtctl): Promise<string[]> {
  const names = (await migrations(v))
    .filter((migration) => !isFinal(migration))
    .map(({ metadata }) => metadata.name);
  for (const name of names) await v.call('DELETE', `${MIGRATIONS}/${name}`);
  return names;
}

export const migration: Chapter<Virtctl> = {
  title: 'Migration',
  operations: [
    {
      name: 'migrate VM',
      async run(v) {
        await runVm(v);
        const { status: before } = await v.see(VMI);
        await migrate(v);
        const { status } = await v.until(VMI, (vmi) => vmi.status.migrationState?.completed);
        assert.notEqual(status.nodeName, before.nodeName);
        const [done] = await eventually(async () => {
          const found = await migrations(v);
          return found.every(isFinal) && found;
        }, 'the migration to be over');
        assert.match(done?.metadata.name ?? '', /^kubevirt-migrate-vm-/);
        assert.deepEqual(await cancel(v), []);
      },
    },
    {
      name: 'migrate VM --dry-run',
      async run(v) {
        await runVm(v);
        await migrate(v, { dryRun: ['All'] });
        assert.deepEqual(await migrations(v), []);
      },
    },
    {
      name: 'migrate VM --addedNodeSelector, migrate-cancel VM',
      async run(v) {
        await runVm(v);
        const { status: before } = await v.see(VMI);
        // No node has the label: the migration waits for its target until it is given up.
        await migrate(v, { addedNodeSelector: { 'example.com/rack': 'none' } });
        const [waiting] = await migrations(v);
        assert.deepEqual(waiting?.spec.addedNodeSelector, { 'example.com/rack': 'none' });
        assert.deepEqual(await cancel(v), [waiting?.metadata.name]);
        await v.gone(`${MIGRATIONS}/${waiting?.metadata.name}`);
        const { status } = await v.see(VMI);
        assert.deepEqual([status.phase, status.nodeName], ['Running', before.nodeName]);
      },
    },
    {
      name: 'migrate of a VM that is off, or not there',
      async run(v) {
        assert.equal(await v.refused(migrate(v)), NO_VM);
        await createVm(v, 'Halted');
        assert.equal(await v.refused(migrate(v)), vmConflict('VM is not running'));
      },
    },
    {
      name: 'evacuate-cancel vm, evacuate-cancel vmi',
      async run(v) {
        await createVm(v, 'Halted');
        const stop = (owner: 'virtualmachines' | 'virtualmachineinstances') =>
          v.put(owner, 'vm', 'evacuate/cancel', {});
        assert.equal(await v.refused(stop('virtualmachines')), vmConflict('VMI is not started'));
        await v.put('virtualmachines', 'vm', 'start', {});
        await v.until(VMI, ({ status }) => status?.phase === 'Running');
        await stop('virtualmachineinstances');
        await stop('virtualmachines');
      },
    },
  ],
};
