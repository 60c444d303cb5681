import type { ClusterApi } from '../api/objects';
import { createService } from '../controllers/services/create-service';
import { type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import type { Pod } from '../controllers/types';
import { claimsOf, classOf, hasEnded } from '../controllers/volume-objects';
import { keyFor, splitKey, WorkQueue } from '../controllers/work-queue';
import { annotate, podAnnotations, populatorSource, waitsForConsumer } from './claims';
import { CloneWork } from './clone-work';
import { helperClaim } from './helper-claim';
import { importAnnotations } from './import-annotations';
import { asksForScratch, importerSettings, needsScratch, scratchClaim, scratchName } from './importer-pod';
import * as names from './names';
import { rebind } from './rebind';
import type { PopulatorSource } from './types';
import { uploadService, type Worker, workerName, workerPod } from './worker-pods';

const LATENCY_MS = 100;
const IN_USE_LOOK_MS = 2000;

/**
 * CDI's populators: a claim that refers to a VolumeImportSource, VolumeUploadSource or VolumeCloneSource is filled in a
 * claim of its own (`prime-<uid>`), whose volume then changes hands. Claims of DataVolumes that opt out of populators
 * are worked on directly.
 */
export class Populator {
  private readonly queue = new WorkQueue('cdi populator', (key) => this.reconcile(key), LATENCY_MS);
  private readonly clones: CloneWork;
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.clones = new CloneWork(cluster);
    this.stops = [
      cluster.watch<PersistentVolumeClaim>(PVCS, ({ object }) => this.wake(object)),
      cluster.watch<Pod>('pods', ({ object }) => {
        if (object.metadata.labels?.app !== names.CDI_LABELS.app) return;
        for (const { kind, name } of object.metadata.ownerReferences ?? []) {
          const claim =
            kind === 'PersistentVolumeClaim' &&
            cluster.get<PersistentVolumeClaim>(PVCS, object.metadata.namespace, name);
          if (claim) this.wake(claim);
        }
      }),
      cluster.watch(names.SNAPSHOTS, ({ object }) => this.wakeOwner(object.metadata.annotations)),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private wake(claim: PersistentVolumeClaim): void {
    this.queue.add(keyFor(claim));
    this.wakeOwner(claim.metadata.annotations);
  }

  private wakeOwner(annotations: Record<string, string> | undefined): void {
    const target = annotations?.[names.FILLED_FOR];
    if (target) this.queue.add(target);
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (!claim) return;
    if (claim.metadata.deletionTimestamp) {
      this.release(claim);
      return;
    }
    const isPopulated = claim.spec.dataSourceRef?.apiGroup === names.CDI_GROUP;
    const isDirect =
      !isPopulated &&
      (claim.metadata.annotations?.[names.IMPORT_SOURCE] ??
        claim.metadata.annotations?.[names.UPLOAD_TARGET]) !== undefined;
    const isOwn = claim.metadata.annotations?.[names.FILLED_FOR] !== undefined;
    if (isPopulated) this.populate(claim);
    else if (isDirect && !isOwn && claim.status?.phase === 'Bound') this.workOn(claim);
  }

  /** A claim cannot go while a worker holds it. */
  private release({ metadata }: PersistentVolumeClaim): void {
    for (const pod of this.cluster.ownedBy<Pod>('pods', metadata.uid)) {
      if (pod.metadata.labels?.[names.WORKER_LABEL] && !pod.metadata.deletionTimestamp)
        this.cluster.delete('pods', pod.metadata.namespace, pod.metadata.name);
    }
  }

  private populate(target: PersistentVolumeClaim): void {
    const source = populatorSource(this.cluster, target);
    if (target.status?.phase === 'Bound') {
      this.finish(target);
      return;
    }
    if (target.status?.phase === 'Lost' || !source || waitsForConsumer(this.cluster, target)) return;
    if (source.kind === 'VolumeCloneSource') {
      this.clones.advance(target, source);
      return;
    }
    const prime = this.prime(target, source);
    const pod = this.worker(prime, source);
    if (!pod) return;
    if (this.makesRoom(prime, pod)) return;
    const told = podAnnotations(pod);
    annotate(this.cluster, prime, told);
    const progress = this.current(prime)?.metadata.annotations?.[names.PROGRESS];
    const isDone = pod.status?.phase === 'Succeeded';
    // Succeeded is said only when the volume has changed hands.
    if (isDone) delete told[names.POD_PHASE];
    annotate(this.cluster, target, { ...told, ...(progress ? { [names.PROGRESS]: progress } : {}) });
    const filled = isDone && this.current(prime);
    if (filled) rebind(this.cluster, filled, target);
  }

  /** The volume is the target's now: what helped goes. */
  private finish(target: PersistentVolumeClaim): void {
    const { namespace, annotations = {} } = target.metadata;
    if (this.clones.finish(target)) return;
    const prime = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, primeName(target));
    if (!prime && annotations[names.POD_PHASE] === 'Succeeded') return;
    annotate(this.cluster, target, { [names.POD_PHASE]: 'Succeeded' });
    if (!prime || prime.metadata.deletionTimestamp) return;
    for (const worker of ['importer', 'cdi-upload-server'] as const) {
      this.cluster.delete('pods', namespace, workerName(worker, prime.metadata.name));
    }
    this.cluster.delete(PVCS, namespace, prime.metadata.name);
  }

  /** Without a populator the worker writes into the claim itself. */
  private workOn(claim: PersistentVolumeClaim): void {
    const { annotations = {}, namespace } = claim.metadata;
    if (annotations[names.POD_PHASE] === 'Succeeded') return;
    const worker: Worker = annotations[names.IMPORT_SOURCE] === undefined ? 'cdi-upload-server' : 'importer';
    const name = workerName(worker, claim.metadata.name);
    const known = this.cluster.get<Pod>('pods', namespace, name);
    if (!known && worker === 'cdi-upload-server' && this.isInUse(claim)) return;
    const pod = known ?? this.start(worker, name, claim);
    if (this.makesRoom(claim, pod)) return;
    annotate(this.cluster, claim, podAnnotations(pod));
    if (pod.status?.phase === 'Succeeded') this.cluster.delete('pods', namespace, name);
  }

  /** Nobody uploads into a disk that somebody runs with: it is looked at again until it is free. */
  private isInUse(claim: PersistentVolumeClaim): boolean {
    const { namespace, name } = claim.metadata;
    const users = this.cluster
      .list<Pod>('pods', namespace)
      .filter((pod) => !hasEnded(pod) && claimsOf(pod).includes(name));
    for (const { metadata } of users) {
      this.cluster.event(claim, {
        type: 'Warning',
        reason: 'UploadTargetInUse',
        message: `pod ${metadata.namespace}/${metadata.name} using PersistentVolumeClaim ${name}`,
        component: 'upload-controller',
      });
    }
    if (users.length > 0) this.queue.add(keyFor(claim), IN_USE_LOOK_MS);
    return users.length > 0;
  }

  private prime(target: PersistentVolumeClaim, source: PopulatorSource): PersistentVolumeClaim {
    const name = primeName(target);
    const known = this.cluster.get<PersistentVolumeClaim>(PVCS, target.metadata.namespace, name);
    if (known) return known;
    annotate(this.cluster, target, { [names.PRIME]: name });
    const { contentType, preallocation } = source.spec;
    const isUpload = source.kind === 'VolumeUploadSource';
    return this.cluster.create<PersistentVolumeClaim>(
      PVCS,
      helperClaim(target, name, {
        ...(isUpload
          ? { [names.UPLOAD_TARGET]: '' }
          : { ...importAnnotations(source), [names.IMPORT_POD]: workerName('importer', name) }),
        ...(contentType ? { [names.CONTENT_TYPE]: contentType } : {}),
        [names.PREALLOCATION]: String(preallocation ?? false),
      }),
    );
  }

  private worker(prime: PersistentVolumeClaim, source: PopulatorSource): Pod | undefined {
    const worker: Worker = source.kind === 'VolumeUploadSource' ? 'cdi-upload-server' : 'importer';
    const { namespace } = prime.metadata;
    const name = workerName(worker, prime.metadata.name);
    const known = this.cluster.get<Pod>('pods', namespace, name);
    if (known) return known;
    const isPlaced = classOf(this.cluster, prime)?.volumeBindingMode === 'WaitForFirstConsumer';
    const waits = prime.status?.phase !== 'Bound' && !isPlaced;
    if (waits || this.awaitsVddk(prime, source)) return undefined;
    return this.start(worker, name, prime);
  }

  private start(worker: Worker, name: string, claim: PersistentVolumeClaim): Pod {
    const { namespace } = claim.metadata;
    if (worker === 'cdi-upload-server' && !this.cluster.get('services', namespace, name)) {
      createService(this.cluster, uploadService(name, claim));
    }
    // An upload server knows only by the first bytes whether it has to unpack.
    const scratch = worker === 'cdi-upload-server' || needsScratch(claim) ? scratchName(claim) : undefined;
    const settings = importerSettings(this.cluster, claim);
    const pod = this.cluster.create<Pod>(
      'pods',
      workerPod(worker, name, claim, settings, scratch ? { scratch } : {}),
    );
    if (scratch && !this.cluster.get(PVCS, namespace, scratch)) {
      this.cluster.create(PVCS, scratchClaim(this.cluster, claim, pod));
    }
    return pod;
  }

  /** An importer that asks for scratch space makes way for one that has it. */
  private makesRoom(claim: PersistentVolumeClaim, pod: Pod): boolean {
    if (!asksForScratch(pod)) return false;
    if (pod.metadata.deletionTimestamp) return true;
    annotate(this.cluster, claim, { [names.NEEDS_SCRATCH]: 'true' });
    this.cluster.delete('pods', pod.metadata.namespace, pod.metadata.name);
    return true;
  }

  /** The VMware library is not CDI's to ship: an import waits until somebody names an image that has it. */
  private awaitsVddk(prime: PersistentVolumeClaim, { spec }: PopulatorSource): boolean {
    const { vddk } = spec.source ?? {};
    if (!vddk || vddk.initImageURL || this.cluster.get('configmaps', names.CDI_NAMESPACE, 'v2v-vmware'))
      return false;
    const target = targetOf(prime);
    const claim = target && this.cluster.get<PersistentVolumeClaim>(PVCS, prime.metadata.namespace, target);
    if (claim) {
      annotate(this.cluster, claim, {
        [names.BOUND]: 'false',
        [names.BOUND_REASON]: 'AwaitingVDDK',
        [names.BOUND_MESSAGE]:
          'waiting for v2v-vmware configmap or cdi.kubevirt.io/storage.pod.vddk.initimageurl annotation for VDDK image',
      });
    }
    return true;
  }

  private current({ metadata }: PersistentVolumeClaim): PersistentVolumeClaim | undefined {
    return this.cluster.get<PersistentVolumeClaim>(PVCS, metadata.namespace, metadata.name);
  }
}

function primeName({ metadata }: PersistentVolumeClaim): string {
  return `prime-${metadata.uid}`;
}

function targetOf({ metadata }: PersistentVolumeClaim): string | undefined {
  return metadata.annotations?.[names.FILLED_FOR]?.split('/')[1];
}
