interface ApiResource {
  name: string;
  kind: string;
  namespaced: boolean;
  shortNames?: string[];
}

const KINDS: Record<string, ApiResource[]> = {
  v1: [
    { name: 'namespaces', kind: 'Namespace', namespaced: false, shortNames: ['ns'] },
    { name: 'nodes', kind: 'Node', namespaced: false, shortNames: ['no'] },
    { name: 'events', kind: 'Event', namespaced: true },
    { name: 'pods', kind: 'Pod', namespaced: true },
    { name: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim', namespaced: true },
  ],
  'kubevirt.io/v1': [
    { name: 'virtualmachines', kind: 'VirtualMachine', namespaced: true, shortNames: ['vm', 'vms'] },
    {
      name: 'virtualmachineinstances',
      kind: 'VirtualMachineInstance',
      namespaced: true,
      shortNames: ['vmi', 'vmis'],
    },
    { name: 'virtualmachineinstancemigrations', kind: 'VirtualMachineInstanceMigration', namespaced: true },
    { name: 'kubevirts', kind: 'KubeVirt', namespaced: true },
  ],
  'authorization.k8s.io/v1': [
    { name: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview', namespaced: false },
    { name: 'selfsubjectrulesreviews', kind: 'SelfSubjectRulesReview', namespaced: false },
  ],
  'authentication.k8s.io/v1': [{ name: 'selfsubjectreviews', kind: 'SelfSubjectReview', namespaced: false }],
};

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

/** The kind of a resource; undefined when the API has no such resource. */
export function kindOf(groupVersion: string, plural: string): string | undefined {
  return KINDS[groupVersion]?.find(({ name }) => name === plural)?.kind;
}

/** What `/version`, `/api…` and `/apis…` say beside the objects themselves. */
export function discovery(path: string): object | undefined {
  if (path === '/version') {
    return { major: '1', minor: '32', gitVersion: 'v1.32.4', gitCommit: 'bench', platform: 'linux/amd64' };
  }
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') {
    const groups = Object.keys(KINDS).filter((name) => name.includes('/'));
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) };
  }
  const groupVersion = path.replace(/^\/apis?\//, '');
  const resources = KINDS[groupVersion];
  if (!resources) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: resources.map((resource) => ({ singularName: '', ...resource, verbs: VERBS })),
  };
}

function groupOf(groupVersion: string): object {
  const [name, version] = groupVersion.split('/');
  const known = { groupVersion, version };
  return { name, versions: [known], preferredVersion: known };
}
