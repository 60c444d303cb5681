'use client';

import { Button, FormGroup, TextInput } from '@patternfly/react-core';
import { PlusIcon, TimesIcon, TrashIcon } from '@patternfly/react-icons';
import { useId } from 'react';
import { useText } from '@/components/ui/text';
import {
  type AffinityRule,
  type Expression,
  NEW_EXPRESSION,
  operatorsOf,
  takesValues,
} from '@/lib/kinds/vm/form/affinity';
import styles from '../form.module.css';
import { Pick } from '../pick';
import type { NodesKnown } from './use-nodes';

/** Labels of nodes that people mean by "the same place". */
const USUAL_TOPOLOGIES = [
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
];

/** One rule of an affinity as a sentence with blanks. */
export function AffinityRuleCard({
  rule,
  number,
  nodes,
  isDisabled,
  onChange,
  onRemove,
}: {
  rule: AffinityRule;
  number: number;
  nodes: NodesKnown;
  isDisabled: boolean;
  onChange: (rule: AffinityRule) => void;
  onRemove: () => void;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const isOfNodes = rule.kind === 'nodeAffinity';
  const set = (index: number, next: Partial<Expression>) =>
    onChange({
      ...rule,
      expressions: rule.expressions.map((each, at) => (at === index ? { ...each, ...next } : each)),
    });
  return (
    <fieldset className={styles.card} aria-label={t('scheduling.affinity.rule', { number })}>
      <div className={styles.cardHead}>
        <strong>{t(`scheduling.affinity.kind.${rule.kind}`)}</strong>
        <div className={styles.fit}>
          <Pick
            id={`${id}-strength`}
            label={t('scheduling.affinity.strength')}
            value={rule.isRequired ? 'must' : 'should'}
            isDisabled={isDisabled}
            options={[
              {
                value: 'must',
                label: t('scheduling.affinity.must'),
                description: t('scheduling.affinity.mustNote'),
              },
              {
                value: 'should',
                label: t('scheduling.affinity.should'),
                description: t('scheduling.affinity.shouldNote'),
              },
            ]}
            onChange={(next) => onChange({ ...rule, isRequired: next === 'must' })}
          />
        </div>
        <Button
          variant="plain"
          icon={<TrashIcon />}
          aria-label={t('scheduling.affinity.remove', { number })}
          isDisabled={isDisabled}
          onClick={onRemove}
        />
      </div>
      <div className={styles.rows}>
        {rule.expressions.map((each, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no other identity while they are typed.
          <div key={index} className={styles.cells}>
            <TextInput
              aria-label={t('scheduling.affinity.key', { number: index + 1 })}
              placeholder={t('scheduling.affinity.keyPlaceholder')}
              value={each.key}
              isDisabled={isDisabled}
              autoComplete="off"
              {...(isOfNodes ? { list: `${id}-keys` } : {})}
              onChange={(_, key) => set(index, { key })}
            />
            <Pick
              id={`${id}-operator-${index}`}
              label={t('scheduling.affinity.operator', { number: index + 1 })}
              value={each.operator}
              isDisabled={isDisabled}
              options={operatorsOf(rule.kind).map((value) => ({
                value,
                label: t(`scheduling.operator.${value as 'In'}`),
              }))}
              onChange={(operator) =>
                set(index, { operator, ...(takesValues(operator) ? {} : { values: [] }) })
              }
            />
            {takesValues(each.operator) && (
              <TextInput
                aria-label={t('scheduling.affinity.values', { number: index + 1 })}
                placeholder={t('scheduling.affinity.valuesPlaceholder')}
                value={each.values.join(',')}
                isDisabled={isDisabled}
                autoComplete="off"
                {...(isOfNodes ? { list: `${id}-values-${index}` } : {})}
                // A comma at the end is one on the way to the next value.
                onChange={(_, typed) =>
                  set(index, { values: typed === '' ? [] : typed.split(',').map((value) => value.trim()) })
                }
              />
            )}
            {isOfNodes && (
              <datalist id={`${id}-values-${index}`}>
                {nodes.valuesOf(each.key).map((value) => (
                  <option key={value} value={value} />
                ))}
              </datalist>
            )}
            <Button
              variant="plain"
              className={styles.end}
              icon={<TimesIcon />}
              aria-label={t('scheduling.affinity.removeCondition', { number: index + 1 })}
              isDisabled={isDisabled || rule.expressions.length === 1}
              onClick={() =>
                onChange({ ...rule, expressions: rule.expressions.filter((_, at) => at !== index) })
              }
            />
          </div>
        ))}
        {isOfNodes && (
          <datalist id={`${id}-keys`}>
            {nodes.labelKeys.map((key) => (
              <option key={key} value={key} />
            ))}
          </datalist>
        )}
        <div>
          <Button
            variant="link"
            isInline
            icon={<PlusIcon />}
            isDisabled={isDisabled}
            onClick={() => onChange({ ...rule, expressions: [...rule.expressions, NEW_EXPRESSION] })}
          >
            {t('scheduling.affinity.addCondition')}
          </Button>
        </div>
      </div>
      {!isOfNodes && (
        <FormGroup label={t('scheduling.affinity.topology')} fieldId={`${id}-topology`}>
          <TextInput
            id={`${id}-topology`}
            value={rule.topologyKey}
            isDisabled={isDisabled}
            autoComplete="off"
            list={`${id}-topologies`}
            onChange={(_, topologyKey) => onChange({ ...rule, topologyKey })}
          />
          <datalist id={`${id}-topologies`}>
            {[...new Set([...USUAL_TOPOLOGIES, ...nodes.labelKeys])].map((key) => (
              <option key={key} value={key} />
            ))}
          </datalist>
        </FormGroup>
      )}
      {!rule.isRequired && (
        <FormGroup label={t('scheduling.affinity.weightLabel')} fieldId={`${id}-weight`}>
          <TextInput
            id={`${id}-weight`}
            className={styles.short}
            type="number"
            min={1}
            max={100}
            value={rule.weight ?? ''}
            isDisabled={isDisabled}
            onChange={(_, typed) => onChange({ ...rule, weight: typed === '' ? undefined : Number(typed) })}
          />
        </FormGroup>
      )}
      {rule.more.length > 0 && (
        <p className={styles.note}>{t('scheduling.affinity.more', { names: rule.more.join(', ') })}</p>
      )}
    </fieldset>
  );
}
