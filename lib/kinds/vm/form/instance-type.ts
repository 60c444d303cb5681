import {
  isJsonObject,
  type JsonObject,
  type JsonPath,
  mappingsAt,
  valueAt,
  withValueAt,
  wordAt,
} from '@/lib/k8s/json';
import type { K8sObject } from '@/lib/k8s/object';
import { parseQuantity } from '@/lib/units';
import { quantityAt } from './amount';
import { DEVICES, DOMAIN, GUEST, type VmManifest } from './field';
import { field } from './make-field';

export const CLUSTER_INSTANCETYPE = 'VirtualMachineClusterInstancetype';
export const INSTANCETYPE_KIND = 'VirtualMachineInstancetype';
const GROUP = 'instancetype.kubevirt.io';

/** What `spec.instancetype` and `spec.preference` name; all empty where a VM has none. */
export interface Matcher {
  name: string;
  /** As the API spells it; empty means the kind of the whole cluster. */
  kind: string;
  /** The volume whose labels say which; the API puts name and kind in its place when the VM is made. */
  inferFromVolume: string;
}

export const NO_MATCHER: Matcher = { name: '', kind: '', inferFromVolume: '' };

function matcherField(id: string, key: 'instancetype' | 'preference') {
  const at = ['spec', key] as const;
  return field<Matcher>({
    id,
    paths: [at.join('.')],
    read: (vm) => ({
      name: wordAt(vm, [...at, 'name']),
      kind: wordAt(vm, [...at, 'kind']),
      inferFromVolume: wordAt(vm, [...at, 'inferFromVolume']),
    }),
    write: (vm, { name, kind, inferFromVolume }) => {
      if (!name && !inferFromVolume) return withValueAt(vm, at, undefined);
      // A revision is of the object that was named before; a name and a volume to infer it from exclude each other.
      const { revisionName, inferFromVolume: _, inferFromVolumeFailurePolicy, ...rest } = mappingAt(vm, at);
      const wanted = inferFromVolume
        ? { inferFromVolume, ...(inferFromVolumeFailurePolicy ? { inferFromVolumeFailurePolicy } : {}) }
        : { name, ...(kind ? { kind } : {}) };
      const { name: _name, kind: _kind, ...others } = rest;
      return withValueAt(vm, at, { ...others, ...wanted });
    },
  });
}

export const INSTANCETYPE = matcherField('instance-type', 'instancetype');
export const PREFERENCE = matcherField('preference', 'preference');

/** Whether a matcher names an object of that kind; the API takes the resource's name for the kind as well. */
export function isNamed(
  matcher: Matcher,
  object: Pick<K8sObject, 'kind' | 'metadata'>,
  isOfCluster: boolean,
) {
  const kind = matcher.kind.toLowerCase().replace(/s$/, '');
  const isKind = kind === '' ? isOfCluster : kind === object.kind.toLowerCase();
  return isKind && matcher.name === object.metadata.name;
}

/** An instance type as one chooses it. */
export interface SizeOffer {
  name: string;
  kind: string;
  isOfCluster: boolean;
  /** `u1` of `u1.medium`; empty for names without a dot. */
  series: string;
  /** `General Purpose`; empty where the object doesn't say. */
  seriesTitle: string;
  description: string;
  vcpus: number;
  /** As the API spells it. */
  memory: string;
  memoryBytes: number;
  /** Page size, or empty. */
  hugepages: string;
  isDedicated: boolean;
  isRealtime: boolean;
  overcommitPercent: number;
  devices: number;
  spec: JsonObject;
}

