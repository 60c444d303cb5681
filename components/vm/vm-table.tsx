'use client';

import { Skeleton } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, type ThProps, Tr } from '@patternfly/react-table';
import { useText } from '@/components/ui/text';
import { VM_SORT_COLUMNS, type VmQuery, type VmSortColumn } from '@/lib/kinds/vm/query';
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
      className={stale ? 'portlight-stale' : undefined}
    >
      <Thead>
        <Tr>
          {COLUMNS.map((column, index) => (
            <Th
              key={column}
              className={NUMBERS.includes(column) ? styles.numberHead : undefined}
              modifier="nowrap"
              {...(isSortable(column) && { sort: sortOf(column, index, sort, onSort) })}
            >
              {t(`vm.list.columns.${column}`)}
            </Th>
          ))}
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
                  <Td key={column} dataLabel={t(`vm.list.columns.${column}`)}>
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

function isSortable(column: string): column is VmSortColumn {
  return (VM_SORT_COLUMNS as readonly string[]).includes(column);
}

function sortOf(
  column: VmSortColumn,
  index: number,
  sort: VmQuery['sort'],
  onSort: (sort: VmQuery['sort']) => void,
): ThProps['sort'] {
  return {
    columnIndex: index,
    sortBy: sort.column === column ? { index, direction: sort.descending ? 'desc' : 'asc' } : {},
    onSort: (_, __, direction) => onSort({ column, descending: direction === 'desc' }),
  };
}
