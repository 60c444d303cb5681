import { describe, expect, it } from 'vitest';
import { type JsonObject, valueAt, withValueAt } from '@/lib/k8s/json';
import { GUEST, type VmDraft } from '@/lib/kinds/vm/form/field';
import { guestText } from '@/lib/kinds/vm/form/guest/cloud-init';
import { newVm } from '@/lib/kinds/vm/form/new-vm';
import { membersOf, NO_BATCH, nameAt } from './batch';
import { readTable } from './table';

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'web-login' },
  stringData: { userdata: 'x' },
};
const draft: VmDraft = {
  vm: withValueAt(
    newVm({ name: 'web', namespace: 'dev' }),
    [...GUEST, 'volumes'],
    [{ name: 'init', cloudInitNoCloud: { secretRef: { name: 'web-login' } } }],
  ),
  others: [secret],
};
const batch = { ...NO_BATCH, isOn: true, pattern: 'web-{nn}', count: 3, start: 9 };
const nameOf = (object: JsonObject | undefined) => valueAt(object, ['metadata', 'name']);

describe('several VMs at once', () => {
  it('have names by a pattern, and everything that is made with them is named apart', () => {
    const { members, problems } = membersOf(draft, batch, 'dev');
    expect(problems).toEqual([]);
    expect(members.map(({ name }) => name)).toEqual(['web-09', 'web-10', 'web-11']);
    expect(members.map((each) => nameOf(each.draft.others[0]))).toEqual([
      'web-09-login',
      'web-10-login',
      'web-11-login',
    ]);
    expect(JSON.stringify(members[1]?.draft.vm)).toContain('"secretRef":{"name":"web-10-login"}');
    expect(nameAt('web', 4)).toBe('web-4');
    expect(nameAt('{n}-{nnn}', 4)).toBe('4-004');
  });

  it('differ as a pasted table says', () => {
    const table = [
      'name\tcpu\tmemory\tlabel:tier\tspec.template.spec.terminationGracePeriodSeconds\timage',
      'shop\t4\t8Gi\tfront\t30\tquay.io/containerdisks/debian:13',
      'till\t\t\tback\t60\t',
    ].join('\n');
    const { members } = membersOf(draft, { ...batch, table }, 'dev');
    expect(members.map(({ name, problems }) => [name, problems])).toEqual([
      ['shop', []],
      ['till', []],
    ]);
    const [shop, till] = members.map((each) => each.draft.vm);
    expect(valueAt(shop, [...GUEST, 'domain', 'memory', 'guest'])).toBe('8Gi');
    expect(valueAt(shop, [...GUEST, 'terminationGracePeriodSeconds'])).toBe(30);
    expect(valueAt(shop, ['metadata', 'labels', 'tier'])).toBe('front');
    expect(JSON.stringify(shop)).toContain('containerdisks/debian:13');
    expect(valueAt(till, [...GUEST, 'domain', 'memory', 'guest'])).toBe('1Gi');
  });

  it('say at the cell what cannot be', () => {
    const table = 'name,cpu,memory,ip\nA_b,none,2 GB,10.0.0.300\nok,1,2Gi,\nok,1,2Gi,192.168.1.5/24';
    const { members } = membersOf(draft, { ...batch, table }, 'dev');
    const said = members.map(({ problems }) => problems.map(({ column }) => column));
    expect(said).toEqual([['name', 'cpu', 'memory', 'ip'], [], ['ip', 'name']]);
    expect(
      membersOf(draft, { ...batch, table: 'name,colour\na,red' }, 'dev').problems.map(({ key }) => key),
    ).toEqual(['create.batch.unknownColumn']);
    expect(membersOf(draft, { ...batch, table: 'name' }, 'dev').problems.map(({ key }) => key)).toEqual([
      'create.batch.noRows',
    ]);
    expect(membersOf(draft, { ...batch, count: 500 }, 'dev').members).toHaveLength(200);
  });

  it('get fixed addresses on a network of their own', () => {
    const wired = {
      ...draft,
      vm: withValueAt(
        withValueAt(
          draft.vm,
          [...GUEST, 'networks'],
          [
            { name: 'default', pod: {} },
            { name: 'lan', multus: { networkName: 'lan' } },
          ],
        ),
        [...GUEST, 'domain', 'devices', 'interfaces'],
        [
          { name: 'default', masquerade: {} },
          { name: 'lan', bridge: {} },
        ],
      ),
    };
    const { members } = membersOf(wired, { ...batch, table: 'ip\n192.168.1.5/24' }, 'dev');
    expect(members[0]?.problems).toEqual([]);
    expect(guestText(members[0]?.draft ?? wired, 'networkData').content).toBe(
      'version: 2\nethernets:\n  enp1s0:\n    dhcp4: true\n  enp2s0:\n    addresses: ["192.168.1.5/24"]\n',
    );
  });
});

describe('readTable', () => {
  it('reads what spreadsheets put on the clipboard', () => {
    expect(readTable('name\tcpu\r\na\t1\r\n\r\n')).toEqual({ columns: ['name', 'cpu'], rows: [['a', '1']] });
    expect(readTable('name;note\na;"x;""y"""')).toEqual({
      columns: ['name', 'note'],
      rows: [['a', 'x;"y"']],
    });
    expect(readTable('name,note\na,"two\nlines"')).toEqual({
      columns: ['name', 'note'],
      rows: [['a', 'two\nlines']],
    });
    expect(readTable('')).toBeUndefined();
  });
});
