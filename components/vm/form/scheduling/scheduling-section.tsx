'use client';

import { useText } from '@/components/ui/text';
import { RESOURCES } from '@/lib/kinds/resources';
import {
  EVICTION_STRATEGIES,
  EVICTION_STRATEGY,
  NODE_SELECTOR,
  PRIORITY_CLASS,
  SCHEDULER_NAME,
  TOPOLOGY_SPREAD,
} from '@/lib/kinds/vm/form/scheduling-fields';
import { useFeatures } from '@/lib/live/use-features';
import { useObjects } from '@/lib/live/use-live';
import { Choice } from '../choice';
import { PickRow, WordRow } from '../field-rows';
import styles from '../form.module.css';
import { FormField } from '../form-field';
import { PairsEditor } from '../pairs-editor';
import { SectionBody, SectionPart } from '../section-part';
import { useField, useVmForm } from '../vm-form';
import { AffinityEditor } from './affinity-editor';
import { NodeMatchNote } from './node-match-note';
import { TolerationsEditor } from './tolerations-editor';
import { useNodes } from './use-nodes';

/** On which nodes the VM may run, and what becomes of it when its node is drained. */
export function SchedulingSection() {
  const t = useText();
  const { cluster, draft } = useVmForm();
  const nodes = useNodes(cluster);
  const { defaults } = useFeatures(cluster);
  const selector = useField(NODE_SELECTOR);
  const spread = TOPOLOGY_SPREAD.read(draft.vm).length;
  return (
    <SectionBody>
      <NodeMatchNote />
      <FormField
        id={NODE_SELECTOR.id}
        label={t('scheduling.selector.label')}
        help={t('scheduling.selector.help')}
        role="group"
        problems={selector.problems}
        applies={selector.applies}
      >
        {(control) => (
          <PairsEditor
            {...control}
            value={selector.value}
            onChange={selector.set}
            isDisabled={selector.locked !== undefined}
            keyLabel={t('scheduling.pairs.label')}
            valueLabel={t('scheduling.pairs.value')}
            addLabel={t('scheduling.selector.add')}
            keyChoices={nodes.labelKeys}
            valueChoices={nodes.valuesOf}
          />
        )}
      </FormField>
      <TolerationsEditor nodes={nodes} />
      <AffinityEditor nodes={nodes} />
      <PickRow
        field={EVICTION_STRATEGY}
        label={t('scheduling.eviction.label')}
        help={t('scheduling.eviction.help')}
        options={[
          {
            value: '',
            label: defaults.evictionStrategy
              ? t('scheduling.eviction.defaultIs', { strategy: defaults.evictionStrategy })
              : t('scheduling.eviction.default'),
          },
          ...EVICTION_STRATEGIES.map((value) => ({
            value,
            label: t(`scheduling.eviction.${value}`),
            description: t(`scheduling.eviction.${value}Note`),
          })),
        ]}
      />
      <PriorityClassRow />
      <SectionPart
        title={t('scheduling.more')}
        isFoldable
        isOpen={SCHEDULER_NAME.read(draft.vm) !== '' || spread > 0}
      >
        <WordRow
          field={SCHEDULER_NAME}
          label={t('scheduling.scheduler.label')}
          help={t('scheduling.scheduler.help')}
        />
        <p className={styles.note}>{t('scheduling.spread', { count: spread })}</p>
      </SectionPart>
    </SectionBody>
  );
}

function PriorityClassRow() {
  const t = useText();
  const { cluster } = useVmForm();
  const { value, set, problems, applies, locked } = useField(PRIORITY_CLASS);
  const { objects, feed } = useObjects(cluster, { resource: RESOURCES.priorityClasses });
  return (
    <FormField
      id={PRIORITY_CLASS.id}
      label={t('scheduling.priority.label')}
      help={t('scheduling.priority.help')}
      problems={problems}
      applies={applies}
    >
      {(control) => (
        <Choice
          {...control}
          label={t('scheduling.priority.label')}
          placeholder={t('scheduling.priority.none')}
          value={value}
          isClearable
          allowOther
          isLoading={feed.state === 'loading'}
          isDisabled={locked !== undefined}
          {...(feed.state === 'refused'
            ? { error: t('scheduling.priority.refused', { words: feed.error.message }) }
            : {})}
          options={objects.map(({ metadata }) => ({ value: metadata.name, label: metadata.name }))}
          onChange={set}
        />
      )}
    </FormField>
  );
}
