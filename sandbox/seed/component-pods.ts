import type { ClusterApi } from '../api/objects';
import { setCondition } from '../controllers/conditions';
import { createPod } from '../controllers/create-pod';
import { PodAddresses } from '../controllers/pod-addresses';
import { accept, startContainers, startSidecars } from '../controllers/pod-status';
import { place, usedPerNode } from '../controllers/scheduling';
import { timestamp } from '../controllers/time';
import type { Node, Pod } from '../controllers/types';
import { daemonPod } from '../controllers/workloads/daemon-pod';
import { daemonRevision, daemonStatus } from '../controllers/workloads/daemon-set';
import { podFromTemplate } from '../controllers/workloads/pods';
import { replicaCounts } from '../controllers/workloads/replica-set';
import { newReplicaSet, rolloutOf, rolloutStatus } from '../controllers/workloads/rollout';
import { templateHash } from '../controllers/workloads/template-hash';
import {
  DAEMON_SETS,
  type DaemonSet,
  DEPLOYMENTS,
  type Deployment,
  REPLICA_SETS,
  REVISION,
  type ReplicaSet,
} from '../controllers/workloads/types';
import { deployments, disruptionBudgets, handlerSet, serviceAccounts, services } from './components';
import { accountsOf, daemonSetsOf, deploymentsOf, type Installation } from './operands';

/**
 * KubeVirt's components as they stand after a while: what the controllers, the scheduler and the kubelets would have
 * made of the workloads at `born` (milliseconds), by the same functions. From the first start on they look after it.
 */
export function addComponents(anybody: ClusterApi, born: number): void {
  const cluster = anybody.as('virt-operator');
  for (const account of serviceAccounts()) cluster.create('serviceaccounts', account);
  for (const draft of deployments()) rollOut(cluster, cluster.create<Deployment>(DEPLOYMENTS, draft), born);
  spreadOut(cluster, cluster.create<DaemonSet>(DAEMON_SETS, handlerSet()), born);
  for (const service of services()) cluster.create('services', service);
  for (const budget of disruptionBudgets()) cluster.create('poddisruptionbudgets.policy', budget);
}

/** Another operator's workloads, brought up in the same way. */
export function install(cluster: ClusterApi, installation: Installation, born: number): void {
  for (const account of accountsOf(installation)) cluster.create('serviceaccounts', account);
  for (const draft of deploymentsOf(installation))
    rollOut(cluster, cluster.create<Deployment>(DEPLOYMENTS, draft), born);
  for (const draft of daemonSetsOf(installation))
    spreadOut(cluster, cluster.create<DaemonSet>(DAEMON_SETS, draft), born);
}

function rollOut(operator: ClusterApi, deployment: Deployment, born: number): void {
  const cluster = operator.as('kube-controller-manager');
  const { namespace, name } = deployment.metadata;
  const replicas = deployment.spec.replicas ?? 1;
  const set = cluster.create<ReplicaSet>(REPLICA_SETS, newReplicaSet(deployment, 1, replicas));
  const pods = Array.from({ length: replicas }, () =>
    run(cluster, createPod(cluster, podFromTemplate(set, set.spec.template)), born),
  );
  const counted = cluster.update<ReplicaSet>(REPLICA_SETS, namespace, set.metadata.name, (draft) => {
    draft.status = { ...replicaCounts(set, pods, born), observedGeneration: 1 };
  });
  cluster.update<Deployment>(DEPLOYMENTS, namespace, name, (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: '1' };
    draft.status = { observedGeneration: 1 };
    draft.status = rolloutStatus(rolloutOf(draft, counted ? [counted] : []), timestamp(born));
  });
}

function spreadOut(operator: ClusterApi, set: DaemonSet, born: number): void {
  const cluster = operator.as('kube-controller-manager');
  const hash = templateHash(set.spec.template);
  cluster.create('controllerrevisions.apps', daemonRevision(set, hash, 1));
  const nodes = cluster.list<Node>('nodes').map(({ metadata }) => metadata.name);
  const pods = nodes.map((node) => run(cluster, createPod(cluster, daemonPod(set, node, hash)), born));
  cluster.update<DaemonSet>(DAEMON_SETS, set.metadata.namespace, set.metadata.name, (draft) => {
    draft.status = daemonStatus(set, { wanted: nodes, pods, hash, now: born });
  });
}

/** Binds a pod and brings it up, all at `born`. */
function run(cluster: ClusterApi, pod: Pod, born: number): Pod {
  const nodes = cluster.list<Node>('nodes');
  const placement = place(pod, nodes, usedPerNode(cluster.list<Pod>('pods')));
  if ('message' in placement) return pod;
  const host = nodes.find(({ metadata }) => metadata.name === placement.node);
  const address = host?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
  const addresses = new PodAddresses(cluster);
  const ip = addresses.next(placement.node);
  addresses.close();
  const time = timestamp(born);
  const { namespace, name } = pod.metadata;
  const running = cluster.as('kubelet').update<Pod>('pods', namespace, name, (draft) => {
    draft.spec.nodeName = placement.node;
    const status = { ...draft.status };
    setCondition(status, {
      type: 'PodScheduled',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: time,
    });
    accept(status, pod, address, time);
    startSidecars(status, pod, ip, time);
    startContainers(status, pod, time);
    draft.status = status;
  });
  return running ?? pod;
}
