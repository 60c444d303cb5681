import type { Domain, TemplateMeta, VmiSpec } from '../api/admission/types';
import { applyDevicePreferences } from './apply-device-preferences';
import { fill } from './fill';
import type { PreferenceSpec } from './types';

/**
 * Fills in what a preference prefers, in place, where the VMI spec says nothing itself. Mirrors the preference applier
 * of KubeVirt, oddities included: ACPI and `disableHotplug` are no pointers there, so that a preference overwrites them.
 */
export function applyPreference(preference: PreferenceSpec, spec: VmiSpec, metadata: TemplateMeta): void {
  applyCpuFeatures(preference, spec.domain);
  applyDevicePreferences(preference, spec);
  applyFeatures(preference, spec.domain);
  applyFirmware(preference, spec.domain);
  applyMachine(preference, spec.domain);
  applyClock(preference, spec.domain);
  if (preference.preferredSubdomain) spec.subdomain ||= preference.preferredSubdomain;
  if (preference.preferredTerminationGracePeriodSeconds !== undefined) {
    spec.terminationGracePeriodSeconds ??= preference.preferredTerminationGracePeriodSeconds;
  }
  metadata.annotations = { ...preference.annotations, ...metadata.annotations };
}

function applyCpuFeatures({ cpu: preferred }: PreferenceSpec, domain: Domain): void {
  if (!preferred?.preferredCPUFeatures?.length) return;
  domain.cpu ??= {};
  const mine = domain.cpu.features ?? [];
  const missing = preferred.preferredCPUFeatures.filter(({ name }) => !mine.some((own) => own.name === name));
  domain.cpu.features = [...mine, ...structuredClone(missing)];
}

function applyFeatures({ features: preferred }: PreferenceSpec, domain: Domain): void {
  if (!preferred) return;
  domain.features ??= {};
  const { features } = domain;
  if (preferred.preferredAcpi) features.acpi = structuredClone(preferred.preferredAcpi);
  fill(features, 'apic', preferred.preferredApic);
  if (preferred.preferredHyperv && !features.hypervPassthrough?.enabled) {
    features.hyperv = { ...structuredClone(preferred.preferredHyperv), ...features.hyperv };
  }
  fill(features, 'kvm', preferred.preferredKvm);
  fill(features, 'pvspinlock', preferred.preferredPvspinlock);
  fill(features, 'smm', preferred.preferredSmm);
}

function applyFirmware({ firmware: preferred }: PreferenceSpec, domain: Domain): void {
  if (!preferred) return;
  domain.firmware ??= {};
  domain.firmware.bootloader ??= {};
  const { bootloader } = domain.firmware;
  const undecided = () => !bootloader.bios && !bootloader.efi;
  if (preferred.preferredUseBios && undecided()) bootloader.bios = {};
  if (preferred.preferredUseBiosSerial !== undefined && bootloader.bios) {
    bootloader.bios.useSerial ??= preferred.preferredUseBiosSerial;
  }
  if (undecided() && preferred.preferredEfi) {
    bootloader.efi = structuredClone(preferred.preferredEfi);
    return;
  }
  if (preferred.preferredUseEfi && undecided()) bootloader.efi = {};
  if (preferred.preferredUseSecureBoot !== undefined && bootloader.efi) {
    bootloader.efi.secureBoot ??= preferred.preferredUseSecureBoot;
  }
}

function applyMachine({ machine: preferred }: PreferenceSpec, domain: Domain): void {
  if (!preferred) return;
  domain.machine ??= {};
  if (preferred.preferredMachineType) domain.machine.type ||= preferred.preferredMachineType;
}

function applyClock({ clock: preferred }: PreferenceSpec, domain: Domain): void {
  if (!preferred) return;
  domain.clock ??= {};
  const { clock } = domain;
  if (preferred.preferredClockOffset && !clock.utc && !clock.timezone) {
    Object.assign(clock, structuredClone(preferred.preferredClockOffset));
  }
  fill(clock, 'timer', preferred.preferredTimer);
}
