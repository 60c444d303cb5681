import { randomUUID } from 'node:crypto';
import { clock } from '../clock';
import { applyBuiltInDefaults } from './built-in-defaults';
import { Registry } from './custom/registry';
import { markDeleted, mayGo } from './deletion';
import { ApiError, alreadyExists, conflict, detailsOf, forbidden, invalid, notFound } from './errors';
import { GarbageCollector } from './garbage';
import type { Change } from './history';
import { Journal } from './journal';
import {
  dropEmpty,
  generatedName,
  growsGeneration,
  keepServerFields,
  sameButFieldTimes,
  timestamp,
} from './metadata';
import type {
  ClusterApi,
  DeleteOptions,
  EventDetails,
  KubeObject,
  NewObject,
  ResourceName,
  WatchEvent,
} from './objects';
import { EventRecorder } from './recorder';
import type { ResourceType } from './resource-type';
import { RESOURCES } from './resources';
import { editableCopy, editableObject, sharing } from './sharing';
import { keyOf, State } from './state';
import { writtenBy } from './written-by';

/** How often the apiserver looks for a free name. */
const NAME_TRIES = 8;
export const FIRST_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

export interface ClusterOptions {
  /** Where the journal lives; undefined keeps everything in memory only. */
  directory: string | undefined;
  resources?: readonly ResourceType[];
  now?: () => Date;
  /** Changes kept per resource, from which watches resume. */
  historyLimit?: number;
}

export interface WriteOptions {
  /** Runs every check and returns what would be stored. */
  dryRun?: boolean;
}

