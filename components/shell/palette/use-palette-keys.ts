'use client';

import { useEffect } from 'react';

/** Editors and consoles have keys of their own, these among them. */
const OWN_KEYS = '.cm-editor, .xterm, canvas, [data-own-keys]';
const TYPING = 'input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"]';

/** Whether a key press means the palette: Ctrl+K (Command+K on a Mac) anywhere but where keys are typed on, and "/". */
export function isPaletteKey(
  event: Pick<
    KeyboardEvent,
    'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'defaultPrevented' | 'isComposing'
  >,
  target: Pick<Element, 'closest'> | undefined,
  isMac: boolean,
): boolean {
  if (event.defaultPrevented || event.isComposing || event.altKey || target?.closest(OWN_KEYS)) return false;
  const { ctrlKey, metaKey, shiftKey } = event;
  // On a Mac, Ctrl+K deletes to the end of the line in every text field.
  const command = isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey;
  if (command) return !shiftKey && event.key.toLowerCase() === 'k';
  // "/" needs Shift on some keyboards.
  return event.key === '/' && !ctrlKey && !metaKey && !target?.closest(TYPING);
}

/** Opens the palette by its keys, as long as no dialog is open that would lose its focus. */
export function usePaletteKeys(open: () => void): void {
  useEffect(() => {
    const isMac = isMacBrowser();
    const press = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : undefined;
      if (!isPaletteKey(event, target, isMac) || document.querySelector('[aria-modal="true"]')) return;
      event.preventDefault();
      open();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [open]);
}

/** For the hint on the button, and for which key it is. */
export function isMacBrowser(): boolean {
  return typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
}
