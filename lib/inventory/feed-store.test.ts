import { beforeEach, describe, expect, it } from 'vitest';
import { FeedStore } from './feed-store';
import { object } from './testing/fake-api';
import type { WatchEvent } from './watch-events';

let store: FeedStore<string>;

const added = (name: string, version: string): WatchEvent => ({
  type: 'ADDED',
  object: object(name, version),
});
const modified = (name: string, version: string): WatchEvent => ({
  type: 'MODIFIED',
  object: object(name, version),
});
const deleted = (name: string, version: string): WatchEvent => ({
  type: 'DELETED',
  object: object(name, version),
});
const held = () => [...store.entries.values()].map(({ value }) => value).sort();

beforeEach(() => {
  store = new FeedStore(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
  store.beginList();
  store.takePage([object('a', '9'), object('b', '10')]);
  store.endList();
});

describe('FeedStore', () => {
  it('keeps what is made of an object and nothing else', () => {
    expect(store.entries.get('uid-a')).toEqual({ uid: 'uid-a', version: '9', value: 'a@9' });
  });

  it('takes versions in the order in which they come, whatever they look like', () => {
    store.takeEvents([modified('b', '9'), modified('a', 'x7'), modified('a', '100'), modified('a', '11')]);
    expect(held()).toEqual(['a@11', 'b@9']);
  });

  it('ignores events that are told again', () => {
    store.takeEvents([modified('a', '11'), modified('a', '12')]);
    expect(store.takeEvents([modified('a', '9'), modified('a', '11'), modified('a', '12')])).toEqual({
      changed: [],
      removed: [],
    });
    expect(held()).toEqual(['a@12', 'b@10']);
  });

  it('brings nothing back that was deleted', () => {
    store.takeEvents([modified('a', '11'), deleted('a', '12')]);
    store.takeEvents([modified('a', '11'), added('a', '9'), deleted('a', '12')]);
    expect(held()).toEqual(['b@10']);
  });

  it('takes an object back that left a selection and came again', () => {
    store.takeEvents([deleted('a', '11'), added('a', '12')]);
    expect(held()).toEqual(['a@12', 'b@10']);
  });

  it('ends where the API stands when it tells history from before the later part of a list', () => {
    store.beginList();
    store.goOnLater();
    store.takePage([object('a', '9'), object('b', '10')]);
    store.endList();
    const replay = [
      modified('a', '7'),
      deleted('c', '8'),
      modified('a', '8'),
      modified('a', '9'),
      added('b', '10'),
    ];
    store.takeEvents(replay);
    expect(held()).toEqual(['a@9', 'b@10']);
  });

  it('tells of several events what came of them', () => {
    const { changed, removed } = store.takeEvents([
      added('c', '11'),
      deleted('c', '12'),
      modified('a', '13'),
      modified('a', '14'),
      deleted('b', '15'),
    ]);
    expect(changed.map(({ value }) => value)).toEqual(['a@14']);
    expect(removed.map(({ value }) => value)).toEqual(['b@10']);
  });

  it('removes after a list what was not in it, though pages were interrupted by others', () => {
    store.beginList();
    expect(store.takePage([object('a', '9')]).changed).toEqual([]);
    expect(store.takePage([object('c', '20')]).changed.map(({ value }) => value)).toEqual(['c@20']);
    expect(store.endList().removed.map(({ value }) => value)).toEqual(['b@10']);
    expect(held()).toEqual(['a@9', 'c@20']);
  });

  it('forgets replaced versions in time', () => {
    for (let version = 100; version < 6_000; version++) store.takeEvents([modified('a', String(version))]);
    store.takeEvents([modified('a', '5990')]);
    expect(held()).toEqual(['a@5999', 'b@10']);
  });
});
