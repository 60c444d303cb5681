import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '../admission/field-error';
import type { StatusCause } from '../errors';
import { isRecord } from '../patch';
import type { Definition, DefinitionNames, DefinitionVersion } from './definition';
import { schemaRuleCauses } from './definition-schema-rules';

const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, " +
  "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is " +
  "'[a-z]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['int32', 'int64', 'float', 'double', 'byte', 'date', 'date-time', 'password'];
const APPROVAL = 'api-approved.kubernetes.io';
/** Where the fields of a scale may lie: a plain path, no lists. */
const SIMPLE_PATH = /^(\.[A-Za-z_$][\w$-]*)+$/;

/** What kube-apiserver refuses in a CustomResourceDefinition; `old` is the stored one on an update. */
export function definitionCauses(definition: Definition, old?: Definition): StatusCause[] {
  const { metadata, spec } = definition;
  const causes: StatusCause[] = [];
  const expected = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`;
  if (metadata.name !== expected) {
    causes.push(invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  causes.push(...groupCauses(definition));
  if (spec.scope !== 'Cluster' && spec.scope !== 'Namespaced') {
    causes.push(
      spec.scope
        ? unsupportedValue('spec.scope', spec.scope, ['Cluster', 'Namespaced'])
        : requiredValue('spec.scope'),
    );
  }
  causes.push(...versionCauses(spec.versions ?? []));
  if (isRecord(spec.names)) causes.push(...namesCauses(spec.names as unknown as DefinitionNames));
  else causes.push(requiredValue('spec.names.plural'));
  causes.push(...conversionCauses(spec.conversion));
  if (spec.preserveUnknownFields === true) {
    causes.push(
      invalidValue(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  }
  if (old) causes.push(...updateCauses(definition, old));
  return causes;
}

function groupCauses({ metadata, spec }: Definition): StatusCause[] {
  const { group = '' } = spec;
  if (group === '') return [requiredValue('spec.group')];
  const causes: StatusCause[] = [];
  if (!SUBDOMAIN.test(group)) causes.push(invalidValue('spec.group', group, SUBDOMAIN_RULE));
  if (!group.includes('.'))
    causes.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'));
  const isProtected = /\.(k8s|kubernetes)\.io$/.test(group);
  if (isProtected && !metadata.annotations?.[APPROVAL]) {
    const why = `protected groups must have approval annotation "${APPROVAL}", see https://github.com/kubernetes/enhancements/pull/1111`;
    causes.push(requiredValue(`metadata.annotations[${APPROVAL}]`, why));
  }
  return causes;
}

