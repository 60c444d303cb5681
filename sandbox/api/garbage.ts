import { type Appointment, clock } from '../clock';
import type { Change } from './history';
import { timestamp } from './metadata';
import { deletionConditions } from './namespace-conditions';
import type { ClusterApi, KubeObject, OwnerReference } from './objects';
import { keyOf, type State } from './state';

/** How long a dependent whose owner is not there lives until the collector has looked twice. */
const ABSENT_OWNER_MS = 500;
/** Objects left in a namespace up to which each that goes updates the namespace's conditions. */
const COUNTED_REMAINDER = 20;

/** What the collector needs of the store. */
interface Collected extends ClusterApi {
  readonly now: () => Date;
  readonly state: State;
  serves(apiVersion: string, kind: string): boolean;
}

/**
 * The garbage collector and the namespace controller of kube-controller-manager, run to completion after each write
 * instead of in the background: dependents follow their last owner, foreground deletion waits for the dependents
 * that block it, orphaning strips references, and a deleted namespace is emptied before it goes.
 */
export class GarbageCollector {
  private readonly queue: (() => void)[] = [];
  private running = false;
  private readonly looks = new Set<Appointment>();

  constructor(private readonly cluster: Collected) {}

  /** True while a cascade is being written; its changes are delivered together, when it is complete. */
  get busy(): boolean {
    return this.running;
  }

  /** Forgets what it wanted to look at. */
  close(): void {
    for (const look of this.looks) look.cancel();
    this.looks.clear();
  }

  /** Takes up what a crash left half done. */
  resume(): void {
    const { state } = this.cluster;
    for (const resource of state.resources()) {
      for (const object of state.list(resource)) {
        if (object.metadata.deletionTimestamp) this.queue.push(() => this.terminate(resource, object));
        if (object.metadata.ownerReferences) this.queue.push(() => this.collect(object));
      }
    }
    this.run();
  }

  /** Draws the consequences of a change. */
  follow({ type, resource, object, previous }: Change): void {
    const { metadata } = object;
    if (type === 'DELETED') {
      for (const dependent of this.cluster.state.dependentsOf(metadata.uid)) {
        this.queue.push(() => this.collect(dependent));
      }
    } else if (metadata.deletionTimestamp) {
      this.queue.push(() => this.terminate(resource, object));
    }
    const formerOwners = previous?.metadata.ownerReferences;
    if (type !== 'DELETED' && metadata.ownerReferences && metadata.ownerReferences !== formerOwners) {
      this.judgeOwners(object);
    }
    if (formerOwners && (type === 'DELETED' || formerOwners !== metadata.ownerReferences)) {
      for (const { uid } of formerOwners) this.queue.push(() => this.unblock(uid));
    }
    if (type === 'DELETED' && metadata.namespace) {
      const namespace = metadata.namespace;
      this.queue.push(() => this.finishNamespace(namespace));
    }
    this.run();
  }

  private run(): void {
    if (this.running) return;
    this.running = true;
    try {
      for (let task = this.queue.shift(); task; task = this.queue.shift()) task();
    } finally {
      this.running = false;
    }
  }

  /** An owner of `seen` has gone: deletes it when that was the last one, else strips the dead references. */
  private collect(seen: KubeObject): void {
    const address = this.cluster.state.addressOf(seen.metadata.uid);
    const object = address && this.cluster.state.get(address.resource, address.key);
    if (!address || !object) return;
    const { namespace, name, uid } = object.metadata;
    const owners = object.metadata.ownerReferences ?? [];
    const alive = owners.filter((owner) => this.mayBeAlive(owner, object));
    if (owners.length === 0 || alive.length === owners.length) return;
    if (alive.length > 0) {
      this.cluster.update(address.resource, namespace, name, (draft) => {
        draft.metadata.ownerReferences = alive;
      });
      return;
    }
    if (object.metadata.deletionTimestamp) return;
    // A dependent that was itself being watched over by a foreground deletion passes that on.
    this.cluster.delete(address.resource, namespace, name, { preconditions: { uid } });
  }

  /** Looks again in a moment at an object that names an owner which is not there. */
  private judgeOwners(object: KubeObject): void {
    const owners = object.metadata.ownerReferences ?? [];
    for (const owner of owners) if (this.isElsewhere(owner, object)) this.tellElsewhere(owner, object);
    if (owners.every((owner) => this.mayBeAlive(owner, object))) return;
    const look = clock.after(
      ABSENT_OWNER_MS,
      () => {
        this.looks.delete(look);
        this.queue.push(() => this.collect(object));
        this.run();
      },
      { background: true },
    );
    this.looks.add(look);
  }

  private tellElsewhere({ apiVersion, kind, name, uid }: OwnerReference, object: KubeObject): void {
    const { namespace = '' } = object.metadata;
    const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
    this.queue.push(() =>
      this.cluster.event(object, {
        type: 'Warning',
        reason: 'OwnerRefInvalidNamespace',
        message: `ownerRef ${owner} does not exist in namespace ${JSON.stringify(namespace)}`,
        component: 'garbage-collector-controller',
      }),
    );
  }

  /** Whether the owner lives in a namespace that `object` is not in. */
  private isElsewhere({ uid }: OwnerReference, object: KubeObject): boolean {
    const address = this.cluster.state.addressOf(uid);
    const owner = address && this.cluster.state.get(address.resource, address.key);
    const { namespace } = owner?.metadata ?? {};
    return namespace !== undefined && namespace !== object.metadata.namespace;
  }

