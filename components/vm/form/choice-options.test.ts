import { describe, expect, it } from 'vitest';
import { narrowOptions, optionNamed } from './choice-options';

const OPTIONS = [
  { value: 'b', label: 'Debian 12', group: 'Linux', description: 'bookworm' },
  { value: 'w', label: 'Windows 11', group: 'Windows' },
  { value: 'f', label: 'Fedora 40', group: 'Linux' },
  { value: '', label: 'None' },
  { value: 'x', label: 'Old Debian', group: 'Linux' },
];

describe('the options of a chooser', () => {
  it('stand by group, those without one first', () => {
    expect(narrowOptions(OPTIONS, '').shown.map(({ value }) => value)).toEqual(['', 'b', 'f', 'x', 'w']);
  });

  it('are narrowed by every word, wherever it stands', () => {
    expect(narrowOptions(OPTIONS, 'linux WORM').shown.map(({ value }) => value)).toEqual(['b']);
    expect(narrowOptions(OPTIONS, 'nothing').shown).toEqual([]);
  });

  it('begin with what was typed before those that merely hold it', () => {
    expect(narrowOptions(OPTIONS, 'deb').shown.map(({ value }) => value)).toEqual(['b', 'x']);
    expect(narrowOptions(OPTIONS, 'old').shown.map(({ value }) => value)).toEqual(['x']);
  });

  it('show a hundred of two thousand and say how many more there are', () => {
    const many = Array.from({ length: 2000 }, (_, index) => ({
      value: `v${index}`,
      label: `Volume ${index}`,
    }));
    expect(narrowOptions(many, '')).toMatchObject({ more: 1900 });
    expect(narrowOptions(many, 'volume 1999')).toMatchObject({ shown: [{ value: 'v1999' }], more: 0 });
  });

  it('are named by value, or by label whatever its case', () => {
    expect(optionNamed(OPTIONS, 'debian 12')?.value).toBe('b');
    expect(optionNamed(OPTIONS, ' w ')?.label).toBe('Windows 11');
    expect(optionNamed(OPTIONS, 'deb')).toBeUndefined();
  });
});
