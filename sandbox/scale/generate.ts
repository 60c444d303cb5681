import { readConfig } from '../api/admission/config';
import type { KubeObject, NewObject } from '../api/objects';
import { freeze, sharing } from '../api/sharing';
import type { Cluster } from '../api/store';
import { claimName } from '../controllers/claims';
import { snapshotClassFor } from '../controllers/snapshot/snapshotable';
import { type PersistentVolumeClaim, STORAGE_CLASSES, type StorageClass } from '../controllers/storage-types';
import { timestamp } from '../controllers/time';
import {
  REVISIONS,
  type VirtualMachine,
  type VirtualMachineInstance,
  VMIS,
  VMS,
  type Volume,
} from '../controllers/types';
import { revisionOf } from '../controllers/vm-instancetype';
import { vmStatus } from '../controllers/vm-status';
import { ownerReference } from '../controllers/vmi-factory';
import { defaultClass } from '../controllers/volume-objects';
import { statusField } from '../instancetype/find';
import { identity, type Load } from './entry';
import type { Estate } from './estate';
import { FieldRecords } from './field-records';
import { bringUp, newInstance, newLauncher, startRevision } from './instance-objects';
import { instancetypeFor } from './instancetypes';
import { observedMachine, sentMachine } from './machine-objects';
import { instanceRecord, launcherRecord, machineRecord } from './machine-records';
import { type MachinePlan, Planner } from './plan';
import { Random } from './random';
import { rootTemplate, storageObjects } from './storage-objects';

export interface GeneratorOptions {
  seed: number;
  /** What ages are counted back from, in milliseconds. */
  nowMs: number;
}

/** What was made, for whoever wants to say so. */
export interface Generated {
  vm: VirtualMachine;
  plan: MachinePlan;
}

/** Machines whose state changes by itself: the controllers take them up where the generator leaves them. */
const UNFINISHED: readonly string[] = ['unschedulable', 'image-missing', 'crash-loop', 'starting'];

/**
 * Makes machines complete with all that KubeVirt, CDI and Kubernetes keep about them, by the same functions that the
 * controllers use: there is nothing left for those to do.
 */
export class Generator {
  readonly planner: Planner;
  private readonly records = new FieldRecords();
  private readonly alike = new Map<string, KubeObject>();
  private readonly config: ReturnType<typeof readConfig>;
  private readonly storageClass: StorageClass;

  constructor(
    private readonly cluster: Cluster,
    private readonly estate: Estate,
    private readonly options: GeneratorOptions,
  ) {
    this.planner = new Planner(options.seed, options.nowMs);
    this.config = readConfig(cluster);
    const storageClass = defaultClass(cluster.list<StorageClass>(STORAGE_CLASSES));
    if (!storageClass) throw new Error('The cluster has no default storage class');
    this.storageClass = storageClass;
  }

  /** Loads one more machine. */
  next(): Generated {
    const plan = this.planner.next();
    const random = new Random(this.options.seed, `objects of ${plan.index}`);
    const sent = this.draft(random, plan);
    const claims = storageObjects(random, plan, sent, this.storageClass, this.load);
    const claimOf = (volume: Volume) => claims.get(claimName(volume) ?? '');
    const shape = shapeOf(plan);
    sent.spec = sharing(this.alike.get(`${VMS} ${shape}`)?.spec, sent.spec, { inOrder: true });
    // Final from here on, so that instance and revision can hold the same parts.
    freeze(sent.spec);
    const vm = observedMachine(sent);
    const running = plan.state === 'running' || plan.state === 'paused' || plan.state === 'migrating';
    vm.status = this.pin(random, plan, vm);
    const vmi = running ? this.run(random, plan, vm, { shape, claimOf }) : undefined;
    vm.status = this.statusOf(random, plan, vm, { vmi, claims, claimOf });
    vm.metadata.managedFields = machineRecord(this.records, plan, sent, vm);
    return { vm: this.load(VMS, vm, shape), plan };
  }

  /** One more machine as its maker sends it to a cluster that runs: its disks are for the cluster to make. */
  fresh(): { manager: string; object: NewObject } {
    const plan = this.planner.next({ fresh: true });
    const { metadata, ...vm } = this.draft(new Random(this.options.seed, `objects of ${plan.index}`), {
      ...plan,
      storage: 'container-disk',
      dataGi: undefined,
    });
    const { name, namespace = '', labels = {}, annotations = {} } = metadata;
    return { manager: plan.manager, object: { ...vm, metadata: { name, namespace, labels, annotations } } };
  }

  /** A VM as its maker would send it, with a uid that the store may keep. */
  draft(random: Random, plan: MachinePlan): VirtualMachine {
    const instancetype = plan.byInstancetype ? instancetypeFor(this.cluster, plan) : undefined;
    const template =
      plan.storage === 'data-volume' && plan.state !== 'image-missing'
        ? rootTemplate(plan, this.storageClass)
        : undefined;
    return sentMachine(random, plan, { config: this.config, instancetype, template });
  }