/** Opens the store: replays the journal if there is one, and adds the namespaces that every cluster starts with. */
export function createCluster(options: ClusterOptions): Cluster {
  const cluster = new Cluster(options);
  for (const name of FIRST_NAMESPACES) {
    if (cluster.get('namespaces', undefined, name)) continue;
    cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  return cluster;
}

/**
 * The registry: what kube-apiserver's generic store does, plus the garbage collector and the namespace controller.
 * Objects handed out are shared and frozen. Everything is synchronous: a write has reached the journal, every cascade
 * that follows from it has been written as well, and every listener was called, when it returns.
 */
export class Cluster implements ClusterApi {
  readonly state: State;
  private readonly journal: Journal | undefined;
  private readonly garbage: GarbageCollector;
  private readonly recorder: EventRecorder;
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly undelivered: Change[] = [];
  private delivering = false;
  /** What the API serves at the moment. */
  readonly registry: Registry;
  readonly now: () => Date;

  constructor({ directory, resources = RESOURCES, now = () => clock.now(), historyLimit }: ClusterOptions) {
    this.now = now;
    this.registry = new Registry(resources);
    this.state = new State(resources, historyLimit, (change) => this.registry.follow(change));
    this.garbage = new GarbageCollector(this);
    this.recorder = new EventRecorder(this);
    this.journal = directory === undefined ? undefined : new Journal(directory, this.state);
    this.garbage.resume();
  }

  get revision(): number {
    return this.state.revision;
  }

  get<T extends KubeObject = KubeObject>(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
  ): T | undefined {
    // The caller names the type that the resource's objects have; schemas were checked on the way in.
    return this.state.get(resource, keyOf(namespace, name)) as T | undefined;
  }

  list<T extends KubeObject = KubeObject>(resource: ResourceName, namespace?: string): T[] {
    return this.state.list(resource, namespace) as T[];
  }

  ownedBy<T extends KubeObject = KubeObject>(resource: ResourceName, uid: string): T[] {
    return this.state.dependentsOf(uid, resource) as T[];
  }

  /**
   * @throws ApiError 404 when the namespace is missing, 403 when it is terminating, 409 when the name is taken,
   * 400 when a resourceVersion is given or there is no name to go by.
   */
  create<T extends KubeObject = KubeObject>(
    resource: ResourceName,
    object: NewObject,
    options: WriteOptions = {},
  ): T {
    const type = this.state.type(resource);
    const draft = this.prepare(type, object);
    this.requireNamespace(type, draft);
    if (this.get(resource, draft.metadata.namespace, draft.metadata.name)) {
      throw alreadyExists(type, draft.metadata.name);
    }
    if (options.dryRun) return draft as T;
    return this.commit('ADDED', resource, this.state.sharingWithLatest(resource, draft)) as T;
  }

  /**
   * Puts a complete object in place, uid and times included, as if it had always been there: no listener hears of it,
   * no history tells of it and no journal keeps it. For filling a cluster in memory before anything watches it. What
   * it has in common with `alike` is kept once.
   */
  load(resource: ResourceName, object: KubeObject, alike?: KubeObject): KubeObject {
    const revision = this.revision + 1;
    const shared = sharing(alike, object, { inOrder: true });
    const stored = { ...shared, metadata: { ...shared.metadata, resourceVersion: String(revision) } };
    this.state.apply({ type: 'ADDED', resource, object: stored, revision }, false);
    return stored;
  }

  /**
   * What `create` would store, before any check against other objects: identity, creation time, generation and the
   * apiserver's own defaults.
   */
  prepare(type: ResourceType, object: NewObject): KubeObject {
    const draft = editableCopy(object);
    if (draft.metadata.resourceVersion) {
      throw new ApiError(500, 'InternalError', 'resourceVersion should not be set on objects to be created');
    }
    const name = draft.metadata.name || this.freeName(type, draft.metadata);
    applyBuiltInDefaults(type.id, draft);
    const { namespace, generateName, labels, annotations, finalizers, ownerReferences, managedFields } =
      draft.metadata;
    const metadata = editableCopy({
      name,
      generateName,
      namespace: type.namespaced ? namespace || 'default' : undefined,
      uid: draft.metadata.uid || randomUUID(),
      resourceVersion: '',
      generation: type.generation === 'none' ? undefined : 1,
      creationTimestamp: timestamp(this.now()),
      labels,
      annotations,
      finalizers,
      ownerReferences,
      managedFields,
    });
    dropEmpty(metadata);
    return { ...draft, metadata };
  }

  /** A name from generateName that nobody has, if a few tries find one. @throws ApiError 422 without generateName. */
  private freeName(type: ResourceType, { generateName, namespace }: NewObject['metadata']): string {
    if (!generateName) {
      const message = 'Required value: name or generateName is required';
      const cause = { reason: 'FieldValueRequired', message, field: 'metadata.name' };
      throw invalid(type.kind, type.group, '', [cause]);
    }
    const place = type.namespaced ? namespace || 'default' : undefined;
    const resource = type.view?.of ?? type.id;
    let name = generatedName(generateName);
    for (let tries = 1; tries < NAME_TRIES && this.get(resource, place, name); tries += 1) {
      name = generatedName(generateName);
    }
    return name;
  }

  update<T extends KubeObject = KubeObject>(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    change: (draft: T) => void,
  ): T | undefined {
    const stored = this.get<T>(resource, namespace, name);
    if (!stored) return undefined;
    const draft = editableObject(stored);
    change(draft);
    return this.put(resource, stored, draft) as T;
  }

  /**
   * Replaces `stored` with `next`; what only the server may set stays as it is. Returns what is stored afterwards:
   * `stored` itself when nothing changed, and the last state when this removed the final finalizer.
   */
  put(resource: ResourceName, stored: KubeObject, next: KubeObject, options: WriteOptions = {}): KubeObject {
    const type = this.state.type(resource);
    const wanted = { ...next, metadata: { ...next.metadata } };
    keepServerFields(wanted.metadata, stored.metadata);
    const draft = sharing(stored, wanted);
    if (draft === stored || sameButFieldTimes(stored, draft)) return stored;
    if (growsGeneration(type, stored, draft))
      draft.metadata = { ...draft.metadata, generation: (stored.metadata.generation ?? 0) + 1 };
    if (options.dryRun) return draft;
    const gone = draft.metadata.deletionTimestamp !== undefined && mayGo(type, draft);
    return this.commit(gone ? 'DELETED' : 'MODIFIED', resource, draft, stored);
  }

  delete(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): void {
    if (this.get(resource, namespace, name)) this.remove(resource, namespace, name, options);
  }

  /**
   * Deletes as the API does. `gone` tells whether the object has left the store, or stays with a deletionTimestamp
   * until its finalizers are removed (pods: until the kubelet confirms with a grace period of 0).
   * @throws ApiError 404, or 409 when a precondition fails.
   */
  remove(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): { object: KubeObject; gone: boolean } {
    const type = this.state.type(resource);
    const stored = this.get(resource, namespace, name);
    if (!stored) throw notFound(type, name);
    this.checkPreconditions(type, stored, options);
    const copy = editableCopy(stored);
    markDeleted(type, copy, options, this.now());
    const gone = mayGo(type, copy);
    const draft = sharing(stored, copy);
    if (options.dryRun?.length || (!gone && draft === stored)) return { object: gone ? stored : draft, gone };
    // What goes at once was never seen terminating: watchers get its last state.
    if (gone) return { object: this.commit('DELETED', resource, stored, stored), gone };
    return { object: this.commit('MODIFIED', resource, draft, stored), gone };
  }

  watch<T extends KubeObject = KubeObject>(
    resource: ResourceName,
    listener: (event: WatchEvent<T>) => void,
  ): () => void {
    const from = this.revision;
    const present = this.list<T>(resource);
    const stop = this.subscribe((change) => {
      if (change.resource === resource && change.revision > from)
        listener(change as unknown as WatchEvent<T>);
    });
    for (const object of present) listener({ type: 'ADDED', object });
    return stop;
  }

  /** Calls back with every change of every resource, in order, from now on. */
  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Whether some version of the kind is part of this API. */
  serves(apiVersion: string, kind: string): boolean {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    return this.registry.serves(group, kind);
  }

  as(manager: string): ClusterApi {
    return writtenBy(this, manager);
  }

  event(about: KubeObject, details: EventDetails): void {
    this.recorder.record(about, details);
  }

  /** Rewrites the journal so that it holds only what lives; happens by itself when it has grown enough. */
  compact(): void {
    this.journal?.compact();
  }

  /** Syncs and closes the journal. */
  close(): void {
    this.listeners.clear();
    this.garbage.close();
    this.journal?.close();
  }

  /** @throws ApiError 404 when the object's namespace is missing, 403 when it is terminating. */
  requireNamespace(type: ResourceType, { metadata }: Pick<NewObject, 'metadata'>): void {
    if (!type.namespaced || !metadata.namespace) return;
    const namespace = this.get('namespaces', undefined, metadata.namespace);
    if (!namespace) throw notFound({ plural: 'namespaces', group: '' }, metadata.namespace);
    if (!namespace.metadata.deletionTimestamp) return;
    const why = `unable to create new content in namespace ${metadata.namespace} because it is being terminated`;
    const message = `namespace ${metadata.namespace} is being terminated`;
    throw forbidden(type, metadata.name, why, [
      { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' },
    ]);
  }

  private checkPreconditions(
    type: ResourceType,
    { metadata }: KubeObject,
    { preconditions }: DeleteOptions,
  ): void {
    const { uid, resourceVersion } = preconditions ?? {};
    const refuse = (field: string, wanted: string, found: string) => {
      const message = `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${found}`;
      return new ApiError(
        409,
        'Conflict',
        conflict(type, metadata.name, message).message,
        detailsOf(type, metadata.name),
      );
    };
    if (uid && uid !== metadata.uid) throw refuse('UID', uid, metadata.uid);
    if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
      throw refuse('ResourceVersion', resourceVersion, metadata.resourceVersion);
    }
  }

  /** Writes `draft` as the next version, and whatever follows from it. Returns the object as stored. */
  private commit(
    type: Change['type'],
    resource: ResourceName,
    draft: KubeObject,
    previous?: KubeObject,
  ): KubeObject {
    const revision = this.revision + 1;
    const object = { ...draft, metadata: { ...draft.metadata, resourceVersion: String(revision) } };
    const change: Change = { type, resource, object, revision, ...(previous ? { previous } : {}) };
    this.journal?.append(change);
    this.state.apply(change);
    this.undelivered.push(change);
    this.garbage.follow(change);
    this.deliver();
    this.journal?.compactIfDue();
    return object;
  }

  /** A listener that writes makes further changes: they wait their turn, so that everybody sees one order. */
  private deliver(): void {
    if (this.delivering || this.garbage.busy) return;
    this.delivering = true;
    try {
      for (let change = this.undelivered.shift(); change; change = this.undelivered.shift()) {
        for (const listener of [...this.listeners]) {
          try {
            listener(change);
          } catch (error) {
            console.error(`A listener failed on ${change.type} of ${change.resource}`, error);
          }
        }
      }
    } finally {
      this.delivering = false;
    }
  }
}