/** What an instance type offers; amounts that it doesn't say are 0. */
export function sizeOffer(object: K8sObject): SizeOffer {
  const { name, annotations = {}, labels = {} } = object.metadata;
  const spec = mappingAt(object, ['spec']);
  const memory = quantityAt(spec, ['memory', 'guest']);
  const vcpus = valueAt(spec, ['cpu', 'guest']);
  return {
    name,
    kind: object.kind,
    isOfCluster: object.kind === CLUSTER_INSTANCETYPE,
    series: name.includes('.') ? name.slice(0, name.indexOf('.')) : '',
    seriesTitle: annotations[`${GROUP}/displayName`] ?? labels[`${GROUP}/class`] ?? '',
    description: annotations[`${GROUP}/description`] ?? '',
    vcpus: typeof vcpus === 'number' ? vcpus : 0,
    memory,
    memoryBytes: parseQuantity(memory) ?? 0,
    hugepages: wordAt(spec, ['memory', 'hugepages', 'pageSize']),
    isDedicated: valueAt(spec, ['cpu', 'dedicatedCPUPlacement']) === true,
    isRealtime: isJsonObject(valueAt(spec, ['cpu', 'realtime'])),
    overcommitPercent: Number(valueAt(spec, ['memory', 'overcommitPercent'])) || 0,
    devices: mappingsAt(spec, ['gpus']).length + mappingsAt(spec, ['hostDevices']).length,
    spec,
  };
}

/** Instance types of one series, smallest first. */
export interface SizeSeries {
  /** Empty for those that are in no series. */
  id: string;
  title: string;
  description: string;
  offers: SizeOffer[];
}

/** The usual series first, as people look for it first. */
const FIRST_SERIES = 'u1';

/** The namespace's own instance types, then those of the cluster by series. */
export function sizeSeries(offers: readonly SizeOffer[]): SizeSeries[] {
  const byId = new Map<string, SizeOffer[]>();
  for (const offer of offers) {
    const id = offer.isOfCluster ? offer.series : `own ${offer.series}`.trim();
    byId.set(id, [...(byId.get(id) ?? []), offer]);
  }
  const rank = (id: string) => (id.startsWith('own') ? 0 : id === FIRST_SERIES ? 1 : 2);
  return [...byId]
    .sort(([one], [other]) => rank(one) - rank(other) || one.localeCompare(other))
    .map(([id, all]) => ({
      id,
      title: all[0]?.seriesTitle ?? '',
      description: all[0]?.description.split('\n\n')[0]?.replaceAll('\n', ' ') ?? '',
      offers: all.sort(
        (a, b) => a.vcpus - b.vcpus || a.memoryBytes - b.memoryBytes || a.name.localeCompare(b.name),
      ),
    }));
}

/** What of a VM an instance type decides: where it stands in the VM and where in the instance type. */
const OWNED: readonly { vm: JsonPath; type?: JsonPath }[] = [
  { vm: [...DOMAIN, 'cpu', 'sockets'] },
  { vm: [...DOMAIN, 'cpu', 'cores'] },
  { vm: [...DOMAIN, 'cpu', 'threads'] },
  { vm: [...DOMAIN, 'resources', 'requests', 'cpu'] },
  { vm: [...DOMAIN, 'resources', 'limits', 'cpu'] },
  { vm: [...DOMAIN, 'memory', 'guest'] },
  { vm: [...DOMAIN, 'resources', 'requests', 'memory'] },
  { vm: [...DOMAIN, 'resources', 'limits', 'memory'] },
  { vm: [...DOMAIN, 'cpu', 'maxSockets'], type: ['cpu', 'maxSockets'] },
  { vm: [...DOMAIN, 'cpu', 'model'], type: ['cpu', 'model'] },
  { vm: [...DOMAIN, 'cpu', 'dedicatedCpuPlacement'], type: ['cpu', 'dedicatedCPUPlacement'] },
  { vm: [...DOMAIN, 'cpu', 'isolateEmulatorThread'], type: ['cpu', 'isolateEmulatorThread'] },
  { vm: [...DOMAIN, 'cpu', 'numa'], type: ['cpu', 'numa'] },
  { vm: [...DOMAIN, 'cpu', 'realtime'], type: ['cpu', 'realtime'] },
  { vm: [...DOMAIN, 'memory', 'hugepages'], type: ['memory', 'hugepages'] },
  { vm: [...DOMAIN, 'memory', 'maxGuest'], type: ['memory', 'maxGuest'] },
  { vm: [...DOMAIN, 'ioThreadsPolicy'], type: ['ioThreadsPolicy'] },
  {
    vm: [...DOMAIN, 'ioThreads', 'supplementalPoolThreadCount'],
    type: ['ioThreads', 'supplementalPoolThreadCount'],
  },
  { vm: [...DOMAIN, 'launchSecurity'], type: ['launchSecurity'] },
  { vm: [...DEVICES, 'gpus'], type: ['gpus'] },
  { vm: [...DEVICES, 'hostDevices'], type: ['hostDevices'] },
  { vm: [...GUEST, 'nodeSelector'], type: ['nodeSelector'] },
  { vm: [...GUEST, 'schedulerName'], type: ['schedulerName'] },
];

