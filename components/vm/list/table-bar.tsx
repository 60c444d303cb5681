'use client';

import { Button, Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { ColumnsIcon, DownloadIcon } from '@patternfly/react-icons';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { type Say, useText } from '@/components/ui/text';
import type { Feed, ListProgress } from '@/lib/inventory/protocol';
import { formatVmColumns } from '@/lib/kinds/vm/columns';
import { formatVmQuery, type VmQuery } from '@/lib/kinds/vm/query';
import { paths } from '@/lib/paths';
import { formatExactTime } from '@/lib/time';
import styles from './list.module.css';
import { COLUMNS_PARAM } from './list-settings';
import { countSelected } from './selection';
import type { ListSettingsControl } from './use-list-settings';
import type { SelectionControl } from './use-selection';

const ColumnsDialog = dynamic(() => import('./columns-dialog').then((module) => module.ColumnsDialog), {
  ssr: false,
});

// Not needed until something is selected.
const BulkBar = dynamic(() => import('../bulk/bulk-bar').then((module) => module.BulkBar), { ssr: false });

/**
 * The line above the rows: how many there are and how current they are, or what to do with those selected;
 * columns and export.
 */
export function TableBar({
  cluster,
  query,
  known,
  total,
  feed,
  moved,
  onApply,
  settings,
  selection,
}: {
  cluster: string;
  query: VmQuery;
  known: readonly string[];
  /** Undefined while nothing is known. */
  total: number | undefined;
  feed: Feed;
  /** The order has changed while the rows were held. */
  moved: boolean;
  onApply: () => void;
  settings: ListSettingsControl;
  selection: SelectionControl;
}) {
  const t = useText();
  const [isChoosing, setChoosing] = useState(false);
  const count = total === undefined ? 0 : countSelected(selection.selection, total);
  const state = feedText(feed, t);
  const isSelecting = selection.busy || selection.problem !== undefined;
  return (
    <div className={styles.tools}>
      {count === 0 && (
        <span className={styles.figures} role="status">
          {total === undefined || feed.state === 'loading' ? '' : t('list.count', { total })}
          {state && (total === undefined || feed.state === 'loading' ? state : ` · ${state}`)}
        </span>
      )}
      {count > 0 && total !== undefined && (
        <BulkBar
          cluster={cluster}
          selection={selection.selection}
          total={total}
          known={known}
          onClear={selection.clear}
        />
      )}
      <span className={isSelecting ? styles.figures : 'pf-v6-screen-reader'} role="status">
        {selection.problem
          ? t(selection.problem)
          : selection.busy
            ? t('list.selecting')
            : t('list.selected', { count })}
      </span>
      <span className={styles.moved} role="status">
        {moved && (
          <>
            {t('list.moved')}
            <Button variant="link" isInline onClick={onApply}>
              {t('list.apply')}
            </Button>
          </>
        )}
      </span>
      {/* What is about the whole list makes room for what is about the selection. */}
      {count === 0 && (
        <span className={styles.buttons}>
          <Button
            variant="plain"
            icon={<ColumnsIcon />}
            aria-haspopup="dialog"
            onClick={() => setChoosing(true)}
          >
            {t('list.chooseColumns')}
          </Button>
          <ExportMenu cluster={cluster} query={query} known={known} settings={settings} />
        </span>
      )}
      {isChoosing && <ColumnsDialog settings={settings} onClose={() => setChoosing(false)} />}
    </div>
  );
}

function ExportMenu({
  cluster,
  query,
  known,
  settings,
}: {
  cluster: string;
  query: VmQuery;
  known: readonly string[];
  settings: ListSettingsControl;
}) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const columns = formatVmColumns(settings.columns);
  const href = (format: string) =>
    paths.vmsExport(cluster, {
      ...formatVmQuery(query),
      format,
      ...(format === 'csv' && columns ? { [COLUMNS_PARAM]: columns } : {}),
      ...(known.length > 0 ? { known: known.join(',') } : {}),
    });
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          variant="plainText"
          icon={<DownloadIcon />}
          isExpanded={open}
          onClick={() => setOpen(!open)}
        >
          {t('list.export')}
        </MenuToggle>
      )}
    >
      <DropdownList>
        <DropdownItem to={href('csv')} download="">
          {t('list.exportCsv')}
        </DropdownItem>
        <DropdownItem to={href('json')} download="">
          {t('list.exportJson')}
        </DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}

/** How current the rows are, where they are not simply live. */
function feedText(feed: Feed, t: Say): string {
  switch (feed.state) {
    case 'live':
    case 'refused':
      return '';
    case 'loading':
      return progressText(feed.progress, t);
    case 'catching-up': {
      const since = formatExactTime(feed.since);
      const { listed, of } = feed.progress ?? {};
      if (listed === undefined || of === undefined) return t('list.catchingUp', { since });
      return t('list.catchingUpOf', { since, listed, of });
    }
    case 'paused':
      return feed.since ? t('list.paused', { since: formatExactTime(feed.since) }) : '';
  }
}

function progressText(progress: ListProgress | undefined, t: Say): string {
  if (!progress?.listed) return t('list.readingStart');
  const { listed, of } = progress;
  return of === undefined ? t('list.reading', { listed }) : t('list.readingOf', { listed, of });
}
