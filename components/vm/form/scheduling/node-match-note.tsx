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

const SHOWN_NODES = 100;

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
  const shownOthers = others.slice(0, SHOWN_NODES);
  return (
    <Alert
      isInline
      isLiveRegion
      variant={matching.length > 0 ? 'info' : 'warning'}
      title={t('scheduling.match.count', { count: matching.length, total: nodes.length })}
    >
      {matching.length > 0 && <p>{matching.slice(0, SHOWN_NODES).join(', ')}</p>}
      <p>{t('scheduling.match.note')}</p>
      {others.length > 0 && (
        <ExpandableSection toggleText={t('scheduling.match.others', { count: others.length })}>
          <ul className={styles.plain}>
            {shownOthers.map(({ name, reasons }) => (
              <li key={name}>
                <strong>{name}</strong>: {reasons.map((reason) => t(reason)).join(' ')}
              </li>
            ))}
          </ul>
          {others.length > shownOthers.length &&
            t('scheduling.match.more', { count: others.length - shownOthers.length })}
        </ExpandableSection>
      )}
    </Alert>
  );
}