/** Something that was taken out of a VM because its instance type decides it. */
export interface Removed {
  /** `domain.cpu.sockets`. */
  path: string;
  /** As JSON, cut where it is long. */
  value: string;
}

/**
 * The VM with an instance type in place of its own size. What the API would refuse beside it ("VM field(s) … conflicts
 * with selected instance type") is removed and said. `spec` is the instance type's, empty when it is not known.
 */
export function withInstanceType(
  vm: VmManifest,
  chosen: Pick<Matcher, 'name' | 'kind'>,
  spec: JsonObject,
): { vm: VmManifest; removed: Removed[] } {
  const removed: Removed[] = [];
  const cleared = OWNED.reduce((before, owned) => {
    const mine = valueAt(before, owned.vm);
    const isDecided = !owned.type || !isNothing(valueAt(spec, owned.type));
    // Requests and limits conflict by being there, even as 0.
    const isMine = owned.type ? !isNothing(mine) : mine !== undefined && mine !== null;
    if (!isDecided || !isMine) return before;
    const value = JSON.stringify(mine);
    removed.push({
      path: owned.vm.slice(GUEST.length).join('.'),
      value: value.length > 40 ? `${value.slice(0, 39)}…` : value.replaceAll('"', ''),
    });
    return withValueAt(before, owned.vm, undefined);
  }, vm);
  return { vm: INSTANCETYPE.write(cleared, { ...chosen, inferFromVolume: '' }), removed };
}

/**
 * The VM with a size of its own: what the instance type gave it stands in the VM now. Mirrors what KubeVirt's
 * `expand-spec` would make of it; vCPUs become sockets, the only part of a topology that grows while the guest runs.
 */
export function withOwnSize(vm: VmManifest, offer: SizeOffer | undefined): VmManifest {
  const bare = INSTANCETYPE.write(vm, NO_MATCHER);
  if (!offer) return bare;
  const { spec, vcpus, memory, memoryBytes, overcommitPercent } = offer;
  const request = Math.floor((memoryBytes * (100 - overcommitPercent)) / 100 / 2 ** 20);
  const written: [JsonPath, unknown][] = [
    [[...DOMAIN, 'cpu', 'sockets'], vcpus || undefined],
    [[...DOMAIN, 'memory', 'guest'], memory || undefined],
    [[...DOMAIN, 'resources', 'requests', 'memory'], overcommitPercent ? `${request}Mi` : undefined],
    ...OWNED.flatMap((owned): [JsonPath, unknown][] =>
      owned.type ? [[owned.vm, nothingToUndefined(valueAt(spec, owned.type))]] : [],
    ),
  ];
  return written.reduce(
    (before, [path, value]) => (value === undefined ? before : withValueAt(before, path, value)),
    bare,
  );
}

function nothingToUndefined(value: unknown): unknown {
  return isNothing(value) ? undefined : value;
}

/** What KubeVirt counts as not set. */
function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

function mappingAt(root: unknown, path: JsonPath): JsonObject {
  const value = valueAt(root, path);
  return isJsonObject(value) ? value : {};
}
