'use client';

import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { useText } from '@/components/ui/text';
import { useNamespaces } from '@/lib/live/use-namespaces';
import { namespaceProblem } from '@/lib/manifest/names';
import { RefusalNote } from './refusals';

const TYPING_MS = 300;

/** Which namespace is meant; empty means all. Those that one may list are offered, any other may be typed. */
export function NamespaceField({
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
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const latest = useRef(onChange);
  latest.current = onChange;
  const problem = typed ? namespaceProblem(typed) : undefined;

  // Back, or a link with another namespace.
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value);
  }, [value]);
  const tell = useCallback((next: string) => {
    if (next === told.current) return;
    told.current = next;
    latest.current(next);
  }, []);
  useEffect(() => {
    if (problem) return;
    const timer = setTimeout(() => tell(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, problem, tell]);

  return (
    <FormGroup label={t('access.namespace.label')} fieldId={id}>
      <TextInput
        id={id}
        value={typed}
        placeholder={t('access.namespace.all')}
        validated={problem ? 'error' : 'default'}
        list={`${id}-names`}
        autoComplete="off"
        spellCheck={false}
        onChange={(_, next) => setTyped(next.trim())}
        // Before a link that is clicked: an address that is written later would take its place.
        onBlur={() => !problem && tell(typed)}
      />
      <datalist id={`${id}-names`}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <FormHelperText>
        <HelperText>
          <HelperTextItem variant={problem ? 'error' : 'default'}>
            {problem ? (
              t(problem)
            ) : refusal ? (
              <RefusalNote cluster={cluster} refusal={refusal} />
            ) : (
              t('access.namespace.hint')
            )}
          </HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}
