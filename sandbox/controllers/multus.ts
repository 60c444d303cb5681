import { createHash } from 'node:crypto';
import type { ClusterApi } from '../api/objects';
import { podLinkName, secondaryNetworks } from './guest-plan';
import {
  ATTACHMENT_DEFINITIONS,
  type AttachmentDefinition,
  type PluginConfig,
  pluginOf,
  segmentOf,
} from './networks/attachment-config';
import { type Given, giveAddress } from './networks/ipam';
import type { Pod, VirtualMachineInstance } from './types';

export const NETWORKS = 'k8s.v1.cni.cncf.io/networks';
export const NETWORK_STATUS = 'k8s.v1.cni.cncf.io/network-status';
/** What selects the pods of Multus' DaemonSet. */
export const MULTUS_LABELS = { name: 'multus' } as const;

interface Selection {
  name: string;
  namespace: string;
  interface?: string;
  mac?: string;
  /** Addresses that the pod asks for, each with its prefix. */
  ips?: string[];
}

/** One entry of the network-status annotation. */
export interface LinkStatus {
  /** `namespace/name` of the definition. */
  name: string;
  interface?: string;
  ips?: string[];
  mac?: string;
  gateway?: string[];
  default?: boolean;
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
    const { name, namespace, mac, ips } = selection;
    const found = cluster.get<AttachmentDefinition>(ATTACHMENT_DEFINITIONS, namespace, name);
    if (!found) return { failure: sandboxFailure(pod, delegatesFailure(pod, missing(namespace, name))) };
    const read = readPlugin(found);
    if ('problem' in read) return { failure: sandboxFailure(pod, delegatesFailure(pod, read.problem)) };
    let given: Given | undefined;
    try {
      given = giveAddress(read.plugin, addressesOn(cluster, segmentOf(found, read.plugin)), ips);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { failure: sandboxFailure(pod, addFailure(pod, read.plugin.name ?? name, why)) };
    }
    links.push({
      name: `${namespace}/${name}`,
      interface: selection.interface ?? `net${index + 1}`,
      ...(given ? { ips: [given.address] } : {}),
      mac: mac ?? linkMac(pod, `${namespace}/${name}/${index}`),
      ...(given?.gateway ? { gateway: [given.gateway] } : {}),
      dns: read.plugin.dns ?? {},
    });
  }
  return { status: JSON.stringify(links, undefined, 4) };
}

/** The addresses that pods have been given on a layer-2 network, by whichever definition they came to it. */
function addressesOn(cluster: ClusterApi, segment: string): Set<string> {
  const taken = new Set<string>();
  for (const pod of cluster.list<Pod>('pods')) {
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    for (const { name, ips } of linksOf(pod)) {
      if (!ips?.length) continue;
      const [namespace = '', definition = ''] = name.split('/');
      const found = cluster.get<AttachmentDefinition>(ATTACHMENT_DEFINITIONS, namespace, definition);
      const read = found && readPlugin(found);
      if (found && read && 'plugin' in read && segmentOf(found, read.plugin) === segment) {
        for (const ip of ips) taken.add(ip);
      }
    }
  }
  return taken;
}

function linkMac({ metadata }: Pod, link: string): string {
  const hash = createHash('sha256').update(`${metadata.uid}/${link}`).digest('hex');
  return `02${(hash.slice(0, 10).match(/../g) ?? []).map((byte) => `:${byte}`).join('')}`;
}

/** Whether a pod asks for a network under the same link. */
export function isAskedFor({ name, namespace, interface: link }: Selection, pod: Pod): boolean {
  return selectionsOf(pod).some(
    (known) => known.name === name && known.namespace === namespace && known.interface === link,
  );
}

/** The links to secondary networks that Multus gave a pod, as its annotation says. */
export function linksOf({ metadata }: Pod): LinkStatus[] {
  const text = metadata.annotations?.[NETWORK_STATUS];
  if (!text) return [];
  try {
    // Written by `attach`, or by somebody who plays Multus.
    const links = JSON.parse(text) as LinkStatus[];
    return links.filter((link) => !link.default && typeof link.name === 'string');
  } catch {
    return [];
  }
}

/** The links that Multus gave a pod, by their names in it. */
export function attachedLinks(pod: Pod): ReadonlySet<string> {
  return new Set(linksOf(pod).map((link) => link.interface ?? ''));
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

function readPlugin(definition: AttachmentDefinition): { plugin: PluginConfig } | { problem: string } {
  try {
    return { plugin: pluginOf(definition) };
  } catch (error) {
    const { namespace, name } = definition.metadata;
    const why = error instanceof Error ? error.message : error;
    return {
      problem: `GetCNIConfigFromSpec: err in unmarshalling CNI config of ${namespace}/${name}: ${why}`,
    };
  }
}

function delegatesFailure({ metadata }: Pod, problem: string): string {
  const place = `${metadata.namespace}/${metadata.name}/${metadata.uid}`;
  return `Multus: [${place}]: error loading k8s delegates k8s args: TryLoadPodDelegates: error in getting k8s network for pod: GetNetworkDelegates: failed getting the delegate: getKubernetesDelegate: ${problem}`;
}

function addFailure({ metadata }: Pod, network: string, why: string): string {
  const place = `${metadata.namespace}/${metadata.name}/${metadata.uid}`;
  return `[${place}:${network}]: error adding container to network ${JSON.stringify(network)}: ${why}`;
}

/** The kubelet's account of what containerd said that Multus said. */
function sandboxFailure({ metadata }: Pod, problem: string): string {
  const sandbox = metadata.uid.replaceAll('-', '').padEnd(64, '0');
  const place = `${metadata.namespace}/${metadata.name}`;
  return `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${sandbox}": plugin type="multus-shim" name="multus-cni-network" failed (add): CmdAdd (shim): CNI request failed with status 400: 'ContainerID:"${sandbox}" Netns:"/var/run/netns/cni-${metadata.uid}" IfName:"eth0" Args:"K8S_POD_NAMESPACE=${metadata.namespace};K8S_POD_NAME=${metadata.name};K8S_POD_UID=${metadata.uid}" Path:"" ERRORED: error configuring pod [${place}] networking: ${problem}'`;
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
