'use client';

import {
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Skeleton,
  Title,
} from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { Copyable } from '@/components/ui/copyable';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import type { ApiErrorJson } from '@/lib/k8s/error';
import type { Identity } from '@/lib/live/use-identity';
import styles from './access.module.css';

/** Who the cluster takes the user for. */
export function IdentityCard({
  identity,
  error,
}: {
  identity?: Identity | undefined;
  error?: ApiErrorJson | undefined;
}) {
  const t = useText();
  return (
    <section aria-labelledby="access-identity" className={styles.part}>
      <Title headingLevel="h2" id="access-identity">
        {t('access.identity.title')}
      </Title>
      {error && <ErrorAlert error={error} title={t('access.identity.failed')} />}
      {!identity && !error && <Skeleton height="4rem" screenreaderText={t('common.loading')} />}
      {identity && (
        <DescriptionList isCompact columnModifier={{ default: '1Col', lg: '2Col' }}>
          <Row term={t('access.identity.user')}>
            <Copyable label={t('access.identity.user')}>{identity.username}</Copyable>
          </Row>
          <Row term={t('access.identity.groups')}>
            {identity.groups?.length ? <Words words={identity.groups} /> : t('common.none')}
          </Row>
          {identity.uid && (
            <Row term={t('access.identity.uid')}>
              <Copyable label={t('access.identity.uid')}>{identity.uid}</Copyable>
            </Row>
          )}
          {Object.entries(identity.extra ?? {}).map(([key, values]) => (
            <Row key={key} term={key}>
              <Words words={values} />
            </Row>
          ))}
        </DescriptionList>
      )}
    </section>
  );
}

function Row({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription className={styles.words}>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}

function Words({ words }: { words: readonly string[] }) {
  return (
    <ul className={styles.list}>
      {words.map((word) => (
        <li key={word} className="portlight-mono">
          {word}
        </li>
      ))}
    </ul>
  );
}
