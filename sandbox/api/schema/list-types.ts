/** How the items of a list or the fields of a map merge: what the `x-kubernetes-…` extensions of a schema say. */
export interface MergeRules {
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  'x-kubernetes-patch-strategy'?: string;
  'x-kubernetes-patch-merge-key'?: string;
}

const CORE = 'io.k8s.api.core.v1';
const APPS = 'io.k8s.api.apps.v1';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const KUBEVIRT = 'io.kubevirt.v1';

/** A list of objects told apart by `keys`; strategic merge patches know the first of them only. */
function keyed(keys: string[], strategy = 'merge'): MergeRules {
  return {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
    ...(strategy
      ? { 'x-kubernetes-patch-strategy': strategy, 'x-kubernetes-patch-merge-key': keys[0] ?? '' }
      : {}),
  };
}

const SET: MergeRules = { 'x-kubernetes-list-type': 'set' };
const MERGED_SET: MergeRules = { ...SET, 'x-kubernetes-patch-strategy': 'merge' };
const ATOMIC: MergeRules = { 'x-kubernetes-map-type': 'atomic' };
const GRANULAR: MergeRules = { 'x-kubernetes-map-type': 'granular' };
const CONDITIONS = keyed(['type']);

const CONTAINER_FIELDS: Record<string, MergeRules> = {
  env: keyed(['name']),
  ports: keyed(['containerPort', 'protocol']),
  volumeDevices: keyed(['devicePath']),
  volumeMounts: keyed(['mountPath']),
};

/** Field → rules, by definition, as the markers in k8s.io/api and kubevirt.io/api have it. Lists not named are atomic. */
const FIELDS: Record<string, Record<string, MergeRules>> = {
  [`${APPS}.DaemonSetStatus`]: { conditions: CONDITIONS },
  [`${APPS}.DeploymentSpec`]: { strategy: { 'x-kubernetes-patch-strategy': 'retainKeys' } },
  [`${APPS}.DeploymentStatus`]: { conditions: CONDITIONS },
  [`${APPS}.ReplicaSetStatus`]: { conditions: CONDITIONS },
  [`${APPS}.StatefulSetStatus`]: { conditions: CONDITIONS },
  'io.k8s.api.batch.v1.JobStatus': {
    conditions: {
      'x-kubernetes-list-type': 'atomic',
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'type',
    },
  },
  'io.k8s.api.policy.v1.PodDisruptionBudgetStatus': { conditions: CONDITIONS },
  'io.k8s.api.policy.v1.PodDisruptionBudgetSpec': { selector: { 'x-kubernetes-patch-strategy': 'replace' } },
  'io.k8s.api.apiregistration.v1.APIServiceStatus': { conditions: CONDITIONS },
  'io.k8s.api.apiextensions.v1.CustomResourceDefinitionStatus': {
    conditions: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
  },
  [`${CORE}.Container`]: CONTAINER_FIELDS,
  [`${CORE}.EphemeralContainer`]: CONTAINER_FIELDS,
  [`${CORE}.ContainerRestartRuleOnExitCodes`]: { values: SET },
  [`${CORE}.ContainerStatus`]: {
    allocatedResourcesStatus: keyed(['name']),
    volumeMounts: keyed(['mountPath']),
  },
  [`${CORE}.NamespaceStatus`]: { conditions: CONDITIONS },
  [`${CORE}.NodeSpec`]: { podCIDRs: MERGED_SET },
  [`${CORE}.NodeStatus`]: { addresses: CONDITIONS, conditions: CONDITIONS },
  [`${CORE}.PersistentVolumeClaimStatus`]: { allocatedResourceStatuses: GRANULAR, conditions: CONDITIONS },
  [`${CORE}.PersistentVolumeSpec`]: { claimRef: GRANULAR },
  [`${CORE}.PodSpec`]: {
    containers: keyed(['name']),
    ephemeralContainers: keyed(['name']),
    hostAliases: keyed(['ip']),
    imagePullSecrets: keyed(['name']),
    initContainers: keyed(['name']),
    nodeSelector: ATOMIC,
    resourceClaims: keyed(['name'], 'merge,retainKeys'),
    schedulingGates: keyed(['name']),
    topologySpreadConstraints: keyed(['topologyKey', 'whenUnsatisfiable']),
    volumes: keyed(['name'], 'merge,retainKeys'),
  },
  [`${CORE}.PodStatus`]: {
    conditions: CONDITIONS,
    hostIPs: {
      'x-kubernetes-list-type': 'atomic',
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'ip',
    },
    podIPs: keyed(['ip']),
    resourceClaimStatuses: keyed(['name'], 'merge,retainKeys'),
  },
  [`${CORE}.ResourceRequirements`]: { claims: keyed(['name'], '') },
  [`${CORE}.ResourceStatus`]: { resources: keyed(['resourceID'], '') },
  [`${CORE}.ReplicationControllerSpec`]: { selector: ATOMIC },
  [`${CORE}.ServiceAccount`]: { secrets: keyed(['name']) },
  [`${CORE}.ServiceSpec`]: { ports: keyed(['port', 'protocol']), selector: ATOMIC },
  [`${CORE}.ServiceStatus`]: { conditions: CONDITIONS },
  [`${META}.ObjectMeta`]: { finalizers: MERGED_SET, ownerReferences: keyed(['uid']) },
  [`${KUBEVIRT}.KubeVirtConfiguration`]: { supportContainerResources: keyed(['type'], '') },
  [`${KUBEVIRT}.TLSConfiguration`]: { ciphers: SET },
  [`${KUBEVIRT}.VirtualMachineInstanceSpec`]: {
    resourceClaims: keyed(['name'], ''),
    topologySpreadConstraints: keyed(['topologyKey', 'whenUnsatisfiable'], ''),
    utilityVolumes: keyed(['name'], ''),
  },
  [`${KUBEVIRT}.QemuGuestAgentSSHPublicKeyAccessCredentialPropagation`]: { users: SET },
};

/** Objects that are owned and replaced as a whole wherever they appear: references and selectors. */
const ATOMIC_OBJECTS = [
  `${CORE}.ConfigMapKeySelector`,
  `${CORE}.EndpointAddress`,
  `${CORE}.EndpointPort`,
  `${CORE}.FileKeySelector`,
  `${CORE}.LocalObjectReference`,
  `${CORE}.NodeSelector`,
  `${CORE}.NodeSelectorTerm`,
  `${CORE}.ObjectFieldSelector`,
  `${CORE}.ObjectReference`,
  `${CORE}.ResourceFieldSelector`,
  `${CORE}.ScopeSelector`,
  `${CORE}.SecretKeySelector`,
  `${CORE}.SecretReference`,
  `${CORE}.TopologySelectorTerm`,
  `${CORE}.TypedLocalObjectReference`,
  'io.k8s.api.rbac.v1.RoleRef',
  'io.k8s.api.rbac.v1.Subject',
  `${META}.LabelSelector`,
  `${META}.OwnerReference`,
];

interface Annotated extends MergeRules {
  properties?: Record<string, Annotated>;
}

/** Writes the merge rules into the definitions, where they are not said already. Edits `definitions`. */
export function addMergeRules(definitions: Record<string, Annotated>): void {
  for (const [name, fields] of Object.entries(FIELDS)) {
    for (const [field, rules] of Object.entries(fields)) {
      const schema = definitions[name]?.properties?.[field];
      if (schema) Object.assign(schema, { ...rules, ...schema });
    }
  }
  for (const name of ATOMIC_OBJECTS) {
    const schema = definitions[name];
    if (schema) schema['x-kubernetes-map-type'] ??= 'atomic';
  }
}
