'use client';

import { useText } from '@/components/ui/text';
import { summarize } from '@/lib/manifest/plan';
import { formatBytes } from '@/lib/units';
import styles from './create.module.css';
import { vmManifestOf } from './create-problems';
import type { CreateForm } from './use-create-form';

/** What the button will do: "Creates VirtualMachine web in dev: 2 vCPUs, 4 GiB, with 1 Secret." */
export function CreateSentence({ create }: { create: CreateForm }) {
  const t = useText();
  const { made, steps, newNamespaces, form, outlook } = create;
  const vm = vmManifestOf(made.reading);
  if (!vm || create.lock || !outlook.footprint)
    return <p className={styles.sentence}>{t('create.sentence.nothing')}</p>;
  const { vcpus, guestBytes, storage } = outlook.footprint;
  const bytes = storage.reduce((total, share) => total + share.bytes, 0);
  const others = steps.filter(({ manifest }) => manifest !== vm);
  const along = [
    ...(bytes > 0 ? [t('create.sentence.storage', { amount: formatBytes(bytes) })] : []),
    ...summarize(others, newNamespaces).map(({ count, kinds }) => `${count} ${kinds}`),
  ];
  const { members } = create.batch.form;
  if (members) {
    const [first] = members.members;
    const last = members.members.at(-1);
    return (
      <p className={styles.sentence} role="status">
        {t('create.sentence.several', {
          count: members.members.length,
          first: first?.name ?? '',
          last: last?.name ?? '',
          namespace: form.namespace,
          vcpus,
          memory: formatBytes(guestBytes),
          storage: formatBytes(bytes),
        })}
      </p>
    );
  }
  const values = {
    name: vm.name || t('create.sentence.unnamed'),
    namespace: form.namespace,
    vcpus,
    memory: formatBytes(guestBytes),
  };
  return (
    <p className={styles.sentence} role="status">
      {along.length > 0
        ? t('create.sentence.with', { ...values, others: along.join(', ') })
        : t('create.sentence.alone', values)}
    </p>
  );
}
