'use client';

import {
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  PageSection,
} from '@patternfly/react-core';
import { SearchIcon } from '@patternfly/react-icons';
import Link from 'next/link';
import { useText } from '@/components/ui/text';
import { paths } from '@/lib/paths';
import type { MessageKey } from '@/lib/text';

/** A whole page that says what is not there, or what failed, and the ways on. */
export function PageMessage({
  title,
  body,
  values,
  reference,
  onRetry,
}: {
  title: MessageKey;
  body: MessageKey;
  values?: Record<string, string>;
  /** The digest under which the server's log has the failure. */
  reference?: string | undefined;
  onRetry?: () => void;
}) {
  const t = useText();
  return (
    <PageSection isFilled aria-label={t(title, values)}>
      <EmptyState titleText={t(title, values)} headingLevel="h1" icon={SearchIcon}>
        <EmptyStateBody>
          {t(body, values)}
          {reference && <p>{t('errors.page.reference', { digest: reference })}</p>}
        </EmptyStateBody>
        <EmptyStateFooter>
          <EmptyStateActions>
            {onRetry && <Button onClick={onRetry}>{t('errors.retry')}</Button>}
            <Button variant="link" component={(props) => <Link {...props} href={paths.home()} />}>
              {t('errors.page.home')}
            </Button>
          </EmptyStateActions>
        </EmptyStateFooter>
      </EmptyState>
    </PageSection>
  );
}
