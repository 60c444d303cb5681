'use client';

import { Button } from '@patternfly/react-core';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ExampleMenu } from '@/components/form/create/example-menu';
import { useText } from '@/components/ui/text';
import { paths } from '@/lib/paths';
import styles from './create.module.css';
import { ChooseDialog } from './template/choose-dialog';
import { SaveDialog } from './template/save-dialog';
import type { CreateForm } from './use-create-form';

/** Other things to start from, and the way to keep this one as such. */
export function StartTools({ cluster, create }: { cluster: string; create: CreateForm }) {
  const t = useText();
  const router = useRouter();
  const [dialog, setDialog] = useState<'choose' | 'save'>();
  const { form, text, lock } = create;
  return (
    <div className={styles.buttons}>
      <ExampleMenu onChoose={({ id }) => router.push(paths.createVm(cluster, { example: id }))} />
      <Button variant="secondary" onClick={() => setDialog('choose')}>
        {t('templates.choose.open')}
      </Button>
      <Button variant="secondary" isAriaDisabled={lock !== undefined} onClick={() => setDialog('save')}>
        {t('templates.save.open')}
      </Button>
      {dialog === 'choose' && (
        <ChooseDialog cluster={cluster} namespace={form.namespace} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'save' && (
        <SaveDialog
          cluster={cluster}
          namespace={form.namespace}
          text={text}
          draft={form.draft}
          onClose={() => setDialog(undefined)}
        />
      )}
    </div>
  );
}
