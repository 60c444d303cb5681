import type { Admission, AdmissionRequest } from './admission';
import type { ApiCall, Reply } from './api-call';
import { mergeStringData } from './built-in-defaults';
import { ApiError, badRequest, conflict, invalid, notFound } from './errors';
import { recordUpdate, serverSideApply, type Writer } from './field-ownership';
import { plainCopy, timestamp } from './metadata';
import type { KubeObject, NewObject } from './objects';
import { isRecord, jsonPatch, mergePatch } from './patch';
import { listReply, objectReply, shown } from './presentation';
import { requireObject, selectObjects, storedAs } from './reads';
import { mediaType, parseJson, parseObjectBody, parseYaml, unknownFormat } from './request-body';
import { groupVersion, type ResourceType } from './resource-type';
import type { Cluster } from './store';
import { strategicMerge } from './strategic-merge';
import { asObject, checkPlace, validateMetadata, validateMetadataUpdate } from './validation';
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
    const object = asObject(call.type, call.request.version, parseObjectBody(call));
    checkPlace(object.metadata, call.request.namespace);
    return objectReply(call, this.insert(call, object, parameters), 201);
  }

  /** PUT */
  replace(call: ApiCall): Reply {
    const parameters = writeParameters(call, 'UpdateOptions');
    const { type, request } = call;
    const sent = asObject(type, request.version, parseObjectBody(call));
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
    if (kind === APPLY_PATCH) return this.apply(call, parameters);
    const stored = requireObject(this.cluster, call);
    const before = shown(call.type, call.request.version, stored);
    const patched = this.patched(call.type, kind, before, call.body);
    const sent = asObject(call.type, call.request.version, patched);
    checkPlace(sent.metadata, call.request.namespace, call.request.name);
    return objectReply(call, this.overwrite(call, stored, sent, parameters));
  }

  /** DELETE of one object. */
  delete(call: ApiCall): Reply {
    const { type } = call;
    const options = deleteOptions(call);
    const stored = requireObject(this.cluster, call);
    this.admit(call, 'DELETE', stored, stored, options.dryRun !== undefined, 'Warn');
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
    for (const object of chosen)
      this.admit(call, 'DELETE', object, object, options.dryRun !== undefined, 'Warn');
    for (const { metadata } of chosen) {
      // A cascade may have taken it along already.
      if (!this.cluster.get(storedAs(call.type), metadata.namespace, metadata.name)) continue;
      this.cluster.remove(storedAs(call.type), metadata.namespace, metadata.name, options);
    }
    return listReply(call, chosen, { resourceVersion: String(this.cluster.revision) });
  }

  private patched(type: ResourceType, kind: string, before: KubeObject, body: Buffer): unknown {
    if (kind === JSON_PATCH) return jsonPatch(before, parseJson(body));
    if (kind === MERGE_PATCH) {
      const patch = parseJson(body);
      if (!isRecord(patch))
        throw badRequest('json: cannot unmarshal patch into Go value of type map[string]interface {}');
      return mergePatch(before, patch);
    }
    if (kind === STRATEGIC_PATCH && !type.custom) {
      const patch = parseJson(body);
      if (!isRecord(patch))
        throw badRequest('json: cannot unmarshal patch into Go value of type map[string]interface {}');
      return strategicMerge(before, patch);
    }
    throw unknownFormat([JSON_PATCH, MERGE_PATCH, ...(type.custom ? [] : [STRATEGIC_PATCH]), APPLY_PATCH]);
  }

  private apply(call: ApiCall, parameters: WriteParameters): Reply {
    const { type, request } = call;
    if (!call.query.get('fieldManager')) throw managerRequired();
    const config = asObject(type, request.version, parseYaml(call.body)) as KubeObject;
    checkPlace(config.metadata, request.namespace, request.name);
    if (config.metadata.managedFields?.length) throw badRequest('metadata.managedFields must be nil');
    config.metadata.name ||= request.name ?? '';
    const writer = this.writer(call, parameters);
    const stored = this.cluster.get(storedAs(type), request.namespace, request.name ?? '');
    const place = type.namespaced && request.namespace ? { namespace: request.namespace } : {};
    const merged = serverSideApply(
      stored,
      { ...config, metadata: { ...config.metadata, ...place } },
      writer,
      parameters.force,
    );
    if (!stored) {
      if (request.subresource) throw notFound(type, request.name ?? '');
      return objectReply(call, this.insert(call, merged, parameters, true), 201);
    }
    return objectReply(call, this.overwrite(call, stored, merged, parameters, true));
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
    const draft = this.cluster.prepare(type, { ...object, metadata: { ...metadata, ...place } });
    this.cluster.requireNamespace(type, draft);
    this.admit(call, 'CREATE', draft, undefined, parameters.dryRun, parameters.fieldValidation);
    validateMetadata(type, draft);
    if (!ownershipDone) recordUpdate(undefined, draft, this.writer(call, parameters));
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
    this.admit(call, 'UPDATE', next, before, parameters.dryRun, parameters.fieldValidation);
    validateMetadata(type, next);
    if (!ownershipDone) recordUpdate(before, next, this.writer(call, parameters));
    const kept = type.view ? type.view.store(next) : next;
    return this.cluster.put(storedAs(type), stored, kept, { dryRun: parameters.dryRun });
  }

  private admit(
    call: ApiCall,
    operation: AdmissionRequest['operation'],
    object: KubeObject,
    oldObject: KubeObject | undefined,
    dryRun: boolean,
    fieldValidation: AdmissionRequest['fieldValidation'],
  ): void {
    const { type, request, user } = call;
    const namespace = object.metadata.namespace;
    const warnings = this.admission?.mutateAndValidate({
      resource: type.plural,
      group: type.group,
      operation,
      object,
      user,
      fieldValidation,
      dryRun,
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

/**
 * What a write to an endpoint may change: the main one leaves status alone, `/status` everything else, and
 * `/finalize` of a namespace only its finalizers. @throws ApiError 404 for an endpoint that is not there.
 */
function composed(
  type: ResourceType,
  stored: KubeObject,
  sent: KubeObject,
  subresource: string | undefined,
): KubeObject {
  if (subresource === 'status') {
    const { managedFields } = sent.metadata;
    const { labels, annotations, finalizers } = type.custom ? stored.metadata : sent.metadata;
    return {
      ...stored,
      metadata: { ...stored.metadata, ...plainCopy({ labels, annotations, finalizers, managedFields }) },
      status: sent.status,
    };
  }
  if (subresource === 'finalize') return { ...stored, spec: sent.spec };
  const next: KubeObject = type.status ? { ...sent, status: stored.status } : { ...sent };
  if (type.id === 'namespaces') next.spec = stored.spec;
  if (type.id === 'secrets') {
    if (stored.immutable === true) refuseImmutable(type, stored, next);
    mergeStringData(next, next.stringData);
  }
  return next;
}

function refuseImmutable(type: ResourceType, stored: KubeObject, next: KubeObject): void {
  if (JSON.stringify(stored.data) === JSON.stringify(next.data)) return;
  throw invalid(type.kind, '', stored.metadata.name, [
    {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: field is immutable when `immutable` is set',
      field: 'data',
    },
  ]);
}

/** 405 for a verb that a resource does not offer. */
export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}
