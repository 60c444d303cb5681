'use client';

import { Alert, Button, Divider } from '@patternfly/react-core';
import { ExternalLinkAltIcon } from '@patternfly/react-icons';
import { Fragment, useState } from 'react';
import { useText } from '@/components/ui/text';
import { startPath } from '@/lib/session/auth-api';
import type { SignInWay } from '@/lib/session/session';
import styles from './sign-in.module.css';
import { TokenForm } from './token-form';

interface WaysProps {
  cluster: string;
  methods: SignInWay[];
  /** Where a provider sends the browser to in the end. */
  returnTo: string;
  /** `here`: this page goes to the provider. `window`: the page stays, and a window goes. */
  place: 'here' | 'window';
  onSignedIn: (user: string) => void;
  hasFocus?: boolean;
}

/** Every way to sign in to a cluster, each as what it is. */
export function Ways({ cluster, methods, returnTo, place, onSignedIn, hasFocus = true }: WaysProps) {
  const t = useText();
  const shown = methods.filter(({ kind }) => kind !== 'kubeconfig');
  return (
    <div className={styles.ways}>
      {shown.map((method, index) => (
        <Fragment key={method.id}>
          {index > 0 && (
            <div className={styles.or}>
              <Divider />
              <span>{t('signIn.or')}</span>
              <Divider />
            </div>
          )}
          {method.kind === 'token' && (
            <TokenForm cluster={cluster} onSignedIn={onSignedIn} hasFocus={hasFocus} />
          )}
          {(method.kind === 'oidc' || method.kind === 'openshift') && (
            <RedirectWay href={startPath(cluster, method.id, returnTo)} method={method} place={place} />
          )}
          {method.kind === 'proxy' && <ProxyWay />}
        </Fragment>
      ))}
    </div>
  );
}

function RedirectWay({
  href,
  method,
  place,
}: {
  href: string;
  method: SignInWay;
  place: WaysProps['place'];
}) {
  const t = useText();
  const [isBlocked, setBlocked] = useState(false);
  const kind = method.kind === 'openshift' ? 'openshift' : 'oidc';
  const label = t(`signIn.redirect.${kind}`, { label: method.label ?? t(`signIn.redirect.${kind}Label`) });
  if (place === 'here') {
    return (
      // Not a page but an endpoint, so the browser goes there by itself.
      <Button component="a" href={href} isBlock variant="secondary" size="lg">
        {label}
      </Button>
    );
  }
  return (
    <div>
      <Button
        isBlock
        variant="secondary"
        size="lg"
        icon={<ExternalLinkAltIcon />}
        iconPosition="end"
        onClick={() =>
          setBlocked(window.open(href, 'portlight-sign-in', 'popup,width=540,height=720') === null)
        }
      >
        {label}
      </Button>
      <p className={styles.small}>{t('signIn.redirect.window')}</p>
      {isBlocked && (
        <div role="alert">
          <Alert isInline isPlain variant="warning" title={t('signIn.redirect.blocked')}>
            <a href={href} target="_blank" rel="noopener">
              {t('signIn.redirect.tab')}
            </a>
          </Alert>
        </div>
      )}
    </div>
  );
}

function ProxyWay() {
  const t = useText();
  return (
    <section>
      <h2 className={styles.subtitle}>{t('signIn.proxy.title')}</h2>
      <p>{t('signIn.proxy.body')}</p>
      <Button variant="secondary" onClick={() => window.location.reload()}>
        {t('signIn.proxy.retry')}
      </Button>
    </section>
  );
}
