import { isDeepStrictEqual } from 'node:util';
import { goDuration } from '../../go-duration';
import type { AdmissionRequest } from '../admission';
import type { ClusterApi, KubeObject } from '../objects';
import { Findings } from './findings';

import { denied, deniedPlainly } from './webhook';

interface Rotation {
  duration?: string;
  renewBefore?: string;
}

interface SelfSigned {
  ca?: Rotation;
  server?: Rotation;
  caRotateInterval?: string;
  certRotateInterval?: string;
  caOverlapInterval?: string;
}

interface KubeVirt extends KubeObject {
  spec?: {
    uninstallStrategy?: string;
    customizeComponents?: { patches?: { patch?: string }[] };
    certificateRotateStrategy?: { selfSigned?: SelfSigned };
    infra?: { replicas?: number };
    configuration?: {
      additionalGuestMemoryOverheadRatio?: string;
      tlsConfiguration?: { minTLSVersion?: string; ciphers?: string[] };
      seccompConfiguration?: {
        virtualMachineInstanceProfile?: {
          customProfile?: { localhostProfile?: string; runtimeDefaultProfile?: boolean };
        };
      };
      developerConfiguration?: { featureGates?: string[] };
    };
  };
  status?: { phase?: string };
}

/** What keeps KubeVirt from being uninstalled, in the order looked at. */
const WORKLOADS: readonly [resource: string, words: string][] = [
  ['virtualmachineinstances.kubevirt.io', 'Virtual Machine Instances'],
  ['virtualmachines.kubevirt.io', 'Virtual Machines'],
  ['virtualmachineinstancereplicasets.kubevirt.io', 'Virtual Machine Instance Replica Sets'],
];
/** Gates that do nothing but remind of what they were, in this release. */
const DEPRECATED_GATES = ['HotplugVolumes', 'DockerSELinuxMCSWorkaround', 'MultiArchitecture'];
const WEEK_MS = 7 * 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** Certificates are made anew when this part of their life is left. */
const RENEW_SHARE = 0.2;

/** The webhooks of virt-operator, for the KubeVirt resource itself. */
export const KUBEVIRT_WEBHOOKS = {
  'kubevirts.kubevirt.io': {
    admit(request: AdmissionRequest, cluster: ClusterApi): string[] {
      // The structural schema was checked before.
      const { spec = {} } = request.object as KubeVirt;
      const before = (request.oldObject as KubeVirt | undefined)?.spec;
      const found = new Findings();
      checkSpec(spec, before, found);
      const webhook =
        request.operation === 'CREATE'
          ? 'kubevirt-create-validator.kubevirt.io'
          : 'kubevirt-update-validator.kubevirt.io';
      if (found.causes.length > 0) throw denied(webhook, found.causes);
      if (request.operation === 'CREATE' && cluster.list('kubevirts.kubevirt.io').length > 0) {
        throw deniedPlainly(webhook, 'Kubevirt is already created');
      }
      return gateWarnings(spec, before);
    },
    admitDelete({ object }: AdmissionRequest, cluster: ClusterApi): void {
      const { spec, status } = object as KubeVirt;
      if (spec?.uninstallStrategy !== 'BlockUninstallIfWorkloadsExist' || status?.phase !== 'Deployed')
        return;
      const [, words] = WORKLOADS.find(([resource]) => cluster.list(resource).length > 0) ?? [];
      if (!words) return;
      const why = `Rejecting the uninstall request, since there are still ${words} present. Either delete all KubeVirt related workloads or change the uninstall strategy before uninstalling KubeVirt.`;
      throw deniedPlainly('kubevirt-validator.kubevirt.io', why);
    },
  },
};

function checkSpec(
  spec: NonNullable<KubeVirt['spec']>,
  before: KubeVirt['spec'] | undefined,
  found: Findings,
): void {
  const { configuration = {} } = spec;
  for (const { patch = '' } of spec.customizeComponents?.patches ?? []) {
    if (!isJson(patch)) found.notSupported(undefined, `patch ${JSON.stringify(patch)} is not valid JSON`);
  }
  checkCertificates(spec.certificateRotateStrategy?.selfSigned, found);
  checkHeadroom(configuration.additionalGuestMemoryOverheadRatio, found);
  const { tlsConfiguration, seccompConfiguration } = configuration;
  if (!isDeepStrictEqual(before?.configuration?.tlsConfiguration, tlsConfiguration)) {
    checkTls(tlsConfiguration, found);
  }
  if (!isDeepStrictEqual(before?.configuration?.seccompConfiguration, seccompConfiguration)) {
    checkSeccomp(seccompConfiguration, found);
  }
  if (spec.infra?.replicas === 0) found.invalid(undefined, "infra replica count can't be 0");
}

