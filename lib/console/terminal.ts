import type { FitAddon } from '@xterm/addon-fit';
import type { Terminal } from '@xterm/xterm';

export const SCROLL_BACK_LINES = 10_000;

/** PatternFly's, served from our own origin. */
const FONT = '"Red Hat Mono"';

/** Terminals are dark in both themes: guests choose their colours for a dark ground. */
const THEME = {
  background: '#0b0c0e',
  foreground: '#e6e6e6',
  cursor: '#e6e6e6',
  cursorAccent: '#0b0c0e',
  selectionBackground: '#3b5b8a',
};

export interface TerminalOptions {
  fontSize: number;
  screenReader: boolean;
  nonce: string | undefined;
}

/** An xterm with what a console needs; loaded on demand, because its import touches the document. */
export async function newTerminal({
  fontSize,
  screenReader,
  nonce,
}: TerminalOptions): Promise<{ terminal: Terminal; fitter: FitAddon }> {
  // xterm measures its cells once, when it opens: with the font not yet there they are too small, and the last lines
  // fall below the edge when it arrives. A browser loads a font only when it is used or asked for.
  const font = document.fonts.load(`${fontSize}px ${FONT}`).catch(() => []);
  const [{ Terminal }, { FitAddon }] = await Promise.all([
    import('@xterm/xterm'),
    import('@xterm/addon-fit'),
    font,
  ]);
  const terminal = new Terminal({
    scrollback: SCROLL_BACK_LINES,
    fontSize,
    fontFamily: `${FONT}, ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace`,
    screenReaderMode: screenReader,
    minimumContrastRatio: 4.5,
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    theme: THEME,
    documentOverride: documentWithNonce(nonce),
  });
  const fitter = new FitAddon();
  terminal.loadAddon(fitter);
  return { terminal, fitter };
}

/** xterm writes style elements; under a strict CSP they need the page's nonce, and xterm has no option for it. */
function documentWithNonce(nonce: string | undefined): Document {
  if (!nonce) return document;
  const createElement = stamping(nonce);
  return new Proxy(document, {
    get(target, property) {
      if (property === 'createElement') return createElement;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/**
 * Opens a terminal in an element. Its viewport takes the window's document in spite of `documentOverride` (the
 * arguments of CoreBrowserService in CoreBrowserTerminal.ts of 6.0.0: `??` binds tighter than `?:`), so the document
 * itself stamps style elements while `open` runs. May go when xterm hands the override on.
 */
export function openTerminal(terminal: Terminal, element: HTMLElement, nonce: string | undefined): void {
  if (nonce) Object.assign(document, { createElement: stamping(nonce) });
  try {
    terminal.open(element);
  } finally {
    // Shows the prototype's own again.
    Reflect.deleteProperty(document, 'createElement');
  }
}

function stamping(nonce: string): typeof document.createElement {
  return (tag: string, options?: ElementCreationOptions) => {
    const element = Document.prototype.createElement.call(document, tag, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
}

/** Everything the terminal still knows, as text: wrapped lines joined, trailing blanks and empty lines left out. */
export function scrollBackText({ buffer }: Pick<Terminal, 'buffer'>): string {
  const { normal } = buffer;
  const lines: string[] = [];
  for (let index = 0; index < normal.length; index++) {
    const row = normal.getLine(index);
    if (!row) continue;
    const continues = normal.getLine(index + 1)?.isWrapped ?? false;
    const words = row.translateToString(!continues);
    if (row.isWrapped && lines.length > 0) lines[lines.length - 1] += words;
    else lines.push(words);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
