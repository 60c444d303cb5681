import { createHash } from 'node:crypto';
import type { Registry } from './custom/registry';
import { compareVersions } from './custom/versions';
import { SUBRESOURCE_GROUP, SUBRESOURCE_NAMES, SUBRESOURCE_VERSIONS } from './kubevirt-subresources';
import { parseAccept } from './negotiation';
import { groupPriority, versionPriority } from './priorities';
import { groupVersion, type ResourceType, servedVersions } from './resource-type';

interface Part {
  name: string;
  kind: string;
  group?: string;
  version?: string;
  verbs: string[];
}

/** Kinds that are answered at once and stored nowhere. */
export interface EphemeralResource {
  group: string;
  version: string;
  plural: string;
  kind: string;
  shortNames?: string[];
  namespaced: boolean;
}

const EXTRA_PARTS: Record<string, Part[]> = {
  pods: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  ],
  namespaces: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
};

/** The order in which the apiserver names the verbs of custom resources. */
const CUSTOM_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** Discovery documents, legacy and aggregated, made from what the registry serves at the moment. */
export class Discovery {
  constructor(
    private readonly registry: Registry,
    private readonly ephemeral: readonly EphemeralResource[],
  ) {}

  private get types(): readonly ResourceType[] {
    return this.registry.list();
  }

  /** The document at a discovery path, or undefined when there is none. */
  document(path: string, accept: string | undefined): { body: object; contentType?: string } | undefined {
    const segments = path.split('/').filter(Boolean);
    const aggregated = aggregatedVersion(accept);
    const [root, group, version] = segments;
    if (root === 'api' && segments.length === 1) {
      if (aggregated) return this.aggregated([''], aggregated);
      return { body: { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] } };
    }
    if (root === 'api' && group === 'v1' && segments.length === 2)
      return { body: this.resourceList('', 'v1') };
    if (root !== 'apis') return undefined;
    if (segments.length === 1) {
      if (aggregated) return this.aggregated([...this.groups()].sort(byPriority), aggregated);
      const groups = this.groups().map((name) => this.group(name));
      return { body: { kind: 'APIGroupList', apiVersion: 'v1', groups } };
    }
    if (!group || !this.groups().includes(group)) return undefined;
    if (segments.length === 2) return { body: this.legacyGroup(group) };
    if (segments.length > 3 || !version || !this.versions(group).includes(version)) return undefined;
    return { body: this.resourceList(group, version) };
  }

  private groups(): string[] {
    const named = [...this.types, ...this.ephemeral].map(({ group }) => group).filter(Boolean);
    // Of equal priority, the group whose APIService comes first by name is first: v1.z before v1beta1.a.
    const service = (group: string) =>
      this.versions(group)
        .map((version) => `${version}.${group}`)
        .sort()[0] ?? '';
    return [...new Set([...named, SUBRESOURCE_GROUP])].sort(
      (a, b) => groupPriority(b) - groupPriority(a) || (service(a) < service(b) ? -1 : 1),
    );
  }

  private versions(group: string): string[] {
    if (group === SUBRESOURCE_GROUP) return [...SUBRESOURCE_VERSIONS];
    const found = new Set<string>();
    for (const type of this.types) {
      if (type.group === group) for (const version of servedVersions(type)) found.add(version);
    }
    for (const type of this.ephemeral) if (type.group === group) found.add(type.version);
    return [...found].sort(
      (a, b) => versionPriority(group, b) - versionPriority(group, a) || compareVersions(a, b),
    );
  }

  private group(name: string): object {
    const versions = this.versions(name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { name, versions, preferredVersion: versions[0] };
  }

  private legacyGroup(name: string): object {
    const group = { kind: 'APIGroup', apiVersion: 'v1', ...this.group(name) };
    // virt-api names its own group without the s; the aggregator's list has the right name.
    return name === SUBRESOURCE_GROUP ? { ...group, name: 'subresource.kubevirt.io' } : group;
  }

  private served(group: string, version: string): ResourceType[] {
    return this.types
      .filter((type) => type.group === group && servedVersions(type).includes(version))
      .map((type) => this.registry.find(group, version, type.plural) ?? type)
      .sort((a, b) => (a.plural < b.plural ? -1 : 1));
  }

  private resourceList(group: string, version: string): object {
    const head = {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: groupVersion({ group, version }),
    };
    if (group === SUBRESOURCE_GROUP) {
      const bare = SUBRESOURCE_NAMES.map((name) => ({
        name,
        singularName: '',
        namespaced: true,
        kind: '',
        verbs: null,
      }));
      return { ...head, resources: bare };
    }
    const stored = this.served(group, version).flatMap((type) => [
      {
        name: type.plural,
        singularName: type.singular,
        namespaced: type.namespaced,
        kind: type.kind,
        verbs: verbsOf(type),
        ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
        ...(type.categories.length > 0 ? { categories: type.categories } : {}),
        ...(type.aggregatedBy ? {} : { storageVersionHash: storageHash(type) }),
      },
      ...partsOf(type).map((part) => ({
        name: `${type.plural}/${part.name}`,
        singularName: '',
        namespaced: type.namespaced,
        ...(part.group ? { group: part.group, version: part.version } : {}),
        kind: part.kind,
        verbs: part.verbs,
      })),
    ]);
    const answered = this.ephemeralOf(group, version).map(({ plural, kind, namespaced, shortNames }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: ['create'],
      ...(shortNames ? { shortNames } : {}),
    }));
    return { ...head, resources: [...stored, ...answered] };
  }

  private ephemeralOf(group: string, version: string): EphemeralResource[] {
    return this.ephemeral.filter((type) => type.group === group && type.version === version);
  }

  private aggregated(groups: string[], apiVersion: string): { body: object; contentType: string } {
    const items = groups.map((group) => ({
      metadata: { name: group, creationTimestamp: null },
      versions: (group ? this.versions(group) : ['v1']).map((version) => ({
        version,
        resources: this.aggregatedResources(group, version),
        freshness: 'Current',
      })),
    }));
    return {
      body: {
        kind: 'APIGroupDiscoveryList',
        apiVersion: `apidiscovery.k8s.io/${apiVersion}`,
        metadata: {},
        items,
      },
      contentType: `application/json;g=apidiscovery.k8s.io;v=${apiVersion};as=APIGroupDiscoveryList`,
    };
  }

  private aggregatedResources(group: string, version: string): object[] {
    if (group === SUBRESOURCE_GROUP) return subresourceParents();
    const stored = this.served(group, version).map((type) => {
      const parts = partsOf(type).map((part) => ({
        subresource: part.name,
        responseKind: { group: part.group ?? group, version: part.version ?? version, kind: part.kind },
        verbs: part.verbs,
      }));
      return {
        resource: type.plural,
        responseKind: { group, version, kind: type.kind },
        scope: type.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: type.singular,
        verbs: verbsOf(type),
        ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
        ...(type.categories.length > 0 ? { categories: type.categories } : {}),
        ...(parts.length > 0 ? { subresources: parts } : {}),
      };
    });
    const answered = this.ephemeralOf(group, version).map(({ plural, kind, namespaced, shortNames }) => ({
      resource: plural,
      responseKind: { group, version, kind },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      singularResource: kind.toLowerCase(),
      verbs: ['create'],
      ...(shortNames ? { shortNames } : {}),
    }));
    return [...stored, ...answered];
  }
}

