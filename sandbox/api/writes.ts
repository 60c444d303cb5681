import type { Admission, AdmissionRequest } from './admission';
import type { ApiCall, Reply } from './api-call';
import { appliedPart, composed } from './compose';
import { duplicateYamlKeys } from './duplicate-fields';
import { ApiError, badRequest, conflict, invalid, notFound } from './errors';
import { checkConfiguration, recordUpdate, serverSideApply, type Writer } from './field-ownership';
import { plainCopy, timestamp } from './metadata';
import type { DeleteOptions, KubeObject, NewObject } from './objects';
import { goText, isRecord, jsonPatch, mergePatch } from './patch';
import { listReply, objectReply, shown } from './presentation';
import { requireObject, selectObjects, storedAs } from './reads';
import { recordCreate, schemaOf } from './record-writes';
import {
  mediaType,
  parseJson,
  parseObjectBody,
  parseYaml,
  strictFindings,
  unknownFormat,
} from './request-body';
import { groupVersion, type ResourceType } from './resource-type';
import type { Cluster } from './store';
import { strategicMerge } from './strategic-merge';
import {
  asObject,
  checkPlace,
  finalizerWarnings,
  validateMetadata,
  validateMetadataUpdate,
  withDefaultType,
} from './validation';
import { deleteOptions, managerRequired, type WriteParameters, writeParameters } from './write-options';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';

/** Built-ins whose registries return the deleted object; the others, and custom resources, return a Status. */
const RETURN_DELETED = new Set([
  'pods',
  'persistentvolumeclaims',
  'persistentvolumes',
  'services',
  'serviceaccounts',
  'resourcequotas',
]);

/** The writing half of the REST interface: parse, admit, validate, store. All within one tick, so nothing interleaves. */
export class Writes {
  constructor(
    private readonly cluster: Cluster,
    private readonly admission: Admission | undefined,
  ) {}

  /** POST */
  create(call: ApiCall): Reply {
    const parameters = writeParameters(call, 'CreateOptions');
    const object = sentObject(call);
    parameters.strictFindings = findingsOf(call, parameters);
    checkPlace(object.metadata, call.request.namespace);
    return objectReply(call, this.insert(call, object, parameters), 201);
  }

  /** PUT */
  replace(call: ApiCall): Reply {
    const parameters = writeParameters(call, 'UpdateOptions');
    const { type, request } = call;
    const sent = sentObject(call);
    parameters.strictFindings = findingsOf(call, parameters);
    if (!sent.metadata.name) {
      throw badRequest(
        `the name of the object (${request.name} based on URL) was undeterminable: name must be provided`,
      );
    }
    checkPlace(sent.metadata, request.namespace, request.name);
    const stored = requireObject(this.cluster, call);
    if (!sent.metadata.resourceVersion && type.custom) {
      const cause = {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: must be specified for an update',
        field: 'metadata.resourceVersion',
      };
      throw invalid(type.plural, type.group, stored.metadata.name, [cause]);
    }
    return objectReply(call, this.overwrite(call, stored, sent, parameters));
  }

  /** PATCH, in the four types of patch there are. */
  patch(call: ApiCall): Reply {
    const parameters = writeParameters(call, 'PatchOptions');
    const kind = mediaType(call);
    // Known before anything is looked up: the API server refuses a type even for what isn't there.
    const accepted = [JSON_PATCH, MERGE_PATCH, ...(call.type.custom ? [] : [STRATEGIC_PATCH]), APPLY_PATCH];
    if (!accepted.includes(kind)) throw unknownFormat(accepted);
    if (kind === APPLY_PATCH) return this.apply(call, parameters);
    const stored = requireObject(this.cluster, call);
    const before = shown(call.type, call.request.version, stored);
    const patched = this.patched(call.type, kind, before, call.body);
    const sent = asObject(call.type, call.request.version, patched);
    if (parameters.fieldValidation === 'Strict') {
      parameters.patched = kind === STRATEGIC_PATCH ? goText(parseJson(call.body)) : JSON.stringify(patched);
    }
    if (kind !== JSON_PATCH) parameters.strictFindings = findingsOf(call, parameters);
    checkPlace(sent.metadata, call.request.namespace, call.request.name);
    return objectReply(call, this.overwrite(call, stored, sent, parameters));
  }

