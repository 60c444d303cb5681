import type { ClusterApi, KubeObject } from '../api/objects';
import { podLinkName, secondaryNetworks } from './guest-plan';
import type { Pod, VirtualMachineInstance } from './types';

export const NETWORKS = 'k8s.v1.cni.cncf.io/networks';
export const NETWORK_STATUS = 'k8s.v1.cni.cncf.io/network-status';
export const ATTACHMENT_DEFINITIONS = 'network-attachment-definitions.k8s.cni.cncf.io';
/** What selects the pods of Multus' DaemonSet. */
export const MULTUS_LABELS = { name: 'multus' } as const;

interface Selection {
  name: string;
  namespace: string;
  interface?: string;
  mac?: string;
}

interface LinkStatus {
  name: string;
  interface?: string;
}

interface AttachmentDefinition extends KubeObject {
  spec?: { config?: string };
}

/** What a launcher asks Multus for: one link for each secondary network of its instance. */
export function networkSelections(vmi: VirtualMachineInstance): Selection[] {
  const own = vmi.metadata.namespace ?? 'default';
  const interfaces = vmi.spec.domain.devices.interfaces ?? [];
  return secondaryNetworks(vmi).map(({ name, multus }) => {
    const [first = '', second] = (multus?.networkName ?? '').split('/');
    const mac = interfaces.find((candidate) => candidate.name === name)?.macAddress;
    return {
      name: second ?? first,
      namespace: second === undefined ? own : first,
      ...(mac ? { mac } : {}),
      interface: podLinkName(name),
    };
  });
}

/** Reads the annotation with which a pod asks for networks: JSON, or names separated by commas. */
function selectionsOf({ metadata }: Pod): Selection[] {
  const text = metadata.annotations?.[NETWORKS]?.trim();
  const own = metadata.namespace ?? 'default';
  if (!text) return [];
  if (!text.startsWith('[')) {
    return text.split(',').map((part) => {
      const [place = '', link] = part.trim().split('@');
      const [first = '', second] = place.split('/');
      return {
        name: second ?? first,
        namespace: second === undefined ? own : first,
        ...(link ? { interface: link } : {}),
      };
    });
  }
  try {
    const parsed = JSON.parse(text) as (Omit<Selection, 'namespace'> & { namespace?: string })[];
    return parsed.map((selection) => ({ ...selection, namespace: selection.namespace || own }));
  } catch {
    return [];
  }
}

/**
 * What Multus does when a pod's network is set up: says why it cannot attach the pod to the networks it asks for, or
 * what it attached it to (the value of the network-status annotation). Undefined where Multus does not run on the
 * pod's node, or the pod asks for nothing.
 */
export function attach(
  cluster: ClusterApi,
  pod: Pod,
  address: string,
): { failure: string } | { status: string } | undefined {
  const selections = selectionsOf(pod);
  if (selections.length === 0 || !runsMultus(cluster, pod.spec.nodeName)) return undefined;
  const links: object[] = [
    { name: 'cluster-network', interface: 'eth0', ips: [address], default: true, dns: {} },
  ];
  for (const [index, selection] of selections.entries()) {
    const { name, namespace, mac } = selection;
    const found = cluster.get<AttachmentDefinition>(ATTACHMENT_DEFINITIONS, namespace, name);
    const problem = found ? configProblem(found) : missing(namespace, name);
    if (problem) return { failure: sandboxFailure(pod, problem) };
    links.push({
      name: `${namespace}/${name}`,
      interface: selection.interface ?? `net${index + 1}`,
      ...(mac ? { mac } : {}),
      dns: {},
    });
  }
  return { status: JSON.stringify(links, undefined, 4) };
}

/** Whether a pod asks for a network under the same link. */
export function isAskedFor({ name, namespace, interface: link }: Selection, pod: Pod): boolean {
  return selectionsOf(pod).some(
    (known) => known.name === name && known.namespace === namespace && known.interface === link,
  );
}

/** The links that Multus gave a pod, by their names in it. */
export function attachedLinks({ metadata }: Pod): ReadonlySet<string> {
  const text = metadata.annotations?.[NETWORK_STATUS];
  if (!text) return new Set();
  try {
    // Written by `attach`, or by somebody who plays Multus.
    const links = JSON.parse(text) as LinkStatus[];
    return new Set(links.map((link) => link.interface ?? ''));
  } catch {
    return new Set();
  }
}

function runsMultus(cluster: ClusterApi, node: string | undefined): boolean {
  return cluster
    .list<Pod>('pods')
    .some(
      ({ metadata, spec, status }) =>
        spec.nodeName === node &&
        metadata.labels?.name === MULTUS_LABELS.name &&
        !metadata.deletionTimestamp &&
        status?.phase === 'Running',
    );
}

function missing(namespace: string, name: string): string {
  return `cannot find a network-attachment-definition (${name}) in namespace (${namespace}): network-attachment-definitions.k8s.cni.cncf.io "${name}" not found`;
}

function configProblem({ metadata, spec }: AttachmentDefinition): string | undefined {
  try {
    JSON.parse(spec?.config || '{}');
    return undefined;
  } catch (error) {
    return `GetCNIConfigFromSpec: err in unmarshalling CNI config of ${metadata.namespace}/${metadata.name}: ${error instanceof Error ? error.message : error}`;
  }
}

/** The kubelet's account of what containerd said that Multus said. */
function sandboxFailure({ metadata }: Pod, problem: string): string {
  const sandbox = metadata.uid.replaceAll('-', '').padEnd(64, '0');
  const place = `${metadata.namespace}/${metadata.name}`;
  const delegates = `error loading k8s delegates k8s args: TryLoadPodDelegates: error in getting k8s network for pod: GetNetworkDelegates: failed getting the delegate: getKubernetesDelegate: ${problem}`;
  return `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${sandbox}": plugin type="multus-shim" name="multus-cni-network" failed (add): CmdAdd (shim): CNI request failed with status 400: 'ContainerID:"${sandbox}" Netns:"/var/run/netns/cni-${metadata.uid}" IfName:"eth0" Args:"K8S_POD_NAMESPACE=${metadata.namespace};K8S_POD_NAME=${metadata.name};K8S_POD_UID=${metadata.uid}" Path:"" ERRORED: error configuring pod [${place}] networking: Multus: [${place}/${metadata.uid}]: ${delegates}'`;
}

/** @throws what virt-launcher says when a network that the guest is on has no link in its pod: Multus is not there. */
export function checkLinks(vmi: VirtualMachineInstance, pod: Pod): void {
  const links = attachedLinks(pod);
  const missing = secondaryNetworks(vmi).find(({ name }) => !links.has(podLinkName(name)));
  if (!missing) return;
  throw new Error(
    `failed to configure vmi network: setup failed, err: pod link (${podLinkName(missing.name)}) is missing`,
  );
}
