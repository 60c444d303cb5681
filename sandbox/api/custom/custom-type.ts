import { column, customResourceType, type ResourceType } from '../resource-type';
import type { Definition, DefinitionVersion } from './definition';
import { compareVersions } from './versions';

/**
 * The resources that an accepted definition defines, one for each version that is served, the preferred one first.
 * They share their table: objects are kept in the storage version.
 */
export function typesOfDefinition(definition: Definition): ResourceType[] {
  const { spec } = definition;
  const storage = spec.versions.find((version) => version.storage) ?? spec.versions[0];
  const served = spec.versions
    .filter((version) => version.served)
    .sort((a, b) => compareVersions(a.name, b.name));
  const names = served.map(({ name }) => name);
  return served.map((version) => versionType(definition, version, storage?.name ?? version.name, names));
}

/** The resource without regard to a version, for what knows objects only as they are kept. */
export function storedType(definition: Definition): ResourceType {
  const { versions } = definition.spec;
  const storage = versions.find((version) => version.storage) ?? versions[0];
  // Validation lets no definition pass that has no version.
  if (!storage) throw new Error(`${definition.metadata.name} has no versions`);
  return versionType(definition, storage, storage.name, [storage.name]);
}

function versionType(
  { spec, status }: Definition,
  version: DefinitionVersion,
  storage: string,
  served: string[],
): ResourceType {
  const names = { ...spec.names, ...status?.acceptedNames };
  const { scale } = version.subresources ?? {};
  const warnings = spec.versions
    .filter(({ deprecated }) => deprecated)
    .map((one) => [one.name, one.deprecationWarning ?? defaultWarning(spec, one.name)]);
  return customResourceType({
    group: spec.group,
    version: storage,
    servedVersions: served,
    warnings: Object.fromEntries(warnings) as Record<string, string>,
    plural: spec.names.plural,
    singular: names.singular || spec.names.kind.toLowerCase(),
    kind: spec.names.kind,
    listKind: spec.names.listKind ?? `${spec.names.kind}List`,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: spec.scope === 'Namespaced',
    status: version.subresources?.status !== undefined,
    ...(scale
      ? {
          scale: {
            spec: scale.specReplicasPath,
            status: scale.statusReplicasPath,
            ...(scale.labelSelectorPath ? { selector: scale.labelSelectorPath } : {}),
          },
        }
      : {}),
    columns: (version.additionalPrinterColumns ?? []).map(
      ({ name, jsonPath, type, priority = 0, description, format }) =>
        column(name, jsonPath, {
          type,
          priority: priority > 0 ? 1 : 0,
          ...(description ? { description } : {}),
          ...(format ? { format } : {}),
        }),
    ),
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
  });
}

function defaultWarning({ group, names }: Definition['spec'], version: string): string {
  return `${group}/${version} ${names.kind} is deprecated`;
}
