type Json = Record<string, unknown>;

const META = { metadata: {} };
const SPEC = { ...META, spec: {} };
const BOTH = { ...SPEC, status: {} };
const TEMPLATE = { metadata: {}, spec: { containers: null } };

/**
 * What Go's zero value of a built-in kind looks like as JSON: structs without `omitempty` are there from the start, so
 * that creating an object does not add them.
 */
const EMPTY: Record<string, Json> = {
  namespaces: BOTH,
  nodes: {
    ...SPEC,
    status: { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: {} },
  },
  pods: { ...META, spec: { containers: null }, status: {} },
  services: { ...SPEC, status: { loadBalancer: {} } },
  persistentvolumeclaims: { ...META, spec: { resources: {} }, status: {} },
  persistentvolumes: BOTH,
  resourcequotas: BOTH,
  limitranges: { ...META, spec: { limits: null } },
  events: {
    ...META,
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  'events.events.k8s.io': { ...META, eventTime: null, regarding: {}, deprecatedSource: {} },
  'deployments.apps': {
    ...META,
    spec: { selector: null, strategy: {}, template: TEMPLATE },
    status: {},
  },
  'daemonsets.apps': {
    ...META,
    spec: { selector: null, updateStrategy: {}, template: TEMPLATE },
    status: {},
  },
  'replicasets.apps': { ...META, spec: { selector: null }, status: { replicas: 0 } },
  'statefulsets.apps': {
    ...META,
    spec: { selector: null, serviceName: '', updateStrategy: {}, template: TEMPLATE },
    status: { replicas: 0, availableReplicas: 0 },
  },
  'jobs.batch': { ...META, spec: { template: TEMPLATE }, status: {} },
  'cronjobs.batch': {
    ...META,
    spec: { schedule: '', jobTemplate: { metadata: {}, spec: { template: TEMPLATE } } },
    status: {},
  },
  'poddisruptionbudgets.policy': { ...SPEC, status: {} },
  'leases.coordination.k8s.io': SPEC,
  'networkpolicies.networking.k8s.io': SPEC,
  'ingresses.networking.k8s.io': { ...SPEC, status: { loadBalancer: {} } },
  'rolebindings.rbac.authorization.k8s.io': { ...META, roleRef: {} },
  'clusterrolebindings.rbac.authorization.k8s.io': { ...META, roleRef: {} },
  'roles.rbac.authorization.k8s.io': { ...META, rules: null },
  'clusterroles.rbac.authorization.k8s.io': { ...META, rules: null },
  'customresourcedefinitions.apiextensions.k8s.io': {
    ...META,
    spec: { names: {}, versions: null },
    status: { conditions: null, acceptedNames: {}, storedVersions: null },
  },
  'apiservices.apiregistration.k8s.io': BOTH,
};

/** The empty object that a create of the resource is compared with. `id` as in the registry. */
export function emptyObject(id: string): Json {
  return EMPTY[id] ?? META;
}
