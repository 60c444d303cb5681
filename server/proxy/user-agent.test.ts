import { describe, expect, it } from 'vitest';
import { userAgent } from './user-agent';

describe('userAgent', () => {
  it('names this console and, in parentheses, who asked it', () => {
    expect(userAgent()).toMatch(/^portlight\/\d+\.\d+\.\d+$/);
    expect(userAgent('kubectl/v1.36')).toMatch(/^portlight\/\S+ \(kubectl\/v1\.36\)$/);
    expect(userAgent('Mozilla/5.0 (X11; Linux) Gecko')).toMatch(/ \(Mozilla\/5\.0 X11; Linux Gecko\)$/);
  });

  it.each(['a)b', '((', 'a\r\nX: b', 'a\0b', '\u2028', 'ü', 'x'.repeat(5_000), '\\)'])(
    'lets nobody out of the parentheses: %j',
    (text) => expect(userAgent(text)).toMatch(/^portlight\/\S+( \([\x20-\x27\x2a-\x7e]{1,100}\))?$/),
  );
});
