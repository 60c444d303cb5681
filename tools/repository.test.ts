import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { messages } from '@/lib/messages/en';

const LONGEST_FILE_LINES = 400;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file && existsSync(file));
const code = files.filter((file) => /\.(ts|tsx|mjs|js|css)$/.test(file) && !file.includes('/generated/'));
const read = (file: string) => readFileSync(file, 'utf8');

describe('the repository', () => {
  it('has no file of code that tells more than one story', () => {
    const long = code.filter((file) => read(file).split('\n').length > LONGEST_FILE_LINES + 1);
    expect(long).toEqual([]);
  });

  it('names no package registry and no folder of one machine', () => {
    // Written so that this file does not find itself.
    const unwanted = new RegExp(
      ['registry\\.npm' + 'js', 'deb\\.debian' + '\\.org', '"/wo' + 'rk/', "'/wo" + 'rk/'].join('|'),
    );
    expect(files.filter((file) => !/\.(png|woff2?)$/.test(file) && unwanted.test(read(file)))).toEqual([]);
  });

  it('pins every dependency to one version', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('runs every test: none is skipped or singled out', () => {
    const marked = code.filter(
      (file) =>
        /\.(test|spec)\.tsx?$/.test(file) &&
        /\b(it|test|describe)\.(skip|only|fixme|todo)\b/.test(read(file)),
    );
    expect(marked.filter((file) => file !== 'tools/repository.test.ts')).toEqual([]);
  });

  it('keeps all interface text in the catalogues', () => {
    const found = code
      .filter((file) => /^(app|components)\/.*\.tsx$/.test(file))
      .flatMap((file) => wordsInMarkup(file).map((words) => `${file}: ${words}`));
    expect(found).toEqual([]);
  });

  it('has no empty message', () => {
    const empty: string[] = [];
    const walk = (node: object, path: string) => {
      for (const [key, value] of Object.entries(node)) {
        if (typeof value === 'string') value.trim() || empty.push(`${path}${key}`);
        else walk(value as object, `${path}${key}.`);
      }
    };
    walk(messages, '');
    expect(empty).toEqual([]);
  });
});

const CATALOGUE_KEY = /^[a-z]\w*(\.\w+)+$/;
const SPOKEN_ATTRIBUTES = new Set([
  'aria-label',
  'title',
  'alt',
  'placeholder',
  'label',
  'helperText',
  'titleText',
]);

/** Text between tags and in attributes that people read or hear, as far as it is written into the markup. */
function wordsInMarkup(file: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const words: string[] = [];
  const note = (text: string) => {
    if (/\p{L}{2}/u.test(text) && !CATALOGUE_KEY.test(text)) words.push(text.trim());
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) note(node.text);
    if (ts.isJsxAttribute(node) && SPOKEN_ATTRIBUTES.has(node.name.getText(source))) {
      const value = node.initializer;
      if (value && ts.isStringLiteral(value)) note(value.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return words;
}
