'use client';

import { Alert, Checkbox } from '@patternfly/react-core';
import { RefusalNote } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import { ACCESS, checkOf, refusalOf } from '@/lib/kinds/abilities';
import styles from '../form.module.css';

/** Offers to create the namespaces that documents need and the cluster doesn't have. */
export function NamespaceChoices({
  cluster,
  missing,
  declined,
  mayCreate,
  isBusy,
  onDecline,
}: {
  cluster: string;
  missing: readonly string[];
  declined: ReadonlySet<string>;
  mayCreate: boolean;
  isBusy: boolean;
  onDecline: (name: string, declined: boolean) => void;
}) {
  const t = useText();
  if (missing.length === 0) return null;
  if (!mayCreate) {
    return (
      <Alert isInline variant="warning" title={t('yaml.create.noNamespace', { names: missing.join(', ') })}>
        <RefusalNote cluster={cluster} refusal={refusalOf(checkOf(ACCESS.createNamespace))} />{' '}
        {t('yaml.create.mayNotNamespace')}
      </Alert>
    );
  }
  return (
    <fieldset className={styles.choices} aria-label={t('yaml.create.namespaces')}>
      {missing.map((name) => (
        <Checkbox
          key={name}
          id={`create-namespace-${name}`}
          label={t('yaml.create.namespaceFirst', { name })}
          description={t('yaml.create.namespaceHint')}
          isChecked={!declined.has(name)}
          isDisabled={isBusy}
          onChange={(_event, checked) => onDecline(name, !checked)}
        />
      ))}
    </fieldset>
  );
}
