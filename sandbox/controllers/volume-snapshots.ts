import { rm } from 'node:fs/promises';
import type { ClusterApi, KubeObject } from '../api/objects';
import type { LiveImages } from './live-images';
import { parseQuantity } from './quantity';
import { type PersistentVolumeClaim, PVCS } from './storage-types';
import { now } from './time';
import { snapshotFile } from './volume-files';
import { classOf } from './volume-objects';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const LATENCY_MS = 200;
const RETRY_MS = 2000;
const COMPONENT = 'snapshot-controller';
const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
const CONTENTS = 'volumesnapshotcontents.snapshot.storage.k8s.io';
const CLASSES = 'volumesnapshotclasses.snapshot.storage.k8s.io';
const DEFAULT = 'snapshot.storage.kubernetes.io/is-default-class';
const PROTECTION = 'snapshot.storage.kubernetes.io/volumesnapshot-bound-protection';

interface VolumeSnapshot extends KubeObject {
  spec: {
    volumeSnapshotClassName?: string;
    source: { persistentVolumeClaimName?: string; volumeSnapshotContentName?: string };
  };
  status?: {
    boundVolumeSnapshotContentName?: string;
    readyToUse?: boolean;
    error?: { message: string; time: string };
    [field: string]: unknown;
  };
}

interface SnapshotClass extends KubeObject {
  driver: string;
  deletionPolicy: string;
}

interface SnapshotContent extends KubeObject {
  spec: { deletionPolicy: string; volumeSnapshotRef: { namespace?: string; name: string; uid?: string } };
  status?: { readyToUse?: boolean; restoreSize?: number };
}

