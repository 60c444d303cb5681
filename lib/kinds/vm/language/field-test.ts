import type { VmFacts } from '../facts';
import type { VmRecord, VmRow } from '../row';
import { vmStatus } from '../status';
import { type FieldKind, findField, STATUS_WORDS, type VmField } from './fields';
import { choiceOf } from './parse';
import type { FieldTerm, Operator, Value } from './syntax';
import {
  isInCidr,
  type Range,
  readCidr,
  readDate,
  readDuration,
  readNumber,
  readRange,
  readSize,
  readTime,
  readUsage,
} from './values';

export type VmTest = (record: VmRecord) => boolean;

/** A test and how much work it is, so that cheap ones come first: 1 looks a word up, 2 computes, 3 searches text. */
export interface WeighedTest {
  test: VmTest;
  cost: number;
}

type WordTest = (word: string) => boolean;

/** The function of a field's term, its minus sign left aside. */
export function fieldTest(term: FieldTerm, now: number | undefined): WeighedTest {
  const field = findField(term.field);
  if (!field) throw new Error(`there is no field ${term.field}`);
  const tests = term.values.map((value) => valueTest(field, term.operator, value, now));
  return { test: anyOf(tests), cost: COST[field.kind] };
}

const COST: Record<FieldKind, number> = {
  exact: 1,
  segment: 1,
  path: 1,
  status: 1,
  choice: 1,
  number: 1,
  size: 1,
  usage: 1,
  label: 1,
  part: 2,
  address: 2,
  age: 2,
  mac: 2,
};

/** What fields with words look at. */
const WORDS: Record<string, (row: VmRow) => string | string[]> = {
  name: (row) => row.name,
  namespace: (row) => row.namespace,
  node: (row) => row.node,
  os: (row) => row.os,
  ip: (row) => row.ips,
  network: (row) => row.networks,
  folder: (row) => row.folder,
  tag: (row) => row.tags,
  application: (row) => row.application,
  owner: (row) => row.owner,
  instancetype: (row) => row.instancetype,
  preference: (row) => row.preference,
  volume: (row) => row.volumes,
  condition: (row) => row.conditions,
  runstrategy: (row) => row.facts.runStrategy,
  mac: (row) => row.macs,
  hostname: (row) => row.hostname,
  description: (row) => row.description,
  uid: (row) => row.uid,
};

/** What fields with figures look at; undefined where it is not known, which matches no figure. */
const FIGURES: Record<string, (row: VmRow) => number | undefined> = {
  cpu: (row) => row.vcpus,
  memory: (row) => row.memoryBytes,
  disks: (row) => row.disks,
  disksize: (row) => row.diskBytes,
  created: (row) => readTime(row.createdAt),
  uptime: (row) => (row.startedAt === '' ? undefined : readTime(row.startedAt)),
};

function valueTest(field: VmField, operator: Operator, value: Value, now: number | undefined): VmTest {
  switch (field.kind) {
    case 'status':
      return statusTest(operator, value);
    case 'label':
      return labelTest(operator, value);
    case 'choice':
      return choiceTest(field, value);
    case 'number':
      return figureTest(field, operator, value, readNumber);
    case 'size':
      return figureTest(field, operator, value, readSize);
    case 'age':
      return ageTest(field, operator, value, now);
    case 'usage':
      return usageTest(field, operator, value);
    default: {
      const read = WORDS[field.name];
      if (!read) throw new Error(`the field ${field.name} has no words`);
      if (isNone(value)) return ({ row }) => read(row).length === 0;
      const test = wordTest(field.kind, operator, value);
      return overWords(read, OF_FEW_WORDS.has(field.name) ? remembered(test) : test);
    }
  }
}

function isNone({ text, quoted }: Value): boolean {
  return text === '' || (!quoted && text.toLowerCase() === 'none');
}

function overWords(read: (row: VmRow) => string | string[], test: WordTest): VmTest {
  return ({ row }) => {
    const words = read(row);
    if (typeof words === 'string') return test(words);
    for (const word of words) if (test(word)) return true;
    return false;
  };
}

