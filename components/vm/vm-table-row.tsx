'use client';

import { css } from '@patternfly/react-styles';
import { Td, Tr } from '@patternfly/react-table';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type MouseEvent, memo, useState } from 'react';
import { ActionMenu } from '@/components/ui/action-menu';
import { Age } from '@/components/ui/age';
import { Copyable } from '@/components/ui/copyable';
import { useText } from '@/components/ui/text';
import type { VmRow } from '@/lib/kinds/vm/row';
import { paths } from '@/lib/paths';
import { formatBytes } from '@/lib/units';
import { VmHandle } from './tree/vm-handle';
import styles from './vm.module.css';
import { useVmItems } from './vm-actions';
import { useVmDetail, VmStatusLabel } from './vm-status';

/** One VM in the list. Renders again only when its row changes. */
export const VmTableRow = memo(function VmTableRow({ cluster, row }: { cluster: string; row: VmRow }) {
  const t = useText();
  const router = useRouter();
  const { namespace, name, facts, reason } = row;
  const target = { cluster, namespace, name };
  const href = paths.vm(target);
  const detail = useVmDetail(facts, reason);
  const none = t('common.none');

  const open = (event: MouseEvent<HTMLElement>) => {
    if (isForSomethingElse(event)) return;
    if (event.button === 1 || event.ctrlKey || event.metaKey) window.open(href, '_blank', 'noopener');
    else if (event.button === 0) router.push(href);
  };

  return (
    <Tr className={styles.row} onClick={open} onAuxClick={open}>
      <Td dataLabel={t('vm.list.columns.name')} className={styles.name}>
        <VmHandle cluster={cluster} row={row}>
          <Link href={href} prefetch={false}>
            {name}
          </Link>
        </VmHandle>
      </Td>
      <Td dataLabel={t('vm.list.columns.status')} className={styles.status}>
        <div>
          <VmStatusLabel target={target} facts={facts} reason={reason} />
        </div>
        {detail && (
          <div className={styles.detail} title={detail}>
            {detail}
          </div>
        )}
      </Td>
      <Td dataLabel={t('vm.list.columns.namespace')}>{namespace}</Td>
      <Td dataLabel={t('vm.list.columns.node')} className={row.node ? undefined : styles.empty}>
        {row.node || none}
      </Td>
      <Td
        dataLabel={t('vm.list.columns.ip')}
        modifier="nowrap"
        className={row.ips.length > 0 ? undefined : styles.empty}
      >
        <Addresses ips={row.ips} />
      </Td>
      <Td dataLabel={t('vm.list.columns.vcpus')} className={styles.number}>
        {row.vcpus || none}
      </Td>
      <Td dataLabel={t('vm.list.columns.memory')} className={styles.number}>
        {row.memoryBytes ? formatBytes(row.memoryBytes) : none}
      </Td>
      <Td dataLabel={t('vm.list.columns.os')} className={css(styles.os, !row.os && styles.empty)}>
        <div className={styles.oneLine} title={row.os}>
          {row.os || none}
        </div>
      </Td>
      <Td dataLabel={t('vm.list.columns.age')} className={styles.number}>
        <Age time={row.createdAt} />
      </Td>
      <Td isActionCell>
        <RowMenu cluster={cluster} row={row} />
      </Td>
    </Tr>
  );
});

function RowMenu({ cluster, row }: { cluster: string; row: VmRow }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const { namespace, name, facts } = row;
  const items = useVmItems({ cluster, namespace, name }, facts, open);
  return (
    <ActionMenu items={items} label={t('vm.list.actions', { name })} isOpen={open} onOpenChange={setOpen} />
  );
}

function Addresses({ ips }: { ips: string[] }) {
  const t = useText();
  const [first, ...others] = ips;
  if (!first) return t('common.none');
  return (
    <span className={styles.onHover}>
      <Copyable label={first}>{first}</Copyable>
      {others.length > 0 && (
        <span
          className={styles.count}
          title={t('vm.list.more', { count: others.length, all: others.join(', ') })}
        >
          {` +${others.length}`}
        </span>
      )}
    </span>
  );
}

/** A click on a control in the row, in a menu that React counts to the row, or that ends a selection of text. */
function isForSomethingElse({ target, currentTarget }: MouseEvent<HTMLElement>): boolean {
  if (!(target instanceof Element) || !currentTarget.contains(target)) return true;
  return target.closest('a, button, input, label') !== null || String(window.getSelection()) !== '';
}
