import { SUBRESOURCE_GROUP, SUBRESOURCE_VERSIONS } from './kubevirt-subresources';
import type { NewObject } from './objects';
import { type Column, deprecationWarning, type ResourceType, servedVersions } from './resource-type';

/** The CustomResourceDefinition that a resource of the registry stands for. */
export function customResourceDefinition(type: ResourceType, now: string): NewObject {
  const names = {
    plural: type.plural,
    singular: type.singular,
    kind: type.kind,
    listKind: `${type.kind}List`,
    ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length > 0 ? { categories: type.categories } : {}),
  };
  const version = (name: string) => ({
    name,
    served: true,
    storage: name === (type.storageVersion ?? type.version),
    ...(type.deprecatedVersions.includes(name) ? deprecation({ ...type, version: name }) : {}),
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    ...(type.status || type.scale ? { subresources: subresources(type) } : {}),
    ...(type.columns.length > 0 ? { additionalPrinterColumns: type.columns.map(printerColumn) } : {}),
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: type.id },
    spec: {
      group: type.group,
      names,
      scope: type.namespaced ? 'Namespaced' : 'Cluster',
      versions: servedVersions(type).map(version),
      conversion: { strategy: 'None' },
    },
    status: {
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found', now),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted', now),
      ],
      acceptedNames: names,
      storedVersions: [type.storageVersion ?? type.version],
    },
  };
}

function subresources({ status, scale }: ResourceType): object {
  return {
    ...(status ? { status: {} } : {}),
    ...(scale
      ? {
          scale: {
            specReplicasPath: scale.spec,
            statusReplicasPath: scale.status,
            ...(scale.selector ? { labelSelectorPath: scale.selector } : {}),
          },
        }
      : {}),
  };
}

function deprecation(type: Pick<ResourceType, 'group' | 'version'>): object {
  return { deprecated: true, deprecationWarning: deprecationWarning(type) };
}

function printerColumn({ name, type, priority, description, value }: Column): object {
  return {
    name,
    type,
    jsonPath: typeof value === 'string' ? value : '.metadata',
    ...(priority ? { priority } : {}),
    ...(description && !description.startsWith('Custom resource definition column') ? { description } : {}),
  };
}

/** One APIService per group and version: local ones, and virt-api's aggregated group. */
export function apiServices(types: readonly ResourceType[], now: string): NewObject[] {
  const local = new Set<string>();
  for (const type of types) {
    for (const name of servedVersions(type)) local.add(`${name}.${type.group}`);
  }
  const served = [...local].map((name) => apiService(name, undefined, now));
  const virtApi = SUBRESOURCE_VERSIONS.map((version) =>
    apiService(
      `${version}.${SUBRESOURCE_GROUP}`,
      { namespace: 'kubevirt', name: 'virt-api', port: 443 },
      now,
    ),
  );
  return [...served, ...virtApi];
}

function apiService(name: string, service: object | undefined, now: string): NewObject {
  const dot = name.indexOf('.');
  const [version, group] = [name.slice(0, dot), name.slice(dot + 1)];
  const reason = service ? 'Passed' : 'Local';
  const message = service ? 'all checks passed' : 'Local APIServices are always available';
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: {
      name,
      ...(service ? {} : { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } }),
    },
    spec: {
      ...(group ? { group } : {}),
      version,
      ...(service ? { service } : {}),
      groupPriorityMinimum: group ? 1000 : 18000,
      versionPriority: service ? 15 : 100,
    },
    status: { conditions: [condition('Available', reason, message, now)] },
  };
}

function condition(type: string, reason: string, message: string, lastTransitionTime: string): object {
  return { type, status: 'True', lastTransitionTime, reason, message };
}
