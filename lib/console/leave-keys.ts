/** The part of a keyboard event that matters here. */
export interface KeyPress {
  type: string;
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

const MODIFIERS = new Set(['Control', 'Alt', 'Shift', 'Meta']);

/**
 * Recognises the way out of a console, which takes Tab and Escape for the guest: Ctrl+Alt+Shift held together and let
 * go with no other key between. The combinations with a further key stay the guest's.
 */
export function leaveKeys(leave: () => void): (event: KeyPress) => void {
  let armed = false;
  return ({ type, key, ctrlKey, altKey, shiftKey }) => {
    if (type === 'keydown') {
      armed = MODIFIERS.has(key) && ctrlKey && altKey && shiftKey;
    } else if (armed) {
      armed = false;
      leave();
    }
  };
}

/** Listens on an element, before whatever is inside it. Returns the end of it. */
export function onLeaveKeys(element: HTMLElement, leave: () => void): () => void {
  const listener = leaveKeys(leave);
  element.addEventListener('keydown', listener, { capture: true });
  element.addEventListener('keyup', listener, { capture: true });
  return () => {
    element.removeEventListener('keydown', listener, { capture: true });
    element.removeEventListener('keyup', listener, { capture: true });
  };
}
