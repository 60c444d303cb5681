import type { Change } from './history';
import type { ClusterApi, KubeObject, OwnerReference } from './objects';
import { keyOf, type State } from './state';

/** What the collector needs of the store. */
interface Collected extends ClusterApi {
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

  constructor(private readonly cluster: Collected) {}

  /** True while a cascade is being written; its changes are delivered together, when it is complete. */
  get busy(): boolean {
    return this.running;
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
    const alive = owners.filter((owner) => this.mayBeAlive(owner));
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

  /** Owners of kinds that this API does not serve cannot be judged; the real collector leaves those alone, too. */
  private mayBeAlive({ uid, apiVersion, kind }: OwnerReference): boolean {
    if (this.cluster.state.addressOf(uid)) return true;
    return !this.cluster.serves(apiVersion, kind);
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
      if (others.some((owner) => this.mayBeAlive(owner))) {
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
    if (full) return;
    this.cluster.update('namespaces', undefined, namespace, (draft) => {
      const { finalizers, ...spec } = draft.spec as { finalizers?: string[] };
      const others = finalizers?.filter((name) => name !== 'kubernetes') ?? [];
      draft.spec = others.length > 0 ? { ...spec, finalizers: others } : spec;
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
