'use client';

import { Icon, List, ListItem } from '@patternfly/react-core';
import { CheckCircleIcon, ExclamationCircleIcon, InfoCircleIcon } from '@patternfly/react-icons';
import { Age } from '@/components/ui/age';
import { useText } from '@/components/ui/text';
import { type ConditionWords, conditionWords } from '@/lib/kinds/vm/conditions';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import styles from './vm.module.css';

const LOOKS = {
  good: { status: 'success', Glyph: CheckCircleIcon },
  bad: { status: 'danger', Glyph: ExclamationCircleIcon },
  neutral: { status: undefined, Glyph: InfoCircleIcon },
} as const satisfies Record<ConditionWords['tone'], unknown>;

/** The conditions as sentences, the bad ones first, with the cluster's own words under them. */
export function ConditionList({ vm, vmi }: { vm: VirtualMachine; vmi: VirtualMachineInstance | undefined }) {
  const t = useText();
  const conditions = conditionWords(vm, vmi);
  if (conditions.length === 0) return <p>{t('vm.overview.noConditions')}</p>;
  return (
    <List isPlain aria-label={t('vm.overview.conditions')}>
      {conditions.map(({ key, tone, sentence, words, since }) => {
        const { status, Glyph } = LOOKS[tone];
        return (
          <ListItem
            key={key}
            icon={
              <Icon status={status} isInline>
                <Glyph />
              </Icon>
            }
          >
            <span title={key}>{t(sentence)}</span>
            {since && (
              <span className={styles.subtle}>
                {' '}
                <Age time={since} ago />
              </span>
            )}
            {words && <div className={styles.words}>{words}</div>}
          </ListItem>
        );
      })}
    </List>
  );
}