function byPriority(a: string, b: string): number {
  return groupPriority(b) - groupPriority(a) || (a < b ? -1 : 1);
}

function verbsOf({ custom, verbs }: ResourceType): string[] {
  return custom ? CUSTOM_VERBS.filter((name) => verbs.some((verb) => verb === name)) : verbs;
}

function partsOf(type: ResourceType): Part[] {
  const status = { name: 'status', kind: type.kind, verbs: ['get', 'patch', 'update'] };
  const scale = {
    name: 'scale',
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    verbs: ['get', 'patch', 'update'],
  };
  return [
    ...(type.status ? [status] : []),
    ...(type.scale ? [scale] : []),
    ...(type.group === '' ? (EXTRA_PARTS[type.plural] ?? []) : []),
  ];
}

/** A group of subresources alone has parents without a kind; clients skip those. */
function subresourceParents(): object[] {
  const empty = { group: '', version: '', kind: '' };
  const parents = new Map<string, object[]>();
  for (const name of SUBRESOURCE_NAMES) {
    const [parent = '', ...rest] = name.split('/');
    const parts = parents.get(parent) ?? [];
    if (rest.length > 0) parts.push({ subresource: rest.join('/'), responseKind: empty, verbs: null });
    parents.set(parent, parts);
  }
  return [...parents].map(([resource, subresources]) => ({
    resource,
    responseKind: empty,
    scope: 'Namespaced',
    singularResource: '',
    verbs: null,
    ...(subresources.length > 0 ? { subresources } : {}),
  }));
}

/** The version of aggregated discovery that the client prefers, if it asks for one before plain JSON. */
function aggregatedVersion(accept: string | undefined): string | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== 'application/json') continue;
    if (parameters.as !== 'APIGroupDiscoveryList') return undefined;
    if (parameters.v === 'v2' || parameters.v === 'v2beta1') return parameters.v;
  }
  return undefined;
}

function storageHash({ group, version, storageVersion = version, kind }: ResourceType): string {
  return createHash('sha256')
    .update(`${group}/${storageVersion}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}
