/** A class of paths of the Kubernetes API, as one request that stands for it. */
export interface ProxyCase {
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** NS stands for the namespace. */
  path: string;
  body?: object;
  contentType?: string;
  /** Not below a namespace: asked once instead of once in each. */
  clusterWide?: true;
}

const KUBEVIRT = '/apis/kubevirt.io/v1/namespaces/NS';
const ACTIONS = '/apis/subresources.kubevirt.io/v1/namespaces/NS';
const CORE = '/api/v1/namespaces/NS';
const MERGE = 'application/merge-patch+json';
// Nothing of this name exists: whoever may is told so (404), whoever may not is told that (403), and nothing changes.
const ABSENT = 'absent';

const read = (name: string, path: string): ProxyCase => ({ name, method: 'GET', path });
const wide = (name: string, path: string): ProxyCase => ({ name, method: 'GET', path, clusterWide: true });
const put = (name: string, path: string): ProxyCase => ({ name, method: 'PUT', path, body: {} });
const create = (name: string, path: string, body: object): ProxyCase => ({
  name,
  method: 'POST',
  path: `${path}?dryRun=All`,
  body,
});

const vm = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'asked' },
  spec: { runStrategy: 'Halted', template: { spec: { domain: { devices: {} } } } },
};

/** Every class of path that people reach through the proxy: reads, writes, subresources, other kinds, no resources. */
export const PROXY_CASES: readonly ProxyCase[] = [
  read('list VMs', `${KUBEVIRT}/virtualmachines`),
  read('list a page of VMs', `${KUBEVIRT}/virtualmachines?limit=1`),
  read('get a VM', `${KUBEVIRT}/virtualmachines/web`),
  read('get an absent VM', `${KUBEVIRT}/virtualmachines/${ABSENT}`),
  read('list VMIs', `${KUBEVIRT}/virtualmachineinstances`),
  read('watch VMs to their end', `${KUBEVIRT}/virtualmachines?watch=true&timeoutSeconds=1`),
  create('create a VM', `${KUBEVIRT}/virtualmachines`, vm),
  {
    name: 'patch a VM',
    method: 'PATCH',
    path: `${KUBEVIRT}/virtualmachines/web?dryRun=All`,
    body: { metadata: { labels: { a: 'b' } } },
    contentType: MERGE,
  },
  { name: 'replace an absent VM', method: 'PUT', path: `${KUBEVIRT}/virtualmachines/asked`, body: vm },
  { name: 'delete a VM', method: 'DELETE', path: `${KUBEVIRT}/virtualmachines/web?dryRun=All` },
  { name: 'delete all VMs', method: 'DELETE', path: `${KUBEVIRT}/virtualmachines?dryRun=All` },
  ...['start', 'stop', 'restart', 'migrate', 'addvolume', 'memorydump', 'expand-spec'].map((verb) =>
    put(`${verb} a VM`, `${ACTIONS}/virtualmachines/${ABSENT}/${verb}`),
  ),
  ...['pause', 'unpause', 'softreboot', 'reset', 'freeze', 'addvolume'].map((verb) =>
    put(`${verb} a VMI`, `${ACTIONS}/virtualmachineinstances/${ABSENT}/${verb}`),
  ),
  ...['guestosinfo', 'userlist', 'filesystemlist'].map((what) =>
    read(`${what} of a VMI`, `${ACTIONS}/virtualmachineinstances/${ABSENT}/${what}`),
  ),
  read('list pods', `${CORE}/pods`),
  read('logs of a pod', `${CORE}/pods/${ABSENT}/log`),
  read('list secrets', `${CORE}/secrets`),
  read('list config maps', `${CORE}/configmaps`),
  read('list claims', `${CORE}/persistentvolumeclaims`),
  read('list events', `${CORE}/events`),
  read('list service accounts', `${CORE}/serviceaccounts`),
  create('create a secret', `${CORE}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'asked' },
  }),
  {
    name: 'ask for a token',
    method: 'POST',
    path: `${CORE}/serviceaccounts/${ABSENT}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  },
  read('list data volumes', '/apis/cdi.kubevirt.io/v1beta1/namespaces/NS/datavolumes'),
  read('list snapshots', '/apis/snapshot.kubevirt.io/v1beta1/namespaces/NS/virtualmachinesnapshots'),
  read('list roles', '/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles'),
  create('create a role binding', '/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'asked' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'dana' }],
  }),
  wide('list all VMs', '/apis/kubevirt.io/v1/virtualmachines'),
  wide('list namespaces', '/api/v1/namespaces'),
  wide('list nodes', '/api/v1/nodes'),
  wide('list all secrets', '/api/v1/secrets'),
  wide('list cluster roles', '/apis/rbac.authorization.k8s.io/v1/clusterroles'),
  wide('read KubeVirt’s configuration', '/apis/kubevirt.io/v1/kubevirts'),
  wide('list instance types', '/apis/instancetype.kubevirt.io/v1beta1/virtualmachineclusterinstancetypes'),
  wide('discovery', '/apis'),
  wide('discovery of a group', '/apis/kubevirt.io/v1'),
  wide('OpenAPI', '/openapi/v3/version'),
  wide('version', '/version'),
  wide('health', '/healthz'),
  wide('metrics', '/metrics'),
  wide('what nobody serves', '/apis/nobody.example.com/v1/things'),
  wide('a proxied service', '/api/v1/namespaces/kubevirt/services/https:virt-api:443/proxy/'),
  {
    name: 'who am I',
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    clusterWide: true,
  },
  {
    name: 'review somebody else’s access',
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'admin', nonResourceAttributes: { path: '/', verb: 'get' } },
    },
    clusterWide: true,
  },
  {
    name: 'make a namespace',
    method: 'POST',
    path: '/api/v1/namespaces?dryRun=All',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'asked' } },
    clusterWide: true,
  },
  {
    name: 'cordon a node',
    method: 'PATCH',
    path: `/api/v1/nodes/${ABSENT}?dryRun=All`,
    body: { spec: { unschedulable: true } },
    contentType: MERGE,
    clusterWide: true,
  },
];

/** Upgrades: consoles, port forwarding, exec, watches. */
export const SOCKET_CASES: readonly { name: string; path: string; protocol?: string }[] = [
  { name: 'VNC', path: `${ACTIONS}/virtualmachineinstances/running/vnc`, protocol: 'plain.kubevirt.io' },
  {
    name: 'serial',
    path: `${ACTIONS}/virtualmachineinstances/running/console`,
    protocol: 'plain.kubevirt.io',
  },
  { name: 'VNC of an absent VMI', path: `${ACTIONS}/virtualmachineinstances/${ABSENT}/vnc` },
  { name: 'port 22', path: `${ACTIONS}/virtualmachineinstances/running/portforward/22` },
  {
    name: 'exec',
    path: `${CORE}/pods/${ABSENT}/exec?command=id&stdout=true`,
    protocol: 'v5.channel.k8s.io',
  },
  { name: 'a watch of VMs', path: `${KUBEVIRT}/virtualmachines?watch=true` },
  { name: 'a watch of secrets', path: `${CORE}/secrets?watch=true` },
];
