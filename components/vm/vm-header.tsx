'use client';

import { Breadcrumb, BreadcrumbItem, Button, Title } from '@patternfly/react-core';
import Link from 'next/link';
import { type MouseEvent, useState } from 'react';
import { useOfferActions } from '@/components/shell/palette/offered-actions';
import { ActionButton } from '@/components/ui/action-button';
import type { ActionItem } from '@/components/ui/action-item';
import { ActionMenu } from '@/components/ui/action-menu';
import { Age } from '@/components/ui/age';
import { Copyable } from '@/components/ui/copyable';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { statusSince } from '@/lib/kinds/vm/conditions';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { vmRow } from '@/lib/kinds/vm/parts';
import { vmStatus } from '@/lib/kinds/vm/status';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { paths, type VmTab } from '@/lib/paths';
import { useAskedAction } from './use-asked-action';
import styles from './vm.module.css';
import { pickItems, useVmItems } from './vm-actions';
import { useVmDetail, VmStatusLabel } from './vm-status';

/** Name, status and since when, the facts people copy, what makes sense now, and a menu with the rest. */
export function VmHeader({
  target,
  vm,
  vmi,
  facts,
  gone,
  onShow,
}: {
  target: Ref;
  vm: VirtualMachine;
  vmi: VirtualMachineInstance | undefined;
  facts: VmFacts;
  /** Deleted: what stands here is history, and nothing can be done with it. */
  gone: boolean;
  onShow: (tab: VmTab) => void;
}) {
  const t = useText();
  const [menuOpen, setMenuOpen] = useState(false);
  const items = useVmItems(target, facts, !gone);
  useOfferActions(target, items, gone);
  useAskedAction(items);
  const { node, ips, reason } = vmRow(vm, vmi);
  const detail = useVmDetail(facts, reason);
  const { namespace, name } = target;

  return (
    <>
      <VmBreadcrumb target={target} />
      <div className={styles.headline}>
        <Title headingLevel="h1">{name}</Title>
        {gone ? (
          <StatusLabel tone="off">{t('vm.status.deleted')}</StatusLabel>
        ) : (
          <>
            <VmStatusLabel target={target} facts={facts} reason={reason} />
            <span className={styles.subtle}>
              <Age time={statusSince(vm, vmi)} sentence="vm.page.since" />
            </span>
            {needsReason(facts, reason) && (
              <Button
                variant="link"
                isInline
                component="a"
                href={paths.vm(target, 'diagnose')}
                onClick={here(() => onShow('diagnose'))}
              >
                {t('vm.actions.diagnose.label')}
              </Button>
            )}
          </>
        )}
        <span className="pf-v6-screen-reader" role="status">
          {t('vm.page.statusNow', {
            name,
            status: gone ? t('vm.status.deleted') : t(vmStatus(facts, reason).text),
          })}
        </span>
        {!gone && (
          <div className={styles.headActions}>
            {headItems(items, facts).map((item, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a place keeps its element, and the focus, whatever it holds
              <ActionButton key={place} item={item} />
            ))}
            <Button component="a" href={paths.vm(target, 'console')} onClick={here(() => onShow('console'))}>
              {t('vm.page.console')}
            </Button>
            <ActionMenu
              items={items}
              label={t('vm.page.actionsFor', { name })}
              text={t('vm.page.actions')}
              isOpen={menuOpen}
              onOpenChange={setMenuOpen}
            />
          </div>
        )}
      </div>
      {detail && <p className={styles.reason}>{detail}</p>}
      <dl className={styles.facts} aria-label={t('vm.page.facts')}>
        <Fact term={t('vm.list.columns.namespace')} value={namespace} />
        <Fact term={t('vm.list.columns.node')} value={node} />
        <Fact term={t('vm.list.columns.ip')} value={ips[0]} />
      </dl>
    </>
  );
}

/** Goes where the link leads without asking the server, unless it is to open elsewhere. */
function here(go: () => void) {
  return (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go();
  };
}

/** Whether somebody may wonder why it does not run, or not well. */
function needsReason(facts: VmFacts, reason: string): boolean {
  return facts.vmi?.phase !== 'Running' || ['danger', 'warning'].includes(vmStatus(facts, reason).tone);
}

function Fact({ term, value }: { term: string; value: string | undefined }) {
  const t = useText();
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value ? <Copyable label={`${term} ${value}`}>{value}</Copyable> : t('common.none')}</dd>
    </div>
  );
}

/** The way back to the list, also where there is no VM to show. */
export function VmBreadcrumb({ target }: { target: Ref }) {
  const t = useText();
  const { cluster, namespace, name } = target;
  return (
    <Breadcrumb aria-label={t('vm.page.breadcrumb')} className={styles.breadcrumb}>
      <BreadcrumbItem
        render={({ className }) => (
          <Link className={className} href={paths.vms(cluster)}>
            {t('vm.page.list')}
          </Link>
        )}
      />
      <BreadcrumbItem
        render={({ className }) => (
          <Link className={className} href={paths.vms(cluster, { ns: namespace })}>
            {namespace}
          </Link>
        )}
      />
      <BreadcrumbItem isActive>{name}</BreadcrumbItem>
    </Breadcrumb>
  );
}

/**
 * The actions worth a button, each in a place of its own: what one is about to click must not become something else
 * when the state changes. What cannot be used now says why.
 */
function headItems(items: ActionItem[], facts: VmFacts): ActionItem[] {
  return pickItems(items, [facts.vmi?.paused ? 'unpause' : 'start', 'stop', 'restart']);
}
