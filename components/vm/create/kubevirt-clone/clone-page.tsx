'use client';

import { PageSection, Title } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { CloneStart } from '@/lib/paths';
import styles from '../create.module.css';
import { CloneForm } from './clone-form';
import { CloneProgress } from './clone-progress';

const DEFAULT_NAMESPACE = 'default';

/** The page that clones a VM: what of and under which name, then how far it is. */
export function ClonePage({ cluster, start }: { cluster: string; start: CloneStart }) {
  const t = useText();
  const { namespace = DEFAULT_NAMESPACE, from = 'vm', source = '', progress } = start;
  return (
    <PageSection isFilled aria-label={t('create.clone.title')}>
      <div className={styles.narrow}>
        <div>
          <Title headingLevel="h1">{t('create.clone.title')}</Title>
          <p className={styles.intro}>{t('create.clone.intro')}</p>
        </div>
        {progress ? (
          <CloneProgress cluster={cluster} namespace={namespace} name={progress} />
        ) : (
          <CloneForm cluster={cluster} initial={{ namespace, from, source }} />
        )}
      </div>
    </PageSection>
  );
}
