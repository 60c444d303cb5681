import { type JsonObject, mappingsAt, valueAt, wordAt } from '@/lib/k8s/json';
import { DEVICES, DOMAIN, type VmDraft, type VmManifest } from '@/lib/kinds/vm/form/field';
import { ownSize } from '@/lib/kinds/vm/form/size-fields';
import { parseQuantity } from '@/lib/units';

/** What an instance type says of a VM's size. */
export interface TypeSize {
  vcpus?: number | undefined;
  /** A quantity of the API. */
  memory?: string | undefined;
}

/** New storage of one class; undefined is the cluster's default class. */
export interface StorageShare {
  storageClass: string | undefined;
  bytes: number;
  claims: number;
}

/** What a VM takes of a cluster, in cores and bytes. What the launcher takes beside the guest is approximated. */
export interface Footprint {
  vcpus: number;
  guestBytes: number;
  cpuRequest: number;
  memoryRequest: number;
  /** Undefined where the VM states none. */
  cpuLimit: number | undefined;
  memoryLimit: number | undefined;
  storage: readonly StorageShare[];
  /** Objects by the name under which quotas count them: `secrets`, `virtualmachines.kubevirt.io`. */
  objects: ReadonlyMap<string, number>;
  /** Whether a guest comes up at once. */
  runs: boolean;
}

const MIB = 2 ** 20;

// After KubeVirt's GetMemoryOverhead (pkg/hypervisor/kvm/overhead.go): launcher, its monitor, libvirt's daemons, QEMU, video.
const FIXED_OVERHEAD = 256 * MIB;
const GRAPHICS_OVERHEAD = 32 * MIB;
const OVERHEAD_PER_VCPU = 8 * MIB;
const GUEST_BYTES_PER_PAGE_TABLE_BYTE = 512;
const PINNED_OVERHEAD = 100 * MIB;

/** Strategies that bring a guest up as soon as the VM is there. */
const RUNNING = new Set(['Always', 'RerunOnFailure', 'Once']);

/** Bytes that a launcher pod takes beside its guest's memory, roughly. */
export function launcherOverhead(vm: VmManifest, vcpus: number, guestBytes: number): number {
  const hasGraphics = valueAt(vm, [...DEVICES, 'autoattachGraphicsDevice']) !== false;
  const isPinned = valueAt(vm, [...DOMAIN, 'cpu', 'dedicatedCpuPlacement']) === true;
  return Math.ceil(
    FIXED_OVERHEAD +
      (hasGraphics ? GRAPHICS_OVERHEAD : 0) +
      (isPinned ? PINNED_OVERHEAD : 0) +
      OVERHEAD_PER_VCPU * Math.max(0, vcpus - 1) +
      guestBytes / GUEST_BYTES_PER_PAGE_TABLE_BYTE,
  );
}

/** What one VM with everything that is made with it takes. `cpuRatio` is how many vCPUs count as one core. */
export function footprintOf(draft: VmDraft, type: TypeSize | undefined, cpuRatio: number): Footprint {
  const { vm, others } = draft;
  const own = ownSize(vm);
  const vcpus = type?.vcpus ?? own.vcpus ?? 1;
  const guestBytes = parseQuantity(type?.memory ?? own.memory) ?? 0;
  const amount = (kind: 'requests' | 'limits', name: string) =>
    parseQuantity(quantity(valueAt(vm, [...DOMAIN, 'resources', kind, name])));
  const overhead = launcherOverhead(vm, vcpus, guestBytes);
  const isPinned = valueAt(vm, [...DOMAIN, 'cpu', 'dedicatedCpuPlacement']) === true;
  const limit = amount('limits', 'memory');
  const objects = new Map<string, number>([['virtualmachines.kubevirt.io', 1]]);
  const count = (name: string, many = 1) => objects.set(name, (objects.get(name) ?? 0) + many);
  const storage = new Map<string, StorageShare>();
  const templates = mappingsAt(vm, ['spec', 'dataVolumeTemplates']);
  for (const each of [...templates, ...others]) {
    const kind = templates.includes(each) ? 'DataVolume' : wordAt(each, ['kind']);
    const counted = COUNTED[kind];
    if (counted) count(counted);
    if (kind !== 'DataVolume' && kind !== 'PersistentVolumeClaim') continue;
    if (kind === 'DataVolume') count('persistentvolumeclaims');
    const share = storageOf(each);
    const before = storage.get(share.storageClass ?? '');
    storage.set(share.storageClass ?? '', {
      ...share,
      bytes: share.bytes + (before?.bytes ?? 0),
      claims: 1 + (before?.claims ?? 0),
    });
  }
  const runs = RUNNING.has(wordAt(vm, ['spec', 'runStrategy'])) || valueAt(vm, ['spec', 'running']) === true;
  return {
    vcpus,
    guestBytes,
    cpuRequest: amount('requests', 'cpu') ?? (isPinned ? vcpus : vcpus / cpuRatio),
    memoryRequest: (amount('requests', 'memory') ?? guestBytes) + overhead,
    cpuLimit: amount('limits', 'cpu') ?? (isPinned ? vcpus : undefined),
    memoryLimit: limit === undefined ? (isPinned ? guestBytes + overhead : undefined) : limit + overhead,
    storage: [...storage.values()],
    objects,
    runs,
  };
}

/** Several footprints as one. */
export function sumFootprints(all: readonly Footprint[]): Footprint | undefined {
  const [first, ...rest] = all;
  if (!first) return undefined;
  return rest.reduce((sum, each) => {
    const objects = new Map(sum.objects);
    for (const [name, many] of each.objects) objects.set(name, (objects.get(name) ?? 0) + many);
    const storage = new Map(sum.storage.map((share) => [share.storageClass ?? '', share]));
    for (const share of each.storage) {
      const before = storage.get(share.storageClass ?? '');
      storage.set(share.storageClass ?? '', {
        ...share,
        bytes: share.bytes + (before?.bytes ?? 0),
        claims: share.claims + (before?.claims ?? 0),
      });
    }
    const both = (a: number | undefined, b: number | undefined) =>
      a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
    return {
      vcpus: sum.vcpus + each.vcpus,
      guestBytes: sum.guestBytes + each.guestBytes,
      cpuRequest: sum.cpuRequest + each.cpuRequest,
      memoryRequest: sum.memoryRequest + each.memoryRequest,
      cpuLimit: both(sum.cpuLimit, each.cpuLimit),
      memoryLimit: both(sum.memoryLimit, each.memoryLimit),
      storage: [...storage.values()],
      objects,
      runs: sum.runs || each.runs,
    };
  }, first);
}

const COUNTED: Record<string, string> = {
  Secret: 'secrets',
  ConfigMap: 'configmaps',
  Service: 'services',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  DataVolume: 'datavolumes.cdi.kubevirt.io',
  VirtualMachine: 'virtualmachines.kubevirt.io',
};

function storageOf(object: JsonObject): StorageShare {
  const places = [['spec', 'storage'], ['spec', 'pvc'], ['spec']];
  const place = places.find((path) => valueAt(object, [...path, 'resources']) !== undefined) ?? ['spec'];
  return {
    storageClass: wordAt(object, [...place, 'storageClassName']) || undefined,
    bytes: parseQuantity(quantity(valueAt(object, [...place, 'resources', 'requests', 'storage']))) ?? 0,
    claims: 1,
  };
}

function quantity(value: unknown): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}
