import { describe, expect, test } from 'vitest';
import { accept, completionAt, offersFor, textAround } from './complete';

/** The caret is where the bar stands. */
function at(marked: string) {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const completion = completionAt(text, caret);
  const offers = (groups: [string, number][] = []) =>
    completion
      ? offersFor(
          completion,
          groups.map(([value, total]) => ({ value, total })),
        )
      : [];
  return {
    completion,
    labels: (groups?: [string, number][]) => offers(groups).map(({ label }) => label),
    choose: (label: string | undefined, groups?: [string, number][]) => {
      const offer = offers(groups).find((each) => each.label === label);
      if (!offer || !completion) throw new Error(`no offer ${label}`);
      const next = accept(text, completion, offer);
      return `${next.text.slice(0, next.caret)}|${next.text.slice(next.caret)}`;
    },
  };
}

describe('fields', () => {
  test('all of them where nothing is typed, those that begin so where something is', () => {
    expect(at('|').labels()[0]).toBe('status:running');
    expect(at('|').labels()).toHaveLength(31);
    expect(at('web st|').labels()).toEqual(
      expect.arrayContaining(['status:running', 'disksize>100Gi', 'status:stopped']),
    );
    expect(at('nam|').labels()).toEqual(['name:web*', 'namespace:dev']);
    expect(at('ram|').labels()).toEqual(['memory>=8Gi']);
    expect(at('qqq|').labels()).toEqual([]);
  });

  test('go in with their operator, and typing goes on', () => {
    expect(at('web nam| db').choose('namespace:dev')).toBe('web namespace:| db');
    expect(at('-o|').choose('os:windows')).toBe('-os:|');
    expect(at('me|').choose('memory>=8Gi')).toBe('memory>|');
    expect(at('st|:running').choose('status:running')).toBe('status|:running');
  });

  test('a word of a status is enough', () =>
    expect(at('pau|').choose('status:paused')).toBe('status:paused |'));
});

describe('values', () => {
  const NODES: [string, number][] = [
    ['worker-1', 5],
    ['worker-2', 3],
    ['', 2],
  ];

  test('come from the groups, with their counts', () => {
    const { completion, labels, choose } = at('web node:|');
    expect(completion).toMatchObject({ kind: 'value', dimension: 'node', typed: '', others: [] });
    expect(labels(NODES)).toEqual(['worker-1', 'worker-2', undefined]);
    expect(choose('worker-2', NODES)).toBe('web node:worker-2 |');
    expect(choose(undefined, NODES)).toBe('web node:none |');
  });

  test('leave out what the term has already', () => {
    const { labels, choose } = at('node:worker-1,wor| web');
    expect(labels(NODES)).toEqual(['worker-2']);
    expect(choose('worker-2', NODES)).toBe('node:worker-1,worker-2 |web');
  });

  test('replace the whole value, and only it', () => {
    expect(at('node:wo|rker-9,worker-1 x').choose('worker-2', NODES)).toBe('node:worker-2|,worker-1 x');
  });

  test('are quoted where they must be', () => {
    const systems: [string, number][] = [['Fedora Linux 42', 7]];
    expect(at('os:fed|').choose('Fedora Linux 42', systems)).toBe('os:"Fedora Linux 42" |');
    expect(at('os:"fedora l|').choose('Fedora Linux 42', systems)).toBe('os:"Fedora Linux 42" |');
  });

  test('of labels: first the key, then the value', () => {
    const keys = at('label:ti|');
    expect(keys.completion).toMatchObject({ dimension: 'labelKey' });
    expect(keys.choose('tier', [['tier', 4]])).toBe('label:tier=|');
    const values = at('label:tier=|');
    expect(values.completion).toMatchObject({ dimension: 'label:tier' });
    expect(values.labels([['web', 4]])).toEqual(['tier=web']);
    expect(values.choose('tier=web', [['web', 4]])).toBe('label:tier=web |');
  });

  test('have words of their own where there are no groups', () => {
    expect(at('migratable:|').labels()).toEqual(['yes', 'no', 'unknown']);
    expect(at('memory>|').labels()).toContain('8Gi');
    expect(at('status:att|').labels([['Running', 3]])).toEqual(['attention']);
    expect(at('status:run|').labels([['Running', 3]])).toEqual(['Running']);
  });
});

test('nothing is offered inside a phrase', () => {
  expect(completionAt('"red hat"', 4)).toBeUndefined();
  expect(completionAt('-web', 0)).toBeUndefined();
});

test('counts come from the query without the term that is typed', () => {
  const text = 'web node:wor -os:windows';
  const completion = completionAt(text, 12);
  expect(completion && textAround(text, completion)).toBe('web -os:windows');
});
