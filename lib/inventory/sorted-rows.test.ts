import { describe, expect, it } from 'vitest';
import type { VmQuery } from '@/lib/kinds/vm/query';
import { SortedRows } from './sorted-rows';
import { makeRow, randomly, SORT_COLUMNS } from './testing/rows';

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
        Array.from({ length: 300 }, (_, index) => makeRow(`vm-${index}`, random)).map((row) => [
          row.uid,
          row,
        ]),
      );
      const sorted = new SortedRows(query);
      sorted.reset(world.values());
      for (const changes of [1, 3, 20, 200, 2]) {
        const touched = new Set<string>();
        for (let change = 0; change < changes; change++) {
          const name = `vm-${Math.floor(random() * 400)}`;
          const row = makeRow(name, random);
          touched.add(row.uid);
          if (random() < 0.2) world.delete(row.uid);
          else world.set(row.uid, row);
        }
        const before = sorted.rows;
        sorted.update(touched, (uid) => world.get(uid));
        const fresh = new SortedRows(query);
        fresh.reset(world.values());
        expect(sorted.rows).toEqual(fresh.rows);
        expect(sorted.rows).not.toBe(before);
      }
    }
  });
});
