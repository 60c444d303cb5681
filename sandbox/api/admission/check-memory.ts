import type { KubeVirtConfig } from './config';
import type { Findings } from './findings';
import { canonicalQuantity, parseQuantity, QUANTITY_FORMAT_ERROR, quantityValue } from './quantity';
import type { VmiSpec } from './types';

const MEGABYTE = 1_000_000;

/** Requests, limits, guest memory and huge pages, in KubeVirt's order. `at` is the path of the VMI spec. */
export function checkMemory(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  const { resources, memory } = spec.domain;
  const requested = resources?.requests?.memory;
  const limit = resources?.limits?.memory;
  const requestPath = `${at}.domain.resources.requests.memory`;
  const limitPath = `${at}.domain.resources.limits.memory`;
  const requestedBytes = quantityValue(requested);
  const limitBytes = quantityValue(limit);

  if (requested !== undefined && requestedBytes < 0) {
    found.invalid(
      requestPath,
      `${requestPath} '${canonicalQuantity(requested)}': must be greater than or equal to 0.`,
    );
  } else if (requested !== undefined && requestedBytes > 0 && requestedBytes < MEGABYTE) {
    found.invalid(
      requestPath,
      `${requestPath} '${canonicalQuantity(requested)}': must be greater than or equal to 1M.`,
    );
  }
  if (limit !== undefined && limitBytes < 0) {
    found.invalid(
      limitPath,
      `${limitPath} '${canonicalQuantity(limit)}': must be greater than or equal to 0.`,
    );
  }
  if (requested !== undefined && limit !== undefined && limitBytes > 0 && requestedBytes > limitBytes) {
    const [more, less] = [canonicalQuantity(requested), canonicalQuantity(limit)];
    found.invalid(requestPath, `${requestPath} '${more}' is greater than ${limitPath} '${less}'`);
  }
  checkHugepages(at, spec, found);
  if (config.liveUpdate || memory?.guest === undefined || limit === undefined) return;
  if (limitBytes !== 0 && limitBytes < quantityValue(memory.guest)) {
    const guestPath = `${at}.domain.memory.guest`;
    const guest = canonicalQuantity(memory.guest);
    const most = canonicalQuantity(limit);
    found.invalid(
      guestPath,
      `${guestPath} '${guest}' must be equal to or less than the memory limit ${limitPath} '${most}'`,
    );
  }
}

function checkHugepages(at: string, { domain }: VmiSpec, found: Findings): void {
  const size = domain.memory?.hugepages?.pageSize;
  if (size === undefined) return;
  const sizePath = `${at}.domain.hugepages.size`;
  const requestPath = `${at}.domain.resources.requests.memory`;
  const page = parseQuantity(size);
  if ('error' in page) {
    found.invalid(sizePath, `${sizePath} '${size}': ${QUANTITY_FORMAT_ERROR}`);
    return;
  }
  const pageBytes = quantityValue(size);
  const requested = domain.resources?.requests?.memory;
  const bytes = quantityValue(requested);
  const shown = requested === undefined ? '0' : canonicalQuantity(requested);
  if (bytes < pageBytes) {
    found.invalid(
      requestPath,
      `${requestPath} '${shown}' must be equal to or larger than page size ${sizePath} '${size}'`,
    );
  } else if (pageBytes > 0 && bytes % pageBytes !== 0) {
    found.invalid(
      requestPath,
      `${requestPath} '${shown}' is not a multiple of the page size ${sizePath} '${size}'`,
    );
  }
}

/** VMIs, unlike templates, must say how much memory they want. */
export function checkMemoryPresent(at: string, { domain }: VmiSpec, found: Findings): void {
  if (quantityValue(domain.resources?.requests?.memory) !== 0) return;
  if (domain.memory?.guest !== undefined || domain.memory?.hugepages) return;
  const [guest, pages] = [`${at}.domain.memory.guest`, `${at}.domain.memory.hugepages.pageSize`];
  const requests = `${at}.domain.resources.requests.memory`;
  found.required(
    undefined,
    `no memory requested, at least one of '${guest}', '${pages}' or '${requests}' must be set`,
  );
}

const BLOCK_BYTES = 2 * 1024 * 1024;

/** Memory hotplug is asked for by naming maxGuest in a VM's template. */
export function checkMaxGuest(at: string, { domain, architecture }: VmiSpec, found: Findings): void {
  const max = domain.memory?.maxGuest;
  if (max === undefined) return;
  const guest = domain.memory?.guest;
  const path = `${at}.domain.memory.guest`;
  const fail = (field: string, message: string) => found.invalid(`${at}.domain.${field}`, message);
  if (domain.cpu?.realtime) fail('cpu.realtime', 'Memory hotplug is not compatible with realtime VMs');
  if (domain.cpu?.numa?.guestMappingPassthrough) {
    fail(
      'cpu.numa.guestMappingPassthrough',
      'Memory hotplug is not compatible with guest mapping passthrough',
    );
  }
  if (domain.launchSecurity) fail('launchSecurity', 'Memory hotplug is not compatible with encrypted VMs');
  if (guest === undefined) {
    found.invalid(path, 'Guest memory must be configured when memory hotplug is enabled');
  } else if (quantityValue(guest) > quantityValue(max)) {
    found.invalid(path, 'Guest memory is greater than the configured maxGuest memory');
  } else if (quantityValue(guest) % BLOCK_BYTES !== 0) {
    found.invalid(path, 'Guest memory must be 2Mi aligned');
  }
  if (quantityValue(max) % BLOCK_BYTES !== 0) fail('memory.maxGuest', 'MaxGuest must be 2Mi aligned');
  if (architecture && architecture !== 'amd64') {
    found.invalid(`${at}.architecture`, 'Memory hotplug is only available for x86_64 VMs');
  }
}
