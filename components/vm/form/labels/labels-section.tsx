'use client';

import { useText } from '@/components/ui/text';
import type { Field } from '@/lib/kinds/vm/form/field';
import { ANNOTATIONS, LABELS, TEMPLATE_ANNOTATIONS, TEMPLATE_LABELS } from '@/lib/kinds/vm/form/label-fields';
import { FormField } from '../form-field';
import { PairsEditor } from '../pairs-editor';
import { SectionBody, SectionPart } from '../section-part';
import { useField } from '../vm-form';

/** Labels and annotations of the VM, and of what is made from it each time that it starts. */
export function LabelsSection() {
  const t = useText();
  return (
    <SectionBody>
      <SectionPart title={t('devices.labels.ofVm')} help={t('devices.labels.ofVmHelp')}>
        <PairsRow field={LABELS} kind="label" />
        <PairsRow field={ANNOTATIONS} kind="annotation" />
      </SectionPart>
      <SectionPart title={t('devices.labels.ofTemplate')} help={t('devices.labels.ofTemplateHelp')}>
        <PairsRow field={TEMPLATE_LABELS} kind="label" />
        <PairsRow field={TEMPLATE_ANNOTATIONS} kind="annotation" />
      </SectionPart>
    </SectionBody>
  );
}

function PairsRow({
  field,
  kind,
}: {
  field: Field<Readonly<Record<string, string>>>;
  kind: 'label' | 'annotation';
}) {
  const t = useText();
  const { value, set, problems, applies, locked } = useField(field);
  return (
    <FormField
      id={field.id}
      label={t(`devices.labels.${kind}s`)}
      role="group"
      problems={problems}
      applies={applies}
    >
      {(control) => (
        <PairsEditor
          {...control}
          value={value}
          onChange={set}
          isDisabled={locked !== undefined}
          keyLabel={t(`devices.labels.${kind}`)}
          valueLabel={t('scheduling.pairs.value')}
          addLabel={t(`devices.labels.add.${kind}`)}
        />
      )}
    </FormField>
  );
}
