'use client';

import {
  ActionGroup,
  Button,
  Form,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  TextInput,
  Title,
} from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { proposedName } from '@/lib/kinds/vm/form/new-vm';
import { NAME_BYTES } from '../name-bytes';
import { firstValues, type Parameter } from './parameters';
import { instantiate, type Template } from './template';

/** Asks for what a template leaves open, before the form opens with the VM that it makes. */
export function TemplateStart({
  template,
  onStart,
}: {
  template: Template;
  onStart: (text: string) => void;
}) {
  const t = useText();
  const [values, setValues] = useState<ReadonlyMap<string, string>>(() => proposals(template.parameters));
  const [isTried, setTried] = useState(false);
  const lacking = template.parameters.filter(({ name, required }) => required && !values.get(name));
  return (
    <section aria-labelledby="template-start">
      <Title headingLevel="h2" id="template-start">
        {t('templates.start.title', { name: template.name })}
      </Title>
      {template.description && <p>{template.description}</p>}
      <Form
        isWidthLimited
        onSubmit={(event) => {
          event.preventDefault();
          if (lacking.length > 0) setTried(true);
          else onStart(instantiate(template, values));
        }}
      >
        {template.parameters.map((parameter) => {
          const { name, displayName, description, generate, required = false } = parameter;
          const isLacking = isTried && required && !values.get(name);
          return (
            <FormGroup
              key={name}
              label={displayName ?? name}
              fieldId={`parameter-${name}`}
              isRequired={required}
            >
              <TextInput
                id={`parameter-${name}`}
                value={values.get(name) ?? ''}
                isRequired={required}
                autoComplete="off"
                spellCheck={false}
                validated={isLacking ? 'error' : 'default'}
                aria-describedby={`parameter-${name}-help`}
                onFocus={(event) => event.target.select()}
                onChange={(_, typed) => setValues(new Map(values).set(name, typed))}
              />
              <FormHelperText id={`parameter-${name}-help`}>
                <HelperText>
                  <HelperTextItem variant={isLacking ? 'error' : 'default'}>
                    {isLacking
                      ? t('templates.start.lacking', { name })
                      : (description ?? (generate ? t('templates.start.generated') : name))}
                  </HelperTextItem>
                </HelperText>
              </FormHelperText>
            </FormGroup>
          );
        })}
        <ActionGroup>
          <Button type="submit">{t('templates.start.button')}</Button>
        </ActionGroup>
      </Form>
    </section>
  );
}

function proposals(parameters: readonly Parameter[]): Map<string, string> {
  const values = firstValues(parameters);
  if (values.get('NAME') === '')
    values.set('NAME', proposedName(crypto.getRandomValues(new Uint8Array(NAME_BYTES))));
  return values;
}
