'use client';

import { PageSection, Skeleton, Title } from '@patternfly/react-core';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { useText } from '@/components/ui/text';
import { type CreateStart, paths } from '@/lib/paths';
import styles from './create.module.css';
import { CreateVmForm } from './create-vm-form';

/** The page that makes a VM: steps, form and manifest side by side. */
export function CreateVmPage({ cluster, start }: { cluster: string; start: CreateStart }) {
  const t = useText();
  // A draft of this browser and a proposed name: nothing that a server could render.
  const [isInBrowser, setInBrowser] = useState(false);
  useEffect(() => setInBrowser(true), []);
  return (
    <PageSection isFilled aria-label={t('create.title')}>
      <div className={styles.page}>
        <div className={styles.head}>
          <Title headingLevel="h1">{t('create.title')}</Title>
          <p className={styles.intro}>
            {t('create.intro')}{' '}
            <Link href={paths.createYaml(cluster, { namespace: start.namespace })}>
              {t('create.fromYaml')}
            </Link>
          </p>
        </div>
        {isInBrowser ? <CreateVmForm cluster={cluster} start={start} /> : <Skeleton height="32rem" />}
      </div>
    </PageSection>
  );
}
