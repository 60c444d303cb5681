import type { ClusterApi, NewObject } from '../api/objects';
import type { PersistentVolumeClaim } from '../controllers/storage-types';
import type { Pod } from '../controllers/types';
import { ownerReference } from '../controllers/vmi-factory';
import { numberedValues } from './import-annotations';
import * as names from './names';
import { overheadOf, withOverhead } from './target-claim';
import type { CdiConfig } from './types';

const CERTIFICATES = '/certs';
const PROXY_CERTIFICATES = '/proxycerts';

export interface PodSettings {
  env: { name: string; value?: string; valueFrom?: object }[];
  volumes: { name: string; mountPath: string; source: object }[];
}

interface ImportProxy {
  HTTPProxy?: string;
  HTTPSProxy?: string;
  noProxy?: string;
  trustedCAProxy?: string;
}

/** What an importer pod is told in its environment and finds mounted, from the notes on its claim. */
export function importerSettings(
  cluster: ClusterApi,
  { metadata, spec }: PersistentVolumeClaim,
): PodSettings {
  const { annotations = {} } = metadata;
  const config = cluster.get<CdiConfig>(names.CDI_CONFIGS, undefined, 'config');
  const secret = annotations[names.IMPORT_SECRET];
  const certificates = annotations[names.IMPORT_CERTIFICATES];
  const checksum = annotations[names.IMPORT_CHECKSUM];
  const endpoint = annotations[names.IMPORT_ENDPOINT] ?? '';
  const overhead = overheadOf(config?.status?.filesystemOverhead ?? {}, spec.storageClassName);
  const proxy = (config?.status?.importProxy ?? {}) as ImportProxy;
  const fromSecret = (name: string, key: string) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret ?? '', key, optional: false } },
  });
  const insecure = annotations[names.INSECURE] === 'true' || isInsecureRegistry(endpoint, config);
  return {
    env: [
      { name: 'IMPORTER_SOURCE', value: annotations[names.IMPORT_SOURCE] ?? 'none' },
      { name: 'IMPORTER_ENDPOINT', value: endpoint },
      { name: 'IMPORTER_CONTENTTYPE', value: annotations[names.CONTENT_TYPE] ?? 'kubevirt' },
      { name: 'IMPORTER_IMAGE_SIZE', value: spec.resources?.requests?.storage ?? '' },
      { name: 'FILESYSTEM_OVERHEAD', value: String(overhead) },
      { name: 'INSECURE_TLS', value: String(insecure) },
      { name: 'PREALLOCATION', value: annotations[names.PREALLOCATION] ?? 'false' },
      ...(secret
        ? [
            fromSecret('IMPORTER_ACCESS_KEY_ID', 'accessKeyId'),
            fromSecret('IMPORTER_SECRET_KEY', 'secretKey'),
          ]
        : []),
      ...(certificates ? [{ name: 'IMPORTER_CERT_DIR', value: CERTIFICATES }] : []),
      ...(checksum ? [{ name: 'IMPORTER_CHECKSUM', value: checksum }] : []),
      ...numberedValues(annotations, names.EXTRA_HEADERS).map((value, index) => ({
        name: `IMPORTER_EXTRA_HEADER_${index}`,
        value,
      })),
      ...(proxy.HTTPProxy ? [{ name: 'http_proxy', value: proxy.HTTPProxy }] : []),
      ...(proxy.HTTPSProxy ? [{ name: 'https_proxy', value: proxy.HTTPSProxy }] : []),
      ...(proxy.noProxy ? [{ name: 'no_proxy', value: proxy.noProxy }] : []),
    ],
    volumes: [
      ...(certificates
        ? [{ name: 'cdi-cert-vol', mountPath: CERTIFICATES, source: { configMap: { name: certificates } } }]
        : []),
      ...(proxy.trustedCAProxy
        ? [
            {
              name: 'cdi-proxy-cert-vol',
              mountPath: PROXY_CERTIFICATES,
              source: { configMap: { name: proxy.trustedCAProxy, optional: true } },
            },
          ]
        : []),
      ...numberedValues(annotations, names.SECRET_HEADERS).map((secretName, index) => ({
        name: `cdi-secret-extra-headers-vol-${index}`,
        mountPath: `/extraheaders/${index}`,
        source: { secret: { secretName } },
      })),
    ],
  };
}

/** Images of registries and archives are always unpacked beside the claim. Mirrors requiresScratchSpace. */
export function needsScratch({ metadata }: PersistentVolumeClaim): boolean {
  const { annotations = {} } = metadata;
  if (annotations[names.NEEDS_SCRATCH] === 'true') return true;
  if (annotations[names.CONTENT_TYPE] === 'archive') return true;
  return annotations[names.IMPORT_SOURCE] === 'registry' && annotations[names.PULL_METHOD] !== 'node';
}

/** Whether an importer has ended because it needs scratch space. */
export function asksForScratch({ status }: Pod): boolean {
  const message = status?.containerStatuses?.[0]?.state.terminated?.message;
  return message === SCRATCH_MESSAGE;
}

/** What an importer leaves as its last word then. */
export const SCRATCH_MESSAGE = JSON.stringify({ scratchSpaceRequired: true });

export function scratchName({ metadata }: PersistentVolumeClaim): string {
  return `${metadata.name}-scratch`;
}

/** The claim that an importer unpacks on; it goes with the pod. Mirrors newScratchPersistentVolumeClaimSpec. */
export function scratchClaim(cluster: ClusterApi, claim: PersistentVolumeClaim, pod: Pod): NewObject {
  const { namespace } = claim.metadata;
  const config = cluster.get<CdiConfig>(names.CDI_CONFIGS, undefined, 'config');
  const chosen = config?.status?.scratchSpaceStorageClass ?? claim.spec.storageClassName;
  const size = claim.spec.resources?.requests?.storage ?? '0';
  const isBlock = claim.spec.volumeMode === 'Block';
  const className = typeof chosen === 'string' ? chosen : undefined;
  const overhead = overheadOf(config?.status?.filesystemOverhead ?? {}, className);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: scratchName(claim),
      ...(namespace ? { namespace } : {}),
      labels: { ...names.CDI_LABELS, 'alerts.k8s.io/KubePersistentVolumeFillingUp': 'disabled' },
      ownerReferences: [ownerReference(pod)],
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      // A device of the size needs room for a file system around it.
      resources: { requests: { storage: isBlock ? withOverhead(size, overhead) : size } },
      ...(className ? { storageClassName: className } : {}),
    },
  };
}

/** Whether CDI is to talk to a registry without TLS. */
export function isInsecureRegistry(endpoint: string, config: CdiConfig | undefined): boolean {
  const { insecureRegistries } = config?.spec ?? {};
  if (!endpoint.startsWith('docker://') || !Array.isArray(insecureRegistries)) return false;
  const host = endpoint.slice('docker://'.length).split('/')[0];
  return insecureRegistries.includes(host);
}
