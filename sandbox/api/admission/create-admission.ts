import type { Admission, AdmissionRequest } from '../admission';
import { applyDefaults } from '../custom/defaulting';
import type { Registry } from '../custom/registry';
import { seededSchema, workingSchema } from '../custom/structural';
import { schemaCauses } from '../custom/validation';
import { badRequest, invalid } from '../errors';
import type { ClusterApi, KubeObject } from '../objects';
import { definition, schemaName } from '../schema/definitions';
import { goDecodeError } from '../schema/go-decode';
import { normalise } from '../schema/normalise';
import type { Schema } from '../schema/schema-type';
import { pruneUnknownFields } from '../schema/unknown-fields';
import { readConfig } from './config';
import { validateCoreObject } from './core-kinds';
import { checkKubeVirtSchema } from './kubevirt-schema';
import { checkLimitRanges } from './limit-range';
import { mutatePod, validatePod } from './pod-plugins';
import { checkQuota } from './quota';
import { WEBHOOKS } from './webhooks';

/**
 * Everything between authorization and the store: unknown fields, types, Kubernetes' own validation of its kinds, and
 * KubeVirt's mutating and validating webhooks.
 */
export function createAdmission(cluster: ClusterApi, registry: Registry): Admission {
  return {
    mutateAndValidate(request) {
      if (request.operation === 'DELETE') {
        WEBHOOKS[idOf(request)]?.admitDelete?.(request, cluster);
        return [];
      }
      const warnings = admitBySchema(request, cluster, registry);
      if (!request.subresource) limitNamespace(request, cluster);
      return warnings;
    },
  };
}

function admitBySchema(request: AdmissionRequest, cluster: ClusterApi, registry: Registry): string[] {
  const { object, group } = request;
  const creatingPod = request.resource === 'pods' && group === '' && request.operation === 'CREATE';
  const own = registry.customSchema(idOf(request), request.version ?? '');
  if (own) return admitByDefinition(request, workingSchema(own));
  const name = schemaName(group, object.kind);
  if (!name) return [];
  const schema = definition(name);
  const warnings = reportUnknownFields(request, schema);
  if (!registry.isCustom(idOf(request))) {
    decodeTyped(object, { $ref: name });
    if (creatingPod) mutatePod(cluster, object);
    validateCoreObject(request, cluster);
  } else if (!request.subresource) {
    warnings.push(...admitCustom(request, schema, cluster));
  }
  return warnings;
}

/** What a namespace's limit ranges and quotas allow; the last of all checks. @throws ApiError 403 */
function limitNamespace(request: AdmissionRequest, cluster: ClusterApi): void {
  const { resource, group, operation, object, oldObject } = request;
  const about = { plural: resource, group };
  if (resource === 'pods' && group === '') {
    if (operation === 'CREATE') validatePod(cluster, object);
    return;
  }
  if (resource === 'persistentvolumeclaims') checkLimitRanges(cluster, about, object);
  checkQuota(cluster, idOf(request), about, object, oldObject);
}

function idOf({ resource, group }: AdmissionRequest): string {
  return group ? `${resource}.${group}` : resource;
}

/** What the apiserver does to an object of a definition: prune, fill in defaults, validate. @throws ApiError 422 */
function admitByDefinition(request: AdmissionRequest, schema: Schema): string[] {
  const { object, group } = request;
  const warnings = reportUnknownFields(request, schema);
  applyDefaults(object, schema);
  const causes = schemaCauses(object, schema);
  if (causes.length > 0) throw invalid(object.kind, group, object.metadata.name, causes);
  return warnings;
}

/** Drops what the schema does not know. @throws ApiError 400 under Strict, 422 for a patch. */
function reportUnknownFields(request: AdmissionRequest, schema: Schema): string[] {
  const { object, fieldValidation, strictFindings = [], patched } = request;
  const unknown = pruneUnknownFields(object, schema).map((path) => `unknown field "${path}"`);
  const texts = [...strictFindings, ...unknown];
  if (texts.length === 0 || fieldValidation === 'Ignore') return [];
  if (fieldValidation === 'Warn') return texts;
  const why = `strict decoding error: ${texts.join(', ')}`;
  if (patched === undefined) throw cannotBeHandled(object, why);
  const message = `Invalid value: ${JSON.stringify(patched)}: ${why}`;
  throw invalid(object.kind, request.group, '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }]);
}

function cannotBeHandled({ kind, apiVersion }: KubeObject, why: string) {
  const version = apiVersion.split('/').at(-1);
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

/** Built-in kinds are decoded into Go structs, which refuses wrong types and normalises the rest. @throws ApiError 400 */
function decodeTyped(object: KubeObject, schema: Schema): void {
  const error = goDecodeError(object, schema, '');
  if (error) throw cannotBeHandled(object, error);
  const { status: _status, metadata: _metadata, ...rest } = object;
  normalise(rest, schema);
  for (const name of Object.keys(object)) {
    if (name !== 'status' && name !== 'metadata' && !(name in rest)) delete object[name];
  }
}

function admitCustom(request: AdmissionRequest, schema: Schema, cluster: ClusterApi): string[] {
  const { object, group, operation } = request;
  const webhooks = WEBHOOKS[`${request.resource}.${group}`];
  if (webhooks?.schema) {
    const { webhook, struct } = webhooks.schema;
    checkKubeVirtSchema(webhook(operation === 'CREATE'), object, schema, struct);
  } else {
    requireSchema(object, group);
  }
  const warnings = webhooks?.admit(request, cluster, readConfig(cluster)) ?? [];
  // What the webhooks have let pass, and made of it, the definition's own schema judges.
  if (webhooks?.schema) requireSchema(object, group);
  return warnings;
}

/** Fills in the defaults of a well-known kind's definition, and validates by it. @throws ApiError 422 */
function requireSchema(object: KubeObject, group: string): void {
  const seeded = seededSchema(group, object.kind);
  if (!seeded) return;
  const schema = workingSchema(seeded);
  applyDefaults(object, schema);
  const causes = schemaCauses(object, schema);
  if (causes.length > 0) throw invalid(object.kind, group, object.metadata.name, causes);
}
