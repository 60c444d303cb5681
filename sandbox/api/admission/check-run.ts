import { isIP } from 'node:net';
import type { V1AccessCredential, V1Probe } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { KubeVirtConfig } from './config';
import type { Findings } from './findings';
import { dnsLabelErrors, dnsSubdomainErrors } from './names';
import type { VmiSpec } from './types';

/** Host name and subdomain. */
export function checkHostname(at: string, { hostname, subdomain }: VmiSpec, found: Findings): void {
  const host = hostname ? dnsLabelErrors(hostname) : [];
  if (host.length) {
    const text = `${at}.hostname does not conform to the kubernetes DNS_LABEL rules : ${host.join(', ')}`;
    found.invalid(`${at}.hostname`, text);
  }
  const domain = subdomain ? dnsSubdomainErrors(subdomain) : [];
  if (domain.length) {
    const text = `${at}.subdomain does not conform to the kubernetes DNS_SUBDOMAIN rules : ${domain.join(', ')}`;
    found.invalid(`${at}.subdomain`, text);
  }
}

/** Start strategy: Paused or nothing, and never with a liveness probe. */
export function checkStartStrategy(at: string, spec: VmiSpec, found: Findings): void {
  const field = `${at}.startStrategy`;
  if (spec.startStrategy === undefined) return;
  if (spec.startStrategy !== 'Paused') {
    found.invalid(field, `${field} is set with an unrecognized option: ${spec.startStrategy}`);
  } else if (spec.livenessProbe) {
    const text = `either ${field} or ${at}.livenessProbe should be provided.Pausing VMI with LivenessProbe is not supported`;
    found.invalid(field, text);
  }
}

/** Other architectures than the cluster's need a gate. */
export function checkArchitecture(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  const { architecture } = spec;
  if (!architecture || architecture === config.defaultArchitecture || config.gates.has('MultiArchitecture'))
    return;
  const field = `${at}.architecture`;
  found.required(
    field,
    `MultiArchitecture feature gate is not enabled in kubevirt-config, invalid entry ${field}`,
  );
}

const EVICTION_STRATEGIES = ['LiveMigrate', 'LiveMigrateIfPossible', 'None', 'External'];

/** What happens to the VMI when its node is drained. */
export function checkEvictionStrategy(at: string, { evictionStrategy }: VmiSpec, found: Findings): void {
  if (evictionStrategy === undefined || EVICTION_STRATEGIES.includes(evictionStrategy)) return;
  const field = `${at}.evictionStrategy`;
  found.invalid(field, `${field} is set with an unrecognized option: ${evictionStrategy}`);
}

/** Both probes: one handler each, and none over the network without a pod network. */
export function checkProbes(at: string, spec: VmiSpec, found: Findings): void {
  const probes = [
    [`${at}.readinessProbe`, spec.readinessProbe],
    [`${at}.livenessProbe`, spec.livenessProbe],
  ] as const;
  for (const [path, probe] of probes) checkProbe(path, probe, found);
  if (spec.networks?.some((network) => network.pod)) return;
  for (const [path, probe] of probes) {
    for (const handler of ['httpGet', 'tcpSocket'] as const) {
      if (!probe?.[handler]) continue;
      found.invalid(
        `${path}.${handler}`,
        `${path}.${handler} is only allowed if the Pod Network is attached`,
      );
    }
  }
}

function checkProbe(path: string, probe: V1Probe | undefined, found: Findings): void {
  if (!probe) return;
  const handlers = [probe.httpGet, probe.tcpSocket, probe.exec, probe.guestAgentPing].filter(Boolean).length;
  if (handlers > 1) found.invalid(path, `${path} must have exactly one probe type set`);
  if (handlers > 0) return;
  const choices = `${path}.tcpSocket, ${path}.exec or ${path}.httpGet`;
  found.required(path, `either ${choices} must be set if a ${path} is specified`);
}

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None', ''];
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 6;
const MAX_SEARCH_CHARS = 256;

