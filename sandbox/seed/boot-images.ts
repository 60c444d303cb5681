import { createHash } from 'node:crypto';
import type { ClusterApi, NewObject } from '../api/objects';
import { DATA_SOURCES, IMPORT_CRON_LABEL, IMPORT_CRONS } from '../cdi/names';
import {
  DATA_VOLUMES,
  type PersistentVolumeClaim,
  PVCS,
  PVS,
  STORAGE_CLASSES,
  type StorageClass,
} from '../controllers/storage-types';
import { timestamp } from '../controllers/time';
import { ownerReference } from '../controllers/vmi-factory';
import { provisionedVolume } from '../controllers/volume-objects';

export const BOOT_IMAGES = 'boot-images';
const CLASS = 'standard';
const RBAC = { apiVersion: 'rbac.authorization.k8s.io/v1' };
/** Twice a day, as the images that come with an installation are looked for. */
const SCHEDULE = '0 */12 * * *';

interface BootImage {
  name: string;
  image: string;
  storage: string;
  instancetype: string;
  preference: string;
}

const IMAGES: readonly BootImage[] = [
  {
    name: 'fedora',
    image: 'quay.io/containerdisks/fedora:43',
    storage: '10Gi',
    instancetype: 'u1.medium',
    preference: 'fedora',
  },
  {
    name: 'ubuntu',
    image: 'quay.io/containerdisks/ubuntu:24.04',
    storage: '10Gi',
    instancetype: 'u1.medium',
    preference: 'ubuntu',
  },
  {
    ...{ name: 'centos-stream10', image: 'quay.io/containerdisks/centos-stream:10', storage: '10Gi' },
    ...{ instancetype: 'u1.medium', preference: 'centos.stream10' },
  },
  {
    name: 'debian',
    image: 'quay.io/containerdisks/debian:13',
    storage: '10Gi',
    instancetype: 'u1.small',
    preference: 'debian',
  },
];

/** The references that the import crons poll, and those that they have imported. */
export function bootImageReferences(): string[] {
  return IMAGES.flatMap(({ image }) => [image, pinned(image)]);
}

function pinned(image: string): string {
  return `${image.replace(/:[^:]*$/, '')}@${digestOf(image)}`;
}

function digestOf(image: string): string {
  return `sha256:${createHash('sha256').update(image).digest('hex')}`;
}

/** Images to boot from, imported as CDI's controllers would have left them, which everybody may clone. */
export function addBootImages(cluster: ClusterApi, born: number): void {
  cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: BOOT_IMAGES } });
  for (const object of access())
    cluster.create(`${object.kind.toLowerCase()}s.rbac.authorization.k8s.io`, object);
  for (const image of IMAGES) addImage(cluster, image, timestamp(born));
}

function addImage(cluster: ClusterApi, image: BootImage, time: string): void {
  const digest = digestOf(image.image);
  const dvName = `${image.name}-${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`;
  const cronName = `${image.name}-image-cron`;
  const labels = {
    'instancetype.kubevirt.io/default-instancetype': image.instancetype,
    'instancetype.kubevirt.io/default-preference': image.preference,
  };
  const cron = cluster.create(IMPORT_CRONS, importCron(image, cronName, labels, { digest, dvName, time }));
  const dv = cluster.create(DATA_VOLUMES, {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name: dvName,
      namespace: BOOT_IMAGES,
      labels: { ...labels, [IMPORT_CRON_LABEL]: cronName },
      annotations: {
        'cdi.kubevirt.io/storage.bind.immediate.requested': 'true',
        'cdi.kubevirt.io/storage.usePopulator': 'true',
      },
      ownerReferences: [ownerReference(cron)],
    },
    spec: {
      source: { registry: { url: `docker://${pinned(image.image)}` } },
      storage: { resources: { requests: { storage: image.storage } } },
    },
    status: {
      claimName: dvName,
      phase: 'Succeeded',
      progress: '100.0%',
      conditions: [
        condition('Bound', 'True', 'Bound', `PVC ${dvName} Bound`, time),
        condition('Ready', 'True', '', '', time),
        condition('Running', 'False', 'Completed', 'Import Complete', time),
      ],
    },
  });
  addClaim(cluster, image, dvName, ownerReference(dv));
  cluster.create(DATA_SOURCES, {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataSource',
    metadata: {
      name: image.name,
      namespace: BOOT_IMAGES,
      labels: { ...labels, [IMPORT_CRON_LABEL]: cronName },
    },
    spec: { source: { pvc: { namespace: BOOT_IMAGES, name: dvName } } },
  });
}

