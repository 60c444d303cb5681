'use client';

import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { useEffect, useId, useState } from 'react';
import { useText } from '@/components/ui/text';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { mayI } from '@/lib/live/use-access';
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
  const names = useNamespaces(cluster);
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
            {problem ? t(problem) : t('yaml.create.defaultNamespaceHint')}
          </HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}

function useNamespaces(cluster: string): string[] {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    const asked = new AbortController();
    void listNamespaces(cluster, asked.signal).then(setNames, () => undefined);
    return () => asked.abort();
  }, [cluster]);
  return names;
}

/** Empty for who may not list namespaces: the name is typed then. */
async function listNamespaces(cluster: string, signal: AbortSignal): Promise<string[]> {
  if (!(await mayI(cluster, '', { verb: 'list', resource: RESOURCES.namespaces }))) return [];
  const path = resourcePath(RESOURCES.namespaces);
  const { body } = await callApi<{ items?: { metadata: { name: string } }[] }>(cluster, path, { signal });
  return (body.items ?? []).map(({ metadata }) => metadata.name);
}
