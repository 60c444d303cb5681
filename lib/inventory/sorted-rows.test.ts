import { describe, expect, it } from 'vitest';
import type { VmQuery } from '@/lib/kinds/vm/query';
import { SortedRows } from './sorted-rows';
import { makeRecord, randomly, SORT_COLUMNS } from './testing/rows';

describe('SortedRows', () => {
  it('is at every moment what filtering and sorting anew would give', () => {
    for (const column of SORT_COLUMNS) {
      const query: VmQuery = {
        namespaces: ['a', 'b'],
        text: 'run',
        sort: { column, descending: column === 'age' },
      };
      const random = randomly(column.length);
      const world = new Map(
        Array.from({ length: 300 }, (_, index) => makeRecord(`vm-${index}`, random)).map((record) => [
          record.row.uid,
          record,
        ]),
      );
      const sorted = new SortedRows(query);
      sorted.reset(world.values());
      for (const changes of [1, 3, 20, 200, 2]) {
        const touched = new Set<string>();
        for (let change = 0; change < changes; change++) {
          const name = `vm-${Math.floor(random() * 400)}`;
          const record = makeRecord(name, random);
          touched.add(record.row.uid);
          if (random() < 0.2) world.delete(record.row.uid);
          else world.set(record.row.uid, record);
        }
        const before = sorted.version;
        sorted.update(touched, (uid) => world.get(uid));
        const fresh = new SortedRows(query);
        fresh.reset(world.values());
        expect(sorted.all()).toEqual(fresh.all());
        expect(sorted.version).not.toBe(before);
      }
    }
  });
});
