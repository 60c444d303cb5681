'use client';

import { useText } from '@/components/ui/text';
import { summarize } from '@/lib/manifest/plan';
import styles from './create.module.css';
import { vmManifestOf } from './create-problems';
import type { CreateForm } from './use-create-form';

/** What the button will do: "Creates VirtualMachine web in dev, with 1 Secret." */
export function CreateSentence({ create }: { create: CreateForm }) {
  const t = useText();
  const { made, steps, newNamespaces, form } = create;
  const vm = vmManifestOf(made.reading);
  if (!vm || create.lock) return <p className={styles.sentence}>{t('create.sentence.nothing')}</p>;
  const others = steps.filter(({ manifest }) => manifest !== vm);
  const along = summarize(others, newNamespaces).map(({ count, kinds }) => `${count} ${kinds}`);
  const values = { name: vm.name || t('create.sentence.unnamed'), namespace: form.namespace };
  return (
    <p className={styles.sentence} role="status">
      {along.length > 0
        ? t('create.sentence.with', { ...values, others: along.join(', ') })
        : t('create.sentence.alone', values)}
    </p>
  );
}
