import { expect, it } from 'vitest';
import { type DraftStore, draftCount, dropDraft, forgetDrafts, keepDraft, readDraft } from './draft';

function store(limit = Number.POSITIVE_INFINITY): DraftStore {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => {
      if (value.length > limit) throw new DOMException('full', 'QuotaExceededError');
      kept.set(key, value);
    },
    removeItem: (key) => void kept.delete(key),
    key: (index) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size;
    },
  };
}

it('gives back what was kept, until it is dropped', () => {
  const browser = store();
  expect(keepDraft('a', { text: 'x', at: 5, base: { b: 1 } }, browser)).toBe(true);
  expect(readDraft('a', browser)).toEqual({ text: 'x', at: 5, base: { b: 1 } });
  dropDraft('a', browser);
  expect(readDraft('a', browser)).toBeUndefined();
});

it('says when the browser does not take it', () => {
  expect(keepDraft('a', { text: 'x'.repeat(100), at: 5, base: undefined }, store(50))).toBe(false);
});

it('forgets those of a cluster that somebody signs out of, for good', () => {
  const browser = store();
  const draft = { text: 'x', at: 5, base: undefined };
  for (const key of [
    'create/lab',
    'object/lab/uid-1',
    'object/lab/uid-2',
    'object/lab-2/uid',
    'create/other',
  ]) {
    keepDraft(key, draft, browser);
  }
  browser.setItem('something.else/lab', 'stays');
  expect(draftCount('lab', browser)).toBe(3);
  forgetDrafts('lab', browser);
  expect(draftCount('lab', browser)).toBe(0);
  expect(browser.length).toBe(3);
  // The editor flushes what is pending as its page goes away.
  expect(keepDraft('object/lab/uid-1', draft, browser)).toBe(false);
  expect(draftCount('lab', browser)).toBe(0);
});

it('does not trust what it finds', () => {
  const browser = store();
  browser.setItem('portlight.draft.a', '{"text": 1}');
  browser.setItem('portlight.draft.b', 'no JSON');
  expect(readDraft('a', browser)).toBeUndefined();
  expect(readDraft('b', browser)).toBeUndefined();
});
