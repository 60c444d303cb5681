'use client';

import { Alert, Button, Card, CardBody, Title } from '@patternfly/react-core';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { Logo } from '@/components/shell/logo';
import { ThemeMenu } from '@/components/shell/theme-menu';
import { useText } from '@/components/ui/text';
import { tabSessions } from '@/lib/live/sessions';
import { paths } from '@/lib/paths';
import { readFailure, signOut } from '@/lib/session/auth-api';
import { type ClusterSession, isBorrowed } from '@/lib/session/session';
import { providerProblem } from './problem';
import { ProblemAlert } from './problem-alert';
import styles from './sign-in.module.css';
import { Ways } from './ways';

/** Where somebody signs in to one cluster, by whichever way it takes, and goes on to where they wanted to be. */
export function SignInPage({
  cluster,
  others,
  returnTo,
  error,
}: {
  cluster: ClusterSession & { insecure: boolean };
  others: ClusterSession[];
  /** A path of ours. */
  returnTo: string;
  /** The code of what went wrong at a provider. */
  error?: string | undefined;
}) {
  const t = useText();
  const { name, server, methods, insecure, user } = cluster;
  const [words, setWords] = useState<string>();
  const problem = providerProblem(error);
  useEffect(() => {
    if (error === undefined) return;
    readFailure().then(
      (failure) => failure.cluster === name && setWords(failure.said),
      // The sentence stands without them.
      () => undefined,
    );
  }, [error, name]);

  // Somebody who signs in in another tab is signed in here as well.
  useEffect(() => {
    return tabSessions().channel.listen((news) => {
      if (news.type === 'signed-in' && news.cluster === name) window.location.replace(returnTo);
    });
  }, [name, returnTo]);

  // A session that is over stands before the kubeconfig's user until one has signed out of it.
  const hasEnded = !cluster.signedIn && methods.some(({ kind }) => kind === 'kubeconfig');
  const borrow = async () => {
    await signOut(name, false);
    window.location.replace(returnTo);
  };
  const signedIn = () => {
    tabSessions().channel.send({ type: 'signed-in', cluster: name });
    // A whole new page: nothing that was rendered for nobody stays, and Back does not come here again.
    window.location.replace(returnTo);
  };

  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <span className={styles.brand}>
          <Logo /> {t('shell.product')}
        </span>
        <ThemeMenu />
      </header>
      <main className={styles.main}>
        <Card className={styles.card ?? ''}>
          <CardBody>
            <Title headingLevel="h1" size="2xl" className={styles.title}>
              {t('signIn.title', { cluster: name })}
            </Title>
            <dl className={styles.address}>
              <dt className="pf-v6-screen-reader">{t('signIn.address')}</dt>
              <dd className="portlight-mono">{server}</dd>
            </dl>
            <div className={styles.stack}>
              {insecure && <Alert isInline variant="warning" title={t('signIn.insecure')} />}
              {problem && <ProblemAlert problem={{ ...problem, words }} />}
              <Ways cluster={name} methods={methods} returnTo={returnTo} place="here" onSignedIn={signedIn} />
              {methods.every(({ kind }) => kind === 'kubeconfig') && !isBorrowed(cluster) && (
                <p>{t('signIn.kubeconfig.link')}</p>
              )}
              {hasEnded && (
                <Button variant="link" isInline onClick={() => void borrow()}>
                  {t('signIn.kubeconfig.back')}
                </Button>
              )}
              {isBorrowed(cluster) && (
                <p>
                  {t('signIn.kubeconfig.body', { user: user ?? '' })}{' '}
                  <Link href={returnTo}>{t('signIn.kubeconfig.back')}</Link>
                </p>
              )}
            </div>
          </CardBody>
        </Card>
        {others.length > 0 && (
          <nav className={styles.others} aria-labelledby="other-clusters">
            <h2 id="other-clusters" className={styles.subtitle}>
              {t('signIn.others.title')}
            </h2>
            <ul>
              {others.map((other) => (
                <li key={other.name}>
                  <Link href={other.signedIn ? paths.cluster(other.name) : paths.signIn(other.name)}>
                    {other.name}
                  </Link>
                  <span className={styles.small}>
                    {other.signedIn && other.user
                      ? t('signIn.others.signedIn', { user: other.user })
                      : other.server}
                  </span>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </main>
    </div>
  );
}
