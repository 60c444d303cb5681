import { describe, expect, it } from 'vitest';
import { isSameSearch, SavedViews, savedViewsOf } from './saved-views';

function storage(content: Record<string, string> = {}) {
  return {
    content,
    getItem: (key: string) => content[key] ?? null,
    setItem: (key: string, value: string) => {
      content[key] = value;
    },
  };
}

describe('SavedViews', () => {
  it('keeps views by name, and replaces one of the same name', () => {
    const shared = storage();
    const views = new SavedViews(() => shared, 'key');
    views.save('b', 'q=1');
    views.save('a', 'q=2');
    views.save('b', 'q=3');
    expect(views.get()).toEqual([
      { name: 'a', search: 'q=2' },
      { name: 'b', search: 'q=3' },
    ]);
    expect(new SavedViews(() => shared, 'key').get()).toEqual(views.get());
    expect(new SavedViews(() => shared, 'other').get()).toEqual([]);
  });

  it('adds to what another tab has written', () => {
    const shared = storage();
    const [one, other] = [new SavedViews(() => shared, 'key'), new SavedViews(() => shared, 'key')];
    expect(other.get()).toEqual([]);
    one.save('a', '');
    other.save('b', '');
    expect(other.get().map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('renames, deletes, and lets one view at most open with the list', () => {
    const shared = storage();
    const kept = new SavedViews(() => shared, 'key');
    kept.save('a', 'q=1');
    kept.save('b', 'q=2');
    kept.setStart('a');
    kept.setStart('b');
    kept.rename('b', 'c');
    expect(kept.get()).toEqual([
      { name: 'a', search: 'q=1' },
      { name: 'c', search: 'q=2', isStart: true },
    ]);
    // Saving anew changes what it shows and not when it opens.
    kept.save('c', 'q=3');
    expect(kept.get()[1]).toEqual({ name: 'c', search: 'q=3', isStart: true });
    kept.setStart(undefined);
    kept.remove('a');
    expect(kept.get()).toEqual([{ name: 'c', search: 'q=3' }]);
  });

  it('says when the browser does not keep them, and shows them all the same', () => {
    const full = {
      getItem: (): string => {
        throw new Error('denied');
      },
      setItem: () => {
        throw new Error('full');
      },
    };
    const views = new SavedViews(() => full, 'key');
    expect(views.save('a', '')).toBe(false);
    expect(views.get()).toHaveLength(1);
  });

  it('ignores what is not a view', () => {
    const content = { key: '[{"name":"a"},7,{"name":"b","search":"x"}]' };
    expect(new SavedViews(() => storage(content), 'key').get()).toEqual([{ name: 'b', search: 'x' }]);
    expect(new SavedViews(() => storage({ key: 'no json' }), 'key').get()).toEqual([]);
  });

  it('is one for each person and cluster', () => {
    expect(savedViewsOf('a', 'b')).toBe(savedViewsOf('a', 'b'));
    expect(savedViewsOf('a', 'b')).not.toBe(savedViewsOf('a', 'c'));
  });
});

it('compares parameters in any order', () => {
  expect(isSameSearch('q=a&sort=-age', 'sort=-age&q=a')).toBe(true);
  expect(isSameSearch('q=a', 'q=b')).toBe(false);
  expect(isSameSearch('', '')).toBe(true);
});
