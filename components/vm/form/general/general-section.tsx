'use client';

import { useText } from '@/components/ui/text';
import { useFolders } from '@/components/vm/tree/use-folders';
import {
  DELETE_PROTECTION,
  DESCRIPTION,
  FOLDER,
  GRACE_PERIOD,
  HOSTNAME,
  NAME,
  RUN_STRATEGIES,
  RUN_STRATEGY,
  START_PAUSED,
  SUBDOMAIN,
} from '@/lib/kinds/vm/form/general-fields';
import { NameField } from '../../create/name-field';
import { NumberRow, PickRow, SwitchRow, WordRow } from '../field-rows';
import { SectionBody, SectionPart } from '../section-part';
import { useVmForm } from '../vm-form';

/** What the VM is called, where it lies among others, and how it starts and stops. */
export function GeneralSection() {
  const t = useText();
  const { cluster, namespace, mode, draft } = useVmForm();
  const folders = useFolders(cluster, namespace);
  const rest = [HOSTNAME, SUBDOMAIN, GRACE_PERIOD, START_PAUSED, DELETE_PROTECTION];
  const strategies = RUN_STRATEGIES.map((value) => ({
    value,
    label: t(`compute.run.${value}`),
    description: t(`compute.run.${value}Note`),
  }));
  return (
    <SectionBody>
      {/* What is named after the VM follows, as on the page's first step. */}
      {mode === 'create' && <NameField />}
      <WordRow
        field={DESCRIPTION}
        label={t('compute.description.label')}
        help={t('compute.description.help')}
        isLong
      />
      <WordRow
        field={FOLDER}
        label={t('compute.folder.label')}
        help={t('compute.folder.help')}
        choices={folders}
      />
      <PickRow
        field={RUN_STRATEGY}
        label={t('compute.run.label')}
        help={t('compute.run.help')}
        options={strategies}
      />
      <SectionPart
        title={t('compute.general.more')}
        isFoldable
        isOpen={mode === 'configure' || rest.some((field) => Boolean(field.read(draft.vm)))}
      >
        <WordRow
          field={HOSTNAME}
          label={t('compute.hostname.label')}
          help={t('compute.hostname.help')}
          placeholder={NAME.read(draft.vm)}
        />
        <WordRow field={SUBDOMAIN} label={t('compute.subdomain.label')} help={t('compute.subdomain.help')} />
        <NumberRow field={GRACE_PERIOD} label={t('compute.grace.label')} help={t('compute.grace.help')} />
        <SwitchRow field={START_PAUSED} label={t('compute.paused.label')} help={t('compute.paused.help')} />
        <SwitchRow
          field={DELETE_PROTECTION}
          label={t('compute.protection.label')}
          help={t('compute.protection.help')}
        />
      </SectionPart>
    </SectionBody>
  );
}