/** DNS policy and configuration of the pod, with Kubernetes' own rules. */
export function checkDns(at: string, spec: VmiSpec, found: Findings): void {
  const { dnsConfig } = spec;
  const policy: string = spec.dnsPolicy ?? '';
  if (!DNS_POLICIES.includes(policy)) {
    const text = `DNSPolicy: ${policy} is not supported, valid values: [${DNS_POLICIES.join(' ')}]`;
    found.notSupported(`${at}.dnsPolicy`, text);
  }
  if (policy === 'None' && !dnsConfig) {
    found.required(`${at}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None');
  } else if (policy === 'None' && !dnsConfig?.nameservers?.length) {
    found.required('nameservers', 'must provide at least one DNS nameserver when `dnsPolicy` is None');
    return;
  }
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (nameservers.length > MAX_NAMESERVERS) {
    const text = `must not have more than ${MAX_NAMESERVERS} nameservers: [${nameservers.join(' ')}]`;
    found.invalid('nameservers', text);
  }
  for (const server of nameservers) {
    if (!isIP(server)) found.invalid('nameservers', `must be valid IP address: ${server}`);
  }
  if (searches.length > MAX_SEARCHES) {
    found.invalid('searchDomains', `must not have more than ${MAX_SEARCHES} search paths`);
  }
  if (searches.join(' ').length > MAX_SEARCH_CHARS) {
    const text = `must not have more than ${MAX_SEARCH_CHARS} characters (including spaces) in the search list`;
    found.invalid('searchDomains', text);
  }
  for (const search of searches) {
    for (const text of dnsSubdomainErrors(search)) found.invalid('searchDomains', text);
  }
  for (const { name } of options) if (!name) found.invalid('options', 'Option.Name must not be empty');
}

/** Credentials that are brought into the guest: one source and one way each. */
export function checkCredentials(at: string, spec: VmiSpec, found: Findings): void {
  for (const [index, credential] of (spec.accessCredentials ?? []).entries()) {
    const path = `${at}.accessCredentials[${index}]`;
    checkSshKey(path, credential, spec, found);
    const password = credential.userPassword;
    if (password) {
      const ways = password.propagationMethod.qemuGuestAgent ? 1 : 0;
      checkOneEach(`${path}.userPassword`, path, password.source.secret ? 1 : 0, ways, found);
    }
    if ((credential.sshPublicKey ? 1 : 0) + (password ? 1 : 0) !== 1) {
      found.invalid(path, `${path} must have exactly one access credential type set`);
    }
  }
}

function checkSshKey(
  path: string,
  { sshPublicKey }: V1AccessCredential,
  spec: VmiSpec,
  found: Findings,
): void {
  if (!sshPublicKey) return;
  const { noCloud, configDrive, qemuGuestAgent } = sshPublicKey.propagationMethod;
  const field = `${path}.sshPublicKey.propagationMethod`;
  const volumes = spec.volumes ?? [];
  if (noCloud && !volumes.some((volume) => volume.cloudInitNoCloud)) {
    const text = `${path} requires a noCloud volume to exist when the noCloud propagationMethod is in use.`;
    found.invalid(field, text);
  }
  if (configDrive && !volumes.some((volume) => volume.cloudInitConfigDrive)) {
    const text = `${path} requires a configDrive volume to exist when the configDrive propagationMethod is in use.`;
    found.invalid(field, text);
  }
  if (qemuGuestAgent && !qemuGuestAgent.users?.length) {
    const text = `${path} requires at least one user to be present in the users list`;
    found.invalid(`${field}.qemuGuestAgent.users`, text);
  }
  const ways = [noCloud, configDrive, qemuGuestAgent].filter(Boolean).length;
  checkOneEach(`${path}.sshPublicKey`, path, sshPublicKey.source.secret ? 1 : 0, ways, found);
}

function checkOneEach(field: string, path: string, sources: number, ways: number, found: Findings): void {
  if (sources !== 1) found.invalid(`${field}.source`, `${path} must have exactly one source set`);
  if (ways !== 1) {
    found.invalid(`${field}.propagationMethod`, `${path} must have exactly one propagationMethod set`);
  }
}
