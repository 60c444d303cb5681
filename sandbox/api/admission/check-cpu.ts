import type { KubeVirtConfig } from './config';
import type { Findings } from './findings';
import { canonicalQuantity, quantityMilli, quantityValue } from './quantity';
import type { VmiSpec } from './types';

const FEATURE_POLICIES = ['', 'force', 'require', 'optional', 'disable', 'forbid'];

/** Requests and limits of CPU, pinning, NUMA, features and hotplug, in KubeVirt's order. */
export function checkCpu(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  const { cpu, resources } = spec.domain;
  const request = resources?.requests?.cpu;
  const limit = resources?.limits?.cpu;
  const requestPath = `${at}.domain.resources.requests.cpu`;
  const limitPath = `${at}.domain.resources.limits.cpu`;
  const negative = (path: string, value: string | undefined) => {
    if (value === undefined || quantityMilli(value) >= 0) return;
    found.invalid(path, `${path} '${canonicalQuantity(value)}': must be greater than or equal to 0.`);
  };
  negative(requestPath, request);
  negative(limitPath, limit);
  if (request !== undefined && limit !== undefined) {
    const most = quantityMilli(limit);
    if (most > 0 && quantityMilli(request) > most) {
      const [more, less] = [canonicalQuantity(request), canonicalQuantity(limit)];
      found.invalid(requestPath, `${requestPath} '${more}' is greater than ${limitPath} '${less}'`);
    }
  }
  if (cpu?.dedicatedCpuPlacement) checkPinning(at, spec, config, found);
  checkNuma(at, spec, config, found);
  const cpuPath = `${at}.domain.cpu`;
  if (cpu?.isolateEmulatorThread && !cpu.dedicatedCpuPlacement) {
    const text = 'IsolateEmulatorThread should be only set in combination with DedicatedCPUPlacement';
    found.invalid(`${cpuPath}.isolateEmulatorThread`, text);
  }
  for (const [index, { name, policy }] of (cpu?.features ?? []).entries()) {
    if (FEATURE_POLICIES.includes(policy ?? '')) continue;
    const text = `CPU feature ${name} uses policy ${policy} that is not supported.`;
    found.notSupported(`${cpuPath}.features[${index}].policy`, text);
  }
  checkSockets(at, spec, found);
}

/** Said once by the VMI's checks and once more by a VM's live-update checks. */
export function checkSockets(at: string, { domain }: VmiSpec, found: Findings): void {
  const { sockets = 0, maxSockets = 0 } = domain.cpu ?? {};
  if (maxSockets === 0 || sockets <= maxSockets) return;
  const text = 'Number of sockets in CPU topology is greater than the maximum sockets allowed';
  found.invalid(`${at}.domain.cpu.sockets`, text);
}

function vcpus({ domain }: VmiSpec): number {
  const { sockets = 0, cores = 0, threads = 0 } = domain.cpu ?? {};
  if (sockets === 0 && cores === 0 && threads === 0) return 0;
  return (sockets || 1) * (cores || 1) * (threads || 1);
}

function checkPinning(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  const { cpu, resources } = spec.domain;
  const { requests, limits } = resources ?? {};
  const [requested, limited] = [quantityValue(requests?.cpu), quantityValue(limits?.cpu)];
  const [memory, mostMemory] = [quantityValue(requests?.memory), quantityValue(limits?.memory)];
  const path = (part: string) => `${at}.domain.resources.${part}`;
  const dedicated = `${at}.domain.cpu.dedicatedCpuPlacement`;
  const cores = `${at}.domain.cpu.cores`;
  const count = vcpus(spec);

  if (memory === 0 && mostMemory === 0) {
    found.invalid(
      path('limits.memory'),
      `${path('requests.memory')} or ${path('limits.memory')} should be provided`,
    );
  }
  // Their spelling of integer.
  if (requested > 0 && requested * 1000 !== quantityMilli(requests?.cpu)) {
    found.invalid(path('requests.cpu'), 'provided resources CPU requests must be an interger');
  }
  if (limited > 0 && limited * 1000 !== quantityMilli(limits?.cpu)) {
    found.invalid(path('limits.cpu'), 'provided resources CPU limits must be an interger');
  }
  if (memory > 0 && mostMemory > 0 && memory !== mostMemory) {
    found.invalid(
      path('requests.memory'),
      `${path('requests.memory')} must be equal to ${path('limits.memory')}`,
    );
  }
  const either = `${path('requests.cpu')} or ${path('limits.cpu')}`;
  if (requested === 0 && limited === 0 && count === 0) {
    found.invalid(
      dedicated,
      `either ${either} or ${cores} must be provided when DedicatedCPUPlacement is true `,
    );
  }
  if (requested > 0 && limited > 0 && requested !== limited) {
    found.invalid(dedicated, `${either} must be equal when DedicatedCPUPlacement is true `);
  }
  if ((requested > 0 || limited > 0) && count > 0 && requested !== count && limited !== count) {
    const text = `${either} must not be provided at the same time with ${cores} when DedicatedCPUPlacement is true `;
    found.invalid(dedicated, text);
  }
  const threads = cpu?.threads ?? 0;
  const threadsPath = `${at}.domain.cpu.threads`;
  if (threads > 1 && (spec.architecture || config.defaultArchitecture) === 'arm64') {
    const field = `${at}.architecture`;
    found.invalid(
      field,
      `threads must not be greater than 1 at ${threadsPath} (got ${threads}) when ${field} is arm64`,
    );
  }
  if (threads > 2) {
    const text = `Not more than two threads must be provided at ${threadsPath} (got ${threads}) when DedicatedCPUPlacement is true`;
    found.invalid(dedicated, text);
  }
}

function checkNuma(at: string, { domain }: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  if (!domain.cpu?.numa?.guestMappingPassthrough) return;
  const path = `${at}.domain.cpu.numa.guestMappingPassthrough`;
  if (!config.gates.has('NUMA')) {
    found.invalid(path, `NUMA feature gate is not enabled in kubevirt-config, invalid entry ${path}`);
  }
  if (!domain.cpu.dedicatedCpuPlacement) {
    const dedicated = `${at}.domain.cpu.dedicatedCpuPlacement`;
    found.invalid(path, `${dedicated} must be set to true when NUMA topology strategy is set in ${path}`);
  }
  if (!domain.memory?.hugepages) {
    const pages = `${at}.domain.memory.hugepages`;
    found.invalid(path, `${pages} must be requested when NUMA topology strategy is set in ${path}`);
  }
}

/** Realtime needs pinned CPUs and NUMA passthrough. */
export function checkRealtime(at: string, { domain }: VmiSpec, found: Findings): void {
  if (!domain.cpu?.realtime) return;
  const realtime = `${at}.domain.cpu.realtime`;
  if (!domain.cpu.dedicatedCpuPlacement) {
    const dedicated = `${at}.domain.cpu.dedicatedCpuPlacement`;
    found.required(dedicated, `${dedicated} must be set to true when ${realtime} is used`);
  }
  if (!domain.cpu.numa?.guestMappingPassthrough) {
    const numa = `${at}.domain.cpu.numa.guestMappingPassthrough`;
    found.required(numa, `${numa} must be defined when ${realtime} is used`);
  }
}
