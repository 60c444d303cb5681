import type { KubeObject, ResourceName, WatchEvent } from '../api/objects';
import type { Cluster } from '../api/store';
import { keyFor, splitKey } from '../controllers/work-queue';

interface Looked {
  revision: number;
  /** Of those that are not settled, or have changed since. */
  keys: ReadonlySet<string>;
}

/**
 * The cluster as its controllers get it when most of what there is was generated: a watch begins with what still has
 * to be worked on. Everything else comes up when it changes, as it does in a cluster that has been quiet for a while.
 */
export function settledCluster(
  cluster: Cluster,
  isSettled: (resource: ResourceName, object: KubeObject) => boolean,
): Cluster {
  const settled: Cluster = Object.create(cluster);
  const looked = new Map<ResourceName, Looked>();
  // Many controllers watch the same: what has been looked through once is not looked through again.
  const unsettled = (resource: ResourceName): KubeObject[] => {
    const known = looked.get(resource);
    const changes = known && cluster.state.changesSince(resource, known.revision);
    const keys =
      known && changes
        ? new Set([...known.keys, ...changes.map(({ object }) => keyFor(object))])
        : new Set(
            cluster
              .list(resource)
              .filter((object) => !isSettled(resource, object))
              .map(keyFor),
          );
    looked.set(resource, { revision: cluster.revision, keys });
    return [...keys].sort().flatMap((key) => {
      const { namespace, name } = splitKey(key);
      return cluster.get(resource, namespace || undefined, name) ?? [];
    });
  };
  settled.watch = <T extends KubeObject>(
    resource: ResourceName,
    listener: (event: WatchEvent<T>) => void,
  ) => {
    const from = cluster.revision;
    const present = unsettled(resource) as T[];
    const stop = cluster.subscribe((change) => {
      // The resource's objects are of the type that the caller names, as in the store's own watch.
      if (change.resource === resource && change.revision > from)
        listener(change as unknown as WatchEvent<T>);
    });
    for (const object of present) listener({ type: 'ADDED', object });
    return stop;
  };
  return settled;
}
