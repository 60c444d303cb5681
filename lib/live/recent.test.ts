import { describe, expect, it } from 'vitest';
import { RecentStore } from './recent';

function storage(content: Record<string, string> = {}) {
  return {
    content,
    getItem: (key: string) => content[key] ?? null,
    setItem: (key: string, value: string) => {
      content[key] = value;
    },
  };
}
const vm = (name: string, user = 'dana') => ({ cluster: 'lab', namespace: 'dev', name, user });

describe('RecentStore', () => {
  it('keeps the newest first, each once, and no more than twelve', () => {
    const shared = storage();
    const store = new RecentStore(() => shared);
    for (let count = 0; count < 14; count += 1) store.add(vm(`vm-${count}`));
    store.add(vm('vm-5'));
    expect(store.get()).toHaveLength(12);
    expect(store.get()[0]).toEqual(vm('vm-5'));
    expect(store.get().filter(({ name }) => name === 'vm-5')).toHaveLength(1);
  });

  it('adds to what another tab has written, and tells people apart', () => {
    const shared = storage();
    const [one, other] = [new RecentStore(() => shared), new RecentStore(() => shared)];
    one.add(vm('a'));
    other.add(vm('a', 'vic'));
    one.add(vm('b'));
    expect(one.get()).toEqual([vm('b'), vm('a', 'vic'), vm('a')]);
  });

  it('forgets one when told to, also where another tab looks', () => {
    const shared = storage();
    const store = new RecentStore(() => shared, 'portlight.namespaces', 3);
    for (const name of ['a', 'b', 'c', 'd']) store.add(vm(name));
    store.remove(vm('c'));
    store.remove(vm('c', 'vic'));
    expect(store.get()).toEqual([vm('d'), vm('b')]);
    expect(new RecentStore(() => shared, 'portlight.namespaces').get()).toEqual(store.get());
  });

  it('takes nothing from the storage that is not its own, and works without one', () => {
    const odd = storage({ 'portlight.recent': JSON.stringify([vm('a'), { name: 1 }, null, 'x']) });
    expect(new RecentStore(() => odd).get()).toEqual([vm('a')]);
    expect(new RecentStore(() => storage({ 'portlight.recent': '{[' })).get()).toEqual([]);
    const none = new RecentStore(() => {
      throw new Error('forbidden');
    });
    none.add(vm('a'));
    none.add(vm('b'));
    expect(none.get()).toEqual([vm('b'), vm('a')]);
  });
});
