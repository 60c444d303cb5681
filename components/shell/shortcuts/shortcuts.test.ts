import { describe, expect, it } from 'vitest';
import { readShortcut } from './shortcuts';

const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  defaultPrevented: false,
  isComposing: false,
  ...more,
});
const field = { closest: () => ({}) as Element };

describe('readShortcut', () => {
  it('opens the sheet, and goes to a page by two keys', () => {
    expect(readShortcut(press('?'), undefined, false)).toEqual({ kind: 'sheet' });
    expect(readShortcut(press('g'), undefined, false)).toEqual({ kind: 'g' });
    expect(readShortcut(press('v'), undefined, true)).toEqual({ kind: 'go', page: '/vms' });
    expect(readShortcut(press('v'), undefined, false)).toBeUndefined();
    expect(readShortcut(press('x'), undefined, true)).toBeUndefined();
  });

  it('leaves alone what is typed, and what belongs to the browser or to somebody else', () => {
    expect(readShortcut(press('?'), field, false)).toBeUndefined();
    expect(readShortcut(press('v'), field, true)).toBeUndefined();
    for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { defaultPrevented: true }])
      expect(readShortcut(press('g', more), undefined, false)).toBeUndefined();
  });
});
