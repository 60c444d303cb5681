import { describe, expect, it } from 'vitest';
import { readItems, readList } from './list-items';

const LIST = {
  kind: 'PodMetricsList',
  metadata: { note: { items: [{ not: 'an item' }] } },
  items: [{ a: 1, b: { items: [1, { c: 'ä } ] \\ " {' }] } }, { a: [] }, { a: '\u{1f600}' }],
  after: [{ not: 'one either' }],
};

async function* inPieces(text: string, bytes: number): AsyncGenerator<Uint8Array> {
  const all = new TextEncoder().encode(text);
  for (let from = 0; from < all.length; from += bytes) yield all.slice(from, from + bytes);
}

async function read(text: string, bytes: number): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const items of readItems(inPieces(text, bytes))) found.push(...items);
  return found;
}

describe('the items of a list that is read as it comes', () => {
  it('are found wherever the body is cut, even inside a character or an escape', async () => {
    for (const text of [JSON.stringify(LIST), JSON.stringify(LIST, null, 2)]) {
      for (const bytes of [1, 2, 3, 7, 1000]) expect(await read(text, bytes)).toEqual(LIST.items);
    }
  });

  it('come with the chunk that completes them', async () => {
    const chunks: unknown[][] = [];
    for await (const items of readItems(inPieces('{"items":[{"a":1},{"a":2}]}', 18))) chunks.push(items);
    expect(chunks).toEqual([[{ a: 1 }], [{ a: 2 }]]);
  });

  it('are none of an empty list', async () => {
    expect(await read('{"metadata":{},"items":[]}', 5)).toEqual([]);
    expect(await read('{"items":null}', 5)).toEqual([]);
  });

  it('end with an error where the body breaks off', async () => {
    await expect(read('{"items":[{"a":1},{"a":', 100)).rejects.toThrow('broke off');
  });
});

describe('readList', () => {
  it('hands on the items and returns the rest, wherever the body is cut', async () => {
    const list = {
      kind: 'List',
      metadata: { resourceVersion: '7', continue: 'a"[{b', items: [{ no: 'item' }] },
      items: [{ a: '}]{[' }, { b: ['x', { c: 1 }] }],
      after: { note: 'the end' },
    };
    const bytes = new TextEncoder().encode(JSON.stringify(list));
    for (const size of [1, 2, 7, 30, 1_000]) {
      const body = async function* () {
        for (let from = 0; from < bytes.length; from += size) yield bytes.slice(from, from + size);
      };
      const items: object[] = [];
      const rest = await readList<object, object>(body(), (some) => items.push(...some));
      expect(items).toEqual(list.items);
      expect(rest).toEqual({ ...list, items: [] });
    }
  });

  it('takes a list without items', async () => {
    const body = async function* () {
      yield new TextEncoder().encode('{"metadata":{"resourceVersion":"1"},"items":null}');
    };
    expect(await readList(body(), () => {})).toEqual({ metadata: { resourceVersion: '1' }, items: null });
  });
});
