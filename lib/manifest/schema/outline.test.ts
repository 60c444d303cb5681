import { describe, expect, it } from 'vitest';
import { outlineAt } from './read-outline';

/** Where the `|` stands: kind, path, word and what a completion would replace. */
function placeOf(marked: string) {
  const cursor = marked.indexOf('|');
  const text = marked.slice(0, cursor) + marked.slice(cursor + 1);
  const outline = outlineAt(text, cursor);
  const place = outline?.place;
  return place && `${place.kind} ${place.path.join('.')} <${place.word}> ${text.slice(place.from, place.to)}`;
}

const PLACES: [marked: string, place: string | undefined][] = [
  ['|', 'open  <> '],
  ['ap|', 'open  <ap> ap'],
  ['# said\n|', 'open  <> '],
  ['# sa|id', undefined],
  ['a: 1\n|', 'key  <> '],
  ['a: 1\nb|', 'key  <b> b'],
  ['a: 1\n|\nc: 2', 'key  <> '],
  ['a|b: 1', 'key  <a> ab'],
  ['ab|: 1', 'key  <ab> ab'],
  ['a: |', 'value a <> '],
  ['a:|', 'value a <> '],
  ['a: x|y', 'value a <x> xy'],
  ['a: xy| # said', 'value a <xy> xy'],
  ['a: xy # sa|id', undefined],
  ['a: "x|"', 'value a <x> "x"'],
  ['"a": \'x|', "value a <x> 'x"],
  ['a:\n  |', 'open a <> '],
  ['a:\n  b|', 'open a <b> b'],
  ['a:\n  b: 1\n  |', 'key a <> '],
  ['a:\n  b: 1\n|', 'key  <> '],
  ['a:\n  b:\n    c: 1\n  |', 'key a <> '],
  ['a:\n  b:\n    c: 1\n    |', 'key a.b <> '],
  ['a:\n  |\n  b: 1', 'open a <> '],
  ['a:\n- |', 'open a.0 <> '],
  ['a:\n- x|', 'open a.0 <x> x'],
  ['a:\n  - |', 'open a.0 <> '],
  ['a:\n- b: 1\n- |', 'open a.1 <> '],
  ['a:\n- b: 1\n  |', 'key a.0 <> '],
  ['a:\n- b: 1\n  c|', 'key a.0 <c> c'],
  ['a:\n- b: |', 'value a.0.b <> '],
  ['a:\n- b:\n    |', 'open a.0.b <> '],
  ['a:\n- - |', 'open a.0.0 <> '],
  ['a:\n  - b: 1\n    c:\n    - d: 2\n    |', 'key a.0 <> '],
  ['a: {|}', 'key a <> '],
  ['a: {b|}', 'key a <b> b'],
  ['a: {b: |}', 'value a.b <> '],
  ['a: {b: x|, c: 1}', 'value a.b <x> x'],
  ['a: {b: 1, |}', 'key a <> '],
  ['a: {b: {c|', 'key a.b <c> c'],
  ['a: [|]', 'value a.0 <> '],
  ['a: [x, y|]', 'value a.1 <y> y'],
  ['a: [{b|}]', 'key a.0 <b> b'],
  ['{"a": {"b|": 1}}', 'key a <b> "b"'],
  ['{"a": "x|"}', 'value a <x> "x"'],
  ['{\n  "a": 1,\n  |\n}', 'key  <> '],
  ['a: 1\n---\n|', 'open  <> '],
  ['a: 1\n---\nb: |\n---\nc: 3', 'value b <> '],
  ['a: 1\n--|-\nb: 2', undefined],
  ['a: &x y|', 'value a <y> y'],
  ['a: !!str y|', 'value a <y> y'],
  ['a: 1 |', undefined],
  ['  |a: 1', 'key  <> a'],
  [' | a: 1', undefined],
  ['a: "one\n  two|"', undefined],
  ['a:\n  - x\n  |', 'open a <> '],
  ['a: {b: 1}\n|', 'key  <> '],
  ['a:\n\n\n  b|', 'open a <b> b'],
  ['a:\r\n  b: |\r\n', 'value a.b <> '],
];

describe('the place of the cursor in a text that is being typed', () => {
  it.each(PLACES)('%j', (marked, expected) => {
    expect(placeOf(marked)).toBe(expected);
  });

  it('is none inside a text of several lines, and is one below it', () => {
    const at = (marked: string) => {
      const cursor = marked.indexOf('^');
      return outlineAt(marked.replace('^', ''), cursor)?.place;
    };
    expect(at('a: |\n  b: ^\nc: 1')).toBeUndefined();
    expect(at('a: |\n  b: 1\n  ^')).toBeUndefined();
    expect(at('a: |\n  b: 1\n^')).toMatchObject({ kind: 'key', path: [] });
    expect(at('x:\n- a: |\n    text\n  ^')).toMatchObject({ kind: 'key', path: ['x', 0] });
  });

  it('knows a list that may go on at the column of its key', () => {
    const place = outlineAt('a:\n- x\n', 7)?.place;
    expect(place).toMatchObject({ kind: 'key', path: [], list: ['a'] });
    expect(outlineAt('a:\n', 3)?.place).toMatchObject({ kind: 'key', path: [], list: ['a'] });
  });

  it('comes to an end on any text, with the cursor anywhere', () => {
    const hard = [
      '{',
      '[[[',
      '- - -',
      '"',
      "a: '",
      'a: {b: [',
      ': :',
      '- {a',
      '}]',
      '---',
      '...\n---',
      'a:\n\t- b',
      '? x',
    ];
    for (const text of hard) {
      for (let cursor = 0; cursor <= text.length; cursor += 1) {
        expect(() => outlineAt(text, cursor)).not.toThrow();
      }
    }
  });
});