  /** DELETE of one object. */
  delete(call: ApiCall): Reply {
    const { type } = call;
    const options = deleteOptions(call);
    const stored = requireObject(this.cluster, call);
    this.admit(call, 'DELETE', stored, stored, deleting(options));
    const { namespace, name, uid } = stored.metadata;
    const { object, gone } = this.cluster.remove(storedAs(type), namespace, name, options);
    if (!gone || RETURN_DELETED.has(type.id)) return objectReply(call, object);
    const details = { name, ...(type.group ? { group: type.group } : {}), kind: type.plural, uid };
    return {
      status: 200,
      body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details },
    };
  }

  /** DELETE of a collection. */
  deleteCollection(call: ApiCall): Reply {
    const options = deleteOptions(call);
    const chosen = selectObjects(this.cluster, call);
    for (const object of chosen) this.admit(call, 'DELETE', object, object, deleting(options));
    for (const { metadata } of chosen) {
      // A cascade may have taken it along already.
      if (!this.cluster.get(storedAs(call.type), metadata.namespace, metadata.name)) continue;
      this.cluster.remove(storedAs(call.type), metadata.namespace, metadata.name, options);
    }
    return listReply(call, chosen, { resourceVersion: String(this.cluster.revision) });
  }

  private patched(type: ResourceType, kind: string, before: KubeObject, body: Buffer): unknown {
    if (kind === JSON_PATCH) return jsonPatch(before, parseJson(body, ''));
    if (kind === MERGE_PATCH) return mergePatch(before, patchObject(body, 'error decoding patch'));
    return strategicMerge(before, patchObject(body, ''), schemaOf(type));
  }

  private apply(call: ApiCall, parameters: WriteParameters): Reply {
    const { type, request } = call;
    if (!call.query.get('fieldManager')) throw managerRequired();
    const parsed = parseYaml(call.body);
    const writer = this.writer(call, parameters);
    checkConfiguration(parsed, writer.apiVersion);
    const config = asObject(type, request.version, parsed) as KubeObject;
    checkPlace(config.metadata, request.namespace, request.name);
    const place = type.namespaced && request.namespace ? { namespace: request.namespace } : {};
    config.metadata = { ...config.metadata, name: request.name ?? '', ...place };
    const stored = this.cluster.get(storedAs(type), request.namespace, request.name ?? '');
    if (!stored) refuseAbsent(call, config);
    const before = stored && (type.view ? type.view.show(stored) : stored);
    const wanted = appliedPart(type, config, request.subresource);
    const merged = serverSideApply(before, wanted, writer, schemaOf(type), parameters.force);
    reportTwice(call, parameters);
    return stored
      ? objectReply(call, this.overwrite(call, stored, merged, parameters, true))
      : objectReply(call, this.insert(call, merged, parameters, true), 201);
  }

  private insert(
    call: ApiCall,
    object: NewObject,
    parameters: WriteParameters,
    ownershipDone = false,
  ): KubeObject {
    const { type, request } = call;
    if (type.status) delete object.status;
    const place = type.namespaced
      ? { namespace: request.namespace ?? object.metadata.namespace ?? 'default' }
      : {};
    const { deletionTimestamp: _ignored, uid: _alsoIgnored, ...metadata } = object.metadata;
    const placed = { ...object, metadata: { ...metadata, ...place } };
    if (this.cluster.registry.isTerminating(type.id)) throw terminating();
    this.cluster.requireNamespace(type, placed);
    const draft = this.cluster.prepare(type, placed);
    // Before admission: what webhooks and plugins add belongs to nobody.
    if (!ownershipDone) recordCreate(type, object, draft, this.writer(call, parameters));
    this.admit(call, 'CREATE', draft, undefined, parameters);
    validateMetadata(type, draft);
    call.warnings.push(...finalizerWarnings(type, draft));
    const kept = type.view ? type.view.store(draft) : draft;
    return this.cluster.create(storedAs(type), kept, { dryRun: parameters.dryRun });
  }

  private overwrite(
    call: ApiCall,
    stored: KubeObject,
    sent: NewObject,
    parameters: WriteParameters,
    ownershipDone = false,
  ): KubeObject {
    const { type, request } = call;
    const version = sent.metadata.resourceVersion;
    if (version && version !== stored.metadata.resourceVersion) throw conflict(type, stored.metadata.name);
    const before = type.view ? type.view.show(stored) : stored;
    const next = plainCopy(composed(type, before, sent as KubeObject, request.subresource));
    validateMetadataUpdate(type, next, before);
    next.metadata = {
      ...next.metadata,
      uid: stored.metadata.uid,
      creationTimestamp: stored.metadata.creationTimestamp,
    };
    if (!ownershipDone) {
      const writer = this.writer(call, parameters);
      recordUpdate(before, next, writer, schemaOf(type), sent.metadata.managedFields);
    }
    this.admit(call, 'UPDATE', next, before, parameters);
    validateMetadata(type, next);
    call.warnings.push(...finalizerWarnings(type, next, before));
    const kept = type.view ? type.view.store(next) : next;
    return this.cluster.put(storedAs(type), stored, kept, { dryRun: parameters.dryRun });
  }

  private admit(
    call: ApiCall,
    operation: AdmissionRequest['operation'],
    object: KubeObject,
    oldObject: KubeObject | undefined,
    parameters: Pick<WriteParameters, 'dryRun' | 'fieldValidation' | 'strictFindings' | 'patched'>,
  ): void {
    const { type, request, user } = call;
    const { dryRun, fieldValidation, strictFindings, patched } = parameters;
    const namespace = object.metadata.namespace;
    const warnings = this.admission?.mutateAndValidate({
      resource: type.plural,
      group: type.group,
      version: request.version,
      operation,
      object,
      user,
      fieldValidation,
      dryRun,
      ...(strictFindings ? { strictFindings } : {}),
      ...(patched === undefined ? {} : { patched }),
      ...(request.subresource ? { subresource: request.subresource } : {}),
      ...(namespace ? { namespace } : {}),
      ...(oldObject ? { oldObject } : {}),
    });
    call.warnings.push(...(warnings ?? []));
  }

  private writer({ type, request }: ApiCall, { fieldManager }: WriteParameters): Writer {
    return {
      manager: fieldManager,
      apiVersion: groupVersion({ ...type, version: request.version }),
      time: timestamp(this.cluster.now()),
      ...(request.subresource ? { subresource: request.subresource } : {}),
    };
  }
}

