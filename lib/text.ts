import type { Messages } from '@/lib/messages/en';

/** The dotted paths of all leaves of the message catalogue. */
type Leaves<T, Prefix extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${Prefix}${K}` : Leaves<T[K], `${Prefix}${K}.`>;
}[keyof T & string];

export type MessageKey = Leaves<Messages>;

/** A sentence still to be put into the reader's language: rules return it, components render it with `useText`. */
export interface Text {
  key: MessageKey;
  values?: Record<string, string | number>;
}

/** `text('vm.reason.notRunning', { name })`: a checked reference into the catalogue. */
export function text(key: MessageKey, values?: Record<string, string | number>): Text {
  return values ? { key, values } : { key };
}
