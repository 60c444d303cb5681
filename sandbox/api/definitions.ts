import { UPLOAD_GROUP } from './access/upload-token';
import { seededSchema } from './custom/structural';
import { SUBRESOURCE_GROUP, SUBRESOURCE_VERSIONS } from './kubevirt-subresources';
import type { NewObject, ObjectMeta } from './objects';
import { AGGREGATOR_GROUP, groupPriority, isBuiltInGroup, versionPriority } from './priorities';
import { type Column, deprecationWarning, type ResourceType, servedVersions } from './resource-type';
import { METRICS_SERVICE } from './resources-metrics';

const OPEN_SCHEMA = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

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
    schema: { openAPIV3Schema: seededSchema(type.group, type.kind) ?? OPEN_SCHEMA },
    ...(type.status || type.scale ? { subresources: subresources(type) } : {}),
    ...(type.columns.length > 0 ? { additionalPrinterColumns: type.columns.map(printerColumn) } : {}),
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: type.id, ...installer(type.group) },
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

function aggregatorLabels(group: string): Record<string, string> {
  if (METRICS_SERVICE.endsWith(`.${group}`)) return { 'k8s-app': 'metrics-server' };
  return group === UPLOAD_GROUP
    ? { 'app.kubernetes.io/component': 'storage', 'cdi.kubevirt.io': 'cdi-api' }
    : { ...VIRT_OPERATOR, 'kubevirt.io': 'virt-api-aggregator' };
}

const VIRT_OPERATOR = {
  'app.kubernetes.io/component': 'kubevirt',
  'app.kubernetes.io/managed-by': 'virt-operator',
};

/** What the operator that installs the definitions of a group marks them with. */
function installer(group: string): Pick<ObjectMeta, 'labels' | 'annotations'> {
  if (group === 'cdi.kubevirt.io' || group.endsWith('.cdi.kubevirt.io')) {
    const labels = {
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    };
    return { labels };
  }
  if (group === 'hco.kubevirt.io' || group.startsWith('networkaddonsoperator.')) return {};
  if (group === 'kubevirt.io' || group.endsWith('.kubevirt.io')) {
    return { labels: { ...VIRT_OPERATOR, 'kubevirt.io': '' } };
  }
  // Groups of the Kubernetes community carry the approval of their API.
  return group.endsWith('.k8s.io')
    ? {
        annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes/enhancements/pull/1111' },
      }
    : {};
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

/** One APIService for each group and version that kube-apiserver serves itself. */
export function apiServices(types: readonly ResourceType[], now: string): NewObject[] {
  const local = new Set<string>();
  for (const type of types) {
    if (type.aggregatedBy) continue;
    for (const name of servedVersions(type)) local.add(`${name}.${type.group}`);
  }
  for (const name of local) if (name.endsWith(`.${AGGREGATOR_GROUP}`)) local.delete(name);
  return [...local].map((name) => apiService(name, undefined, now));
}

/** The APIServices through which virt-api's actions and CDI's upload tokens are reached. */
export function aggregatedServices(now: string): NewObject[] {
  const virtApi = { namespace: 'kubevirt', name: 'virt-api', port: 443 };
  return [
    ...SUBRESOURCE_VERSIONS.map((version) => apiService(`${version}.${SUBRESOURCE_GROUP}`, virtApi, now)),
    apiService(`v1beta1.${UPLOAD_GROUP}`, { namespace: 'cdi', name: 'cdi-api', port: 443 }, now),
  ];
}

/** The APIService through which metrics-server is reached. */
export function metricsService(now: string): NewObject {
  return apiService(METRICS_SERVICE, { namespace: 'kube-system', name: 'metrics-server', port: 443 }, now);
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
      labels: service
        ? aggregatorLabels(group)
        : { 'kube-aggregator.kubernetes.io/automanaged': isBuiltInGroup(group) ? 'onstart' : 'true' },
    },
    spec: {
      ...(group ? { group } : {}),
      version,
      ...(service ? { service } : {}),
      groupPriorityMinimum: groupPriority(group),
      versionPriority: service && name !== METRICS_SERVICE ? 15 : versionPriority(group, version),
    },
    status: { conditions: [condition('Available', reason, message, now)] },
  };
}

function condition(type: string, reason: string, message: string, lastTransitionTime: string): object {
  return { type, status: 'True', lastTransitionTime, reason, message };
}
