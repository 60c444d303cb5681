'use client';

import { useText } from '@/components/ui/text';
import { useNamespaces } from '@/lib/live/use-namespaces';
import { Choice } from '../choice';
import { FormField } from '../form-field';

/** Where something is taken from; any namespace may be typed. */
export function NamespaceChoice({
  id,
  cluster,
  value,
  onChange,
  isDisabled = false,
}: {
  id: string;
  cluster: string;
  value: string;
  onChange: (namespace: string) => void;
  isDisabled?: boolean;
}) {
  const t = useText();
  const { names } = useNamespaces(cluster);
  return (
    <FormField id={id} label={t('disks.namespace.label')} help={t('disks.namespace.help')}>
      {(control) => (
        <Choice
          {...control}
          label={t('disks.namespace.label')}
          allowOther
          options={names.map((name) => ({ value: name, label: name }))}
          {...{ value, onChange, isDisabled }}
        />
      )}
    </FormField>
  );
}
