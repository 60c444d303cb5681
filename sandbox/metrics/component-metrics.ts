import type { ClusterApi, KubeObject } from '../api/objects';
import { isTrue } from '../controllers/conditions';
import { KUBEVIRT_VERSION } from '../controllers/release';
import type { Pod } from '../controllers/types';
import type { ConnectionLog, Stream } from '../kubevirt/connections';
import type { FamilyName, MetricSink } from './families';

const NAMESPACE = 'kubevirt';
const LEASES = 'leases.coordination.k8s.io';

const READY = {
  'virt-api': 'kubevirt_virt_api_ready_status',
  'virt-controller': 'kubevirt_virt_controller_ready_status',
  'virt-handler': 'kubevirt_virt_handler_ready_status',
  'virt-operator': 'kubevirt_virt_operator_ready_status',
} as const satisfies Record<string, FamilyName>;

const LEADING = {
  'virt-controller': 'kubevirt_virt_controller_leading_status',
  'virt-operator': 'kubevirt_virt_operator_leading_status',
} as const satisfies Record<string, FamilyName>;

const CONNECTIONS: Readonly<Record<Stream, FamilyName>> = {
  vnc: 'kubevirt_vnc_active_connections',
  console: 'kubevirt_console_active_connections',
  usbredir: 'kubevirt_usbredir_active_connections',
  portforward: 'kubevirt_portforward_active_tunnels',
};

interface KubeVirt extends KubeObject {
  spec?: { configuration?: { developerConfiguration?: { useEmulation?: boolean } } };
}

/** What KubeVirt's components tell of themselves, each of its pods; and virt-api of the connections that it carries. */
export function addComponents(sink: MetricSink, cluster: ClusterApi, connections: ConnectionLog): void {
  const [kubevirt] = cluster.list<KubeVirt>('kubevirts.kubevirt.io');
  if (!kubevirt) return;
  const emulated = kubevirt.spec?.configuration?.developerConfiguration?.useEmulation === true;
  for (const pod of cluster.list<Pod>('pods', NAMESPACE)) {
    const program = pod.metadata.labels?.['kubevirt.io'];
    if (!program || !isComponent(program) || pod.status?.phase !== 'Running') continue;
    const labels = { namespace: NAMESPACE, pod: pod.metadata.name };
    sink.add(READY[program], labels, isTrue(pod.status, 'Ready') ? 1 : 0);
    sink.add('kubevirt_info', { ...labels, kubeversion: KUBEVIRT_VERSION, goversion: 'go1.24.9' }, 1);
    if (program === 'virt-controller' || program === 'virt-operator') {
      sink.add(LEADING[program], labels, leader(cluster, program) === pod.metadata.name ? 1 : 0);
    }
    if (program === 'virt-controller') {
      sink.add('kubevirt_configuration_emulation_enabled', labels, emulated ? 1 : 0);
    }
  }
  for (const { stream, namespace, name, count } of connections.open()) {
    sink.add(CONNECTIONS[stream], { namespace, vmi: name }, count);
  }
  for (const { namespace, name, atMs } of connections.last()) {
    sink.add(
      'kubevirt_vmi_last_api_connection_timestamp_seconds',
      { namespace, vmi: name },
      Math.floor(atMs / 1000),
    );
  }
}

function isComponent(program: string): program is keyof typeof READY {
  return program in READY;
}

/** The pod that leads the replicas of a program. */
export function leader(cluster: ClusterApi, program: string): unknown {
  const spec = cluster.get(LEASES, NAMESPACE, program)?.spec;
  return typeof spec === 'object' && spec !== null && 'holderIdentity' in spec
    ? spec.holderIdentity
    : undefined;
}
