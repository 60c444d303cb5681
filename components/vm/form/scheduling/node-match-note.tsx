'use client';

import { Alert, ExpandableSection, Skeleton } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { INSTANCETYPE } from '@/lib/kinds/vm/form/instance-type';
import { textsOf } from '@/lib/kinds/vm/form/make-field';
import { matchNodes } from '@/lib/kinds/vm/form/node-match';
import styles from '../form.module.css';
import { useInstanceTypes } from '../size/use-offers';
import { useVmForm } from '../vm-form';
import { useNodes } from './use-nodes';

const SHOWN_NAMES = 12;

/** How many nodes are left for the VM, which, and what keeps it off the others. Changes as nodes and VM change. */
export function NodeMatchNote() {
  const t = useText();
  const { cluster, namespace, draft } = useVmForm();
  const { nodes, isLoading, error } = useNodes(cluster);
  const type = useInstanceTypes(cluster, namespace).find(INSTANCETYPE.read(draft.vm));
  if (isLoading) return <Skeleton width="16rem" screenreaderText={t('common.loading')} />;
  if (error)
    return (
      <Alert
        isInline
        isPlain
        variant="info"
        title={t('scheduling.match.refused', { words: error.message })}
      />
    );
  const { matching, others } = matchNodes(nodes, draft.vm, textsOf(type?.spec.nodeSelector));
  const byReason = new Map<string, string[]>();
  for (const { name, reasons } of others) {
    const said = reasons.map((reason) => t(reason)).join(' ');
    byReason.set(said, [...(byReason.get(said) ?? []), name]);
  }
  const named = (names: readonly string[]) =>
    [
      names.slice(0, SHOWN_NAMES).join(', '),
      names.length > SHOWN_NAMES ? t('scheduling.match.more', { count: names.length - SHOWN_NAMES }) : '',
    ]
      .filter(Boolean)
      .join(' ');
  return (
    <Alert
      isInline
      isLiveRegion
      variant={matching.length > 0 ? 'info' : 'warning'}
      title={t('scheduling.match.count', { count: matching.length, total: nodes.length })}
    >
      {matching.length > 0 && <p>{named(matching)}</p>}
      <p>{t('scheduling.match.note')}</p>
      {others.length > 0 && (
        <ExpandableSection toggleText={t('scheduling.match.others', { count: others.length })}>
          <ul className={styles.plain}>
            {[...byReason].map(([reason, names]) => (
              <li key={reason}>
                <strong>{named(names)}</strong>: {reason}
              </li>
            ))}
          </ul>
        </ExpandableSection>
      )}
    </Alert>
  );
}
