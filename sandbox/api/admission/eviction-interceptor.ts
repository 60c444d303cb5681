import { ApiError } from '../errors';
import type { ClusterApi, KubeObject } from '../objects';
import { at, list } from '../print-values';

const VMIS = 'virtualmachineinstances.kubevirt.io';
const WEBHOOK = 'virt-launcher-eviction-interceptor.kubevirt.io';

/**
 * KubeVirt's webhook on pods/eviction: a guest that can move is marked for evacuation instead of losing its pod, and
 * the client is asked to try again until it has moved. Mirrors pod-eviction-admitter.go. @throws ApiError 429
 */
export function evictionInterceptor(
  cluster: ClusterApi,
  pod: KubeObject,
  { dryRun }: { dryRun: boolean },
): void {
  // The launcher that a guest has left keeps nobody from draining its node.
  const phase = at(pod, 'status', 'phase');
  const vmi = phase === 'Succeeded' || phase === 'Failed' ? undefined : instanceOf(cluster, pod);
  if (!vmi) return;
  const { namespace, name } = vmi.metadata;
  const movable = isMigratable(vmi);
  switch (evictionStrategy(cluster, vmi)) {
    case 'LiveMigrate':
      if (!movable) {
        throw denied(`VMI ${name} is configured with an eviction strategy but is not live-migratable`);
      }
      break;
    case 'LiveMigrateIfPossible':
      if (!movable) return;
      break;
    case 'External':
      break;
    default:
      return;
  }
  const node = at(pod, 'spec', 'nodeName');
  const triggered = `Eviction triggered evacuation of VMI "${namespace}/${name}"`;
  if (at(vmi, 'status', 'evacuationNodeName')) throw denied(`Evacuation in progress: ${triggered}`);
  if (at(vmi, 'status', 'nodeName') !== node) throw denied('Eviction request for target Pod');
  if (!dryRun) {
    cluster.update(VMIS, namespace, name, (draft) => {
      draft.status = { ...(draft.status as object | undefined), evacuationNodeName: node };
    });
  }
  throw denied(triggered);
}

/** The instance of a launcher pod, or of the launcher that an attachment pod belongs to. */
function instanceOf(cluster: ClusterApi, pod: KubeObject): KubeObject | undefined {
  const { namespace, labels = {}, ownerReferences = [] } = pod.metadata;
  if (labels['kubevirt.io'] === 'hotplug-disk') {
    const launcher = ownerReferences.find(({ kind }) => kind === 'Pod');
    const owner = launcher && cluster.get('pods', namespace, launcher.name);
    return owner && instanceOf(cluster, owner);
  }
  const domain = pod.metadata.annotations?.['kubevirt.io/domain'];
  if (labels['kubevirt.io'] !== 'virt-launcher' || !domain) return undefined;
  const vmi = cluster.get(VMIS, namespace, domain);
  return vmi && labels['kubevirt.io/created-by'] === vmi.metadata.uid ? vmi : undefined;
}

function evictionStrategy(cluster: ClusterApi, vmi: KubeObject): unknown {
  const [kubevirt] = cluster.list('kubevirts.kubevirt.io');
  return at(vmi, 'spec', 'evictionStrategy') ?? at(kubevirt, 'spec', 'configuration', 'evictionStrategy');
}

function isMigratable(vmi: KubeObject): boolean {
  return list(at(vmi, 'status', 'conditions')).some(
    (condition) => at(condition, 'type') === 'LiveMigratable' && at(condition, 'status') === 'True',
  );
}

/** A webhook's own status keeps its code, and has no reason. */
function denied(why: string): ApiError {
  const error = new ApiError(429, '', `admission webhook "${WEBHOOK}" denied the request: ${why}`);
  delete error.status.reason;
  return error;
}
