import { describe, expect, it } from 'vitest';
import { editUnavailable, isEmptyEdit } from './bulk-edit';
import { withBulkEdit } from './bulk-edit-apply';
import type { VmBulkEdit } from './bulk-edit-input';
import type { VmRow } from './row';

const vm = {
  metadata: { name: 'x', labels: { app: 'x', old: '1' } },
  spec: {
    running: true,
    template: {
      spec: {
        nodeSelector: { zone: 'a' },
        tolerations: [{ key: 'gpu', operator: 'Exists' }],
        domain: { cpu: { sockets: 1, cores: 2 }, memory: { guest: '1Gi' }, devices: {} },
      },
    },
  },
};
// Only what the rules look at.
const row = (facts: object, instancetype = '') => ({ facts, instancetype }) as unknown as VmRow;

describe('one edit of many VMs', () => {
  it.each<[string, VmBulkEdit, object]>([
    ['labels', { labels: { new: 'yes', old: null } }, { metadata: { labels: { app: 'x', new: 'yes' } } }],
    ['the older run field', { runStrategy: 'Halted' }, { spec: { running: false } }],
    ['run strategy', { runStrategy: 'Manual' }, { spec: { runStrategy: 'Manual' } }],
    [
      'own size, by sockets',
      { vcpus: 4, memory: '2Gi' },
      {
        spec: { template: { spec: { domain: { cpu: { sockets: 2, cores: 2 }, memory: { guest: '2Gi' } } } } },
      },
    ],
    [
      'placement',
      {
        nodeSelector: { zone: null, disk: 'ssd' },
        toleration: { key: 'big', operator: 'Exists' },
        evictionStrategy: 'None',
      },
      {
        spec: {
          template: {
            spec: {
              nodeSelector: { disk: 'ssd' },
              tolerations: [
                { key: 'gpu', operator: 'Exists' },
                { key: 'big', operator: 'Exists' },
              ],
              evictionStrategy: 'None',
            },
          },
        },
      },
    ],
  ])('%s', (_, edit, expected) => {
    expect(withBulkEdit(vm, edit)).toMatchObject(expected);
  });

  it('an instance type takes the place of what it decides', () => {
    const sized = withBulkEdit(vm, {
      instancetype: {
        name: 'u1.small',
        kind: 'VirtualMachineClusterInstancetype',
        spec: { cpu: { guest: 1 }, memory: { guest: '2Gi' } },
      },
    });
    expect(sized).toMatchObject({ spec: { instancetype: { name: 'u1.small' } } });
    expect(JSON.stringify(sized)).not.toMatch(/sockets|guest/);
  });

  it('changes nothing where all is so already', () => {
    const edit = {
      labels: { app: 'x' },
      toleration: { key: 'gpu', operator: 'Exists' },
      runStrategy: 'Always',
    };
    expect(withBulkEdit(vm, edit)).toBe(vm);
  });

  it('says where it makes no sense', () => {
    expect(editUnavailable(row({}), { vcpus: 2 })).toBeUndefined();
    expect(editUnavailable(row({}, 'u1.small'), { vcpus: 2 })?.key).toBe('configure.bulk.hasType');
    expect(editUnavailable(row({}, 'u1.small'), { labels: { a: 'b' } })).toBeUndefined();
    expect(editUnavailable(row({ deleting: true }), {})?.key).toBe('vm.reason.beingDeleted');
  });

  it('is empty when nothing is asked for', () => {
    expect(isEmptyEdit({ labels: {}, memory: '' })).toBe(true);
    expect(isEmptyEdit({ vcpus: 1 })).toBe(false);
  });
});