function checkCertificates(selfSigned: SelfSigned | undefined, found: Findings): void {
  if (!selfSigned) return;
  const { ca, server, caRotateInterval, certRotateInterval, caOverlapInterval } = selfSigned;
  if ((caRotateInterval ?? certRotateInterval ?? caOverlapInterval) !== undefined && (ca ?? server)) {
    found.notSupported(
      undefined,
      'caRotateInterval, certRotateInterval and caOverlapInterval are deprecated and conflict with CertConfig defined rotation parameters',
    );
  }
  const at = 'spec.certificateRotationStrategy.selfSigned';
  const caLasts = goDuration(ca?.duration ?? caRotateInterval) ?? WEEK_MS;
  const caRenews = goDuration(ca?.renewBefore ?? caOverlapInterval) ?? caLasts * RENEW_SHARE;
  const lasts = goDuration(server?.duration ?? certRotateInterval) ?? DAY_MS;
  const renews = goDuration(server?.renewBefore) ?? lasts * RENEW_SHARE;
  const exceeds = (what: string, part: string) =>
    found.invalid(
      undefined,
      `${what} RenewBefore cannot exceed Duration (${at}.${part}.duration < ${at}.${part}.renewBefore)`,
    );
  if (caLasts < caRenews) exceeds('CA', 'ca');
  if (lasts < renews) exceeds('Cert', 'server');
  if (lasts > caLasts) {
    const rule = `${at}.server.duration > ${at}.ca.duration`;
    found.invalid(undefined, `Certificate duration cannot exceed CA (${rule})`);
  }
}

function checkHeadroom(ratio: string | undefined, found: Findings): void {
  if (ratio === undefined) return;
  const value = Number(ratio);
  if (ratio.trim() === '' || Number.isNaN(value)) {
    const why = `strconv.ParseFloat: parsing ${JSON.stringify(ratio)}: invalid syntax`;
    found.notSupported(undefined, `ratio provided, ${ratio}, cannot be parsed into float: ${why}`);
  } else if (value < 1) {
    found.notSupported(undefined, `ratio provided, ${ratio}, cannot be smaller than 1.0`);
  }
}

function checkTls(
  tls: NonNullable<NonNullable<KubeVirt['spec']>['configuration']>['tlsConfiguration'],
  found: Findings,
): void {
  if (!tls?.ciphers?.length) return;
  if (tls.minTLSVersion && tls.minTLSVersion !== 'VersionTLS13') return;
  const at = 'spec.configuration.tlsConfiguration';
  const why = `You cannot specify ciphers when ${at}.minTLSVersion is empty or VersionTLS13`;
  found.notSupported(`${at}.ciphers`, why);
}

function checkSeccomp(
  seccomp: NonNullable<NonNullable<KubeVirt['spec']>['configuration']>['seccompConfiguration'],
  found: Findings,
): void {
  const profile = seccomp?.virtualMachineInstanceProfile;
  if (!profile) return;
  const at = 'spec.configuration.seccompConfiguration.virtualMachineInstanceProfile.customProfile';
  const { customProfile } = profile;
  if (!customProfile) {
    found.invalid(at, `${at} needs to be set`);
    return;
  }
  if (customProfile.localhostProfile === undefined || !customProfile.runtimeDefaultProfile) return;
  const [localhost, runtime] = [`${at}.localhostProfile`, `${at}.runtimeDefaultProfile`];
  found.invalid(localhost, `${localhost} cannot be set when ${runtime} is set`);
  found.invalid(runtime, `${runtime} cannot be set when ${localhost} is set`);
}

function gateWarnings(spec: NonNullable<KubeVirt['spec']>, before: KubeVirt['spec'] | undefined): string[] {
  const gates = spec.configuration?.developerConfiguration?.featureGates ?? [];
  if (isDeepStrictEqual(before?.configuration?.developerConfiguration?.featureGates ?? [], gates)) return [];
  return gates
    .filter((gate) => DEPRECATED_GATES.includes(gate))
    .map(
      (gate) =>
        `feature gate ${gate} is deprecated, therefore it can be safely removed and is redundant. For more info, please look at: https://github.com/kubevirt/kubevirt/blob/main/docs/deprecation.md`,
    );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