  /** Keeps what instance type and preference were when the machine was made. Returns the status that says so. */
  private pin(random: Random, plan: MachinePlan, vm: VirtualMachine): NonNullable<VirtualMachine['status']> {
    const refs = (['instancetype', 'preference'] as const).flatMap((aspect) => {
      const matcher = vm.spec[aspect];
      if (!matcher) return [];
      const { metadata, ...revision } = revisionOf(this.cluster, vm, aspect);
      const { name, labels = {}, ownerReferences = [] } = metadata;
      const known = identity(random, { name, namespace: plan.namespace, bornMs: plan.bornMs });
      const object = { ...revision, metadata: { ...known, labels, ownerReferences } };
      this.load(REVISIONS, object, `${aspect} ${matcher.name}`);
      const { kind, name: named } = matcher;
      return [[statusField(aspect), { kind, name: named, controllerRevisionRef: { name } }] as const];
    });
    return Object.fromEntries(refs);
  }

  private run(
    random: Random,
    plan: MachinePlan,
    vm: VirtualMachine,
    { shape, claimOf }: { shape: string; claimOf: (volume: Volume) => PersistentVolumeClaim | undefined },
  ): VirtualMachineInstance {
    const vmi = newInstance(random, plan, vm, this.config);
    const created = { ...vmi, metadata: { ...vmi.metadata }, status: { ...vmi.status } };
    const pod = newLauncher(random, vmi, plan.startedMs + 1000);
    const sentPod = { ...pod, metadata: { ...pod.metadata }, spec: { ...pod.spec } };
    const place = this.estate.place(random.next(), plan.size.memoryGi);
    bringUp(random, plan, { vmi, pod }, { config: this.config, place, claimOf });
    if (plan.state === 'migrating') this.migrate(random, vmi);
    vmi.status = { ...vmi.status, activePods: { [pod.metadata.uid]: place.node } };
    const uids = { pod: pod.metadata.uid, vm: vm.metadata.uid };
    vmi.metadata.managedFields = instanceRecord(this.records, plan, created, vmi, uids);
    pod.metadata.managedFields = launcherRecord(this.records, plan, sentPod, pod, place);
    vmi.spec = sharing(vm.spec.template.spec, vmi.spec, { inOrder: true });
    this.load('pods', pod, shape);
    this.load(REVISIONS, startRevision(random, vm, plan.startedMs, ownerReference(vm)), shape);
    return this.load(VMIS, vmi, shape);
  }

  private migrate(random: Random, vmi: VirtualMachineInstance): void {
    const { nodeName = '' } = vmi.status ?? {};
    const startTimestamp = timestamp(this.options.nowMs - random.int(5, 240) * 1000);
    const target = this.estate.place(random.next(), 0);
    vmi.status = {
      ...vmi.status,
      migrationState: {
        startTimestamp,
        migrationUid: random.uuid(),
        mode: 'PreCopy',
        sourceNode: nodeName,
        targetNode: target.node,
        targetNodeAddress: target.podAddress,
        targetPod: `virt-launcher-${vmi.metadata.name}-${random.suffix()}`,
      },
    } as NonNullable<VirtualMachineInstance['status']>;
  }

  private statusOf(
    random: Random,
    plan: MachinePlan,
    vm: VirtualMachine,
    facts: {
      vmi: VirtualMachineInstance | undefined;
      claims: ReadonlyMap<string, PersistentVolumeClaim>;
      claimOf: (volume: Volume) => PersistentVolumeClaim | undefined;
    },
  ): NonNullable<VirtualMachine['status']> {
    const { vmi, claimOf } = facts;
    const dataVolumes = (vm.spec.dataVolumeTemplates ?? []).map(({ metadata }) => ({
      name: metadata.name,
      phase: 'Succeeded',
    }));
    return vmStatus({
      vm,
      vmi,
      dataVolumes,
      hasUnboundClaim: false,
      creationExpected: UNFINISHED.includes(plan.state),
      deletionExpected: false,
      now: vmi ? plan.startedMs + 3000 : plan.bornMs + 1000,
      random: random.next(),
      failure: undefined,
      restart: undefined,
      claimOf,
      hasSnapshotClass: (claim) => snapshotClassFor(this.cluster, claim) !== undefined,
    });
  }

  private readonly load: Load = (resource, object, shape) => {
    const key = `${resource} ${shape}`;
    const stored = this.cluster.load(resource, object, this.alike.get(key) ?? this.alike.get(resource));
    this.alike.set(key, stored).set(resource, stored);
    // What was given in, as it is stored.
    return stored as typeof object;
  };
}

/** Whether the controllers have nothing to do about an object of a generated machine. */
export function isFinished(state: MachinePlan['state']): boolean {
  return !UNFINISHED.includes(state);
}

/** Machines of one shape share most of what they are. */
function shapeOf({ system, storage, dataGi, state }: MachinePlan): string {
  return `${system.os} ${storage} ${dataGi ? 'data' : ''} ${state}`;
}
