import type { ApiCall, Reply } from './api-call';
import { badRequest, conflict, invalid, methodNotAllowed } from './errors';
import { checkConfiguration, recordUpdate, serverSideApply } from './field-ownership';
import { decodeFields, emptySet, insert, intersection, isEmpty } from './fields/field-set';
import { readJsonPath } from './json-path';
import { type LabelSelection, selectionText } from './label-selection';
import { plainCopy, timestamp } from './metadata';
import type { KubeObject } from './objects';
import { isRecord, jsonPatch, mergePatch } from './patch';
import { requireObject } from './reads';
import { schemaOf } from './record-writes';
import { mediaType, parseJson, parseObjectBody, parseYaml, unknownFormat } from './request-body';
import { groupVersion, type ScalePaths } from './resource-type';
import type { Cluster } from './store';
import { managerRequired, writeParameters } from './write-options';

const SCALE_VERSION = 'autoscaling/v1';
const JSON_PATCH = 'application/json-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
const MERGE_PATCHES = ['application/merge-patch+json', 'application/strategic-merge-patch+json'];

/** `autoscaling/v1 Scale`: a workload's number of replicas, the same for every kind that has one. */
interface Scale extends KubeObject {
  spec: { replicas?: number };
  status: { replicas: number; selector?: string };
}

/** `GET` of `/scale`. @throws ApiError 404 */
export function readScale(cluster: Cluster, call: ApiCall, paths: ScalePaths): Reply {
  return { status: 200, body: scaleOf(requireObject(cluster, call), paths) };
}

/** `PUT` and `PATCH` of `/scale`: changes the one number. @throws ApiError 400, 404, 409, 415, 422 */
export function writeScale(cluster: Cluster, call: ApiCall, paths: ScalePaths): Reply {
  if (call.request.verb !== 'update' && call.request.verb !== 'patch')
    throw methodNotAllowed(call.type, call.request.verb);
  const parameters = writeParameters(call, call.request.verb === 'patch' ? 'PatchOptions' : 'UpdateOptions');
  const applying = call.request.verb === 'patch' && mediaType(call) === APPLY_PATCH;
  if (applying && !call.query.get('fieldManager')) throw managerRequired();
  const stored = requireObject(cluster, call);
  const before = scaleOf(stored, paths);
  const sent = sentScale(call, before);
  const { resourceVersion } = sent.metadata ?? {};
  const { name } = stored.metadata;
  if (resourceVersion && resourceVersion !== stored.metadata.resourceVersion) throw conflict(call.type, name);
  const replicas = sent.spec?.replicas ?? 0;
  if (!Number.isInteger(replicas)) {
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal number');
  }
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid('Scale', 'autoscaling', name, [
      { reason: 'FieldValueInvalid', message, field: 'spec.replicas' },
    ]);
  }
  const writer = {
    manager: parameters.fieldManager,
    apiVersion: groupVersion(call.type),
    time: timestamp(cluster.now()),
    subresource: 'scale',
  };
  const schema = schemaOf(call.type);
  let next = plainCopy(stored);
  if (applying) {
    // The one field, as the workload has it, is what is applied to the workload.
    const { apiVersion, kind, metadata } = stored;
    const config = plainCopy({ apiVersion, kind, metadata: { name, namespace: metadata.namespace } });
    setAt(config as KubeObject, paths.spec, replicas);
    next = serverSideApply(stored, config as KubeObject, writer, schema, parameters.force);
  } else {
    setAt(next, paths.spec, replicas);
    recordUpdate(stored, next, writer, schema);
  }
  const kept = cluster.put(call.type.id, stored, next, { dryRun: parameters.dryRun });
  return { status: 200, body: scaleOf(kept, paths) };
}

function sentScale(call: ApiCall, before: Scale): Partial<Scale> {
  const kind = mediaType(call);
  let sent: unknown;
  if (call.request.verb === 'update') sent = parseObjectBody(call);
  else if (kind === APPLY_PATCH) {
    sent = parseYaml(call.body);
    checkConfiguration(sent, SCALE_VERSION);
  } else if (kind === JSON_PATCH) sent = jsonPatch(before, parseJson(call.body));
  else if (MERGE_PATCHES.includes(kind)) {
    const patch = parseJson(call.body);
    sent = isRecord(patch) ? mergePatch(before, patch) : undefined;
  } else throw unknownFormat([JSON_PATCH, ...MERGE_PATCHES, APPLY_PATCH]);
  if (!isRecord(sent)) throw badRequest('the object provided is unrecognized (must be of type Scale)');
  return sent as Partial<Scale>;
}

function scaleOf(object: KubeObject, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = Number(readJsonPath(object, paths.spec) ?? 0);
  const selector = paths.selector ? readJsonPath(object, paths.selector) : undefined;
  const text = typeof selector === 'object' ? selectionText(selector as LabelSelection) : selector;
  return {
    kind: 'Scale',
    apiVersion: SCALE_VERSION,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      uid,
      resourceVersion,
      creationTimestamp,
      ...managersOf(object, paths),
    },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: Number(readJsonPath(object, paths.status) ?? 0),
      ...(text ? { selector: String(text) } : {}),
    },
  };
}

/** Who owns the number, in the terms of a Scale. */
function managersOf(
  { metadata }: KubeObject,
  paths: ScalePaths,
): Pick<KubeObject['metadata'], 'managedFields'> {
  const steps = paths.spec.split('.').filter(Boolean);
  const wanted = emptySet();
  insert(
    wanted,
    steps.map((name) => `f:${name}`),
  );
  const owners = (metadata.managedFields ?? []).filter(
    (entry) => isRecord(entry) && !isEmpty(intersection(decodeFields(entry.fieldsV1), wanted)),
  ) as object[];
  if (owners.length === 0) return {};
  const fieldsV1 = { 'f:spec': { 'f:replicas': {} } };
  return { managedFields: owners.map((entry) => ({ ...entry, apiVersion: SCALE_VERSION, fieldsV1 })) };
}

/** Sets the field at `.a.b`. Edits `object`. */
function setAt(object: KubeObject, path: string, value: unknown): void {
  const fields = path.split('.').filter(Boolean);
  const last = fields.pop();
  let place: Record<string, unknown> = object;
  for (const field of fields) {
    if (!isRecord(place[field])) place[field] = {};
    place = place[field] as Record<string, unknown>;
  }
  if (last) place[last] = value;
}
