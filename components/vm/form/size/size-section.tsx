'use client';

import { FormGroup, Radio } from '@patternfly/react-core';
import { useId, useState } from 'react';
import { useText } from '@/components/ui/text';
import { INSTANCETYPE, withOwnSize } from '@/lib/kinds/vm/form/instance-type';
import { SectionBody } from '../section-part';
import { onVm, useVmForm } from '../vm-form';
import { InstanceTypeChooser } from './instance-type-chooser';
import { OwnSize } from './own-size';
import { PreferenceRow } from './preference-row';
import styles from './size.module.css';
import { useInstanceTypes } from './use-offers';

/** How much CPU and memory the VM has: by an instance type, or by itself. */
export function SizeSection() {
  const t = useText();
  const group = useId();
  const { cluster, namespace, draft, change, locked } = useVmForm();
  const { find } = useInstanceTypes(cluster, namespace);
  const matcher = INSTANCETYPE.read(draft.vm);
  const isByType = matcher.name !== '' || matcher.inferFromVolume !== '';
  // Somebody who wants an instance type and has not chosen one yet: the VM is as it was.
  const [isChoosing, setChoosing] = useState(false);
  const shown = isByType || isChoosing;
  return (
    <SectionBody>
      <FormGroup role="radiogroup" fieldId="size-by" label={t('compute.size.by')}>
        <div className={styles.modes}>
          <Radio
            id="size-by-type"
            name={group}
            label={t('compute.size.byType')}
            isChecked={shown}
            isDisabled={locked !== undefined}
            onChange={() => setChoosing(true)}
          />
          <Radio
            id="size-by-own"
            name={group}
            label={t('compute.size.byOwn')}
            isChecked={!shown}
            isDisabled={locked !== undefined}
            onChange={() => {
              setChoosing(false);
              if (isByType) change(onVm((vm) => withOwnSize(vm, find(matcher))));
            }}
          />
        </div>
      </FormGroup>
      {matcher.inferFromVolume && <p>{t('compute.size.inferred', { volume: matcher.inferFromVolume })}</p>}
      {shown ? <InstanceTypeChooser /> : <OwnSize />}
      <PreferenceRow />
    </SectionBody>
  );
}
