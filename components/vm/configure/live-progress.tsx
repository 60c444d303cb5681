'use client';

import { Alert, Spinner } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { moveProgress, nicProgress, volumeProgress } from '@/lib/kinds/vm/progress';
import type { VirtualMachineInstance } from '@/lib/kinds/vm/types';
import styles from './configure.module.css';

/** What is on its way into the running guest, or out of it. */
export function LiveProgress({
  kind,
  vmi,
}: {
  kind: 'disks' | 'networks' | 'all';
  vmi: VirtualMachineInstance;
}) {
  const t = useText();
  const found = [
    ...(kind === 'networks' ? [] : volumeProgress(vmi)),
    ...(kind === 'disks' ? [] : nicProgress(vmi)),
    ...moveProgress(vmi),
  ];
  return (
    <div role="status">
      {found.length > 0 && (
        <Alert
          isInline
          variant="info"
          customIcon={<Spinner size="md" aria-label={t('configure.underWay')} />}
          title={t('configure.underWay')}
        >
          <ul className={styles.plain}>
            {found.map(({ key, sentence, words }) => (
              <li key={key}>
                {t(sentence)}
                {words && <div className={styles.subtle}>{words}</div>}
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </div>
  );
}
