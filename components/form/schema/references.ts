import type { JsonPath } from '@/lib/k8s/json';
import type { Resource } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { nodeAt, type OutlineNode, wordsAt } from '@/lib/manifest/schema/outline';

/** What a field names: objects of the cluster, or entries of another list of the same document. */
export type Names =
  | { from: 'cluster'; resource: Resource; namespace: string | undefined }
  | { from: 'document'; names: string[] };

const core = (plural: string, kind: string): Resource => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});

const SECRETS = RESOURCES.secrets;
const CLAIMS = RESOURCES.persistentVolumeClaims;
const CONFIG_MAPS = core('configmaps', 'ConfigMap');
const SERVICE_ACCOUNTS = core('serviceaccounts', 'ServiceAccount');
const PRIORITY_CLASSES: Resource = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  plural: 'priorityclasses',
  kind: 'PriorityClass',
  namespaced: false,
};
const NETWORKS: Resource = {
  group: 'k8s.cni.cncf.io',
  version: 'v1',
  plural: 'network-attachment-definitions',
  kind: 'NetworkAttachmentDefinition',
  namespaced: true,
};

/** By the last keys of a path. Fields that name by kind (`instancetype`, `sourceRef`) are told apart below. */
const BY_FIELD: readonly (readonly [suffix: string, resource: Resource])[] = [
  ['secretName', SECRETS],
  ['secretRef.name', SECRETS],
  ['secretKeyRef.name', SECRETS],
  ['networkDataSecretRef.name', SECRETS],
  ['secret.secretName', SECRETS],
  ['tlsSecret', SECRETS],
  ['imagePullSecrets.name', SECRETS],
  ['claimName', CLAIMS],
  ['source.pvc.name', CLAIMS],
  ['dataVolume.name', RESOURCES.dataVolumes],
  ['configMap.name', CONFIG_MAPS],
  ['configMapRef.name', CONFIG_MAPS],
  ['configMapKeyRef.name', CONFIG_MAPS],
  ['sysprep.secret.name', SECRETS],
  ['certConfigMap', CONFIG_MAPS],
  ['serviceAccountName', SERVICE_ACCOUNTS],
  ['multus.networkName', NETWORKS],
  ['storageClassName', RESOURCES.storageClasses],
  ['priorityClassName', PRIORITY_CLASSES],
  ['nodeName', RESOURCES.nodes],
  ['metadata.namespace', RESOURCES.namespaces],
  ['vmiName', RESOURCES.virtualMachineInstances],
];

const BY_KIND: Readonly<Record<string, Resource>> = {
  VirtualMachineInstancetype: RESOURCES.instancetypes,
  VirtualMachineClusterInstancetype: RESOURCES.clusterInstancetypes,
  VirtualMachinePreference: RESOURCES.preferences,
  VirtualMachineClusterPreference: RESOURCES.clusterPreferences,
  DataSource: RESOURCES.dataSources,
  VirtualMachine: RESOURCES.virtualMachines,
  PersistentVolumeClaim: CLAIMS,
  VolumeSnapshot: RESOURCES.volumeSnapshots,
  VirtualMachineSnapshot: RESOURCES.virtualMachineSnapshots,
};

/** What KubeVirt takes where the reference says no kind. */
const KIND_LEFT_OUT: Readonly<Record<string, string>> = {
  instancetype: 'VirtualMachineClusterInstancetype',
  preference: 'VirtualMachineClusterPreference',
};

/** Fields that name an object whose kind stands beside the name. */
const WITH_KIND: ReadonlySet<string> = new Set([
  'instancetype',
  'preference',
  'sourceRef',
  'source',
  'target',
  'dataSource',
  'dataSourceRef',
]);

/** Lists whose entries go by the names of another list's. */
const PAIRS: readonly (readonly [list: string, other: readonly string[]])[] = [
  ['domain.devices.disks', ['volumes']],
  ['domain.devices.filesystems', ['volumes']],
  ['domain.devices.interfaces', ['networks']],
  ['networks', ['domain', 'devices', 'interfaces']],
  ['volumes', ['domain', 'devices', 'disks']],
];

/** Which names a field can have; undefined where it names nothing that is known. */
export function namesFor(
  root: OutlineNode | undefined,
  path: JsonPath,
  defaultNamespace: string | undefined,
): Names | undefined {
  const keys = path.filter((step) => typeof step === 'string');
  const field = keys.join('.');
  const parent = path.slice(0, -1);
  const beside = (key: string) => wordsAt(root, [...parent, key]);
  const inCluster = (resource: Resource): Names => {
    const own = beside('namespace') || wordsAt(root, ['metadata', 'namespace']) || defaultNamespace;
    return { from: 'cluster', resource, namespace: resource.namespaced ? own : undefined };
  };
  const last = path.at(-1);
  const holder = String(keys.at(-2) ?? '');
  if (last === 'name' && WITH_KIND.has(holder)) {
    const resource = BY_KIND[beside('kind') || (KIND_LEFT_OUT[holder] ?? '')];
    if (resource) return inCluster(resource);
  }
  if (last === 'name' && typeof path.at(-2) === 'number') {
    const paired = pairedNames(root, path, keys);
    if (paired) return { from: 'document', names: paired };
  }
  const known = BY_FIELD.find(([suffix]) => field === suffix || field.endsWith(`.${suffix}`));
  return known && inCluster(known[1]);
}

/** The names that the other list has and this one not yet. */
function pairedNames(
  root: OutlineNode | undefined,
  path: JsonPath,
  keys: readonly string[],
): string[] | undefined {
  const list = keys.slice(0, -1).join('.');
  for (const [own, other] of PAIRS) {
    if (!list.endsWith(`template.spec.${own}`)) continue;
    const spec = path.slice(0, path.length - 2 - own.split('.').length);
    const taken = namesIn(root, path.slice(0, -2));
    return namesIn(root, [...spec, ...other]).filter((name) => !taken.includes(name));
  }
  return undefined;
}

function namesIn(root: OutlineNode | undefined, path: JsonPath): string[] {
  const list = nodeAt(root, path);
  if (list?.kind !== 'seq') return [];
  return list.items.map((_, index) => wordsAt(root, [...path, index, 'name'])).filter(Boolean);
}

/** The kinds that a reference takes, where the schema leaves its `kind` an open text. */
const KINDS_OF: Readonly<Record<string, readonly string[]>> = {
  instancetype: ['VirtualMachineClusterInstancetype', 'VirtualMachineInstancetype'],
  preference: ['VirtualMachineClusterPreference', 'VirtualMachinePreference'],
  sourceRef: ['DataSource'],
};

/** What the `kind` of a reference can be; empty where that is not known. */
export function kindsFor(path: JsonPath): readonly string[] {
  return path.at(-1) === 'kind' ? (KINDS_OF[String(path.at(-2))] ?? []) : [];
}
