import type { ClusterApi, KubeObject } from '../api/objects';
import { STORAGE_CLASSES, type StorageClass } from '../controllers/storage-types';
import { now } from '../controllers/time';
import { ownerReference } from '../controllers/vmi-factory';
import { DRIVER } from '../controllers/volume-objects';
import { WorkQueue } from '../controllers/work-queue';
import * as names from './names';
import type { ClaimPropertySet, StorageProfile } from './types';

const LATENCY_MS = 100;
const SCOPE = 'scope';

interface Capabilities {
  claimPropertySets: ClaimPropertySet[];
  cloneStrategy?: string;
}

const once = { accessModes: ['ReadWriteOnce'] };
const many = { accessModes: ['ReadWriteMany'] };
const block = { volumeMode: 'Block' };
const files = { volumeMode: 'Filesystem' };

/** What CDI knows of storage drivers by their provisioner, as its storage capabilities list does. */
function capabilitiesOf({
  provisioner,
  parameters,
}: StorageClass & { parameters?: Record<string, string> }): Capabilities | undefined {
  switch (provisioner) {
    case DRIVER:
      // Volumes of one node cannot be shared among nodes.
      return parameters?.[SCOPE] === 'node'
        ? {
            claimPropertySets: [
              { ...once, ...files },
              { ...once, ...block },
            ],
            cloneStrategy: 'csi-clone',
          }
        : {
            claimPropertySets: [
              { ...many, ...block },
              { ...once, ...block },
              { ...once, ...files },
              { ...many, ...files },
            ],
            cloneStrategy: 'csi-clone',
          };
    case 'kubernetes.io/no-provisioner':
      return {
        claimPropertySets: [
          { ...once, ...block },
          { ...once, ...files },
        ],
      };
    case 'rancher.io/local-path':
    case 'kubevirt.io/hostpath-provisioner':
    case 'kubevirt.io.hostpath-provisioner':
      return { claimPropertySets: [{ ...once, ...files }] };
    case 'rook-ceph.rbd.csi.ceph.com':
    case 'rbd.csi.ceph.com':
    case 'openshift-storage.rbd.csi.ceph.com':
      return {
        claimPropertySets: [
          { ...many, ...block },
          { ...once, ...block },
          { ...once, ...files },
        ],
        cloneStrategy: 'csi-clone',
      };
    case 'cephfs.csi.ceph.com':
    case 'rook-ceph.cephfs.csi.ceph.com':
    case 'openshift-storage.cephfs.csi.ceph.com':
      return { claimPropertySets: [{ ...many, ...files }], cloneStrategy: 'csi-clone' };
    default:
      return undefined;
  }
}

/** Keeps one StorageProfile for each StorageClass. */
export class StorageProfiles {
  private readonly queue = new WorkQueue('storage profiles', (name) => this.reconcile(name), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    const wake = ({ object }: { object: KubeObject }) => this.queue.add(object.metadata.name);
    const wakeAll = () => {
      for (const { metadata } of cluster.list(STORAGE_CLASSES)) this.queue.add(metadata.name);
    };
    this.stops = [
      cluster.watch(STORAGE_CLASSES, wake),
      cluster.watch(names.STORAGE_PROFILES, wake),
      cluster.watch(names.SNAPSHOT_CLASSES, wakeAll),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(name: string): void {
    const storageClass = this.cluster.get<StorageClass>(STORAGE_CLASSES, undefined, name);
    if (!storageClass) {
      this.cluster.delete(names.STORAGE_PROFILES, undefined, name);
      return;
    }
    if (!this.cluster.get(names.STORAGE_PROFILES, undefined, name)) {
      this.cluster.create(names.STORAGE_PROFILES, {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'StorageProfile',
        metadata: {
          name,
          labels: { ...names.CDI_LABELS, 'cdi.kubevirt.io': '' },
          ownerReferences: [ownerReference(storageClass)],
        },
        spec: {},
      });
    }
    const known = capabilitiesOf(storageClass);
    const snapshotClass = this.snapshotClassFor(storageClass);
    this.cluster.update<StorageProfile>(names.STORAGE_PROFILES, undefined, name, (draft) => {
      const { spec } = draft;
      const sets = spec.claimPropertySets ?? known?.claimPropertySets;
      const strategy =
        spec.cloneStrategy ??
        storageClass.metadata.annotations?.['cdi.kubevirt.io/clone-strategy'] ??
        known?.cloneStrategy;
      const chosen = spec.snapshotClass ?? snapshotClass;
      draft.status = {
        ...(sets ? { claimPropertySets: sets } : {}),
        cloneStrategy: strategy ?? 'snapshot',
        dataImportCronSourceFormat: String(spec.dataImportCronSourceFormat ?? 'pvc'),
        provisioner: storageClass.provisioner,
        ...(chosen ? { snapshotClass: chosen } : {}),
        storageClass: name,
        conditions: [
          recognized(draft.status?.conditions?.[0], known !== undefined, storageClass.provisioner),
        ],
      };
    });
  }

  private snapshotClassFor({ provisioner }: StorageClass): string | undefined {
    return this.cluster
      .list(names.SNAPSHOT_CLASSES)
      .filter(({ driver }) => driver === provisioner)
      .map(({ metadata }) => metadata.name)
      .sort()[0];
  }
}

function recognized(
  before: NonNullable<StorageProfile['status']>['conditions'] extends (infer C)[] | undefined
    ? C | undefined
    : never,
  is: boolean,
  provisioner: string,
) {
  const status: 'True' | 'False' = is ? 'True' : 'False';
  if (before?.status === status) return before;
  const time = now();
  return {
    type: 'Recognized',
    status,
    reason: is ? 'ProvisionerRecognized' : 'ProvisionerNotRecognized',
    message: `Provisioner ${provisioner} is ${is ? '' : 'not '}recognized`,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  };
}
