'use client';

import { Radio } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { defaultUser, isWindows, onLogin } from '@/lib/guest-setup/login';
import { generatePassword } from '@/lib/guest-setup/password';
import type { DraftEdit } from '@/lib/kinds/vm/form/field';
import {
  findCloudInit,
  withCloudInit,
  withGuestText,
  withoutCloudInit,
} from '@/lib/kinds/vm/form/guest/cloud-init';
import { sysprepOf, withAnswerFile, withoutSysprep, withSysprep } from '@/lib/kinds/vm/form/guest/sysprep';
import { FormField } from '../form-field';
import { SectionBody } from '../section-part';
import { useVmForm } from '../vm-form';
import { CloudInitPart } from './cloud-init-part';
import { SysprepPart, WindowsPart } from './sysprep-part';

const WAYS = ['cloudInit', 'sysprep', 'none'] as const;
type Way = (typeof WAYS)[number];

/** How the guest is set up at its first boot: by cloud-init, by sysprep, or not at all. */
export function GuestSection() {
  const t = useText();
  const { draft, change, mode, locked, applies } = useVmForm();
  const hasCloudInit = findCloudInit(draft.vm) !== undefined;
  const hasSysprep = sysprepOf(draft) !== undefined;
  const way: Way = hasCloudInit ? 'cloudInit' : hasSysprep ? 'sysprep' : 'none';
  const isCreate = mode === 'create';
  return (
    <SectionBody>
      <FormField
        id="guest-way"
        label={t('guest.way.label')}
        applies={applies(['spec.template.spec.volumes'])}
        role="radiogroup"
      >
        {() =>
          WAYS.map((each) => (
            <Radio
              key={each}
              id={`guest-way-${each}`}
              name="guest-way"
              label={t(`guest.way.${each}`)}
              description={t(`guest.way.${each}Help`)}
              isChecked={way === each}
              isDisabled={locked !== undefined}
              onChange={() => change(takeWay(each, isCreate))}
            />
          ))
        }
      </FormField>
      {hasCloudInit && <CloudInitPart />}
      {hasSysprep && <SysprepPart />}
      {(hasSysprep || isWindows(draft.vm)) && <WindowsPart />}
    </SectionBody>
  );
}

/** One way instead of the others; what the others had goes, with the Secrets that were to be made for them. */
function takeWay(way: Way, isCreate: boolean): DraftEdit {
  return (draft) => {
    const bare = way === 'cloudInit' ? withoutSysprep(draft) : withoutCloudInit(draft);
    if (way === 'none') return withoutSysprep(bare);
    if (way === 'cloudInit') {
      if (isCreate)
        return onLogin({ user: defaultUser(bare.vm), password: generatePassword() }, { apart: true })(bare);
      return withGuestText(withCloudInit(bare), 'userData', '#cloud-config\n');
    }
    return isCreate ? withAnswerFile(bare, '', 'autounattend.xml') : withSysprep(bare, 'secret', '');
  };
}
