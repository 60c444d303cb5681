'use client';

import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { useId } from 'react';
import { RefusalNote } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import { useNamespaces } from '@/lib/live/use-namespaces';
import { namespaceProblem } from '@/lib/manifest/names';

/** Where documents go that name no namespace. Those that the user may list are offered; any other may be typed. */
export function DefaultNamespace({
  cluster,
  value,
  onChange,
}: {
  cluster: string;
  value: string;
  onChange: (namespace: string) => void;
}) {
  const t = useText();
  const id = useId();
  const { names, refusal } = useNamespaces(cluster);
  const problem = value ? namespaceProblem(value) : undefined;
  return (
    <FormGroup label={t('yaml.create.defaultNamespace')} fieldId={id}>
      <TextInput
        id={id}
        value={value}
        validated={problem ? 'error' : 'default'}
        list={`${id}-names`}
        autoComplete="off"
        spellCheck={false}
        onChange={(_event, typed) => onChange(typed.trim())}
      />
      <datalist id={`${id}-names`}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <FormHelperText>
        <HelperText>
          <HelperTextItem variant={problem ? 'error' : 'default'}>
            {problem ? t(problem) : t('yaml.create.defaultNamespaceHint')}{' '}
            {!problem && refusal && <RefusalNote cluster={cluster} refusal={refusal} />}
          </HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}
