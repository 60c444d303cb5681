import type { KubeObject, NewObject } from '../objects';
import type { ColumnType } from '../resource-type';
import type { Schema } from '../schema/schema-type';

export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
/** Holds a deleted definition until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export interface DefinitionNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: Schema };
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: {
    name: string;
    type: ColumnType;
    format?: string;
    description?: string;
    priority?: number;
    jsonPath: string;
  }[];
  selectableFields?: { jsonPath: string }[];
}

export interface DefinitionCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

/** An apiextensions.k8s.io/v1 CustomResourceDefinition, as far as it has passed validation. */
export interface Definition extends KubeObject {
  spec: {
    group: string;
    names: DefinitionNames;
    scope: 'Cluster' | 'Namespaced';
    versions: DefinitionVersion[];
    conversion?: { strategy: string };
    preserveUnknownFields?: boolean;
  };
  status?: {
    conditions?: DefinitionCondition[] | null;
    acceptedNames?: DefinitionNames;
    storedVersions?: string[];
  };
}

export function hasCondition({ status }: Definition, type: string): boolean {
  return status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
}

/** Marks a definition that is being deleted: its objects go first. Edits `draft`. */
export function holdForCleanup(draft: Definition, now: string): void {
  const { metadata } = draft;
  metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), CLEANUP_FINALIZER])];
  const others = draft.status?.conditions?.filter(({ type }) => type !== 'Terminating') ?? [];
  const condition: DefinitionCondition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: now,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  draft.status = { ...draft.status, conditions: [...others, condition] };
}

/** What the apiserver fills into a new definition. Edits `draft`. */
export function applyDefinitionDefaults(draft: NewObject): void {
  const spec = draft.spec as Definition['spec'] | undefined;
  if (typeof spec !== 'object' || spec === null) return;
  const { names } = spec;
  if (names?.kind) {
    names.singular ||= names.kind.toLowerCase();
    names.listKind ||= `${names.kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
  const storage = (Array.isArray(spec.versions) ? spec.versions : []).find((version) => version.storage);
  draft.status ??= {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: storage ? [storage.name] : [],
  };
}
