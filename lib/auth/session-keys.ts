import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { KeyRing, KeyRingError, parseMasterKeys } from './key-ring';

const LOOK_EVERY_MS = 5_000;

export interface SessionKeysSource {
  /** Master keys themselves (PORTLIGHT_SESSION_KEYS). */
  text?: string | undefined;
  /** A file of them, read again when it changes. */
  file?: string | undefined;
}

/**
 * The key ring of this process. Without keys of one's own it gets a random one, so that sessions end with the process
 * and no other replica reads them.
 * @throws KeyRingError
 */
export function openKeyRing({ text, file }: SessionKeysSource): { ring: KeyRing; close(): void } {
  if (text) return { ring: new KeyRing(parseMasterKeys(text)), close: () => undefined };
  if (!file) return { ring: new KeyRing(), close: () => undefined };
  const ring = new KeyRing(readKeys(file));
  const look = () => {
    try {
      ring.replace(readKeys(file));
    } catch (cause) {
      // Half written or gone for a moment: the keys that are known stay.
      console.warn(
        `Warning: ${cause instanceof Error ? cause.message : cause} The session keys stay as they were.`,
      );
    }
  };
  watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, look);
  return { ring, close: () => unwatchFile(file, look) };
}

function readKeys(file: string): Buffer[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new KeyRingError(`The file of session keys ${file} cannot be read (${code}).`);
  }
  return parseMasterKeys(text);
}
