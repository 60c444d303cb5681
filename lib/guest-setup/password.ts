/**
 * Small letters and digits that no one takes for another and that lie on the same keys of common keyboards: a password
 * is often typed at a console whose layout is not one's own (so no `y` and `z`, which trade places).
 */
export const ALPHABET = 'abcdefghjkmnpqrstuvwx23456789';

const GROUPS = 5;
const GROUP_LENGTH = 4;

/** 29 letters, 20 of them: 97 bits. */
export const PASSWORD_BITS = Math.floor(GROUPS * GROUP_LENGTH * Math.log2(ALPHABET.length));

/**
 * A password from the system's random source (Web Crypto), each letter as likely as any other, in groups of four that
 * are easy to read out: `k3mf-…`.
 */
export function generatePassword(random: Pick<Crypto, 'getRandomValues'> = crypto): string {
  const letters: string[] = [];
  // Bytes beyond the last whole multiple of the alphabet would favour its beginning.
  const limit = 256 - (256 % ALPHABET.length);
  while (letters.length < GROUPS * GROUP_LENGTH) {
    for (const byte of random.getRandomValues(new Uint8Array(64))) {
      if (byte < limit && letters.length < GROUPS * GROUP_LENGTH)
        letters.push(ALPHABET[byte % ALPHABET.length] ?? '');
    }
  }
  return Array.from({ length: GROUPS }, (_, group) =>
    letters.slice(group * GROUP_LENGTH, (group + 1) * GROUP_LENGTH).join(''),
  ).join('-');
}
