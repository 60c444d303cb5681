'use client';

import { Button, Title } from '@patternfly/react-core';
import Link from 'next/link';
import { useEffect } from 'react';
import { useText } from '@/components/ui/text';
import { tabSessions } from '@/lib/live/sessions';
import { paths } from '@/lib/paths';
import styles from './sign-in.module.css';

/** The end of a window that was opened to sign in beside a page: tells that page, and goes. */
export function SignedIn({ cluster }: { cluster: string }) {
  const t = useText();
  useEffect(() => {
    tabSessions().channel.send({ type: 'signed-in', cluster });
    // Browsers let a script close only what a script has opened; otherwise the words below stand.
    window.close();
  }, [cluster]);
  return (
    <main className={styles.done}>
      <Title headingLevel="h1">{t('signIn.done.title', { cluster })}</Title>
      <p>{t('signIn.done.body')}</p>
      <p>
        <Button variant="link" component={(props) => <Link {...props} href={paths.cluster(cluster)} />}>
          {t('signIn.done.open', { cluster })}
        </Button>
      </p>
    </main>
  );
}
