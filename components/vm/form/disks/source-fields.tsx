'use client';

import { TextInput } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VolumeSource } from '@/lib/kinds/vm/form/volume-template';
import type { MessageKey } from '@/lib/text';
import { Choice } from '../choice';
import { FormField } from '../form-field';
import type { PlacedProblem } from '../vm-form';
import { useOffers } from './use-offers';

interface TextFieldProps {
  id: string;
  label: string;
  help: string;
  value: string;
  onChange: (value: string) => void;
  problem?: MessageKey | undefined;
  isDisabled?: boolean;
  placeholder?: string;
}

/** A line of text with its label. */
export function LineField({
  id,
  label,
  help,
  value,
  onChange,
  problem,
  isDisabled = false,
  placeholder = '',
}: TextFieldProps) {
  const problems: PlacedProblem[] = problem
    ? [{ path: id, severity: 'error', message: { key: problem } }]
    : [];
  return (
    <FormField id={id} label={label} help={help} problems={problems}>
      {(control) => (
        <TextInput
          {...control}
          value={value}
          isDisabled={isDisabled}
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
          onChange={(_event, next) => onChange(next.trim())}
        />
      )}
    </FormField>
  );
}

export interface SourceFieldsProps<Source extends VolumeSource> {
  id: string;
  cluster: string;
  namespace: string;
  value: Source;
  onChange: (source: Source) => void;
  isDisabled?: boolean;
}

type Of<Kind extends VolumeSource['kind']> = Extract<VolumeSource, { kind: Kind }>;

/** The address of an image that CDI fetches. */
export function UrlFields({
  id,
  value,
  onChange,
  isDisabled = false,
}: Omit<SourceFieldsProps<Of<'http'>>, 'cluster' | 'namespace'>) {
  const t = useText();
  return (
    <LineField
      id={`${id}-url`}
      label={t('disks.http.url')}
      help={t('disks.http.help')}
      value={value.url}
      isDisabled={isDisabled}
      problem={/^https?:\/\/[^\s/]+/.test(value.url) ? undefined : 'disks.http.problem'}
      onChange={(url) => onChange({ kind: 'http', url })}
    />
  );
}

/** A container disk in a registry whose content CDI copies into the volume. */
export function RegistryFields({
  id,
  cluster,
  namespace,
  value,
  onChange,
  isDisabled = false,
}: SourceFieldsProps<Of<'registry'>>) {
  const t = useText();
  return (
    <>
      <LineField
        id={`${id}-registry`}
        label={t('disks.registry.url')}
        help={t('disks.registry.help')}
        value={value.url}
        isDisabled={isDisabled}
        problem={/^(docker|oci-archive):\/\/\S+/.test(value.url) ? undefined : 'disks.registry.problem'}
        onChange={(url) =>
          // A bare reference, as container disks are written, means a registry.
          onChange({
            ...value,
            url:
              url === '' || /^[a-z-]+:(\/|$)/.test(url) || 'docker://'.startsWith(url)
                ? url
                : `docker://${url}`,
          })
        }
      />
      <SecretField
        id={`${id}-secret`}
        label={t('disks.registry.secret')}
        help={t('disks.registry.secretHelp')}
        cluster={cluster}
        namespace={namespace}
        value={value.secret ?? ''}
        isDisabled={isDisabled}
        onChange={(secret) => onChange({ kind: 'registry', url: value.url, secret: secret || undefined })}
      />
    </>
  );
}

/** The name of a Secret. Secrets are not listed: a list would bring their values along. */
export function SecretField({
  id,
  label,
  help,
  value,
  onChange,
  isDisabled = false,
}: Omit<TextFieldProps, 'problem'> & { cluster: string; namespace: string }) {
  return <LineField {...{ id, label, help, value, onChange, isDisabled }} />;
}

/** One object of a kind in a namespace, by name. */
export function ObjectField({
  id,
  label,
  help,
  cluster,
  namespace,
  resource,
  value,
  onChange,
  isDisabled = false,
}: {
  id: string;
  label: string;
  help: string;
  cluster: string;
  namespace: string;
  resource: keyof typeof RESOURCES;
  value: string;
  onChange: (name: string) => void;
  isDisabled?: boolean;
}) {
  const { offers, isLoading, error } = useOffers(cluster, RESOURCES[resource], namespace || undefined);
  return (
    <FormField id={id} label={label} help={help}>
      {(control) => (
        <Choice
          {...control}
          label={label}
          value={value}
          allowOther
          options={offers
            .map(({ metadata }) => ({ value: metadata.name, label: metadata.name }))
            .sort((one, other) => one.label.localeCompare(other.label, 'en', { numeric: true }))}
          {...{ isLoading, isDisabled, onChange }}
          {...(error === undefined ? {} : { error })}
        />
      )}
    </FormField>
  );
}
