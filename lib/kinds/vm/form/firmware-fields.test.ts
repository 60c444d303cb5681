import { describe, expect, it } from 'vitest';
import { valueAt, withValueAt } from '@/lib/k8s/json';
import { DOMAIN } from './field';
import {
  BOOT_MODE,
  BOOT_MODES,
  FIRMWARE_FIELDS,
  FIRMWARE_UUID,
  PERSISTENT_EFI,
  TPM,
  TPM_MODES,
} from './firmware-fields';
import { expectFieldsToKeep } from './testing';

const domain = (value: object) => withValueAt({}, DOMAIN, value);
const inDomain = (vm: object) => valueAt(vm, DOMAIN);

describe('firmware fields', () => {
  it('leave every VM as it is when what was read is written', () => {
    expectFieldsToKeep(FIRMWARE_FIELDS, [
      domain({ firmware: { bootloader: { efi: {} } }, features: { smm: {} } }),
      domain({ firmware: { bootloader: { efi: { secureBoot: false, persistent: true } } } }),
      domain({ features: { acpi: {} }, devices: { tpm: { enabled: true, persistent: false } } }),
    ]);
  });

  it('brings system management mode with secure boot, and takes away what it brought', () => {
    const secure = BOOT_MODE.write({}, 'secure');
    expect(inDomain(secure)).toEqual({
      firmware: { bootloader: { efi: { secureBoot: true } } },
      features: { smm: { enabled: true } },
    });
    expect(BOOT_MODE.problem?.('secure', secure)).toBeUndefined();
    expect(inDomain(BOOT_MODE.write(secure, 'efi'))).toEqual({
      firmware: { bootloader: { efi: { secureBoot: false } } },
    });
    expect(BOOT_MODE.write(secure, '')).toEqual({});
    const theirs = domain({ features: { smm: { enabled: true } } });
    expect(BOOT_MODE.write(theirs, 'bios')).toEqual(
      domain({ features: { smm: { enabled: true } }, firmware: { bootloader: { bios: {} } } }),
    );
  });

  it('reads what the API takes for granted', () => {
    expect(BOOT_MODE.read(domain({ firmware: { bootloader: { efi: {} } } }))).toBe('secure');
    expect(BOOT_MODE.problem?.('secure', domain({ firmware: { bootloader: { efi: {} } } }))?.key).toBe(
      'devices.bootMode.needsSmm',
    );
    const preferred = { ...domain({ firmware: { bootloader: { efi: {} } } }) };
    const spec = { ...(preferred.spec as object), preference: { name: 'windows.11' } };
    expect(BOOT_MODE.problem?.('secure', { spec })).toBeUndefined();
    expect(
      BOOT_MODE.problem?.('bios', domain({ firmware: { bootloader: { efi: {}, bios: {} } } }))?.key,
    ).toBe('devices.bootMode.both');
  });

  it('goes through all modes and reads them again', () => {
    for (const from of BOOT_MODES)
      for (const to of BOOT_MODES)
        expect(BOOT_MODE.read(BOOT_MODE.write(BOOT_MODE.write({}, from), to))).toBe(to);
    for (const from of TPM_MODES)
      for (const to of TPM_MODES) expect(TPM.read(TPM.write(TPM.write({}, from), to))).toBe(to);
  });

  it('checks what needs something else', () => {
    expect(PERSISTENT_EFI.problem?.(true, {})?.key).toBe('devices.persistentEfi.needsEfi');
    expect(FIRMWARE_UUID.problem?.('5d307ca9-b3ef-428c-8861-06e72d69f223', {})).toBeUndefined();
    expect(FIRMWARE_UUID.problem?.('5d307ca9', {})?.key).toBe('devices.uuid.odd');
  });
});
