import { rm } from 'node:fs/promises';
import type { ClusterApi, KubeObject } from '../api/objects';
import type { Hypervisor } from '../guests/hypervisor';
import { claimFile } from './guest-files';
import { parseQuantity } from './quantity';
import { SELECTED_NODE } from './scheduler';
import { type PersistentVolumeClaim, type Pod, PVCS, PVS, STORAGE_CLASSES, type StorageClass } from './types';
import { keyFor, splitKey, WorkQueue } from './work-queue';

/** Provisioning takes about as long as a local provisioner does. */
const LATENCY_MS = 150;
const PROTECTION = 'kubernetes.io/pvc-protection';
export const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

interface PersistentVolume extends KubeObject {
  spec: {
    claimRef?: { namespace: string; name: string; uid: string };
    persistentVolumeReclaimPolicy?: string;
  };
}

/** The volume binder, the provisioner and the claim protection: claims become sparse files. */
export class VolumeController {
  private readonly queue = new WorkQueue('volumes', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly hypervisor: Hypervisor,
    private readonly directory: string,
  ) {
    this.stops = [
      cluster.watch<PersistentVolumeClaim>(PVCS, ({ type, object }) => {
        if (type === 'DELETED') void this.reclaim(object);
        else this.queue.add(keyFor(object));
      }),
      cluster.watch<Pod>('pods', ({ type, object }) => {
        const ended =
          type === 'DELETED' || object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed';
        if (ended)
          for (const name of claimsOf(object)) this.queue.add(`${object.metadata.namespace}/${name}`);
      }),
      cluster.watch(STORAGE_CLASSES, () => {
        for (const claim of cluster.list<PersistentVolumeClaim>(PVCS)) {
          if (claim.status?.phase !== 'Bound') this.queue.add(keyFor(claim));
        }
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (!claim) return;
    if (claim.metadata.deletionTimestamp) {
      this.release(claim);
      return;
    }
    if (claim.status?.phase === 'Bound') return;
    const storageClass = this.classOf(claim);
    if (!storageClass) {
      const message = claim.spec.storageClassName
        ? `storageclass.storage.k8s.io "${claim.spec.storageClassName}" not found`
        : 'no persistent volumes available for this claim and no storage class is set';
      this.tell(
        claim,
        claim.spec.storageClassName ? 'Warning' : 'Normal',
        claim.spec.storageClassName ? 'ProvisioningFailed' : 'FailedBinding',
        message,
      );
      return;
    }
    const waits = storageClass.volumeBindingMode === 'WaitForFirstConsumer';
    if (waits && !claim.metadata.annotations?.[SELECTED_NODE]) {
      const message = 'waiting for first consumer to be created before binding';
      this.tell(claim, 'Normal', 'WaitForFirstConsumer', message);
      return;
    }
    await this.provision(claim, storageClass);
  }

  private async provision(claim: PersistentVolumeClaim, storageClass: StorageClass): Promise<void> {
    const { namespace, name, uid } = claim.metadata;
    const volumeName = claim.spec.volumeName ?? `pvc-${uid}`;
    const storage = claim.spec.resources?.requests?.storage ?? '1Gi';
    const file = claimFile(this.directory, claim);
    await this.hypervisor.makeDataDisk(file, parseQuantity(storage));
    if (this.cluster.get(PVCS, namespace, name)?.metadata.uid !== uid) return;
    const accessModes = claim.spec.accessModes ?? ['ReadWriteOnce'];
    if (!this.cluster.get(PVS, undefined, volumeName)) {
      this.cluster.create(PVS, {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: {
          name: volumeName,
          annotations: { 'pv.kubernetes.io/provisioned-by': storageClass.provisioner },
          finalizers: ['kubernetes.io/pv-protection'],
        },
        spec: {
          accessModes,
          capacity: { storage },
          claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
          hostPath: { path: file, type: 'File' },
          persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
          storageClassName: storageClass.metadata.name,
          volumeMode: claim.spec.volumeMode ?? 'Filesystem',
        },
        status: { phase: 'Bound' },
      });
    }
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, name, (draft) => {
      draft.spec.storageClassName = storageClass.metadata.name;
      draft.spec.volumeName = volumeName;
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        'pv.kubernetes.io/bind-completed': 'yes',
      };
      draft.status = { phase: 'Bound', accessModes, capacity: { storage } };
    });
    this.tell(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volumeName}`);
  }

  /** A claim in use stays until no pod needs it. */
  private release({ metadata }: PersistentVolumeClaim): void {
    const users = this.cluster
      .list<Pod>('pods', metadata.namespace)
      .filter(
        (pod) =>
          !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '') && claimsOf(pod).includes(metadata.name),
      );
    if (users.length > 0) return;
    this.cluster.update<PersistentVolumeClaim>(PVCS, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.finalizers = draft.metadata.finalizers?.filter((name) => name !== PROTECTION) ?? [];
    });
  }

  /** The claim has gone: its volume goes too, with its bytes, unless it is to be retained. */
  private async reclaim(claim: PersistentVolumeClaim): Promise<void> {
    const { volumeName } = claim.spec;
    const volume = volumeName && this.cluster.get<PersistentVolume>(PVS, undefined, volumeName);
    if (!volume || volume.spec.claimRef?.uid !== claim.metadata.uid) return;
    if (volume.spec.persistentVolumeReclaimPolicy === 'Retain') {
      this.cluster.update(PVS, undefined, volume.metadata.name, (draft) => {
        draft.status = { ...(draft.status as object), phase: 'Released' };
      });
      return;
    }
    this.cluster.update(PVS, undefined, volume.metadata.name, ({ metadata }) => {
      metadata.finalizers = [];
    });
    this.cluster.delete(PVS, undefined, volume.metadata.name);
    await rm(claimFile(this.directory, claim), { force: true });
  }

  /** The claim's class; one that names none gets the default class, also after the fact. An empty name means none. */
  private classOf({ spec }: PersistentVolumeClaim): StorageClass | undefined {
    const classes = this.cluster.list<StorageClass>(STORAGE_CLASSES);
    if (spec.storageClassName === undefined) {
      return classes.find(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true');
    }
    return classes.find(({ metadata }) => metadata.name === spec.storageClassName);
  }

  private tell(
    claim: PersistentVolumeClaim,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    this.cluster.event(claim, { type, reason, message, component: 'persistentvolume-controller' });
  }
}

function claimsOf({ spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}
