import type { KubeObject, ResourceName, WatchEvent } from '../api/objects';
import type { Cluster } from '../api/store';

/**
 * The cluster as its controllers get it when most of what there is was generated: a watch begins with what still has
 * to be worked on. Everything else comes up when it changes, as it does in a cluster that has been quiet for a while.
 */
export function settledCluster(
  cluster: Cluster,
  isSettled: (resource: ResourceName, object: KubeObject) => boolean,
): Cluster {
  const settled: Cluster = Object.create(cluster);
  settled.watch = <T extends KubeObject>(
    resource: ResourceName,
    listener: (event: WatchEvent<T>) => void,
  ) => {
    const from = cluster.revision;
    const present = cluster.list<T>(resource).filter((object) => !isSettled(resource, object));
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
