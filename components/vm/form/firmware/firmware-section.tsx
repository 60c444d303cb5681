'use client';

import { useText } from '@/components/ui/text';
import {
  ACPI,
  ARCHITECTURE,
  BOOT_MODE,
  BOOT_MODES,
  FIRMWARE_SERIAL,
  FIRMWARE_UUID,
  kernelBoot,
  MACHINE_TYPE,
  PERSISTENT_EFI,
  SMM,
  TPM,
  TPM_MODES,
} from '@/lib/kinds/vm/form/firmware-fields';
import { useFeatures } from '@/lib/live/use-features';
import { PickRow, SwitchRow, WordRow } from '../field-rows';
import styles from '../form.module.css';
import { useNodes } from '../scheduling/use-nodes';
import { SectionBody, SectionPart } from '../section-part';
import { useVmForm } from '../vm-form';
import { BootOrderList } from './boot-order-list';

const MACHINE_LABEL = 'machine-type.node.kubevirt.io/';
const ARCHITECTURES = ['amd64', 'arm64', 's390x'];

/** How the guest starts: firmware, from which device, and what kind of machine it believes to be. */
export function FirmwareSection() {
  const t = useText();
  const { cluster, draft } = useVmForm();
  const { defaults } = useFeatures(cluster);
  const { nodes } = useNodes(cluster);
  const mode = BOOT_MODE.read(draft.vm);
  const isEfi = mode === 'efi' || mode === 'secure';
  const machines = new Set(
    nodes.flatMap(({ metadata }) =>
      Object.keys(metadata.labels ?? {})
        .filter((key) => key.startsWith(MACHINE_LABEL))
        .map((key) => key.slice(MACHINE_LABEL.length)),
    ),
  );
  const usual = defaults.machineTypes[ARCHITECTURE.read(draft.vm) || defaults.architecture];
  const kernel = kernelBoot(draft.vm);
  return (
    <SectionBody>
      <PickRow
        field={BOOT_MODE}
        label={t('devices.bootMode.label')}
        help={t('devices.bootMode.help')}
        options={BOOT_MODES.map((value) => ({
          value,
          label: t(`devices.bootMode.${value || 'default'}`),
          description: t(`devices.bootMode.${value || 'default'}Note`),
        }))}
      />
      {mode === 'secure' && (
        <SwitchRow field={SMM} label={t('devices.smm.label')} help={t('devices.smm.help')} />
      )}
      {(isEfi || PERSISTENT_EFI.read(draft.vm)) && (
        <SwitchRow
          field={PERSISTENT_EFI}
          label={t('devices.persistentEfi.label')}
          help={t('devices.persistentEfi.help')}
        />
      )}
      <PickRow
        field={TPM}
        label={t('devices.tpm.label')}
        help={t('devices.tpm.help')}
        options={TPM_MODES.map((value) => ({
          value,
          label: t(`devices.tpm.${value || 'default'}`),
          description: t(`devices.tpm.${value || 'default'}Note`),
        }))}
      />
      <BootOrderList />
      {kernel && <p className={styles.note}>{t('devices.kernelBoot', { image: kernel })}</p>}
      <SectionPart
        title={t('devices.machine.title')}
        isFoldable
        isOpen={[MACHINE_TYPE, ARCHITECTURE, FIRMWARE_SERIAL, FIRMWARE_UUID].some(
          (field) => field.read(draft.vm) !== '',
        )}
      >
        <WordRow
          field={MACHINE_TYPE}
          label={t('devices.machine.label')}
          help={t('devices.machine.help')}
          choices={[...machines].sort()}
          {...(usual ? { placeholder: usual } : {})}
        />
        <PickRow
          field={ARCHITECTURE}
          label={t('devices.architecture.label')}
          help={t('devices.architecture.help')}
          options={[
            { value: '', label: t('devices.architecture.default', { architecture: defaults.architecture }) },
            ...ARCHITECTURES.map((value) => ({ value, label: value })),
          ]}
        />
        <WordRow field={FIRMWARE_SERIAL} label={t('devices.serial.label')} help={t('devices.serial.help')} />
        <WordRow field={FIRMWARE_UUID} label={t('devices.uuid.label')} help={t('devices.uuid.help')} />
        <SwitchRow field={ACPI} label={t('devices.acpi.label')} help={t('devices.acpi.help')} />
      </SectionPart>
    </SectionBody>
  );
}