  /**
   * Owners of kinds that this API does not serve cannot be judged, and neither can namespaced owners of what has no
   * namespace; the real collector leaves those alone, too.
   */
  private mayBeAlive(owner: OwnerReference, object: KubeObject): boolean {
    if (this.isElsewhere(owner, object)) return object.metadata.namespace === undefined;
    if (this.cluster.state.addressOf(owner.uid)) return true;
    return !this.cluster.serves(owner.apiVersion, owner.kind);
  }

  /** Works on the finalizers that belong to the collector itself. */
  private terminate(resource: string, { metadata }: KubeObject): void {
    const stored = this.cluster.get(resource, metadata.namespace, metadata.name);
    if (!stored || stored.metadata.uid !== metadata.uid) return;
    if (resource === 'namespaces') this.emptyNamespace(metadata.name);
    const finalizers = stored.metadata.finalizers ?? [];
    if (finalizers.includes('orphan')) this.orphan(resource, stored);
    if (finalizers.includes('foregroundDeletion')) this.deleteDependents(stored);
  }

  private orphan(resource: string, { metadata }: KubeObject): void {
    for (const dependent of this.cluster.state.dependentsOf(metadata.uid)) {
      const address = this.cluster.state.addressOf(dependent.metadata.uid);
      if (!address) continue;
      this.cluster.update(
        address.resource,
        dependent.metadata.namespace,
        dependent.metadata.name,
        (draft) => {
          draft.metadata.ownerReferences = draft.metadata.ownerReferences?.filter(
            ({ uid }) => uid !== metadata.uid,
          );
        },
      );
    }
    this.dropFinalizer(resource, metadata.namespace, metadata.name, 'orphan');
  }

  private deleteDependents({ metadata }: KubeObject): void {
    for (const dependent of this.cluster.state.dependentsOf(metadata.uid)) {
      const address = this.cluster.state.addressOf(dependent.metadata.uid);
      if (!address || dependent.metadata.deletionTimestamp) continue;
      const others = (dependent.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== metadata.uid);
      const { namespace, name, uid } = dependent.metadata;
      if (others.some((owner) => this.mayBeAlive(owner, dependent))) {
        this.cluster.update(address.resource, namespace, name, (draft) => {
          draft.metadata.ownerReferences = others;
        });
        continue;
      }
      const deeper = this.cluster.state.hasDependents(uid);
      this.cluster.delete(
        address.resource,
        namespace,
        name,
        deeper ? { propagationPolicy: 'Foreground' } : {},
      );
    }
    this.unblock(metadata.uid);
  }

  /** Ends a foreground deletion once nothing that blocks it is left. */
  private unblock(uid: string): void {
    const address = this.cluster.state.addressOf(uid);
    const owner = address && this.cluster.state.get(address.resource, address.key);
    if (!address || !owner?.metadata.finalizers?.includes('foregroundDeletion')) return;
    const blocked = this.cluster.state
      .dependentsOf(uid)
      .some(({ metadata }) =>
        metadata.ownerReferences?.some((ref) => ref.uid === uid && ref.blockOwnerDeletion),
      );
    if (blocked) return;
    this.dropFinalizer(address.resource, owner.metadata.namespace, owner.metadata.name, 'foregroundDeletion');
  }

  private emptyNamespace(namespace: string): void {
    const { state } = this.cluster;
    for (const resource of state.resources()) {
      if (!state.type(resource).namespaced) continue;
      for (const { metadata } of state.list(resource, namespace)) {
        if (!metadata.deletionTimestamp) this.cluster.delete(resource, namespace, metadata.name);
      }
    }
    this.finishNamespace(namespace);
  }

  private finishNamespace(namespace: string): void {
    const { state } = this.cluster;
    if (!state.get('namespaces', keyOf(undefined, namespace))?.metadata.deletionTimestamp) return;
    const full = state
      .resources()
      .some((resource) => state.type(resource).namespaced && state.hasIn(resource, namespace));
    if (full) {
      this.tellRemainder(namespace);
      return;
    }
    this.cluster.update('namespaces', undefined, namespace, (draft) => {
      const { finalizers, ...spec } = draft.spec as { finalizers?: string[] };
      const others = finalizers?.filter((name) => name !== 'kubernetes') ?? [];
      draft.spec = others.length > 0 ? { ...spec, finalizers: others } : spec;
    });
  }

  /** Writes into the namespace's status what is left of it; while that is much, only when it is asked to go. */
  private tellRemainder(namespace: string): void {
    const { state } = this.cluster;
    const stored = state.get('namespaces', keyOf(undefined, namespace));
    const known = (stored?.status as { conditions?: unknown[] } | undefined)?.conditions ?? [];
    const held = state
      .resources()
      .filter((resource) => state.type(resource).namespaced && state.hasIn(resource, namespace));
    const count = held.reduce((sum, resource) => sum + state.heldBy(resource, namespace), 0);
    if (known.length > 0 && count > COUNTED_REMAINDER) return;
    const remainders = held.map((resource) => ({
      ...state.type(resource),
      objects: state.list(resource, namespace),
    }));
    const conditions = deletionConditions(remainders, known, timestamp(this.cluster.now()));
    this.cluster.as('kube-controller-manager').update('namespaces', undefined, namespace, (draft) => {
      draft.status = { ...(draft.status as object | undefined), conditions };
    });
  }

  private dropFinalizer(
    resource: string,
    namespace: string | undefined,
    name: string,
    finalizer: string,
  ): void {
    this.cluster.update(resource, namespace, name, (draft) => {
      draft.metadata.finalizers = draft.metadata.finalizers?.filter((other) => other !== finalizer);
    });
  }
}
