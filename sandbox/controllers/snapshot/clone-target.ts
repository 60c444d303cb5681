import type { VirtualMachine } from '../types';
import type { VmClone } from './types';

interface PatchOperation {
  op: 'replace' | 'remove' | 'add';
  path: string;
  value?: unknown;
}

/**
 * The changes that make a clone of its source, as the patches of a restore: filtered labels and annotations, no MAC
 * addresses but those given, and no firmware identity. Mirrors generatePatches of virt-controller's clone package.
 */
export function clonePatches(clone: VmClone, source: Pick<VirtualMachine, 'metadata' | 'spec'>): string[] {
  const { labelFilters, annotationFilters, template, newMacAddresses = {}, newSMBiosSerial } = clone.spec;
  const { metadata, spec } = source;
  const operations: PatchOperation[] = [
    ...dropped('/metadata/labels', metadata.labels, labelFilters),
    ...dropped('/metadata/annotations', metadata.annotations, annotationFilters),
    ...dropped('/spec/template/metadata/labels', spec.template.metadata?.labels, template?.labelFilters),
    ...dropped(
      '/spec/template/metadata/annotations',
      spec.template.metadata?.annotations,
      template?.annotationFilters,
    ),
  ];
  for (const [index, { name, macAddress }] of (
    spec.template.spec.domain.devices.interfaces ?? []
  ).entries()) {
    const path = `/spec/template/spec/domain/devices/interfaces/${index}/macAddress`;
    const wanted = newMacAddresses[name];
    if (wanted) operations.push({ op: macAddress ? 'replace' : 'add', path, value: wanted });
    else if (macAddress) operations.push({ op: 'remove', path });
  }
  if (newSMBiosSerial && spec.template.spec.domain.firmware) {
    const path = '/spec/template/spec/domain/firmware/serial';
    operations.push({ op: 'add', path, value: newSMBiosSerial });
  }
  return [...operations.map((operation) => JSON.stringify(operation)), ...(clone.spec.patches ?? [])];
}

function dropped(
  path: string,
  entries: Record<string, string> | undefined,
  filters: readonly string[] | undefined,
): PatchOperation[] {
  if (!filters) return [];
  return Object.keys(entries ?? {})
    .filter((key) => !isKept(key, filters))
    .map((key) => ({ op: 'remove', path: `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` }));
}

/** Filters are patterns with `*`; one that starts with `!` leaves out what it matches. */
function isKept(key: string, filters: readonly string[]): boolean {
  const matches = (pattern: string) =>
    new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\/]/g, '\\$&').replaceAll('*', '.*')}$`).test(key);
  const positive = filters.filter((filter) => !filter.startsWith('!'));
  const negative = filters.filter((filter) => filter.startsWith('!')).map((filter) => filter.slice(1));
  if (negative.some(matches)) return false;
  return positive.length === 0 || positive.some(matches);
}
