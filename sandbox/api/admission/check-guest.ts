import { isSerial } from './check-disks';
import { checkFilePath } from './check-volumes';
import type { KubeVirtConfig } from './config';
import type { Findings } from './findings';
import type { Domain, VmiSpec } from './types';

const SERIAL_MAX_CHARS = 256;

/** `path.Match` of Go for the patterns in use: a star at the end. */
const matches = (glob: string, text: string) =>
  glob.endsWith('*') ? text.startsWith(glob.slice(0, -1)) : glob === text;

/** The machine type is one that the cluster emulates. */
export function checkMachine(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  const type = spec.domain.machine?.type;
  if (!type) return;
  const allowed = config.emulatedMachines[spec.architecture || config.defaultArchitecture] ?? [];
  if (allowed.some((glob) => matches(glob, type))) return;
  const field = `${at}.domain.machine.type`;
  found.invalid(field, `${field} is not supported: ${type} (allowed values: [${allowed.join(' ')}])`);
}

/** Serial number and ACPI tables. */
export function checkFirmware(at: string, spec: VmiSpec, found: Findings): void {
  const { serial, acpi } = spec.domain.firmware ?? {};
  const field = `${at}.domain.firmware.serial`;
  if (serial && serial.length > SERIAL_MAX_CHARS) {
    found.invalid(
      field,
      `${field} must be less than or equal to ${SERIAL_MAX_CHARS} in length, if specified`,
    );
  }
  if (serial && !isSerial(serial)) {
    found.invalid(
      field,
      `${field} must be made up of the following characters [A-Za-z0-9_.+-], if specified`,
    );
  }
  if (!acpi) return;
  const path = `${at}.acpi`;
  if (!acpi.slicNameRef && !acpi.msdmNameRef) {
    found.invalid(path, 'ACPI was set but no SLIC nor MSDM volume reference was set');
    return;
  }
  for (const part of ['slicNameRef', 'msdmNameRef'] as const) {
    const name = acpi[part];
    if (!name) continue;
    const volume = (spec.volumes ?? []).find((candidate) => candidate.name === name);
    if (volume?.secret) continue;
    const problem = volume ? 'refers to Volume of unsupported type.' : 'does not have a matching Volume.';
    found.invalid(`${path}.${part}`, `${path} ${problem}`);
  }
}

/** Boot loader, kernel boot and secure boot: the part of KubeVirt's validateDomainSpec after the disks. */
export function checkBootloader(path: string, domain: Domain, found: Findings): void {
  const { bootloader, kernelBoot } = domain.firmware ?? {};
  if (bootloader?.efi && bootloader.bios) {
    const field = `${path}.firmware.bootloader`;
    found.invalid(field, `${field} has both EFI and BIOS configured, but they are mutually exclusive.`);
  }
  if (kernelBoot && !kernelBoot.container) {
    if (kernelBoot.kernelArgs) {
      const text = 'kernel arguments cannot be provided without an external kernel';
      found.invalid(`${path}.firmware.kernelBoot.kernelArgs`, text);
    }
  } else if (kernelBoot?.container) {
    const field = `${path}.firmware.kernelBoot.container`;
    const { image, kernelPath, initrdPath } = kernelBoot.container;
    if (!image) found.required(`${field}.image`, `${field} must be defined with an image`);
    if (!kernelPath && !initrdPath) {
      const text = `${field} must be defined with at least one of the following: kernelPath, initrdPath`;
      found.required(field, text);
    }
    if (kernelPath) checkFilePath(`${field}.kernelPath`, kernelPath, found);
    if (initrdPath) checkFilePath(`${field}.initrdPath`, initrdPath, found);
  }
  // Secure boot is on unless it is switched off.
  const secureBoot = bootloader?.efi && bootloader.efi.secureBoot !== false;
  const smm = domain.features?.smm && domain.features.smm.enabled !== false;
  if (secureBoot && !smm) {
    const text = `${path} has EFI SecureBoot enabled. SecureBoot requires SMM, which is currently disabled.`;
    found.invalid(path, text);
  }
}

/** Confidential guests. */
export function checkLaunchSecurity(
  at: string,
  spec: VmiSpec,
  config: KubeVirtConfig,
  found: Findings,
): void {
  const { launchSecurity, firmware, devices } = spec.domain;
  if (!launchSecurity?.sev) return;
  const field = `${at}.launchSecurity`;
  if (!config.gates.has('WorkloadEncryptionSEV')) {
    found.invalid(field, 'WorkloadEncryptionSEV feature gate is not enabled in kubevirt-config');
    return;
  }
  const { efi } = firmware?.bootloader ?? {};
  if (!efi) found.invalid(field, 'SEV requires OVMF (UEFI)');
  else if (efi.secureBoot !== false) found.invalid(field, 'SEV does not work along with SecureBoot');
  if (launchSecurity.sev.attestation && spec.startStrategy !== 'Paused') {
    found.invalid(field, "SEV attestation requires VMI StartStrategy 'Paused'");
  }
  for (const { name, bootOrder } of devices.interfaces ?? []) {
    if (bootOrder !== undefined) found.invalid(field, `SEV does not work with bootable NICs: ${name}`);
  }
}
