import type { MessageKey } from '@/lib/text';

/** Keys as they are written on keyboards; several are pressed together, or one after the other where `inTurn` says so. */
export interface Shortcut {
  keys: string[];
  inTurn?: boolean;
  does: MessageKey;
}

export interface ShortcutGroup {
  title: MessageKey;
  shortcuts: Shortcut[];
}

/** Which page each letter leads to after `g`; the last part of the page's address. */
export const GO_KEYS: Readonly<Record<string, { page: string; does: MessageKey }>> = {
  o: { page: '', does: 'shortcuts.goOverview' },
  v: { page: '/vms', does: 'shortcuts.goVms' },
  s: { page: '/screens', does: 'shortcuts.goScreens' },
  c: { page: '/create', does: 'shortcuts.goCreate' },
  a: { page: '/access', does: 'shortcuts.goAccess' },
};

/** All shortcuts, for the sheet. */
export const SHORTCUTS: ShortcutGroup[] = [
  {
    title: 'shortcuts.anywhere',
    shortcuts: [
      { keys: ['Ctrl', 'K'], does: 'shortcuts.palette' },
      { keys: ['/'], does: 'shortcuts.palette' },
      { keys: ['?'], does: 'shortcuts.sheet' },
      ...Object.entries(GO_KEYS).map(([key, { does }]) => ({ keys: ['g', key], inTurn: true, does })),
    ],
  },
  {
    title: 'shortcuts.palettes',
    shortcuts: [
      { keys: ['↑', '↓'], inTurn: true, does: 'shortcuts.choose' },
      { keys: ['Enter'], does: 'shortcuts.open' },
      { keys: ['Ctrl', 'Enter'], does: 'shortcuts.openTab' },
      { keys: ['Tab'], does: 'shortcuts.actions' },
    ],
  },
  {
    title: 'shortcuts.list',
    shortcuts: [
      { keys: ['↑', '↓'], inTurn: true, does: 'shortcuts.move' },
      { keys: ['Space'], does: 'shortcuts.select' },
      { keys: ['Shift', '↓'], does: 'shortcuts.extend' },
      { keys: ['Ctrl', 'A'], does: 'shortcuts.selectAll' },
      { keys: ['Esc'], does: 'shortcuts.selectNone' },
    ],
  },
  {
    title: 'shortcuts.editor',
    shortcuts: [
      { keys: ['Ctrl', 'Space'], does: 'shortcuts.complete' },
      { keys: ['F2'], does: 'shortcuts.describe' },
      { keys: ['Ctrl', 'S'], does: 'shortcuts.save' },
      { keys: ['Ctrl', 'F'], does: 'shortcuts.find' },
      { keys: ['Ctrl', 'Alt', '['], does: 'shortcuts.foldAll' },
      { keys: ['Ctrl', 'Alt', ']'], does: 'shortcuts.unfoldAll' },
    ],
  },
];

/** How long after `g` its letter may come. */
export const GO_MS = 1_500;

const TYPING =
  'input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"], .cm-editor, .xterm, canvas, [data-own-keys], [role="menu"], [role="listbox"]';

type Press = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'defaultPrevented' | 'isComposing'
>;

/**
 * What a key press asks for where nobody types: the sheet, the page of a `g` sequence (as the end of its address), or
 * the beginning of one.
 */
export function readShortcut(
  press: Press,
  target: Pick<Element, 'closest'> | undefined,
  isAfterG: boolean,
): { kind: 'sheet' } | { kind: 'go'; page: string } | { kind: 'g' } | undefined {
  if (press.defaultPrevented || press.isComposing || press.ctrlKey || press.metaKey || press.altKey)
    return undefined;
  if (target?.closest(TYPING)) return undefined;
  if (press.key === '?') return { kind: 'sheet' };
  const goes = isAfterG ? GO_KEYS[press.key] : undefined;
  if (goes) return { kind: 'go', page: goes.page };
  return press.key === 'g' ? { kind: 'g' } : undefined;
}
