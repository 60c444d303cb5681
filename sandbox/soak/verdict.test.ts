import { describe, expect, test } from 'vitest';
import type { Log, Seen } from './observer';
import { brokenRules, differences, isFlat, listDifferences, stateAt } from './verdict';

const seen = (type: Seen['type'], uid: string, revision: number, app = 'web'): Seen => ({
  type,
  uid,
  revision,
  labels: { app },
});
const logOf = (events: Seen[], from = 10): Log => ({
  listed: new Map([['a', { revision: 5, labels: { app: 'web' } }]]),
  from,
  events,
});
const story = [
  seen('ADDED', 'b', 11, 'db'),
  seen('MODIFIED', 'a', 12, 'db'),
  seen('MODIFIED', 'b', 13, 'web'),
  seen('DELETED', 'a', 14, 'db'),
];

describe('a log by itself', () => {
  test('is fine when each event fits what went before', () => {
    expect(brokenRules(logOf(story))).toEqual([]);
  });

  test.each([
    ['an event twice', [seen('ADDED', 'b', 11), seen('MODIFIED', 'b', 11)], 'comes after 11'],
    ['an older event', [seen('ADDED', 'b', 12), seen('ADDED', 'c', 11)], 'comes after 12'],
    ['an addition of what is there', [seen('ADDED', 'a', 11)], 'there already'],
    ['a change of what is not there', [seen('MODIFIED', 'z', 11)], 'not there'],
    ['an end of what is not there', [seen('DELETED', 'z', 11)], 'not there'],
    ['an event from before the list', [seen('MODIFIED', 'a', 9)], 'comes after 10'],
  ])('shows %s', (_what, events, fault) => {
    expect(brokenRules(logOf(events)).join()).toContain(fault);
  });
});

describe('two observers', () => {
  test('agree over what both cover', () => {
    const late: Log = { listed: stateAt(logOf(story), 12), from: 12, events: story.slice(2) };
    expect(differences(logOf(story), late)).toEqual([]);
    expect(differences(logOf(story), logOf(story.slice(0, 2)))).toEqual([]);
  });

  test('differ when one misses an event or is told of it twice', () => {
    const missing = logOf([...story.slice(0, 1), ...story.slice(2)]);
    expect(differences(logOf(story), missing)[0]).toContain('instead of MODIFIED a at 12');
    const twice = logOf([...story.slice(0, 2), ...story.slice(1)]);
    expect(differences(logOf(story), twice)).toHaveLength(1);
  });

  test('a selection sees what enters it and what leaves it', () => {
    const isWeb = ({ app }: Record<string, string>) => app === 'web';
    const part = logOf([seen('DELETED', 'a', 12), seen('ADDED', 'b', 13)]);
    expect(differences(logOf(story), part, isWeb)).toEqual([]);
    expect(
      differences(logOf(story), logOf([seen('MODIFIED', 'a', 12), seen('ADDED', 'b', 13)]), isWeb),
    ).toHaveLength(1);
  });
});

test('a list is what list and watch add up to at its revision', () => {
  const log = logOf(story);
  expect(
    listDifferences(
      log,
      new Map([
        ['a', 12],
        ['b', 11],
      ]),
      12,
    ),
  ).toEqual([]);
  expect(listDifferences(log, new Map([['a', 12]]), 12)).toHaveLength(1);
  expect(
    listDifferences(
      log,
      new Map([
        ['a', 12],
        ['b', 13],
      ]),
      12,
    ),
  ).toHaveLength(1);
  expect(
    listDifferences(
      log,
      new Map([
        ['b', 13],
        ['c', 9],
      ]),
      14,
    ),
  ).toHaveLength(1);
  // What one does not cover it cannot judge.
  expect(listDifferences(log, new Map(), 99)).toEqual([]);
});

test.each([
  [[40, 80, 90, 91, 89], true],
  [[36, 44, 53, 64, 70], true],
  [[59, 61, 70, 130, 145], true],
  [[40, 90, 140, 190, 240], false],
  [[120, 140, 150, 205, 225], false],
  [[40, 40], false],
  [[], false],
])('memory of %j MiB is flat: %s', (heap, expected) => {
  expect(isFlat(heap.map((mebibytes) => mebibytes * 2 ** 20))).toBe(expected);
});
