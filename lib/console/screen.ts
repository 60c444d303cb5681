import type { Text } from '@/lib/text';
import type { Connection, ConnectionEvents } from './session';
import type { Store } from './store';
import type { Progress } from './typing';

/** What both kinds of screen say about themselves. */
export interface ScreenFacts {
  /** Keys go to the guest. */
  focused: boolean;
  /** Text on its way to the guest. */
  typing: Progress | undefined;
}

/** What a screen needs from the page; the catalogue and the nonce come from React. */
export interface ScreenOptions {
  url: string;
  /** What assistive technology calls it. */
  label: string;
  nonce: string | undefined;
  say: (text: Text) => string;
}

/** The picture of a console. It owns its elements, so that it can be moved in and out of a page. */
export interface ConsoleScreen<T extends ScreenFacts> {
  /** To be appended where the console shows; fills its parent. */
  readonly host: HTMLElement;
  readonly facts: Store<T>;
  /** Told when the viewer has pressed the way out, so that the page can take the keyboard. */
  onLeave: (() => void) | undefined;
  /** Called after the host has been put into the page. */
  attached(): void;
  open(events: ConnectionEvents): Connection;
  focus(): void;
  /** Gives the keyboard back to the page. */
  blur(): void;
  /** Sends text as typing; ends what is still being typed. */
  type(text: string): void;
  stopTyping(): void;
  dispose(): void;
}

export function fill(element: HTMLElement): void {
  Object.assign(element.style, { position: 'absolute', inset: '0' });
}

/** Offers a file to the browser's downloads. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
