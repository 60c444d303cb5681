import { timestamp } from './metadata';
import type { ClusterApi, KubeObject, NewObject, ResourceName } from './objects';
import { recordChange, recordCreate, recordStatus, schemaOf } from './record-writes';
import { groupVersion, type ResourceType } from './resource-type';

/** What this needs of the store beyond what it passes on. */
interface Store extends ClusterApi {
  readonly now: () => Date;
  readonly state: { type(resource: ResourceName): ResourceType };
  prepare(type: ResourceType, object: NewObject): KubeObject;
}

/**
 * The store in the hands of one component: its writes are recorded in metadata.managedFields as that manager's, the
 * status of kinds with a `/status` endpoint under that subresource. Objects that nobody tracks cost and change nothing.
 */
export function writtenBy(cluster: Store, manager: string): ClusterApi {
  const writerOf = (type: ResourceType) => ({
    manager,
    apiVersion: groupVersion(type),
    time: timestamp(cluster.now()),
  });
  return {
    get: (resource, namespace, name) => cluster.get(resource, namespace, name),
    list: (resource, namespace) => cluster.list(resource, namespace),
    ownedBy: (resource, uid) => cluster.ownedBy(resource, uid),
    watch: (resource, listener) => cluster.watch(resource, listener),
    delete: (resource, namespace, name, options) => cluster.delete(resource, namespace, name, options),
    event: (about, details) => cluster.event(about, details),
    as: (other) => writtenBy(cluster, other),
    create(resource, object) {
      const type = cluster.state.type(resource);
      const draft = cluster.prepare(type, object);
      recordCreate(type, object, draft, writerOf(type));
      if (type.status && object.status !== undefined) {
        const unset = { ...draft, status: type.custom ? undefined : {} };
        recordStatus(unset, draft, writerOf(type), schemaOf(type));
      }
      return cluster.create(resource, draft);
    },
    update(resource, namespace, name, change) {
      const before = cluster.get(resource, namespace, name);
      return cluster.update(resource, namespace, name, (draft) => {
        // The caller's type of object is a KubeObject all the same.
        change(draft as never);
        if (before)
          recordChange(cluster.state.type(resource), before, draft, writerOf(cluster.state.type(resource)));
      });
    },
  };
}
