import { fieldTest, type VmTest, type WeighedTest } from './field-test';
import { parseVmText } from './parse';
import type { Term, WordTerm } from './syntax';

/**
 * Makes one function of a query. `now` (milliseconds) is what ages count from; without it they count from the moment
 * at which a record is looked at.
 */
export function compileVmText(text: string, now?: number): VmTest {
  const tests = parseVmText(text)
    .terms.map((term) => termTest(term, now))
    .sort((a, b) => a.cost - b.cost)
    .map(({ test }) => test);
  const [first, second] = tests;
  if (!first) return () => true;
  if (!second) return first;
  return (record) => {
    for (const test of tests) if (!test(record)) return false;
    return true;
  };
}

/** Whether an answer changes by time alone, so that it must be worked out again now and then. */
export function isTimeBound(text: string): boolean {
  return parseVmText(text).terms.some(
    (term) => term.kind === 'field' && (term.field === 'created' || term.field === 'uptime'),
  );
}

function termTest(term: Term, now: number | undefined): WeighedTest {
  const { test, cost } = term.kind === 'word' ? wordTest(term) : fieldTest(term, now);
  return { test: term.negated ? (record) => !test(record) : test, cost };
}

function wordTest({ text, quoted }: WordTerm): WeighedTest {
  const word = text.toLowerCase();
  if (quoted || !word.includes('*')) return { test: ({ words }) => words.includes(word), cost: 3 };
  // A wildcard in free text is a gap in a line, since every line of `words` is a value of its own.
  const parts = word.split('*').filter(Boolean);
  if (parts.length < 2) return { test: ({ words }) => words.includes(parts[0] ?? ''), cost: 3 };
  const pattern = new RegExp(parts.map(escaped).join('[^\\n]*'));
  return { test: ({ words }) => pattern.test(words), cost: 4 };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
