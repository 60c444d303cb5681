'use client';

import { useText } from '@/components/ui/text';
import type { DraftEdit } from '@/lib/kinds/vm/form/field';
import { ImageChoice } from '../form/disks/image-choice';
import { LoginChoice } from '../form/guest/login-choice';
import { SectionBody, SectionPart } from '../form/section-part';
import { SizeChoice } from '../form/size/size-choice';
import { useVmForm, VmFormProvider } from '../form/vm-form';
import { withLoginOf } from './follow-image';
import { NameField } from './name-field';
import { NamespaceField } from './namespace-field';

/** The short way to a VM: from which image, called what, how large; and where, and how one logs in. */
export function BasicsStep() {
  const t = useText();
  const form = useVmForm();
  const changeImage = (edit: DraftEdit) => form.change(withLoginOf(edit));
  return (
    <SectionBody>
      <VmFormProvider value={{ ...form, change: changeImage }}>
        <ImageChoice />
      </VmFormProvider>
      <NameField />
      <SizeChoice />
      <NamespaceField cluster={form.cluster} />
      <SectionPart title={t('create.basics.login')}>
        <LoginChoice />
      </SectionPart>
    </SectionBody>
  );
}
