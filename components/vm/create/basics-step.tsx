'use client';

import { LoginChoice } from '../form/guest/login-choice';
import { SectionBody } from '../form/section-part';
import { SizeChoice } from '../form/size/size-choice';
import { useVmForm } from '../form/vm-form';
import { NameField } from './name-field';
import { NamespaceField } from './namespace-field';

/** The short way to a VM: where, from which image, called what, how large. */
export function BasicsStep() {
  const { cluster } = useVmForm();
  return (
    <SectionBody>
      <NamespaceField cluster={cluster} />
      <NameField />
      <SizeChoice />
      <LoginChoice />
    </SectionBody>
  );
}
