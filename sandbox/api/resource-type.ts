import type { KubeObject } from './objects';

export type ColumnType = 'string' | 'date' | 'integer' | 'number' | 'boolean';

/** One printer column of the Table representation. */
export interface Column {
  name: string;
  type: ColumnType;
  /** 0 is always shown, 1 only with `-o wide`. */
  priority: 0 | 1;
  description?: string;
  /** OpenAPI format, as custom columns may declare one. */
  format?: string;
  /** A JSONPath as custom resources declare it, or a function as the built-in printers have. */
  value: string | ((object: KubeObject, now: number) => string | number | boolean | null);
}

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** One resource of the API: everything that routing, discovery, storage and printing derive from. */
export interface ResourceType {
  /** `plural.group`; core resources are bare. The key of every table in the store. */
  id: string;
  group: string;
  /** The stored version, served first. */
  version: string;
  /** Older versions that are served as well; only apiVersion differs. Each answer carries a deprecation warning. */
  deprecatedVersions: string[];
  /** Other versions that are served without a warning. */
  otherVersions: string[];
  /** The version that objects count as stored in, where it is not `version`. */
  storageVersion?: string;
  /** All served versions, the preferred one first, where they are not those named above. */
  servedVersions?: string[];
  /** Deprecation warnings by version, where they are not worded as KubeVirt's. */
  warnings?: Record<string, string>;
  /** Kind of its lists, where it is not the kind and `List`. */
  listKind?: string;
  plural: string;
  singular: string;
  kind: string;
  shortNames: string[];
  categories: string[];
  namespaced: boolean;
  verbs: Verb[];
  /** Whether `/status` is an endpoint of its own. */
  status: boolean;
  /** Where `/scale` finds its numbers; without it there is no such endpoint. */
  scale?: ScalePaths;
  /** Defined by a CustomResourceDefinition: other patch types, other field selectors, items with a kind. */
  custom: boolean;
  /** What makes metadata.generation grow: a change outside metadata and status, outside metadata, or nothing. */
  generation: 'spec' | 'any' | 'none';
  /** Columns after Name; none means Age alone. */
  columns: Column[];
  /** Paths a fieldSelector may name, beyond metadata.name and metadata.namespace. */
  selectableFields: string[];
  /** Name of the APIService of the server beside this one that answers: without it the resource is not there. */
  aggregatedBy?: string;
  /** Serves the objects of another resource in another shape. */
  view?: ResourceView;
}

/** Paths of the fields that a Scale shows, such as `.spec.replicas`. */
export interface ScalePaths {
  spec: string;
  status: string;
  /** Path of a label selector in its text form. */
  selector?: string;
}

/** How a resource shows objects that are stored as another resource. */
export interface ResourceView {
  /** The id of the stored resource. */
  of: string;
  show: (stored: KubeObject) => KubeObject;
  store: (shown: KubeObject) => KubeObject;
}

type Facts = Pick<ResourceType, 'group' | 'version' | 'plural' | 'kind'> &
  Partial<Omit<ResourceType, 'id' | 'group' | 'version' | 'plural' | 'kind'>>;

const ALL_VERBS: Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Completes a registry entry: namespaced, every verb, singular from the kind, no status subresource. */
export function resourceType(facts: Facts): ResourceType {
  const { group, plural, kind } = facts;
  return {
    id: group ? `${plural}.${group}` : plural,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    deprecatedVersions: [],
    otherVersions: [],
    namespaced: true,
    verbs: ALL_VERBS,
    status: false,
    custom: false,
    generation: 'none',
    columns: [],
    selectableFields: [],
    ...facts,
  };
}

/** Completes an entry for a resource that a CustomResourceDefinition would define. */
export function customResourceType(facts: Facts): ResourceType {
  return resourceType({
    categories: ['all'],
    custom: true,
    generation: facts.status ? 'spec' : 'any',
    ...facts,
  });
}

/** A printer column; `description` defaults to what the apiserver writes for custom columns. */
export function column(
  name: string,
  value: Column['value'],
  {
    type = 'string',
    priority = 0,
    description,
    format,
  }: Partial<Pick<Column, 'type' | 'priority' | 'description' | 'format'>> = {},
): Column {
  const path = typeof value === 'string' ? value : '';
  const text = description ?? (path ? `Custom resource definition column (in JSONPath format): ${path}` : '');
  return { name, type, priority, description: text, value, ...(format ? { format } : {}) };
}

/** Every version of a resource that is served, the preferred one first. */
export function servedVersions(type: ResourceType): string[] {
  return type.servedVersions ?? [type.version, ...type.otherVersions, ...type.deprecatedVersions];
}

/** What answers in a version are marked with, if it is deprecated. */
export function versionWarning(type: ResourceType, version: string): string | undefined {
  if (type.deprecatedVersions.includes(version)) return deprecationWarning({ ...type, version });
  return type.warnings?.[version];
}

/** `group/version`, or the bare version in the core group. */
export function groupVersion(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group ? `${type.group}/${type.version}` : type.version;
}

/** What answers in a deprecated version are marked with, as KubeVirt's definitions word it. */
export function deprecationWarning(type: Pick<ResourceType, 'group' | 'version'>): string {
  return `${groupVersion(type)} is now deprecated and will be removed in a future release.`;
}
