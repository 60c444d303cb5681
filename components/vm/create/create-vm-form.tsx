'use client';

import { Alert, Skeleton } from '@patternfly/react-core';
import Link from 'next/link';
import { useState } from 'react';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { type CreateStart, paths } from '@/lib/paths';
import { readDraft } from '../../form/draft';
import { CreateEditor } from './create-editor';
import { TemplateStart } from './template/template-start';
import { inGivenNamespace, useStart } from './use-start';

/** Finds what the form begins with (a VM with sensible defaults, an example, a template, a copy), and opens it. */
export function CreateVmForm({ cluster, start }: { cluster: string; start: CreateStart }) {
  const t = useText();
  const found = useStart(cluster, start);
  const [filledIn, setFilledIn] = useState<string>();
  const from = Object.values({ ...start, namespace: undefined, step: undefined }).find(Boolean) ?? 'new';
  const draftKey = `create-vm/${cluster}/${from}`;
  const [hasDraft] = useState(() => readDraft(draftKey) !== undefined);
  switch (found.state) {
    case 'loading':
      return <Skeleton height="32rem" screenreaderText={t('common.loading')} />;
    case 'failed':
      return <ErrorPanel error={found.error} title={t('templates.start.failed')} headingLevel="h2" />;
    case 'missing':
      return (
        <Alert isInline variant="warning" title={t('templates.start.missing', { name: found.name })}>
          <Link href={paths.createVm(cluster)}>{t('templates.start.afresh')}</Link>
        </Alert>
      );
    case 'text':
      return <CreateEditor cluster={cluster} initial={found.text} draftKey={draftKey} />;
    case 'template': {
      // What was begun from the template goes on; its parameters were answered then.
      const initial = filledIn ?? (hasDraft ? found.template.text : undefined);
      if (initial === undefined)
        return (
          <TemplateStart
            template={found.template}
            onStart={(text) =>
              setFilledIn(inGivenNamespace(text, start.namespace ?? found.template.namespace))
            }
          />
        );
      return <CreateEditor cluster={cluster} initial={initial} draftKey={draftKey} />;
    }
  }
}
