import { describe, expect, it } from 'vitest';
import { joinDocuments, MAX_FILE_BYTES, readFiles, type TextFile } from './read-files';

const file = (name: string, content: string, size = content.length): TextFile => ({
  name,
  size,
  text: async () => content,
});

describe('readFiles', () => {
  it('puts several files one below the other', async () => {
    expect(await readFiles([file('a.yaml', 'a: 1'), file('b.yaml', '---\nb: 1\n')])).toEqual({
      content: 'a: 1\n---\nb: 1\n',
      refused: [],
    });
  });

  it('leaves out what is no text and what is far too large, and says so', async () => {
    const { content, refused } = await readFiles([
      file('disk.img', 'QFI\0'),
      file('huge.yaml', '', MAX_FILE_BYTES + 1),
      file('a.yaml', 'a: 1\r\n'),
    ]);
    expect(content).toBe('a: 1\n');
    expect(refused.map(({ key, values }) => [key, values?.name])).toEqual([
      ['yaml.file.notText', 'disk.img'],
      ['yaml.file.tooLarge', 'huge.yaml'],
    ]);
  });
});

describe('joinDocuments', () => {
  it('adds to a text without losing it', () => {
    expect(joinDocuments(['a: 1\n\n', '  ', 'b: 1'])).toBe('a: 1\n---\nb: 1\n');
  });
});