/** Fields whose words many VMs share, and that take more than one look at each. */
const OF_FEW_WORDS = new Set(['os', 'folder', 'network', 'owner']);
const REMEMBERED_WORDS = 5000;

function remembered(test: WordTest): WordTest {
  const known = new Map<string, boolean>();
  return (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const answer = test(word);
    if (known.size < REMEMBERED_WORDS) known.set(word, answer);
    return answer;
  };
}

/** The test of one word; it is told words as the cluster has them, in any case. */
function wordTest(kind: FieldKind, operator: Operator, value: Value): WordTest {
  const wanted = value.text.toLowerCase();
  if (operator === '=') return isWord(wanted);
  const pattern = value.quoted ? undefined : globOf(wanted);
  if (pattern) return (word) => word !== '' && pattern.test(word);
  switch (kind) {
    case 'part':
      return (word) => word.toLowerCase().includes(wanted);
    case 'segment':
      return (word) => {
        const own = word.toLowerCase();
        return own === wanted || own.split('/').includes(wanted);
      };
    case 'path':
      return pathTest(wanted);
    case 'address':
      return addressTest(wanted);
    case 'mac':
      return macTest(wanted);
    default:
      return isWord(wanted);
  }
}

function isWord(wanted: string): WordTest {
  // Most words differ in length already, and hardly any differs in case alone.
  return (word) => word.length === wanted.length && (word === wanted || word.toLowerCase() === wanted);
}

function pathTest(wanted: string): WordTest {
  const path = wanted.replaceAll(/^\/+|\/+$/g, '');
  return (word) => {
    const own = word.toLowerCase();
    return own === path || own.startsWith(`${path}/`);
  };
}

/** A whole IPv4 address is meant alone, or 10.0.0.1 could not be told from 10.0.0.12; else the beginning counts. */
function addressTest(wanted: string): WordTest {
  const cidr = readCidr(wanted);
  if (cidr) return (word) => isInCidr(word, cidr);
  if (/^(\d+\.){3}\d+$/.test(wanted)) return isWord(wanted);
  if (!/[a-f]/.test(wanted)) return (word) => word.startsWith(wanted);
  return (word) => word.toLowerCase().startsWith(wanted);
}

function macTest(wanted: string): WordTest {
  // As Kubernetes writes it; whole pairs, then.
  if (wanted.includes(':')) return (word) => word.toLowerCase().includes(wanted);
  const bare = (mac: string): string => mac.toLowerCase().replaceAll(/[:.-]/g, '');
  const digits = bare(wanted);
  return (word) => bare(word).includes(digits);
}

/** `web*` and `vm-?`: a pattern for the whole word; undefined where there is no wildcard. */
function globOf(wanted: string): RegExp | undefined {
  if (!/[*?]/.test(wanted)) return undefined;
  const source = wanted
    .replaceAll(/[.+^${}()|[\]\\/-]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'is');
}

/** KubeVirt's word, the word that is shown where it is another one (Restarting), or a tone. */
function statusTest(operator: Operator, value: Value): VmTest {
  if (isNone(value)) return ({ row }) => row.facts.printableStatus === '';
  const wanted = value.text.toLowerCase();
  const pattern = value.quoted || operator === '=' ? undefined : globOf(wanted);
  const test: WordTest = pattern ? (word) => pattern.test(word) : isWord(wanted);
  const tones: readonly string[] = Object.hasOwn(STATUS_WORDS, wanted) ? (STATUS_WORDS[wanted] ?? []) : [];
  const shows = (facts: VmFacts, reason: string): boolean => {
    const shown = vmStatus(facts, reason);
    return tones.includes(shown.tone) || test(shown.text.key.slice(shown.text.key.lastIndexOf('.') + 1));
  };
  // Of most VMs nothing but KubeVirt's own word decides.
  const known = new Map<string, boolean>();
  return ({ row: { facts, reason } }) => {
    if (test(facts.printableStatus)) return true;
    if (reason !== '' || facts.requests.length > 0) return shows(facts, reason);
    let answer = known.get(facts.printableStatus);
    if (answer === undefined) {
      answer = shows(facts, reason);
      known.set(facts.printableStatus, answer);
    }
    return answer;
  };
}