function versionCauses(versions: DefinitionVersion[]): StatusCause[] {
  const causes: StatusCause[] = [];
  const names = new Set<string>();
  let unique = true;
  for (const [index, version] of versions.entries()) {
    const at = `spec.versions[${index}]`;
    if (names.has(version.name)) unique = false;
    names.add(version.name);
    if (!LABEL.test(version.name ?? '')) {
      causes.push(invalidValue(`${at}.name`, version.name ?? '', LABEL_RULE));
    }
    if (!version.schema?.openAPIV3Schema) {
      causes.push(requiredValue(`${at}.schema.openAPIV3Schema`, 'schemas are required'));
    } else {
      causes.push(...schemaRuleCauses(version.schema.openAPIV3Schema, `${at}.schema.openAPIV3Schema`));
    }
    if (version.deprecationWarning !== undefined && !version.deprecated) {
      const why = 'can only be set for deprecated versions';
      causes.push(invalidValue(`${at}.deprecationWarning`, version.deprecationWarning, why));
    }
    causes.push(...scaleCauses(version, at), ...columnCauses(version, at), ...selectableCauses(version, at));
  }
  if (!unique) causes.push(invalidValue('spec.versions', versions, 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1) {
    causes.push(
      invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version'),
    );
  }
  return causes;
}

function scaleCauses({ subresources }: DefinitionVersion, at: string): StatusCause[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  const causes: StatusCause[] = [];
  const path = (field: keyof typeof scale, root: string, required: boolean) => {
    const value = scale[field];
    const where = `${at}.subresources.scale.${field}`;
    if (!value) {
      if (required) causes.push(requiredValue(where));
    } else if (!SIMPLE_PATH.test(value) || !value.startsWith(`${root}.`)) {
      causes.push(invalidValue(where, value, `should be a json path under ${root}`));
    }
  };
  path('specReplicasPath', '.spec', true);
  path('statusReplicasPath', '.status', true);
  const selector = scale.labelSelectorPath;
  if (selector && !(SIMPLE_PATH.test(selector) && /^\.(spec|status)\./.test(selector))) {
    const where = `${at}.subresources.scale.labelSelectorPath`;
    causes.push(invalidValue(where, selector, 'should be a json path under either .spec or .status'));
  }
  return causes;
}

function columnCauses({ additionalPrinterColumns = [] }: DefinitionVersion, at: string): StatusCause[] {
  return additionalPrinterColumns.flatMap(({ name, type, format, jsonPath }, index) => {
    const where = `${at}.additionalPrinterColumns[${index}]`;
    const causes: StatusCause[] = [];
    if (!name) causes.push(requiredValue(`${where}.name`));
    if (!type) causes.push(requiredValue(`${where}.type`, `must be one of ${COLUMN_TYPES.join(',')}`));
    else if (!COLUMN_TYPES.includes(type)) {
      causes.push(invalidValue(`${where}.type`, type, `must be one of ${COLUMN_TYPES.join(',')}`));
    }
    if (format && !COLUMN_FORMATS.includes(format)) {
      causes.push(invalidValue(`${where}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    if (!jsonPath) causes.push(requiredValue(`${where}.jsonPath`));
    else if (!/^[.[]/.test(jsonPath) && !jsonPath.startsWith('$')) {
      causes.push(invalidValue(`${where}.jsonPath`, jsonPath, 'must be a simple json path starting with .'));
    }
    return causes;
  });
}

function selectableCauses({ selectableFields = [] }: DefinitionVersion, at: string): StatusCause[] {
  const seen = new Set<string>();
  return selectableFields.flatMap(({ jsonPath }, index) => {
    const where = `${at}.selectableFields[${index}].jsonPath`;
    if (!jsonPath) return [requiredValue(where)];
    if (seen.has(jsonPath)) return [duplicateValue(where, jsonPath)];
    seen.add(jsonPath);
    if (!SIMPLE_PATH.test(jsonPath)) {
      return [invalidValue(where, jsonPath, 'must be a simple json path starting with .')];
    }
    if (jsonPath.startsWith('.metadata.') || jsonPath === '.metadata') {
      return [
        invalidValue(where, jsonPath, 'must not point to fields in metadata (metadata.name is always there)'),
      ];
    }
    return [];
  });
}

function namesCauses(names: DefinitionNames): StatusCause[] {
  const causes: StatusCause[] = [];
  const label = (field: string, value: string) => {
    if (!LABEL.test(value)) causes.push(invalidValue(field, value, LABEL_RULE));
  };
  const mixed = (field: string, value: string) => {
    if (LABEL.test(value.toLowerCase())) return;
    causes.push(invalidValue(field, value, `may have mixed case, but should otherwise match: ${LABEL_RULE}`));
  };
  if (names.plural) label('spec.names.plural', names.plural);
  else causes.push(requiredValue('spec.names.plural'));
  if (names.singular) label('spec.names.singular', names.singular);
  if (names.kind) mixed('spec.names.kind', names.kind);
  else causes.push(requiredValue('spec.names.kind'));
  if (names.listKind) mixed('spec.names.listKind', names.listKind);
  for (const [index, short] of (names.shortNames ?? []).entries()) {
    label(`spec.names.shortNames[${index}]`, short);
  }
  for (const [index, category] of (names.categories ?? []).entries()) {
    label(`spec.names.categories[${index}]`, category);
  }
  if (names.kind && names.kind === names.listKind) {
    causes.push(invalidValue('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  }
  return causes;
}

function conversionCauses(conversion: Definition['spec']['conversion']): StatusCause[] {
  const { strategy = 'None' } = conversion ?? {};
  if (strategy === 'None') {
    return conversion && 'webhook' in conversion
      ? [forbiddenValue('spec.conversion.webhook', 'should not be set when strategy is not set to Webhook')]
      : [];
  }
  if (strategy !== 'Webhook') {
    return [unsupportedValue('spec.conversion.strategy', strategy, ['None', 'Webhook'])];
  }
  const { webhook } = conversion as { webhook?: { clientConfig?: object } };
  return webhook?.clientConfig
    ? []
    : [requiredValue('spec.conversion.webhook.clientConfig', 'required when strategy is set to Webhook')];
}

function updateCauses({ spec, status }: Definition, old: Definition): StatusCause[] {
  const causes: StatusCause[] = [];
  const established = old.status?.conditions?.some(
    (one) => one.type === 'Established' && one.status === 'True',
  );
  const immutable = (field: string, next: unknown, before: unknown) => {
    if (next !== before) causes.push(invalidValue(field, next, 'field is immutable'));
  };
  if (established) {
    immutable('spec.scope', spec.scope, old.spec.scope);
    immutable('spec.names.kind', spec.names?.kind, old.spec.names.kind);
  }
  immutable('spec.group', spec.group, old.spec.group);
  immutable('spec.names.plural', spec.names?.plural, old.spec.names.plural);
  for (const [index, version] of (status?.storedVersions ?? []).entries()) {
    if (spec.versions?.some(({ name }) => name === version)) continue;
    const why = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`;
    causes.push(invalidValue(`status.storedVersions[${index}]`, version, why));
  }
  return causes;
}
