import { isJsonObject, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { text } from '@/lib/text';
import { DEVICES, DOMAIN, type Field, GUEST, type VmManifest } from './field';
import { PREFERENCE } from './instance-type';
import { field, flagField, wordField } from './make-field';

const FIRMWARE = [...DOMAIN, 'firmware'] as const;
const BOOTLOADER = [...FIRMWARE, 'bootloader'] as const;
const EFI = [...BOOTLOADER, 'efi'] as const;
const SMM_AT = [...DOMAIN, 'features', 'smm'] as const;

/** Empty: what the preference says, else BIOS. */
export type BootMode = '' | 'bios' | 'efi' | 'secure';
export const BOOT_MODES = ['', 'bios', 'efi', 'secure'] as const;

/** The firmware that the guest starts with. Secure boot needs system management mode, which comes and goes with it. */
export const BOOT_MODE: Field<BootMode> = field<BootMode>({
  id: 'boot-mode',
  paths: [BOOTLOADER.join('.')],
  read: (vm) => {
    if (isJsonObject(valueAt(vm, EFI)))
      return valueAt(vm, [...EFI, 'secureBoot']) === false ? 'efi' : 'secure';
    return isJsonObject(valueAt(vm, [...BOOTLOADER, 'bios'])) ? 'bios' : '';
  },
  write: (vm, mode) => {
    const efi = mappingOr(valueAt(vm, EFI));
    const bios = mappingOr(valueAt(vm, [...BOOTLOADER, 'bios']));
    const loader = {
      '': undefined,
      bios: { bios },
      // The API takes secure boot for granted when it says nothing.
      efi: { efi: { ...efi, secureBoot: false } },
      secure: { efi: { ...efi, secureBoot: true } },
    }[mode];
    const loaded = withValueAt(vm, BOOTLOADER, loader);
    if (mode === 'secure') return hasSmm(loaded) ? loaded : withValueAt(loaded, SMM_AT, { enabled: true });
    const smm = valueAt(vm, SMM_AT);
    const isOnlyForThis =
      isJsonObject(smm) && Object.keys(smm).every((key) => key === 'enabled') && hasSmm(vm);
    return BOOT_MODE.read(vm) === 'secure' && isOnlyForThis ? withValueAt(loaded, SMM_AT, undefined) : loaded;
  },
  problem: (mode, vm) => {
    if (isJsonObject(valueAt(vm, EFI)) && isJsonObject(valueAt(vm, [...BOOTLOADER, 'bios'])))
      return text('devices.bootMode.both');
    // A preference may bring it.
    const isLeft = valueAt(vm, SMM_AT) === undefined && PREFERENCE.read(vm).name !== '';
    return mode === 'secure' && !hasSmm(vm) && !isLeft ? text('devices.bootMode.needsSmm') : undefined;
  },
});

/** System management mode: without it, secure boot is refused. */
export const SMM = field<boolean>({
  id: 'smm',
  paths: [SMM_AT.join('.')],
  read: hasSmm,
  write: (vm, value) =>
    withValueAt(vm, SMM_AT, value ? { ...mappingOr(valueAt(vm, SMM_AT)), enabled: true } : undefined),
});

/** Keeps what the guest stores in the firmware over restarts. */
export const PERSISTENT_EFI = flagField('persistent-efi', [...EFI, 'persistent'], {
  problem: (isOn, vm) =>
    isOn && !['efi', 'secure'].includes(BOOT_MODE.read(vm))
      ? text('devices.persistentEfi.needsEfi')
      : undefined,
});

export type TpmMode = '' | 'off' | 'on' | 'persistent';
export const TPM_MODES = ['', 'on', 'persistent', 'off'] as const;
const TPM_AT = [...DEVICES, 'tpm'] as const;

export const TPM = field<TpmMode>({
  id: 'tpm',
  paths: [TPM_AT.join('.')],
  read: (vm) => {
    const tpm = valueAt(vm, TPM_AT);
    if (!isJsonObject(tpm)) return '';
    if (tpm.enabled === false) return 'off';
    return tpm.persistent === true ? 'persistent' : 'on';
  },
  write: (vm, mode) => {
    const { enabled: _, persistent: __, ...rest } = mappingOr(valueAt(vm, TPM_AT));
    const tpm = {
      '': undefined,
      off: { ...rest, enabled: false },
      on: rest,
      persistent: { ...rest, persistent: true },
    }[mode];
    return withValueAt(vm, TPM_AT, tpm);
  },
});

export const MACHINE_TYPE = wordField('machine-type', [...DOMAIN, 'machine', 'type']);
export const ARCHITECTURE = wordField('architecture', [...GUEST, 'architecture']);
export const FIRMWARE_SERIAL = wordField('firmware-serial', [...FIRMWARE, 'serial']);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const FIRMWARE_UUID = wordField('firmware-uuid', [...FIRMWARE, 'uuid'], {
  problem: (value) => (value === '' || UUID.test(value) ? undefined : text('devices.uuid.odd')),
});

export const ACPI = flagField('acpi', [...DOMAIN, 'features', 'acpi', 'enabled'], { usual: true });

export const FIRMWARE_FIELDS: readonly Field<unknown>[] = [
  BOOT_MODE,
  SMM,
  PERSISTENT_EFI,
  TPM,
  MACHINE_TYPE,
  ARCHITECTURE,
  FIRMWARE_SERIAL,
  FIRMWARE_UUID,
  ACPI,
];

/** The kernel that the host starts instead of a boot loader; the form leaves it to the YAML. */
export function kernelBoot(vm: VmManifest): string {
  return wordAt(vm, [...FIRMWARE, 'kernelBoot', 'container', 'image']);
}

function hasSmm(vm: VmManifest): boolean {
  const smm = valueAt(vm, SMM_AT);
  return isJsonObject(smm) && smm.enabled !== false;
}

function mappingOr(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? value : {};
}
