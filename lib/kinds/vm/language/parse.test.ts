import { describe, expect, test } from 'vitest';
import { parseVmText } from './parse';
import { printVmTerms } from './print';

/** Terms in short, problems by their last word. */
const read = (text: string) => {
  const { terms, problems } = parseVmText(text);
  return {
    plain: printVmTerms(terms),
    kinds: terms.map(({ kind }) => kind).join(' '),
    problems: problems.map(({ text: { key } }) => key.replace('query.problem.', '')).join(' '),
  };
};

test('reads the whole of a long query', () => {
  const text =
    'status:running -os:windows cpu>4 memory>=8Gi node:worker-1 label:tier=web ip:10.0. network:vlan12 created<7d migratable:no agent:no web';
  expect(read(text)).toEqual({ plain: text, kinds: `${'field '.repeat(11)}word`, problems: '' });
});

test.each([
  ['Status:Running', 'status:Running'],
  ['ns:dev', 'namespace:dev'],
  ['mem:>8Gi', 'memory>8Gi'],
  ['os!=windows', '-os=windows'],
  ['-os!=windows', 'os=windows'],
  ['status:running,', 'status:running'],
  ['status:a,"b, c"', 'status:a,"b, c"'],
  ['label:tier=web,db', 'label:tier=web,tier=db'],
  ['label:tier="web server"', 'label:"tier=web server"'],
  ['name:"a \\"b\\" \\\\"', 'name:"a \\"b\\" \\\\"'],
  ['mac:02:00:5e', 'mac:02:00:5e'],
  ['ip:fe80::1', 'ip:fe80::1'],
])('takes %s for %s', (text, plain) => expect(read(text)).toEqual({ plain, kinds: 'field', problems: '' }));

describe('plain text', () => {
  test.each([
    '02:00:5e:10:00:01',
    'de:ad:be:ef',
    'fe80::1',
    '::1',
    'fd00::/8',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
    'tier=web',
    'app.kubernetes.io/name=web',
    'app.kubernetes.io/name:web',
    'https://example.com',
    '12:30',
    '-',
    ':',
    'a,b',
    '-web',
    '"status:running"',
    '"red hat"',
    '-"red hat"',
  ])('%s', (text) => expect(read(text)).toEqual({ plain: text, kinds: 'word', problems: '' }));

  test('quotation marks alone say nothing', () => expect(read('"" web').plain).toBe('web'));
});

describe('what is not understood is plain text, and said', () => {
  test.each([
    ['foo:bar', 'unknown'],
    ['statsu:running', 'unknown'],
    ['colour>4', 'unknown'],
    ['status:', 'noValue'],
    ['cpu>', 'noValue'],
    ['cpu>many', 'number'],
    ['memory:lots', 'size'],
    ['created<soon', 'age'],
    ['created:7d', 'needsComparison'],
    ['cpuusage:50%', 'needsComparison'],
    ['cpuusage>half', 'cpuUsage'],
    ['memoryusage>half', 'memoryUsage'],
    ['migratable:maybe', 'choice'],
    ['name>web', 'notCompared'],
    ['ip:10.0.0.0/99', 'network'],
  ])('%s: %s', (text, problem) => {
    expect(read(text)).toEqual({ plain: text, kinds: 'word', problems: problem });
  });

  test('an open quotation mark holds to the end', () => {
    expect(read('os:"red hat')).toEqual({ plain: 'os:"red hat"', kinds: 'field', problems: 'unclosed' });
  });

  test('proposes the field that was meant', () => {
    const meant = (text: string) => parseVmText(text).problems[0]?.mend;
    expect(meant('statsu:x')).toBe('status:x');
    expect(meant('namesapce:x')).toBe('namespace:x');
    expect(meant('migrat:x')).toBe('migratable:x');
    expect(meant('zzz:x')).toBeUndefined();
  });

  test('says where', () => {
    const text = 'web -foo:bar db';
    const [problem] = parseVmText(text).problems;
    expect(text.slice(problem?.start, problem?.end)).toBe('-foo:bar');
  });
});

test('knows where terms and values stand', () => {
  const text = ' web  -os:windows,"red hat" ';
  const [word, os] = parseVmText(text).terms;
  expect(text.slice(word?.start, word?.end)).toBe('web');
  expect(text.slice(os?.start, os?.end)).toBe('-os:windows,"red hat"');
  const values = os?.kind === 'field' ? os.values.map(({ start, end }) => text.slice(start, end)) : [];
  expect(values).toEqual(['windows', '"red hat"']);
});
