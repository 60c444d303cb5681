import { type Text, text } from '@/lib/text';

/** More than this is not even read: it could never be sent, and would only make the page slow. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** The part of `File` that is used; a test passes its own. */
export type TextFile = Pick<File, 'name' | 'size' | 'text'>;

/** The texts of files, one below the other with `---` between, and what is to be said of those that were left out. */
export async function readFiles(files: Iterable<TextFile>): Promise<{ content: string; refused: Text[] }> {
  const contents: string[] = [];
  const refused: Text[] = [];
  for (const file of files) {
    if (file.size > MAX_FILE_BYTES) {
      refused.push(text('yaml.file.tooLarge', { name: file.name, size: Math.ceil(file.size / 1024 / 1024) }));
      continue;
    }
    const content = await file.text();
    if (content.includes('\0')) refused.push(text('yaml.file.notText', { name: file.name }));
    else contents.push(content);
  }
  return { content: joinDocuments(contents), refused };
}

/** Puts texts of documents one below the other. Empty ones are left out. */
export function joinDocuments(contents: readonly string[]): string {
  return contents
    .filter((content) => content.trim() !== '')
    .map((content) =>
      content
        .replaceAll('\r\n', '\n')
        .replace(/^\uFEFF/, '')
        .replace(/\n*$/, '\n'),
    )
    .reduce((all, content) => {
      if (!all) return content;
      return /^---\s/.test(content) ? all + content : `${all}---\n${content}`;
    }, '');
}
