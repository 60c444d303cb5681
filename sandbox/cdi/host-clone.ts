import type { ClusterApi } from '../api/objects';
import type { PersistentVolumeClaim } from '../controllers/storage-types';
import type { Pod } from '../controllers/types';
import { annotate } from './claims';
import * as names from './names';
import { workerPod } from './worker-pods';

/**
 * A clone that no driver can make: a pod reads the source and writes `helper`, with progress. Whether it is done.
 * Mirrors HostClonePhase of CDI, whose pod sends the bytes to another one that has the helper.
 */
export function hostClone(
  cluster: ClusterApi,
  { source, helper, target }: Record<'source' | 'helper' | 'target', PersistentVolumeClaim>,
): boolean {
  const { namespace } = source.metadata;
  const name = `${target.metadata.uid}-source-pod`;
  const pod = cluster.get<Pod>('pods', namespace, name);
  if (!pod) {
    const settings = {
      env: [
        { name: 'CONTENT_TYPE', value: helper.metadata.annotations?.[names.CONTENT_TYPE] ?? 'kubevirt' },
        {
          name: 'UPLOAD_URL',
          value: `https://cdi-upload-${helper.metadata.name}.${namespace}.svc/v1beta1/upload`,
        },
        {
          name: 'PREALLOCATION',
          value: target.metadata.annotations?.[names.PREALLOCATION] ?? 'false',
        },
      ],
      // A class that waits for a consumer has one in this pod.
      volumes: [
        {
          name: 'cdi-clone-target',
          mountPath: '/target',
          source: { persistentVolumeClaim: { claimName: helper.metadata.name } },
        },
      ],
    };
    cluster.create<Pod>(
      'pods',
      workerPod('cdi-cloner', name, source, settings, { readOnly: true, owner: helper }),
    );
    return false;
  }
  const progress = helper.metadata.annotations?.[names.PROGRESS];
  if (progress) annotate(cluster, target, { [names.PROGRESS]: progress });
  return pod.status?.phase === 'Succeeded';
}
