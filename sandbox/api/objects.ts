/** Any object of the Kubernetes API. Fields beyond metadata are read with care: they come from outside. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: unknown[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** An object as a client sends it: the server fills in the rest of the metadata. */
export interface NewObject {
  apiVersion: string;
  kind: string;
  metadata: Partial<ObjectMeta>;
  [field: string]: unknown;
}

/** `resource.group` as Kubernetes writes it, e.g. `virtualmachines.kubevirt.io`; core resources are bare: `pods`. */
export type ResourceName = string;

export interface WatchEvent<T extends KubeObject = KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
  /** The state before, absent for ADDED. */
  previous?: T;
}

export interface DeleteOptions {
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: string[];
}

export interface EventDetails {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** `source.component`, e.g. `virtualmachine-controller`. */
  component: string;
  /** `source.host`, the node's name, for what a node's agent reports. */
  host?: string;
}

/**
 * The API as controllers, kubelets and subresource handlers inside the sandbox use it: the rules of the registry
 * (uids, versions, generations, finalizers, garbage collection, journal) without HTTP, admission or authorization.
 * Everything is synchronous; what returns has been written to the journal.
 */
export interface ClusterApi {
  get<T extends KubeObject = KubeObject>(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
  ): T | undefined;
  list<T extends KubeObject = KubeObject>(resource: ResourceName, namespace?: string): T[];
  /** Those objects of a resource that name `uid` among their owners, by name. */
  ownedBy<T extends KubeObject = KubeObject>(resource: ResourceName, uid: string): T[];
  /** @throws ApiError 409 AlreadyExists, 404 when the namespace is missing. */
  create<T extends KubeObject = KubeObject>(resource: ResourceName, object: NewObject): T;
  /**
   * Reads, lets `change` edit a deep copy (spec, status and metadata alike) and writes it. A change that changes
   * nothing writes nothing. Returns the stored object, or undefined when there is none.
   */
  update<T extends KubeObject = KubeObject>(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    change: (draft: T) => void,
  ): T | undefined;
  /** Absent objects are fine. */
  delete(resource: ResourceName, namespace: string | undefined, name: string, options?: DeleteOptions): void;
  /** Calls back with ADDED for all that exists (in the same tick), then with every change, in order. Returns the way to stop. */
  watch<T extends KubeObject = KubeObject>(
    resource: ResourceName,
    listener: (event: WatchEvent<T>) => void,
  ): () => void;
  /** The same API in the hands of a component, whose writes are recorded in metadata.managedFields under its name. */
  as(manager: string): ClusterApi;
  /** Records a core/v1 Event about an object; the same event again counts up instead of adding one. */
  event(about: KubeObject, details: EventDetails): void;
}
