import type { Clock } from './session';

/** One key of a US keyboard, as noVNC wants it. */
export interface Stroke {
  code: string;
  keysym: number;
  shift: boolean;
}

export const SHIFT: Stroke = { code: 'ShiftLeft', keysym: 0xffe1, shift: false };

const ROWS: [codes: string[], plain: string, shifted: string][] = [
  [
    [
      'Backquote',
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map((digit) => `Digit${digit}`),
      'Minus',
      'Equal',
      'BracketLeft',
      'BracketRight',
      'Backslash',
      'Semicolon',
      'Quote',
      'Comma',
      'Period',
      'Slash',
    ],
    "`1234567890-=[]\\;',./",
    '~!@#$%^&*()_+{}|:"<>?',
  ],
  [
    [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => `Key${letter}`),
    'abcdefghijklmnopqrstuvwxyz',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ],
];

const KEYS = new Map<string, Stroke>([
  ['\n', { code: 'Enter', keysym: 0xff0d, shift: false }],
  ['\t', { code: 'Tab', keysym: 0xff09, shift: false }],
  [' ', { code: 'Space', keysym: 0x20, shift: false }],
]);
for (const [codes, plain, shifted] of ROWS) {
  codes.forEach((code, index) => {
    const lower = plain.charAt(index);
    const upper = shifted.charAt(index);
    KEYS.set(lower, { code, keysym: lower.charCodeAt(0), shift: false });
    KEYS.set(upper, { code, keysym: upper.charCodeAt(0), shift: true });
  });
}

/**
 * The strokes that type a text on a US keyboard, and the characters (each once) that have no key there. QEMU turns a
 * bare keysym into a key but presses no Shift of its own and knows no key for most of Unicode, so whole strokes with
 * scan codes are the only text that arrives as meant.
 */
export function typingPlan(text: string): { strokes: Stroke[]; untypable: string[] } {
  const strokes: Stroke[] = [];
  const untypable = new Set<string>();
  for (const character of text.replaceAll(/\r\n?/g, '\n')) {
    const stroke = KEYS.get(character);
    if (stroke) strokes.push(stroke);
    else untypable.add(character);
  }
  return { strokes, untypable: [...untypable] };
}

export interface Progress {
  done: number;
  total: number;
}

/**
 * Hands over parts one at a time, `everyMs` apart; calls `report` after each, and with undefined at the end or when
 * stopped. Returns the function that stops.
 */
export function pace<T>(
  parts: readonly T[],
  everyMs: number,
  clock: Clock,
  hand: (part: T) => void,
  report: (progress: Progress | undefined) => void,
): () => void {
  let done = 0;
  let cancel: (() => void) | undefined;
  const next = () => {
    cancel = undefined;
    const part = parts[done];
    if (part === undefined) {
      report(undefined);
      return;
    }
    hand(part);
    done += 1;
    report({ done, total: parts.length });
    cancel = clock.after(everyMs, next);
  };
  next();
  return () => {
    if (!cancel) return;
    cancel();
    cancel = undefined;
    report(undefined);
  };
}
