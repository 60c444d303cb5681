'use client';

import { Skeleton } from '@patternfly/react-core';
import { css } from '@patternfly/react-styles';
import { SortColumn, Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useText } from '@/components/ui/text';
import type { VmQuery, VmSortColumn } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import styles from './vm.module.css';
import { VmTableRow } from './vm-table-row';

const COLUMNS = [
  'name',
  'status',
  'namespace',
  'node',
  'ip',
  'vcpus',
  'memory',
  'os',
  'age',
] as const satisfies (VmSortColumn | 'os')[];

const NUMBERS: readonly string[] = ['vcpus', 'memory', 'age'];
const SKELETON_ROWS = 8;

/** The rows, or as many empty ones while none are known yet. */
export function VmTable({
  cluster,
  rows,
  sort,
  onSort,
  stale,
}: {
  cluster: string;
  /** Undefined while loading. */
  rows: VmRow[] | undefined;
  sort: VmQuery['sort'];
  onSort: (sort: VmQuery['sort']) => void;
  stale: boolean;
}) {
  const t = useText();
  return (
    <Table
      aria-label={t('vm.list.table')}
      aria-busy={rows === undefined}
      variant="compact"
      gridBreakPoint="grid-lg"
      isStickyHeader
      className={css(styles.table, stale && 'portlight-stale')}
    >
      <Thead>
        <Tr>
          {COLUMNS.map((column) =>
            isSortable(column) ? (
              <SortHead key={column} column={column} sort={sort} onSort={onSort} />
            ) : (
              <Th key={column} modifier="nowrap" className={styles.os}>
                {t(`vm.list.columns.${column}`)}
              </Th>
            ),
          )}
          <Th screenReaderText={t('vm.list.columns.actions')} />
        </Tr>
      </Thead>
      <Tbody>
        {rows
          ? rows.map((row) => <VmTableRow key={row.uid} cluster={cluster} row={row} />)
          : Array.from({ length: SKELETON_ROWS }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
              <Tr key={index}>
                {COLUMNS.map((column) => (
                  <Td
                    key={column}
                    dataLabel={t(`vm.list.columns.${column}`)}
                    className={column === 'os' ? styles.os : undefined}
                  >
                    <Skeleton
                      fontSize="md"
                      screenreaderText={index === 0 && column === 'name' ? t('common.loading') : undefined}
                    />
                  </Td>
                ))}
                <Td />
              </Tr>
            ))}
      </Tbody>
    </Table>
  );
}

type Column = (typeof COLUMNS)[number];
type Sortable = Exclude<Column, 'os'>;

function isSortable(column: Column): column is Sortable {
  return column !== 'os';
}

/**
 * A header that sorts. Not by Th's own `sort`: that merges React elements deeply, and in development each of them hangs
 * on the tree of all the others, which takes the server minutes and gigabytes (react-table 6.6.1, base/merge-props).
 */
function SortHead({
  column,
  sort,
  onSort,
}: {
  column: Sortable;
  sort: VmQuery['sort'];
  onSort: (sort: VmQuery['sort']) => void;
}) {
  const t = useText();
  const isSorted = sort.column === column;
  const direction = sort.descending ? 'desc' : 'asc';
  return (
    <Th
      className={css(
        'pf-v6-c-table__sort',
        isSorted && 'pf-m-selected',
        NUMBERS.includes(column) && styles.numberHead,
      )}
      modifier="nowrap"
      aria-sort={isSorted ? `${direction}ending` : undefined}
    >
      <SortColumn
        isSortedBy={isSorted}
        sortDirection={isSorted ? direction : ''}
        onSort={() => onSort({ column, descending: isSorted && !sort.descending })}
      >
        {t(`vm.list.columns.${column}`)}
      </SortColumn>
    </Th>
  );
}
