import { describe, expect, test } from 'vitest';
import type { VmRow } from '../row';
import { compileVmText, isTimeBound } from './compile';
import { SAMPLE_NOW, sampleRecord } from './sample-records';

const facts = (more: Partial<VmRow['facts']>): VmRow['facts'] => ({ ...sampleRecord().row.facts, ...more });
const matches = (text: string, row: Partial<VmRow> = {}, annotation = ''): boolean =>
  compileVmText(text, SAMPLE_NOW)(sampleRecord(row, annotation));

/** Queries that match a row and queries that do not. */
function check(row: Partial<VmRow>, yes: string[], no: string[]): void {
  for (const text of yes) expect([text, matches(text, row)]).toEqual([text, true]);
  for (const text of no) expect([text, matches(text, row)]).toEqual([text, false]);
}

test('nothing asked matches everything', () => check({}, ['', '  ', '""'], []));

test('free text is found in whatever is known of a VM, in any case', () => {
  expect(matches('Billing', {}, 'contact=billing@example.com')).toBe(true);
  check(
    { labels: { tier: 'Web' }, macs: ['02:00:5e:10:00:01'], ips: ['fe80::1'], description: 'Pays the bills' },
    ['tier=web', '02:00:5E', 'fe80::1', '"pays the"', 'bills web-1', 'fed*cloud', '-windows'],
    ['"the pays"', 'web-1 nothing', 'cloud*fed', '-bills'],
  );
});

describe('status', () => {
  test('is KubeVirt’s word or a tone', () => {
    check(
      {},
      ['status:running', 'status:healthy', 'status:run*'],
      ['status:run', 'status:error', 'status:warning'],
    );
    const broken = { facts: facts({ printableStatus: 'ErrImagePull' }) };
    check(
      broken,
      ['status:error', 'status:errimagepull', 'status:err*', 'status:attention'],
      ['status:warning'],
    );
    const complaint = { reason: 'no node has room' };
    check(
      complaint,
      ['status:attention', 'status:warning', 'status:running'],
      ['status:error', 'status:healthy'],
    );
    check(
      { facts: facts({ printableStatus: 'Stopped' }) },
      ['status:off', 'status:stopped,paused'],
      ['status:paused'],
    );
  });

  test('is also the word that is shown', () => {
    const restarting = { facts: facts({ requests: ['Stop', 'Start'] }) };
    check(
      restarting,
      ['status:restarting', 'status:running', 'status:changing'],
      ['status:stopped', 'status:healthy'],
    );
  });
});

test('text fields: a part, the whole, wildcards', () => {
  check(
    { name: 'web-1', os: 'Microsoft Windows Server 2022' },
    ['name:web', 'name:web*', 'name:*-?', 'name=web-1', 'os:windows', 'os="microsoft windows server 2022"'],
    [
      'name=web',
      'name:"web*"',
      'name:?',
      'os=windows',
      '-os:windows',
      'name:*2',
      'os!="Microsoft Windows Server 2022"',
    ],
  );
});

test('exact fields: the whole word, several of them, none', () => {
  check(
    { node: 'worker-1', namespace: 'dev', tags: ['gold', 'backup'] },
    [
      'node:worker-1',
      'node:WORKER-1',
      'node:worker-*',
      'node:worker-2,worker-1',
      'tag:backup',
      '-tag:none',
      'tag:*',
    ],
    ['node:worker', 'node:worker-10', 'node:none', 'tag:silver', '-tag:gold', 'tag:none'],
  );
  check(
    { node: '', tags: [] },
    ['node:none', 'node:""', 'tag:none', '-node:*'],
    ['node:"none"', 'node:*', 'tag:*'],
  );
});

test('networks and owners may be named without their namespace or kind', () => {
  check(
    { networks: ['pod', 'infra/vlan12'], owner: 'VirtualMachinePool/web-pool' },
    ['network:vlan12', 'network:infra/vlan12', 'network=infra/vlan12', 'network:pod', 'owner:web-pool'],
    ['network:vlan1', 'network=vlan12', 'owner:web', 'owner:none'],
  );
});

test('a folder is it and what is below it', () => {
  check(
    { folder: 'prod/web' },
    ['folder:prod', 'folder:/prod/web/', 'folder=prod/web'],
    ['folder=prod', 'folder:pro'],
  );
  check({ folder: 'production' }, ['folder:prod*'], ['folder:prod']);
});

