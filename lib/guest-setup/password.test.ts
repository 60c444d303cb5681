import { describe, expect, it } from 'vitest';
import { ALPHABET, generatePassword, PASSWORD_BITS } from './password';

describe('generatePassword', () => {
  it('makes passwords of at least 90 bits that can be read out', () => {
    expect(PASSWORD_BITS).toBeGreaterThanOrEqual(90);
    expect(new Set(ALPHABET).size).toBe(ALPHABET.length);
    expect(ALPHABET).not.toMatch(/[0o1lizyA-Z]/);
    expect(generatePassword()).toMatch(/^[a-x2-9]{4}(-[a-x2-9]{4}){4}$/);
    expect(new Set(Array.from({ length: 200 }, () => generatePassword())).size).toBe(200);
  });

  it('takes each letter for as many bytes as any other', () => {
    const firstLetterOf = (byte: number) => {
      const random = {
        getRandomValues: <T extends ArrayBufferView | null>(into: T): T => {
          if (into instanceof Uint8Array) into[0] = byte;
          return into;
        },
      };
      return generatePassword(random).charAt(0);
    };
    const letters = Array.from({ length: 256 }, (_, byte) => firstLetterOf(byte));
    const counts = [...ALPHABET].map((letter) => letters.filter((each) => each === letter).length);
    // Bytes that are passed over are followed by a zero here: the first letter.
    expect(counts).toEqual([...ALPHABET].map((_, index) => (index === 0 ? 8 + (256 % 29) : 8)));
  });
});
