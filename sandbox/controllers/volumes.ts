import { rm } from 'node:fs/promises';
import type { ClusterApi } from '../api/objects';
import type { Hypervisor } from '../guests/hypervisor';
import { claimFile } from './guest-files';
import { parseQuantity } from './quantity';
import { SELECTED_NODE } from './scheduler';
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  PVCS,
  PVS,
  STORAGE_CLASSES,
  type StorageClass,
} from './storage-types';
import type { Pod } from './types';
import { copyImage, snapshotFile } from './volume-files';
import { isInUse, VolumeGrowth } from './volume-growth';
import {
  claimsOf,
  classOf,
  dataSourceOf,
  hasEnded,
  isOurs,
  isPopulated,
  isReservedFor,
  matchingVolume,
  provisionedVolume,
} from './volume-objects';
import { keyFor, splitKey, WorkQueue } from './work-queue';

/** Provisioning takes about as long as a local provisioner does. */
const LATENCY_MS = 150;
const PROTECTION = 'kubernetes.io/pvc-protection';
const BINDER = 'persistentvolume-controller';
const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
/** While the source of a copy is not there yet. */
const SOURCE_RETRY_MS = 2000;

type Kind = 'Normal' | 'Warning';

/** The volume binder, the driver's provisioner and the claim protection: claims become sparse files. */
export class VolumeController {
  private readonly queue = new WorkQueue('volumes', (key) => this.reconcile(key), LATENCY_MS);
  private readonly growth: VolumeGrowth;
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly hypervisor: Hypervisor,
    private readonly directory: string,
  ) {
    this.growth = new VolumeGrowth(cluster, directory);
    this.stops = [
      cluster.watch<PersistentVolumeClaim>(PVCS, ({ type, object }) => {
        if (type === 'DELETED') void this.reclaim(object);
        else this.queue.add(keyFor(object));
      }),
      cluster.watch<PersistentVolume>(PVS, ({ object }) => this.wakeClaims(object)),
      cluster.watch<Pod>('pods', ({ type, object, previous }) => {
        const moved = object.status?.phase !== previous?.status?.phase;
        if (type === 'DELETED' || moved)
          for (const name of claimsOf(object)) this.queue.add(`${object.metadata.namespace}/${name}`);
      }),
      cluster.watch(STORAGE_CLASSES, () => this.wakeUnbound()),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private wakeUnbound(): void {
    for (const claim of this.cluster.list<PersistentVolumeClaim>(PVCS)) {
      if (claim.status?.phase !== 'Bound') this.queue.add(keyFor(claim));
    }
  }

  private wakeClaims({ metadata, spec, status }: PersistentVolume): void {
    if (spec.claimRef) {
      this.queue.add(`${spec.claimRef.namespace}/${spec.claimRef.name}`);
      return;
    }
    if (status?.phase !== 'Available' && !metadata.deletionTimestamp) {
      // New, or let go of by whoever retained it: its bytes are the next claim's.
      this.cluster.update<PersistentVolume>(PVS, undefined, metadata.name, (draft) => {
        draft.status = { ...draft.status, phase: 'Available' };
      });
    }
    this.wakeUnbound();
    for (const claim of this.cluster.list<PersistentVolumeClaim>(PVCS)) {
      if (claim.spec.volumeName === metadata.name) this.queue.add(keyFor(claim));
    }
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (!claim) return;
    if (claim.metadata.deletionTimestamp) this.release(claim);
    else if (claim.status?.phase === 'Lost') return;
    else if (claim.status?.phase === 'Bound') await this.keep(claim);
    else await this.bind(claim);
  }

  private async bind(claim: PersistentVolumeClaim): Promise<void> {
    const storageClass = classOf(this.cluster, claim);
    if (storageClass && claim.spec.storageClassName === undefined) {
      this.cluster.update<PersistentVolumeClaim>(
        PVCS,
        claim.metadata.namespace,
        claim.metadata.name,
        (draft) => {
          draft.spec.storageClassName = storageClass.metadata.name;
        },
      );
      return;
    }
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    const volume = matchingVolume(this.cluster, claim);
    const hasPlace = !waits || claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
    if (volume && (hasPlace || isReservedFor(volume, claim) || claim.spec.volumeName)) {
      this.settle(claim, volume);
      return;
    }
    if (claim.spec.volumeName) return;
    if (!storageClass) {
      const { storageClassName } = claim.spec;
      if (!storageClassName)
        this.tell(
          claim,
          'Normal',
          'FailedBinding',
          'no persistent volumes available for this claim and no storage class is set',
        );
      else
        this.tell(
          claim,
          'Warning',
          'ProvisioningFailed',
          `storageclass.storage.k8s.io "${storageClassName}" not found`,
        );
      return;
    }
    if (!hasPlace) {
      const message = 'waiting for first consumer to be created before binding';
      this.tell(claim, 'Normal', 'WaitForFirstConsumer', message);
      return;
    }
    this.announce(claim, storageClass);
    if (isPopulated(claim)) {
      const message = 'Assuming an external populator will provision the volume';
      this.tell(claim, 'Normal', 'Provisioning', message, storageClass.provisioner);
    } else if (isOurs(storageClass)) await this.provision(claim, storageClass);
  }

  private announce(claim: PersistentVolumeClaim, { provisioner }: StorageClass): void {
    const { namespace, name } = claim.metadata;
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, name, ({ metadata }) => {
      metadata.annotations = {
        ...metadata.annotations,
        'volume.beta.kubernetes.io/storage-provisioner': provisioner,
        'volume.kubernetes.io/storage-provisioner': provisioner,
      };
    });
    const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    this.tell(claim, 'Normal', 'ExternalProvisioning', message);
  }

  private async provision(claim: PersistentVolumeClaim, storageClass: StorageClass): Promise<void> {
    const { namespace, name, uid } = claim.metadata;
    const driver = storageClass.provisioner;
    this.tell(
      claim,
      'Normal',
      'Provisioning',
      `External provisioner is provisioning volume for claim "${namespace}/${name}"`,
      driver,
    );
    const volumeName = `pvc-${uid}`;
    const failure = await this.write(claim, volumeName).catch(
      (error: unknown) =>
        `rpc error: code = ResourceExhausted desc = ${error instanceof Error ? error.message : error}`,
    );
    if (failure) {
      const message = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${failure}`;
      this.tell(claim, 'Warning', 'ProvisioningFailed', message, driver);
      this.queue.add(keyFor(claim), SOURCE_RETRY_MS);
      return;
    }
    const current = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (current?.metadata.uid !== uid) return;
    const volume =
      this.cluster.get<PersistentVolume>(PVS, undefined, volumeName) ??
      this.cluster.create<PersistentVolume>(PVS, provisionedVolume(current, storageClass, volumeName));
    this.tell(
      claim,
      'Normal',
      'ProvisioningSucceeded',
      `Successfully provisioned volume ${volumeName}`,
      driver,
    );
    this.settle(current, volume);
  }

  /** Makes the file behind a volume; returns why there is none yet. */
  private async write(claim: PersistentVolumeClaim, volumeName: string): Promise<string | undefined> {
    const file = claimFile(this.directory, { ...claim, spec: { ...claim.spec, volumeName } });
    const bytes = parseQuantity(claim.spec.resources?.requests?.storage ?? '1Gi');
    const source = dataSourceOf(claim);
    if (!source) {
      // A file system is empty at first: the image on it is made by whoever first needs one.
      if (claim.spec.volumeMode === 'Block') await this.hypervisor.makeDataDisk(file, bytes);
      return undefined;
    }
    const namespace = source.namespace ?? claim.metadata.namespace;
    if (source.kind === 'PersistentVolumeClaim') {
      const from = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, source.name);
      if (!from)
        return `error getting PVC ${source.name} (namespace "${namespace}") from api server: persistentvolumeclaims "${source.name}" not found`;
      if (from.status?.phase !== 'Bound')
        return `the PVC source not in Bound status, but was ${from.status?.phase}`;
      await copyImage(claimFile(this.directory, from), file, bytes);
      return undefined;
    }
    const snapshot = this.cluster.get(SNAPSHOTS, namespace, source.name);
    if (!snapshot)
      return `error getting snapshot ${source.name} from api server: volumesnapshots.snapshot.storage.k8s.io "${source.name}" not found`;
    // Written by the snapshot controller.
    const status = snapshot.status as
      | { readyToUse?: boolean; boundVolumeSnapshotContentName?: string }
      | undefined;
    const content = status?.boundVolumeSnapshotContentName;
    if (!status?.readyToUse || !content) return `snapshot ${source.name} is not Ready`;
    await copyImage(snapshotFile(this.directory, content), file, bytes);
    return undefined;
  }

  /** Joins claim and volume, as the binder does for volumes that are there. */
  private settle(claim: PersistentVolumeClaim, volume: PersistentVolume): void {
    const { namespace, name, uid } = claim.metadata;
    this.cluster.update<PersistentVolume>(PVS, undefined, volume.metadata.name, (draft) => {
      draft.spec.claimRef = {
        ...draft.spec.claimRef,
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: namespace ?? 'default',
        name,
        uid,
      };
      draft.status = { ...draft.status, phase: 'Bound' };
    });
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, name, (draft) => {
      draft.spec.volumeName = volume.metadata.name;
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        'pv.kubernetes.io/bind-completed': 'yes',
        'pv.kubernetes.io/bound-by-controller': 'yes',
      };
      draft.status = {
        phase: 'Bound',
        accessModes: volume.spec.accessModes ?? [],
        capacity: { ...volume.spec.capacity },
      };
    });
  }

  /** A bound claim grows with its request, and is lost with its volume. */
  private async keep(claim: PersistentVolumeClaim): Promise<void> {
    const { namespace, name } = claim.metadata;
    const volume = this.cluster.get<PersistentVolume>(PVS, undefined, claim.spec.volumeName ?? '');
    if (volume && isReservedFor(volume, claim)) {
      await this.growth.follow(claim, volume);
      return;
    }
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, name, (draft) => {
      draft.status = { phase: 'Lost' };
    });
    if (!volume)
      this.tell(
        claim,
        'Warning',
        'ClaimLost',
        'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
      );
    else
      this.tell(
        claim,
        'Warning',
        'ClaimMisbound',
        'Two claims are bound to the same volume, this one is bound incorrectly',
      );
  }

  /** A claim in use stays until no pod needs it. */
  private release(claim: PersistentVolumeClaim): void {
    if (isInUse(this.cluster, claim, (pod) => !hasEnded(pod))) return;
    const { namespace, name } = claim.metadata;
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, name, (draft) => {
      draft.metadata.finalizers = draft.metadata.finalizers?.filter((other) => other !== PROTECTION) ?? [];
    });
  }

  /** The claim has gone: its volume goes too, with its bytes, unless it is to be retained. */
  private async reclaim(claim: PersistentVolumeClaim): Promise<void> {
    const { volumeName } = claim.spec;
    const volume = volumeName && this.cluster.get<PersistentVolume>(PVS, undefined, volumeName);
    if (!volume || volume.spec.claimRef?.uid !== claim.metadata.uid) return;
    if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete') {
      this.cluster.update<PersistentVolume>(PVS, undefined, volume.metadata.name, (draft) => {
        draft.status = { ...draft.status, phase: 'Released' };
      });
      return;
    }
    this.cluster.update(PVS, undefined, volume.metadata.name, ({ metadata }) => {
      metadata.finalizers = [];
    });
    this.cluster.delete(PVS, undefined, volume.metadata.name);
    await rm(claimFile(this.directory, claim), { force: true });
  }

  private tell(
    about: PersistentVolumeClaim,
    type: Kind,
    reason: string,
    message: string,
    component = BINDER,
  ): void {
    this.cluster.event(about, { type, reason, message, component });
  }
}
