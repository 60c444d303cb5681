import { describe, expect, it } from 'vitest';
import { isPaletteKey } from './use-palette-keys';

const press = (key: string, more: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  defaultPrevented: false,
  isComposing: false,
  ...more,
});
/** A target for which `closest` finds what one of these selectors names. */
const inside = (...selectors: string[]) =>
  ({
    closest: (list: string) => (selectors.some((each) => list.split(', ').includes(each)) ? {} : null),
  }) as Element;

describe('isPaletteKey', () => {
  it('takes Ctrl+K, also in a text field, and "/" outside of one', () => {
    expect(isPaletteKey(press('k', { ctrlKey: true }), inside(), false)).toBe(true);
    expect(isPaletteKey(press('K', { ctrlKey: true }), inside('input'), false)).toBe(true);
    expect(isPaletteKey(press('/'), inside(), false)).toBe(true);
    expect(isPaletteKey(press('/', { shiftKey: true }), undefined, false)).toBe(true);
    expect(isPaletteKey(press('/'), inside('input'), false)).toBe(false);
    expect(isPaletteKey(press('/'), inside('[role="textbox"]'), false)).toBe(false);
  });

  it('leaves Ctrl+K to the text fields of a Mac, where it is Command+K', () => {
    expect(isPaletteKey(press('k', { ctrlKey: true }), inside(), true)).toBe(false);
    expect(isPaletteKey(press('k', { metaKey: true }), inside(), true)).toBe(true);
    expect(isPaletteKey(press('k', { metaKey: true }), inside(), false)).toBe(false);
  });

  it.each(['.cm-editor', '.xterm', 'canvas'])('leaves every key to %s', (selector) => {
    expect(isPaletteKey(press('k', { ctrlKey: true }), inside(selector), false)).toBe(false);
    expect(isPaletteKey(press('/'), inside(selector), false)).toBe(false);
  });

  it('leaves what somebody else took, what is being composed, and other combinations', () => {
    for (const more of [
      { defaultPrevented: true },
      { isComposing: true },
      { altKey: true },
      { shiftKey: true },
    ])
      expect(isPaletteKey(press('k', { ctrlKey: true, ...more }), inside(), false)).toBe(false);
    expect(isPaletteKey(press('k'), inside(), false)).toBe(false);
  });
});
