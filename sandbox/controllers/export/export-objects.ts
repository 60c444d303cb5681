import { randomInt } from 'node:crypto';
import { serverCertificate } from '../../api/certificates';
import type { ClusterApi, KubeObject, NewObject } from '../../api/objects';
import { clock } from '../../clock';
import { goDuration } from '../../go-duration';
import { timestamp } from '../time';
import type { Pod } from '../types';
import { ownerReference } from '../vmi-factory';
import { base64, exportAuthority } from './export-authority';
import { shortName } from './short-name';
import { EXPORTER_PORT, SERVICE_LABEL, TOKEN_KEY, type VmExport } from './types';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const TOKEN_LENGTH = 20;
const PREFIX = 'virt-export';
const TTL_MS = 2 * 60 * 60 * 1000;
const NANOSECONDS = 1_000_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The name of an export's service: no dots, which services do not have. */
export function serviceName({ metadata }: VmExport): string {
  return shortName(PREFIX, metadata.name.replaceAll('.', '-'));
}

export function podName({ metadata }: VmExport): string {
  return shortName(PREFIX, metadata.name);
}

/** What pods of the export are found by. */
export function serviceLabel({ metadata }: VmExport): string {
  return metadata.name.length <= 63 ? metadata.name : shortName(PREFIX, metadata.name);
}

/** When an export ends by itself, in milliseconds since 1970: two hours after its creation unless it says otherwise. */
export function expiresAt({ metadata, spec }: VmExport): number {
  return Date.parse(metadata.creationTimestamp) + (goDuration(spec.ttlDuration) ?? TTL_MS);
}

export function exportService(vmExport: VmExport): NewObject {
  const { metadata } = vmExport;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: serviceName(vmExport),
      namespace: metadata.namespace ?? '',
      labels: { 'kubevirt.io': 'virt-exporter', ...metadata.labels },
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
      ownerReferences: [ownerReference(vmExport)],
    },
    spec: {
      ports: [{ name: 'export', protocol: 'TCP', port: 443, targetPort: EXPORTER_PORT }],
      selector: { [SERVICE_LABEL]: serviceLabel(vmExport) },
    },
  };
}

/** The Secret that holds the token of an export whose user brought none. */
export function tokenSecret(vmExport: VmExport, name: string): NewObject {
  return {
    ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque' },
    metadata: {
      name,
      namespace: vmExport.metadata.namespace ?? '',
      ownerReferences: [ownerReference(vmExport)],
    },
    data: { [TOKEN_KEY]: base64(randomText(TOKEN_LENGTH)) },
  };
}

export function defaultTokenName({ metadata }: VmExport): string {
  return shortName('export-token', metadata.name);
}

function randomText(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** How long the certificates of exporters are good, and how long before their end they are made anew. */
export interface CertParameters {
  durationMs: number;
  renewBeforeMs: number;
}

interface KubeVirt extends KubeObject {
  spec?: {
    certificateRotateStrategy?: {
      selfSigned?: { server?: { duration?: string; renewBefore?: string }; certRotateInterval?: string };
    };
  };
}

/** What the KubeVirt resource says of certificates; a day by default, renewed when a fifth of it is left. */
export function certParameters(cluster: ClusterApi): CertParameters {
  const [kubevirt] = cluster.list<KubeVirt>('kubevirts.kubevirt.io');
  const set = kubevirt?.spec?.certificateRotateStrategy?.selfSigned;
  const durationMs = goDuration(set?.server?.duration ?? set?.certRotateInterval) ?? DAY_MS;
  return { durationMs, renewBeforeMs: goDuration(set?.server?.renewBefore) ?? durationMs * 0.2 };
}

/** As the exporter pod keeps them: Go's durations, in nanoseconds. */
export function writtenParameters({ durationMs, renewBeforeMs }: CertParameters): string {
  return JSON.stringify({ Duration: durationMs * NANOSECONDS, RenewBefore: renewBeforeMs * NANOSECONDS });
}

/** When the exporter has to go: with the export, or because its certificate has to be made anew. */
export function exporterDeadline(vmExport: VmExport, parameters: CertParameters): string {
  const rotation = clock.millis() + parameters.durationMs - parameters.renewBeforeMs;
  return timestamp(Math.min(rotation, expiresAt(vmExport)));
}

/** The Secret with the exporter's certificate, by the name that the pod mounts it under. */
export function certSecret(cluster: ClusterApi, vmExport: VmExport, pod: Pod, name: string): NewObject {
  const { namespace = '' } = vmExport.metadata;
  const service = serviceName(vmExport);
  const signed = serverCertificate(exportAuthority(cluster), `${service}.${namespace}.pod.cluster.local`, [
    service,
    `${service}.${namespace}`,
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.cluster.local`,
  ]);
  return {
    ...{ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls' },
    metadata: { name, namespace, ownerReferences: [ownerReference(pod)] },
    data: { 'tls.crt': base64(signed.certificate), 'tls.key': base64(signed.key) },
  };
}

/** The name of the Secret that holds a pod's certificate. */
export function certSecretName({ spec }: Pod): string | undefined {
  return spec.volumes?.find(({ name }) => name === 'certificates')?.secret?.secretName;
}