/** The snapshot controller and the driver's snapshotter: a VolumeSnapshot gets a content, which keeps the bytes. */
export class VolumeSnapshots {
  private readonly queue = new WorkQueue('volume snapshots', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly images: LiveImages,
    private readonly directory: string,
  ) {
    const wakeUnfinished = () => {
      for (const snapshot of cluster.list<VolumeSnapshot>(SNAPSHOTS)) {
        if (!snapshot.status?.readyToUse) this.queue.add(keyFor(snapshot));
      }
    };
    this.stops = [
      cluster.watch<VolumeSnapshot>(SNAPSHOTS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<PersistentVolumeClaim>(PVCS, wakeUnfinished),
      cluster.watch(CLASSES, wakeUnfinished),
      cluster.watch<SnapshotContent>(CONTENTS, ({ type, object }) => {
        if (type === 'DELETED') void this.discard(object);
        else wakeUnfinished();
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const snapshot = this.cluster.get<VolumeSnapshot>(SNAPSHOTS, namespace, name);
    if (!snapshot) return;
    if (snapshot.metadata.deletionTimestamp) this.release(snapshot);
    else if (snapshot.status?.readyToUse) return;
    else if (snapshot.spec.source.volumeSnapshotContentName) this.adopt(snapshot);
    else await this.take(key, snapshot);
  }

  private async take(key: string, snapshot: VolumeSnapshot): Promise<void> {
    const { namespace, name, uid } = snapshot.metadata;
    const claimName = snapshot.spec.source.persistentVolumeClaimName ?? '';
    const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, claimName);
    const found = this.classFor(snapshot, claim);
    if (typeof found === 'string') {
      this.fail(snapshot, found);
      return;
    }
    if (!claim) {
      this.fail(
        snapshot,
        `Failed to create snapshot content with error snapshot controller failed to update ${name} on API server: cannot get claim from snapshot`,
      );
      return;
    }
    if (claim.status?.phase !== 'Bound') {
      const why = `the PVC ${claimName} is not yet bound to a PV, will not attempt to take a snapshot`;
      this.fail(snapshot, `Failed to create snapshot content with error ${why}`);
      this.queue.add(key, RETRY_MS);
      return;
    }
    const contentName = `snapcontent-${uid}`;
    this.bind(snapshot, claim, found, contentName);
    try {
      await this.images.copy(claim, snapshotFile(this.directory, contentName));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.fail(
        snapshot,
        `Failed to check and update snapshot content: failed to take snapshot of the volume ${claim.spec.volumeName}: "${why}"`,
      );
      this.queue.add(key, RETRY_MS);
      return;
    }
    if (this.cluster.get(SNAPSHOTS, namespace, name)?.metadata.uid !== uid) return;
    this.finish(snapshot, contentName, claim.status.capacity?.storage ?? '0');
  }

  private bind(
    { metadata }: VolumeSnapshot,
    claim: PersistentVolumeClaim,
    snapshotClass: SnapshotClass,
    contentName: string,
  ): void {
    const { namespace, name, uid } = metadata;
    if (!this.cluster.get(CONTENTS, undefined, contentName)) {
      this.cluster.create(CONTENTS, {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshotContent',
        metadata: {
          name: contentName,
          finalizers: ['snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection'],
        },
        spec: {
          deletionPolicy: snapshotClass.deletionPolicy,
          driver: snapshotClass.driver,
          source: { volumeHandle: claim.spec.volumeName ?? '' },
          volumeSnapshotClassName: snapshotClass.metadata.name,
          volumeSnapshotRef: {
            ...{ apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'VolumeSnapshot' },
            ...{ namespace: namespace ?? 'default', name, uid },
          },
        },
      });
    }
    this.cluster.update<VolumeSnapshot>(SNAPSHOTS, namespace, name, (draft) => {
      draft.metadata.finalizers = [...new Set([...(draft.metadata.finalizers ?? []), PROTECTION])];
      draft.spec.volumeSnapshotClassName = snapshotClass.metadata.name;
      const { error: _error, ...status } = draft.status ?? {};
      draft.status = { ...status, boundVolumeSnapshotContentName: contentName, readyToUse: false };
    });
    const message = `Waiting for a snapshot ${namespace}/${name} to be created by the CSI driver.`;
    this.tell(metadata, 'Normal', 'CreatingSnapshot', message);
  }

  private finish({ metadata }: VolumeSnapshot, contentName: string, restoreSize: string): void {
    const time = now();
    this.cluster.update(CONTENTS, undefined, contentName, (draft) => {
      draft.status = {
        creationTime: Date.parse(time) * 1_000_000,
        readyToUse: true,
        restoreSize: parseQuantity(restoreSize),
        snapshotHandle: contentName,
      };
    });
    this.cluster.update<VolumeSnapshot>(SNAPSHOTS, metadata.namespace, metadata.name, (draft) => {
      draft.status = { ...draft.status, creationTime: time, readyToUse: true, restoreSize };
    });
    const place = `${metadata.namespace}/${metadata.name}`;
    this.tell(
      metadata,
      'Normal',
      'SnapshotCreated',
      `Snapshot ${place} was successfully created by the CSI driver.`,
    );
    this.tell(metadata, 'Normal', 'SnapshotReady', `Snapshot ${place} is ready to use.`);
  }

  /** A snapshot of a content that is there already. */
  private adopt(snapshot: VolumeSnapshot): void {
    const name = snapshot.spec.source.volumeSnapshotContentName ?? '';
    const content = this.cluster.get<SnapshotContent>(CONTENTS, undefined, name);
    const reference = content?.spec.volumeSnapshotRef;
    if (!content) {
      this.fail(snapshot, 'VolumeSnapshotContent is missing');
      return;
    }
    if (reference?.namespace !== snapshot.metadata.namespace || reference?.name !== snapshot.metadata.name) {
      this.fail(snapshot, `VolumeSnapshotContent [${name}] is bound to a different snapshot`);
      return;
    }
    this.cluster.update<VolumeSnapshot>(
      SNAPSHOTS,
      snapshot.metadata.namespace,
      snapshot.metadata.name,
      (draft) => {
        const { restoreSize, readyToUse = false } = content.status ?? {};
        draft.status = {
          boundVolumeSnapshotContentName: name,
          readyToUse,
          ...(restoreSize === undefined ? {} : { restoreSize: String(restoreSize) }),
        };
      },
    );
  }

  /** The named class, or the default one of the claim's driver; or why there is none. */
  private classFor(
    { spec }: VolumeSnapshot,
    claim: PersistentVolumeClaim | undefined,
  ): SnapshotClass | string {
    const classes = this.cluster.list<SnapshotClass>(CLASSES);
    const { volumeSnapshotClassName: name } = spec;
    if (name) {
      const named = classes.find(({ metadata }) => metadata.name === name);
      return (
        named ??
        `Failed to get snapshot class with error volumesnapshotclass.snapshot.storage.k8s.io "${name}" not found`
      );
    }
    const driver = claim && classOf(this.cluster, claim)?.provisioner;
    const fitting = classes.find(
      (candidate) => candidate.driver === driver && candidate.metadata.annotations?.[DEFAULT] === 'true',
    );
    return fitting ?? 'Failed to set default snapshot class with error cannot find default snapshot class';
  }

  private fail({ metadata, status }: VolumeSnapshot, message: string): void {
    if (status?.error?.message === message) return;
    this.cluster.update<VolumeSnapshot>(SNAPSHOTS, metadata.namespace, metadata.name, (draft) => {
      draft.status = { ...draft.status, error: { message, time: now() }, readyToUse: false };
    });
    this.tell(metadata, 'Warning', 'SnapshotContentCreationFailed', message);
  }

  private release({ metadata, status }: VolumeSnapshot): void {
    const contentName = status?.boundVolumeSnapshotContentName ?? '';
    const content = this.cluster.get<SnapshotContent>(CONTENTS, undefined, contentName);
    if (content?.spec.deletionPolicy === 'Delete') {
      this.cluster.update(CONTENTS, undefined, contentName, (draft) => {
        draft.metadata.finalizers = [];
      });
      this.cluster.delete(CONTENTS, undefined, contentName);
    }
    this.cluster.update(SNAPSHOTS, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.finalizers = draft.metadata.finalizers?.filter((name) => name !== PROTECTION) ?? [];
    });
  }

  private async discard({ metadata, spec }: SnapshotContent): Promise<void> {
    if (spec.deletionPolicy === 'Delete')
      await rm(snapshotFile(this.directory, metadata.name), { force: true });
  }

  private tell(
    metadata: KubeObject['metadata'],
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    const about = this.cluster.get(SNAPSHOTS, metadata.namespace, metadata.name);
    if (about) this.cluster.event(about, { type, reason, message, component: COMPONENT });
  }
}
