import { describe, expect, test } from 'vitest';
import type { VmRecord } from '../row';
import { vmStatus } from '../status';
import { compileVmText } from './compile';
import { parseVmText } from './parse';
import { printVmTerms } from './print';
import { pick, randomFrom, SAMPLE_NOW, sampleRecords } from './sample-records';

const plain = (text: string): string => printVmTerms(parseVmText(text).terms);

/** Anything that somebody could type, with a liking for what is special. */
function noise(random: () => number): string {
  const pieces = [
    '"',
    '\\',
    ',',
    ':',
    '=',
    '-',
    ' ',
    '>',
    '<=',
    '!',
    '*',
    '?',
    '..',
    'none',
    'status',
    'label',
    'cpu',
    'os',
    'ip',
    'foo',
    'a',
    '4',
    '8Gi',
    '7d',
    'ä',
    '/',
  ] as const;
  return Array.from({ length: Math.floor(random() * 12) }, () => pick(random, pieces)).join('');
}

test('printing what was read gives a text that reads the same', () => {
  const random = randomFrom(1);
  const records = sampleRecords(40, random);
  for (let round = 0; round < 5000; round += 1) {
    const text = noise(random);
    const once = plain(text);
    expect([text, plain(once)]).toEqual([text, once]);
    const [typed, printed] = [text, once].map((each) => records.map(compileVmText(each, SAMPLE_NOW)));
    expect([text, printed]).toEqual([text, typed]);
  }
});

/** A term as text, and what it means, said anew and as simply as can be. */
interface Wish {
  text: string;
  holds: (record: VmRecord) => boolean;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const quoted = (text: string): string => (/[\s,]/.test(text) ? `"${text}"` : text);

function wish(random: () => number): Wish {
  const list = (all: readonly [string, ...string[]]): string[] =>
    Array.from({ length: 1 + Math.floor(random() * 2) }, () => pick(random, all));
  const among = (
    field: string,
    all: readonly [string, ...string[]],
    of: (record: VmRecord) => string[],
  ): Wish => {
    const values = list(all);
    return {
      text: `${field}:${values.map(quoted).join(',')}`,
      holds: (record) => of(record).some((own) => values.some((value) => same(own, value))),
    };
  };
  const figure = (field: string, unit: string, factor: number, of: (record: VmRecord) => number): Wish => {
    const operator = pick(random, ['>', '>=', '<', '<=', '=']);
    const count = pick(random, [1, 2, 4, 8, 16]);
    const sign = (record: VmRecord): number => Math.sign(of(record) - count * factor);
    const accepted = { '>': [1], '>=': [0, 1], '<': [-1], '<=': [-1, 0], '=': [0] }[operator] ?? [];
    return { text: `${field}${operator}${count}${unit}`, holds: (record) => accepted.includes(sign(record)) };
  };
  const day = 24 * 3600_000;
  const days = Math.floor(random() * 60);
  const system = pick(random, ['windows', 'FEDORA', 'linux 42']);
  const word = pick(random, ['web', 'Team-1', 'tier=db', '02:00:00:00', '10.1.', 'contact=team-7']);
  const wishes: readonly [() => Wish, ...(() => Wish)[]] = [
    () =>
      among('status', ['running', 'Stopped', 'paused', 'errimagepull'], ({ row }) => [
        row.facts.printableStatus,
      ]),
    () => among('namespace', ['team-1', 'team-2', 'TEAM-3'], ({ row }) => [row.namespace]),
    () => among('tag', ['backup', 'gold'], ({ row }) => row.tags),
    () => among('app', ['shop', 'mail'], ({ row }) => [row.application]),
    () =>
      among('label', ['tier=web', 'app=crm'], ({ row }) =>
        Object.entries(row.labels).map((pair) => pair.join('=')),
      ),
    () => figure('cpu', '', 1, ({ row }) => row.vcpus),
    () => figure('memory', 'Gi', 2 ** 30, ({ row }) => row.memoryBytes),
    () => ({
      text: `created<${days}d`,
      holds: ({ row }) => SAMPLE_NOW - Date.parse(row.createdAt) < days * day,
    }),
    () => ({
      text: 'status:attention',
      holds: ({ row }) => ['danger', 'warning'].includes(vmStatus(row.facts, row.reason).tone),
    }),
    () => ({
      text: `os:${quoted(system)}`,
      holds: ({ row }) => row.os.toLowerCase().includes(system.toLowerCase()),
    }),
    () => ({ text: 'folder:prod', holds: ({ row }) => row.folder.split('/')[0] === 'prod' }),
    () => ({ text: 'node:none', holds: ({ row }) => row.node === '' }),
    () => ({ text: 'network:vlan12', holds: ({ row }) => row.networks.includes('infra/vlan12') }),
    () => ({ text: 'ip:10.2.0.0/15', holds: ({ row }) => row.ips.some((ip) => /^10\.[23]\./.test(ip)) }),
    () => ({ text: 'migratable:no', holds: ({ row }) => row.migratable === false }),
    () => ({
      text: word,
      holds: ({ words }) => words.split('\n').some((line) => line.includes(word.toLowerCase())),
    }),
  ];
  const made = pick(random, wishes)();
  return random() < 0.25 ? { text: `-${made.text}`, holds: (record) => !made.holds(record) } : made;
}

describe('matching', () => {
  test('is what a simple reading of generated queries says', () => {
    const random = randomFrom(2);
    const records = sampleRecords(300, random);
    let found = 0;
    for (let round = 0; round < 2000; round += 1) {
      const wishes = Array.from({ length: 1 + Math.floor(random() * 3) }, () => wish(random));
      const text = wishes.map((each) => each.text).join(' ');
      // A status word may be shown for what KubeVirt calls otherwise; those VMs are another test's.
      const asked = records.filter(({ row }) => row.facts.requests.length === 0);
      const expected = asked.filter((record) => wishes.every(({ holds }) => holds(record)));
      const names = (all: VmRecord[]): string[] => all.map(({ row }) => row.name);
      expect([text, names(asked.filter(compileVmText(text, SAMPLE_NOW)))]).toEqual([text, names(expected)]);
      found += expected.length;
    }
    // Queries that match nothing would prove nothing.
    expect(found).toBeGreaterThan(20_000);
  });
});