/** @throws ApiError 400 */
function patchObject(body: Buffer, failing: string): Record<string, unknown> {
  const patch = parseJson(body, failing);
  if (isRecord(patch)) return patch;
  const found = Array.isArray(patch) ? 'array' : patch === null ? 'null' : typeof patch;
  const shown = found === 'boolean' ? 'bool' : found;
  const why = `json: cannot unmarshal ${shown} into Go value of type map[string]interface {}`;
  throw badRequest(failing ? `${failing}: ${why}` : why);
}

function findingsOf(call: ApiCall, { fieldValidation }: WriteParameters): string[] {
  return fieldValidation === 'Ignore' ? [] : strictFindings(call);
}

/** Keys that an applied configuration says twice. @throws ApiError 400 under Strict */
function reportTwice(call: ApiCall, { fieldValidation }: WriteParameters): void {
  const twice = fieldValidation === 'Ignore' ? undefined : duplicateYamlKeys(call.body.toString('utf8'));
  if (!twice) return;
  const why = `error converting YAML to JSON: ${twice}`;
  if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${why}`);
  call.warnings.push(why);
}

/** @throws ApiError 400 when the body is no object of the resource */
function sentObject(call: ApiCall): NewObject {
  const { type, request } = call;
  const { version } = request;
  return asObject(type, version, withDefaultType(type, version, parseObjectBody(call)));
}

function deleting({ dryRun }: DeleteOptions): Pick<WriteParameters, 'dryRun' | 'fieldValidation'> {
  return { dryRun: dryRun !== undefined, fieldValidation: 'Warn' };
}

/** Applying to what is not there creates it, but not through a subresource, and not under a known uid. @throws ApiError */
function refuseAbsent({ type, request }: ApiCall, config: KubeObject): void {
  const name = request.name ?? '';
  if (request.subresource) throw notFound(type, name);
  if (!config.metadata.uid) return;
  const why = `uid mismatch: the provided object specified uid ${config.metadata.uid}, and no existing object was found`;
  throw conflict(type, name, why);
}

/** 405 while the definition of a resource is being deleted. */
function terminating(): ApiError {
  const message = 'create not allowed while custom resource definition is terminating';
  return new ApiError(405, 'MethodNotAllowed', message, {});
}
