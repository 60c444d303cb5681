'use client';

import { Alert, Button, EmptyState, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import { ExclamationCircleIcon, LockIcon } from '@patternfly/react-icons';
import { type ComponentType, createContext, useContext } from 'react';
import { type ApiErrorJson, plainMessage } from '@/lib/k8s/error';
import { explain } from '@/lib/k8s/explain';
import { useText } from './text';
import styles from './ui.module.css';

/** What else there is to say about an error and to do about it, known to those who know Kubernetes. */
export const ErrorHelpContext = createContext<ComponentType<{ error: ApiErrorJson }> | undefined>(undefined);

interface ErrorProps {
  error: ApiErrorJson;
  /** A sentence of the place where it shows, instead of the general one. */
  title?: string;
  /** What to do here, instead of the general advice. */
  hint?: string | undefined;
  onRetry?: () => void;
}

/** An error where a whole page or card would stand: what happened, what to do, and the server's own words. */
export function ErrorPanel({
  error,
  title,
  hint,
  onRetry,
  headingLevel = 'h2',
}: ErrorProps & { headingLevel?: 'h1' | 'h2' | 'h3' }) {
  const t = useText();
  const kind = explain(error);
  return (
    <EmptyState
      titleText={title ?? t(`errors.${kind}`)}
      headingLevel={headingLevel}
      status={kind === 'forbidden' ? 'warning' : 'danger'}
      icon={kind === 'forbidden' ? LockIcon : ExclamationCircleIcon}
      variant="sm"
    >
      <EmptyStateBody>
        <p>{hint ?? t(`errors.${kind}Hint`)}</p>
        <ServerWords error={error} />
      </EmptyStateBody>
      {onRetry && (
        <EmptyStateFooter>
          <Button variant="secondary" onClick={onRetry}>
            {t('errors.retry')}
          </Button>
        </EmptyStateFooter>
      )}
    </EmptyState>
  );
}

/** An error in a line of its own, inside a card, form or dialog. */
export function ErrorAlert({ error, title, hint, onRetry }: ErrorProps) {
  const t = useText();
  const kind = explain(error);
  return (
    <Alert
      isInline
      variant={kind === 'forbidden' ? 'warning' : 'danger'}
      title={title ?? t(`errors.${kind}`)}
      actionLinks={
        onRetry && (
          <Button variant="link" isInline onClick={onRetry}>
            {t('errors.retry')}
          </Button>
        )
      }
    >
      <p>{hint ?? t(`errors.${kind}Hint`)}</p>
      <ServerWords error={error} />
    </Alert>
  );
}

function ServerWords({ error }: { error: ApiErrorJson }) {
  const t = useText();
  const Help = useContext(ErrorHelpContext);
  const { method, path } = error.request;
  return (
    <>
      {Help && <Help error={error} />}
      <dl className={styles.words}>
        <dt>{t('errors.serverWords')}</dt>
        <dd>{plainMessage(error.message)}</dd>
        {path && (
          <>
            <dt>{t('errors.asked')}</dt>
            <dd className="portlight-mono">
              {method} {path}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}
