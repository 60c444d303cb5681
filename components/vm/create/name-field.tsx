'use client';

import { TextInput } from '@patternfly/react-core';
import { useRef } from 'react';
import { useText } from '@/components/ui/text';
import { withValueAt, wordAt } from '@/lib/k8s/json';
import { renamed, VM_NAME } from '@/lib/kinds/vm/create/rename';
import { isWithin } from '@/lib/kinds/vm/form/field';
import { FormField } from '../form/form-field';
import { useVmForm } from '../form/vm-form';

/** The VM's name. What is named after it follows as it is typed; the proposed one is replaced by typing. */
export function NameField() {
  const t = useText();
  const { draft, change, problems, locked } = useVmForm();
  const name = wordAt(draft.vm, VM_NAME);
  // While the field is empty, what was named after the VM still is named after this.
  const before = useRef(name);
  if (name) before.current = name;
  return (
    <FormField
      id="vm-name"
      label={t('create.name.label')}
      help={t('create.name.help')}
      isRequired
      problems={problems.filter(({ path }) => isWithin(path, 'metadata.name'))}
    >
      {(control) => (
        <TextInput
          {...control}
          isRequired
          value={name}
          autoComplete="off"
          spellCheck={false}
          isDisabled={locked !== undefined}
          onFocus={(event) => event.target.select()}
          onChange={(_event, typed) => {
            const next = typed.trim();
            const old = before.current;
            change((now) => {
              const vm = withValueAt(now.vm, VM_NAME, next || old);
              if (!next) return { ...now, vm: withValueAt(vm, VM_NAME, '') };
              return renamed({ ...now, vm: withValueAt(now.vm, VM_NAME, old) }, next);
            });
          }}
        />
      )}
    </FormField>
  );
}
