'use client';

import { Button } from '@patternfly/react-core';
import { useDeferredValue, useMemo, useState } from 'react';
import { useExplain } from '@/components/access/refusals';
import { ActionButton } from '@/components/ui/action-button';
import type { ActionItem } from '@/components/ui/action-item';
import { ActionMenu } from '@/components/ui/action-menu';
import { type Say, useText } from '@/components/ui/text';
import type { VmActionId } from '@/lib/kinds/vm/actions';
import { BULK_ACTIONS, type BulkPlan, planBulk } from '@/lib/kinds/vm/bulk';
import type { BulkAction } from '@/lib/kinds/vm/bulk-action';
import type { VmRow } from '@/lib/kinds/vm/row';
import { useBulk } from '@/lib/live/use-bulk';
import { countSelected, type Selection } from '../list/selection';
import styles from './bulk.module.css';
import { BulkDialog } from './bulk-dialog';
import { useDenials } from './use-denials';
import { MAX_BULK, useSelectedRows } from './use-selected-rows';

/** Those worth a button; the rest stands in the menu. */
const BUTTONS: readonly string[] = ['start', 'stop', 'restart'] satisfies VmActionId[];
const NONE: readonly VmRow[] = [];
/** Of more namespaces each action's dialog asks for its own right; asking for all of them here would be thousands. */
const ASKED_NAMESPACES = 20;
const ACCESSES = [...new Map(BULK_ACTIONS.map(({ access }) => [access.doing, access])).values()];

/** What can be done with the selected VMs, each action with the number of those with which it can. */
export function BulkBar({
  cluster,
  selection,
  total,
  known = [],
  onClear,
}: {
  cluster: string;
  selection: Selection;
  /** How many match the list's query. */
  total: number;
  /** Namespaces to look into when the whole cluster may not be listed. */
  known?: readonly string[];
  onClear: () => void;
}) {
  const t = useText();
  const explain = useExplain();
  const bulk = useBulk(t);
  const [menuOpen, setMenuOpen] = useState(false);
  const [asking, setAsking] = useState<BulkAction>();
  const selected = useSelectedRows(cluster, selection, total, known);
  const isReady = selected.state === 'ready';
  // Rows change many times a second; what the buttons say may be a moment late.
  const rows = useDeferredValue(isReady ? selected.rows : NONE);
  const namespaces = useMemo(
    () => [...new Set(rows.map(({ namespace }) => namespace))].slice(0, ASKED_NAMESPACES),
    [rows],
  );
  const { denialIn } = useDenials(cluster, ACCESSES, namespaces);
  const plans = useMemo(
    () =>
      new Map(
        BULK_ACTIONS.map((action) => [
          action.id,
          planBulk(action, rows, action.input ?? {}, (namespace) => denialIn(action.access, namespace)),
        ]),
      ),
    [rows, denialIn],
  );
  const wait =
    selected.state === 'reading'
      ? t('bulk.bar.reading', { count: selected.count })
      : selected.state === 'tooMany'
        ? t('bulk.bar.tooMany', { limit: MAX_BULK })
        : selected.state === 'failed'
          ? `${t('bulk.bar.unread')}: ${selected.error.message}`
          : undefined;

  const items = BULK_ACTIONS.map((action): ActionItem => {
    const plan = plans.get(action.id);
    const reason = wait ?? (plan && noneReason(t, plan, rows.length));
    const refusal = plan?.runnable.length === 0 ? plan.skipped[0]?.refusal : undefined;
    return {
      id: action.id,
      label: labelOf(t, action, plan, rows.length),
      group: action.group,
      danger: action.tone === 'danger',
      reason,
      onExplain: refusal && !wait ? () => explain(cluster, [refusal]) : undefined,
      onSelect: () => setAsking(action),
    };
  });
  const isButton = ({ id }: ActionItem) => BUTTONS.includes(id);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div className={styles.bar} role="group" aria-label={t('bulk.bar.title')}>
      <strong role="status">{t('bulk.bar.selected', { count: countSelected(selection, total) })}</strong>
      {items.filter(isButton).map((item) => (
        <ActionButton key={item.id} item={item} />
      ))}
      <ActionMenu
        items={items.filter((item) => !isButton(item))}
        label={t('bulk.bar.moreFor')}
        text={t('bulk.bar.more')}
        isOpen={menuOpen}
        onOpenChange={setMenuOpen}
      />
      <Button variant="link" onClick={onClear}>
        {t('bulk.bar.clear')}
      </Button>
      {wait && <span className={styles.wait}>{wait}</span>}
      {asking && (
        <BulkDialog
          cluster={cluster}
          action={asking}
          rows={rows}
          onCancel={() => setAsking(undefined)}
          onConfirm={(request) => {
            setAsking(undefined);
            bulk.start({ cluster, action: asking, ...request });
          }}
        />
      )}
    </div>
  );
}

function labelOf(t: Say, action: BulkAction, plan: BulkPlan | undefined, count: number): string {
  const name = t(action.label);
  const runnable = plan?.runnable.length ?? 0;
  if (count === 0) return name;
  if (runnable === count) return t('bulk.bar.all', { action: name, count });
  return t('bulk.bar.some', { action: name, runnable, count });
}

/** Why none of them can do it, by the reason that most have. */
function noneReason(t: Say, { runnable, skipped }: BulkPlan, count: number): string | undefined {
  const [most] = skipped;
  if (runnable.length > 0 || !most) return undefined;
  return t('bulk.bar.none', { count, reason: t(most.reason) });
}
