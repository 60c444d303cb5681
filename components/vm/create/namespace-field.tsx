'use client';

import { TextInput } from '@patternfly/react-core';
import { RefusalNote } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import { wordAt } from '@/lib/k8s/json';
import { inNamespace, VM_NAMESPACE } from '@/lib/kinds/vm/create/namespace';
import { isWithin } from '@/lib/kinds/vm/form/field';
import { useNamespaces } from '@/lib/live/use-namespaces';
import { FormField } from '../form/form-field';
import { useVmForm } from '../form/vm-form';

/** Where the VM and what is made with it go. Those that the user may list are offered; any other may be typed. */
export function NamespaceField({ cluster }: { cluster: string }) {
  const t = useText();
  const { draft, change, problems, locked } = useVmForm();
  const { names, refusal } = useNamespaces(cluster);
  return (
    <FormField
      id="vm-namespace"
      label={t('create.namespace.label')}
      help={
        <>
          {t('create.namespace.help')} {refusal && <RefusalNote cluster={cluster} refusal={refusal} />}
        </>
      }
      isRequired
      problems={problems.filter(({ path }) => isWithin(path, 'metadata.namespace'))}
    >
      {(control) => (
        <>
          <TextInput
            {...control}
            isRequired
            value={wordAt(draft.vm, VM_NAMESPACE)}
            list="vm-namespace-names"
            autoComplete="off"
            spellCheck={false}
            isDisabled={locked !== undefined}
            onChange={(_event, typed) => change((now) => inNamespace(now, typed.trim()))}
          />
          <datalist id="vm-namespace-names">
            {names.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </FormField>
  );
}