function importCron(
  { name, image, storage }: BootImage,
  cronName: string,
  labels: Record<string, string>,
  { digest, dvName, time }: { digest: string; dvName: string; time: string },
): NewObject {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataImportCron',
    metadata: {
      name: cronName,
      namespace: BOOT_IMAGES,
      labels,
      annotations: {
        'cdi.kubevirt.io/storage.import.lastCronTime': time,
        'cdi.kubevirt.io/storage.import.nextCronTime': nextHalfDay(),
        'cdi.kubevirt.io/storage.import.sourceDesiredDigest': digest,
      },
    },
    spec: {
      garbageCollect: 'Outdated',
      importsToKeep: 1,
      managedDataSource: name,
      retentionPolicy: 'None',
      schedule: SCHEDULE,
      template: {
        metadata: { labels },
        spec: {
          source: { registry: { url: `docker://${image}` } },
          storage: { resources: { requests: { storage } } },
        },
      },
    },
    status: {
      currentImports: [{ DataVolumeName: dvName, Digest: digest }],
      lastExecutionTimestamp: time,
      lastImportTimestamp: time,
      lastImportedPVC: { namespace: BOOT_IMAGES, name: dvName },
      sourceFormat: 'pvc',
      conditions: [
        condition('Progressing', 'False', 'NoImport', 'No current import', time),
        condition('UpToDate', 'True', 'UpToDate', 'Latest import is up to date', time),
      ],
    },
  };
}

function addClaim(
  cluster: ClusterApi,
  { storage }: BootImage,
  name: string,
  owner: ReturnType<typeof ownerReference>,
): void {
  const storageClass = cluster.get<StorageClass>(STORAGE_CLASSES, undefined, CLASS);
  if (!storageClass) return;
  const accessModes = ['ReadWriteMany'];
  const claim = cluster.create<PersistentVolumeClaim>(PVCS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: BOOT_IMAGES,
      labels: { app: 'containerized-data-importer' },
      annotations: {
        'cdi.kubevirt.io/storage.pod.phase': 'Succeeded',
        'cdi.kubevirt.io/storage.contentType': 'kubevirt',
      },
      ownerReferences: [owner],
    },
    spec: { accessModes, resources: { requests: { storage } }, storageClassName: CLASS, volumeMode: 'Block' },
  });
  const volume = cluster.create(PVS, provisionedVolume(claim, storageClass, `pvc-${claim.metadata.uid}`));
  cluster.update<PersistentVolumeClaim>(PVCS, BOOT_IMAGES, name, (draft) => {
    draft.spec.volumeName = volume.metadata.name;
    draft.status = { phase: 'Bound', accessModes, capacity: { storage } };
  });
}

function condition(type: string, status: string, reason: string, message: string, time: string) {
  return {
    ...{ type, status, lastHeartbeatTime: time, lastTransitionTime: time },
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  };
}

/** When the next look at the registry is due. */
function nextHalfDay(): string {
  const halfDayMs = 43_200_000;
  return timestamp((Math.floor(Date.now() / halfDayMs) + 1) * halfDayMs);
}

/** Everybody who is signed in may see and clone the images. */
function access(): NewObject[] {
  const name = 'os-images.kubevirt.io:view';
  const rule = (apiGroups: string[], resources: string[], verbs: string[]) => ({
    apiGroups,
    resources,
    verbs,
  });
  const read = ['get', 'list', 'watch'];
  return [
    {
      ...RBAC,
      kind: 'Role',
      metadata: { name, namespace: BOOT_IMAGES },
      rules: [
        rule([''], ['persistentvolumeclaims', 'persistentvolumeclaims/status'], read),
        rule(['cdi.kubevirt.io'], ['datavolumes', 'datasources', 'dataimportcrons'], read),
        rule(['cdi.kubevirt.io'], ['datavolumes/source'], ['create']),
      ],
    },
    {
      ...RBAC,
      kind: 'RoleBinding',
      metadata: { name, namespace: BOOT_IMAGES },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: ['system:authenticated', 'system:serviceaccounts'].map((group) => ({
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Group',
        name: group,
      })),
    },
  ];
}