test('labels by key, value and pattern', () => {
  check(
    { labels: { tier: 'web', 'example.com/zone': 'Eu 1' } },
    [
      'label:tier',
      'label:tier=web',
      'label:tier=db,web',
      'label:tier=w*',
      'label:example.com/zone="eu 1"',
      'label:*/zone',
    ],
    [
      'label:tie',
      'label:tier=we',
      'label:web',
      'label:"tier=w*"',
      'label:tier=',
      '-label:*',
      'label:toString',
    ],
  );
  check({ labels: {} }, ['label:tier=', '-label:*', '-label:tier'], ['label:*']);
});

test('addresses by beginning, whole, network', () => {
  check(
    { ips: ['10.0.0.12', 'fd00::5'] },
    ['ip:10.0.', 'ip:10.0.0.12', 'ip:10.0.0.0/24', 'ip:fd00::/8', 'ip:FD00::5', 'ip:*.12', 'ip=10.0.0.12'],
    ['ip:10.0.0.1', 'ip:0.0', 'ip:10.1.0.0/16', 'ip=10.0', 'ip:none'],
  );
});

test('a MAC address in whatever way it is written', () => {
  check(
    { macs: ['02:00:5e:10:00:01'] },
    ['mac:02:00:5e', 'mac:02-00-5E', 'mac:0200.5e10.0001', 'mac:1000'],
    ['mac:03'],
  );
});

test('figures', () => {
  check(
    { vcpus: 4, memoryBytes: 8 * 2 ** 30, disks: 2, diskBytes: 1e11 },
    [
      'cpu:4',
      'cpu=4',
      'cpu>3',
      'cpu>=4',
      'cpu:2..4',
      'cpu:2,4',
      'memory:8Gi',
      'memory>=8',
      'memory>8G',
      'disks>1',
      'disksize:100G',
    ],
    ['cpu>4', 'cpu<4', 'cpu:5..', 'memory>8Gi', 'memory<8589934592B', '-disks:2', 'disksize:..99G'],
  );
});

test('ages and dates', () => {
  check(
    { createdAt: '2026-11-20T12:00:00Z', startedAt: '' },
    [
      'created<7d',
      'created>1d',
      'created:1d..3d',
      'created:2026-11-20',
      'created:2026-11',
      'created<2026-11-21',
      'created>2026-11-19',
      '-uptime>1s',
    ],
    ['created>7d', 'created<1d', 'created:2026-11-21', 'created>2026-11-20', 'uptime>1s', 'uptime<1s'],
  );
});

test('usage in amounts and shares, where it is known', () => {
  const usage = { cpuCores: 1, memoryBytes: 2 ** 30 };
  check(
    { vcpus: 2, memoryBytes: 4 * 2 ** 30, usage },
    ['cpuusage>0.5', 'cpuusage>=50%', 'memoryusage>500M', 'memoryusage<=25%'],
    ['cpuusage>1', 'cpuusage>50%', 'memoryusage>30%'],
  );
  check({ vcpus: 0, usage }, [], ['cpuusage>1%']);
  check({}, ['-cpuusage>0'], ['cpuusage>=0', 'memoryusage>=0']);
});

test('yes and no', () => {
  check(
    { migratable: false },
    ['migratable:no', 'migratable:false'],
    ['migratable:yes', 'migratable:unknown'],
  );
  check({ migratable: undefined }, ['migratable:unknown', '-migratable:yes'], ['migratable:no']);
  check({}, ['agent:no'], ['agent:yes']);
});

test('a term that is not understood is searched as it was typed', () => {
  check({ description: 'see foo:bar' }, ['foo:bar', '-cpu>many'], ['foo:baz', 'cpu>many']);
});

test('knows which answers change by time alone', () => {
  expect(isTimeBound('status:running created<7d')).toBe(true);
  expect(isTimeBound('-uptime>1h')).toBe(true);
  expect(isTimeBound('status:running created:soon')).toBe(false);
});

test('counts ages from the moment of the question when no other is given', () => {
  const young = compileVmText('created<1h');
  const record = sampleRecord({ createdAt: new Date(Date.now() - 60_000).toISOString() });
  expect(young(record)).toBe(true);
});
