import { isJsonObject, type JsonPath, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { DOMAIN, type VmManifest } from './field';
import { newVm } from './new-vm';

/** The instance type and preference that an image asks for by its labels; empty where it says none. */
export interface ImageDefaults {
  instancetype: { name: string; kind: string };
  preference: { name: string; kind: string };
}

const NONE = { name: '', kind: '' };
export const NO_DEFAULTS: ImageDefaults = { instancetype: NONE, preference: NONE };

/** What KubeVirt's own inference (`inferFromVolume`) reads from a DataSource, a claim or a snapshot. */
export function defaultsOfLabels(labels: Readonly<Record<string, string>> = {}): ImageDefaults {
  const at = (what: 'instancetype' | 'preference') => ({
    name: labels[`instancetype.kubevirt.io/default-${what}`] ?? '',
    kind: labels[`instancetype.kubevirt.io/default-${what}-kind`] ?? '',
  });
  return { instancetype: at('instancetype'), preference: at('preference') };
}

/** Instance type and preference of the cluster by name. */
export function clusterDefaults(instancetype: string, preference: string): ImageDefaults {
  return { instancetype: { name: instancetype, kind: '' }, preference: { name: preference, kind: '' } };
}

/**
 * The VM with the defaults of another image. What somebody chose stays: only what is not said at all, what the image
 * before had brought (`before`), and the size that every new VM begins with (`fresh`) give way.
 */
export function withImageDefaults(
  vm: VmManifest,
  next: ImageDefaults,
  { before = NO_DEFAULTS, fresh }: { before?: ImageDefaults; fresh?: VmManifest | undefined } = {},
): VmManifest {
  const preference = matcherAt(vm, 'preference');
  const isOwn = !preference.isNone && preference.name !== before.preference.name;
  const preferred = isOwn ? vm : withMatcher(vm, 'preference', next.preference);

  const size = matcherAt(preferred, 'instancetype');
  const isBrought = size.name !== '' && size.name === before.instancetype.name;
  if (!isBrought && !(size.isNone && hasSizeOf(preferred, fresh))) return preferred;
  const bare = withMatcher(preferred, 'instancetype', next.instancetype);
  if (next.instancetype.name !== '') return withSizeOf(bare, undefined);
  // What the image before had brought goes with it, and the size that the VM began with comes back.
  return isBrought && fresh ? withSizeOf(bare, fresh) : bare;
}

function matcherAt(vm: VmManifest, what: 'instancetype' | 'preference'): { name: string; isNone: boolean } {
  const at = ['spec', what];
  return { name: wordAt(vm, [...at, 'name']), isNone: valueAt(vm, at) === undefined };
}

function withMatcher(
  vm: VmManifest,
  what: 'instancetype' | 'preference',
  { name, kind }: { name: string; kind: string },
): VmManifest {
  if (matcherAt(vm, what).name === name) return vm;
  return withValueAt(vm, ['spec', what], name ? { name, ...(kind ? { kind } : {}) } : undefined);
}

/** What an instance type decides of a size: KubeVirt refuses both in one VM. */
const SIZES: readonly JsonPath[] = [
  [...DOMAIN, 'cpu', 'cores'],
  [...DOMAIN, 'cpu', 'sockets'],
  [...DOMAIN, 'cpu', 'threads'],
  [...DOMAIN, 'memory', 'guest'],
];

/** Whether a VM's own size is that of a fresh one, or there is none at all. */
function hasSizeOf(vm: VmManifest, fresh: VmManifest | undefined): boolean {
  const resources = valueAt(vm, [...DOMAIN, 'resources']);
  if (isJsonObject(resources) && Object.keys(resources).length > 0) return false;
  const isNone = SIZES.every((path) => valueAt(vm, path) === undefined);
  return isNone || SIZES.every((path) => valueAt(vm, path) === valueAt(fresh, path));
}

function withSizeOf(vm: VmManifest, fresh: VmManifest | undefined): VmManifest {
  return SIZES.reduce((made, path) => withValueAt(made, path, valueAt(fresh, path)), vm);
}

/** What a new VM begins with, until somebody or an image says another size. */
export const FRESH_VM: VmManifest = newVm({ name: '', namespace: '' });
