'use client';

import { Button, TextInput } from '@patternfly/react-core';
import { TimesIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import { isJsonObject, type JsonObject, wordAt } from '@/lib/k8s/json';
import { TOLERATIONS, tolerationOf } from '@/lib/kinds/vm/form/scheduling-fields';
import { Choice } from '../choice';
import styles from '../form.module.css';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { useField } from '../vm-form';
import type { NodesKnown } from './use-nodes';

const EFFECTS = ['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

/** Taints of nodes that don't keep the VM off. One is added by choosing it among the nodes', or as kubectl writes it. */
export function TolerationsEditor({ nodes }: { nodes: NodesKnown }) {
  const t = useText();
  const { value, set, problems, applies, locked } = useField(TOLERATIONS);
  const isDisabled = locked !== undefined;
  const replace = (index: number, next: JsonObject) =>
    set(value.map((each, at) => (at === index ? withoutEmpty(next) : each)));
  return (
    <FormField
      id={TOLERATIONS.id}
      label={t('scheduling.tolerations.label')}
      help={t('scheduling.tolerations.help')}
      role="group"
      problems={problems}
      applies={applies}
    >
      {(control) => (
        <div className={styles.rows}>
          {value.map((each, index) => {
            if (!isJsonObject(each)) return null;
            const part = (name: string) => wordAt(each, [name]);
            const operator = part('operator') || 'Equal';
            const number = index + 1;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: tolerations have no other identity.
              <div key={index} className={styles.cells}>
                <TextInput
                  aria-label={t('scheduling.tolerations.key', { number })}
                  value={part('key')}
                  isDisabled={isDisabled}
                  autoComplete="off"
                  onChange={(_, key) => replace(index, { ...each, key })}
                />
                <Pick
                  id={`${TOLERATIONS.id}-operator-${index}`}
                  label={t('scheduling.tolerations.operator', { number })}
                  value={operator}
                  isDisabled={isDisabled}
                  options={[
                    { value: 'Equal', label: t('scheduling.tolerations.equal') },
                    { value: 'Exists', label: t('scheduling.tolerations.exists') },
                  ]}
                  onChange={(next) =>
                    replace(index, { ...each, operator: next, ...(next === 'Exists' ? { value: '' } : {}) })
                  }
                />
                {operator !== 'Exists' && (
                  <TextInput
                    aria-label={t('scheduling.tolerations.value', { number })}
                    value={part('value')}
                    isDisabled={isDisabled}
                    autoComplete="off"
                    onChange={(_, next) => replace(index, { ...each, value: next })}
                  />
                )}
                <Pick
                  id={`${TOLERATIONS.id}-effect-${index}`}
                  label={t('scheduling.tolerations.effect', { number })}
                  value={part('effect')}
                  isDisabled={isDisabled}
                  options={EFFECTS.map((effect) => ({
                    value: effect,
                    label: effect || t('scheduling.tolerations.anyEffect'),
                  }))}
                  onChange={(effect) => replace(index, { ...each, effect })}
                />
                <Button
                  variant="plain"
                  className={styles.end}
                  icon={<TimesIcon />}
                  aria-label={t('scheduling.tolerations.remove', { number })}
                  isDisabled={isDisabled}
                  onClick={() => set(value.filter((_, at) => at !== index))}
                />
              </div>
            );
          })}
          <Choice
            {...control}
            label={t('scheduling.tolerations.add')}
            placeholder={t('scheduling.tolerations.add')}
            value=""
            allowOther
            isDisabled={isDisabled}
            options={nodes.taints.map((taint) => ({ value: taint, label: taint }))}
            onChange={(typed) => typed && set([...value, tolerationOf(typed)])}
          />
        </div>
      )}
    </FormField>
  );
}

function withoutEmpty(toleration: JsonObject): JsonObject {
  const { value, effect, ...rest } = toleration;
  return { ...rest, ...(value ? { value } : {}), ...(effect ? { effect } : {}) };
}