function labelTest(operator: Operator, { text, quoted }: Value): VmTest {
  const at = text.indexOf('=');
  const key = at < 0 ? text : text.slice(0, at);
  const keyPattern = quoted || operator === '=' ? undefined : globOf(key);
  if (at < 0) {
    if (keyPattern) return ({ row }) => Object.keys(row.labels).some((own) => keyPattern.test(own));
    return ({ row }) => Object.hasOwn(row.labels, key);
  }
  const wanted = text.slice(at + 1).toLowerCase();
  // Without a value: it is empty, or there is no such label.
  if (wanted === '') return ({ row }) => !Object.hasOwn(row.labels, key) || row.labels[key] === '';
  const pattern = quoted || operator === '=' ? undefined : globOf(wanted);
  const test: WordTest = pattern ? (word) => pattern.test(word) : isWord(wanted);
  return ({ row }) => Object.hasOwn(row.labels, key) && test(row.labels[key] ?? '');
}

function choiceTest(field: VmField, { text }: Value): VmTest {
  const wanted = choiceOf(field, text);
  if (field.name === 'agent')
    return ({ row }) => (row.facts.vmi?.agentConnected === true) === (wanted === 'yes');
  const known = wanted === 'unknown' ? undefined : wanted === 'yes';
  return ({ row }) => row.migratable === known;
}

function figureTest(
  field: VmField,
  operator: Operator,
  { text }: Value,
  readFigure: (text: string) => number | undefined,
): VmTest {
  const read = figureOf(field);
  const range = readRange(text, readFigure);
  if (range) return ({ row }) => isWithin(read(row), range);
  const wanted = readFigure(text);
  return wanted === undefined ? () => false : ({ row }) => compare(read(row), operator, wanted);
}

/** `<7d` is younger than seven days; `<2026-11-22` is before that day. */
function ageTest(field: VmField, operator: Operator, { text }: Value, now: number | undefined): VmTest {
  const read = figureOf(field);
  const date = readDate(text);
  if (date) {
    if (operator === ':' || operator === '=') return ({ row }) => isWithin(read(row), date);
    const bound = operator === '>' || operator === '<=' ? date.to : date.from;
    return ({ row }) => compare(read(row), operator, bound);
  }
  const age = (row: VmRow): number | undefined => {
    const since = read(row);
    return since === undefined ? undefined : (now ?? Date.now()) - since;
  };
  const range = readRange(text, readDuration);
  if (range) return ({ row }) => isWithin(age(row), range);
  const wanted = readDuration(text);
  return wanted === undefined ? () => false : ({ row }) => compare(age(row), operator, wanted);
}

function usageTest(field: VmField, operator: Operator, { text }: Value): VmTest {
  const isCpu = field.name === 'cpuusage';
  const wanted = readUsage(text, isCpu ? readNumber : readSize);
  if (!wanted) return () => false;
  return ({ row }) => {
    const used = isCpu ? row.usage?.cpuCores : row.usage?.memoryBytes;
    if (used === undefined) return false;
    if (!wanted.isShare) return compare(used, operator, wanted.amount);
    const size = isCpu ? row.vcpus : row.memoryBytes;
    return size > 0 && compare(used / size, operator, wanted.amount);
  };
}

function figureOf(field: VmField): (row: VmRow) => number | undefined {
  const read = FIGURES[field.name];
  if (!read) throw new Error(`the field ${field.name} has no figures`);
  return read;
}

function isWithin(figure: number | undefined, { from, to }: Range): boolean {
  return figure !== undefined && figure >= from && figure <= to;
}

function compare(figure: number | undefined, operator: Operator, wanted: number): boolean {
  if (figure === undefined) return false;
  switch (operator) {
    case '>':
      return figure > wanted;
    case '>=':
      return figure >= wanted;
    case '<':
      return figure < wanted;
    case '<=':
      return figure <= wanted;
    default:
      return figure === wanted;
  }
}

function anyOf(tests: VmTest[]): VmTest {
  const [first, second] = tests;
  if (!first) return () => false;
  if (!second) return first;
  return (record: VmRecord) => {
    for (const test of tests) if (test(record)) return true;
    return false;
  };
}
