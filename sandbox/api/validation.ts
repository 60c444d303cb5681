import { ApiError, badRequest, invalid, type StatusCause } from './errors';
import { decodeMetadata } from './metadata-types';
import type { KubeObject, NewObject, ObjectMeta, OwnerReference } from './objects';
import { isRecord } from './patch';
import { groupVersion, type ResourceType } from './resource-type';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const SUBDOMAIN_MAX = 253;
const KIND_EXCERPT = 200;
const LABEL_MAX = 63;
const ANNOTATIONS_MAX_BYTES = 256 * 1024;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " +
  "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** Names that are paths of RBAC objects may hold nearly anything. */
const FREE_NAMES = new Set(['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings']);
/** Names that become DNS labels. */
const LABEL_NAMES = new Set(['namespaces', 'services']);

/**
 * Checks that a body is an object of the resource, and gives it the resource's type.
 * @throws ApiError 400
 */
export function asObject(type: ResourceType, version: string, body: unknown): NewObject {
  const expected = groupVersion({ ...type, version });
  if (!isRecord(body)) throw badRequest(`the object provided is unrecognized (must be of type ${type.kind})`);
  const { apiVersion, kind } = body;
  if (typeof kind !== 'string' || kind === '') {
    throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(body).slice(0, KIND_EXCERPT)}'`);
  }
  if (apiVersion !== expected || (kind !== type.kind && !type.custom)) {
    const given = `${kind} in version ${JSON.stringify(apiVersion ?? '')}`;
    if (type.custom) {
      throw badRequest(
        `the API version in the data (${String(apiVersion ?? '')}) does not match the expected API version (${expected})`,
      );
    }
    throw badRequest(
      `${given} cannot be handled as a ${type.kind}: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? '')}`,
    );
  }
  const metadata = body.metadata ?? {};
  if (!isRecord(metadata)) {
    throw badRequest(
      `${type.kind} in version "${version}" cannot be handled as a ${type.kind}: json: cannot unmarshal metadata`,
    );
  }
  decodeMetadata(type, version, metadata);
  // KubeVirt's conversion gives a body posted under the wrong kind the right one.
  return { ...body, apiVersion: groupVersion(type), kind: type.kind, metadata } as NewObject;
}

/**
 * A body of a create or replace, with the type that it leaves out: the API server knows a built-in type from the path
 * and decodes with it as the default (gvkWithDefaults of its JSON serializer). A custom object must name its own.
 */
export function withDefaultType(type: ResourceType, version: string, body: unknown): unknown {
  if (type.custom || !isRecord(body)) return body;
  const { apiVersion, kind } = body;
  return { ...body, apiVersion: apiVersion || groupVersion({ ...type, version }), kind: kind || type.kind };
}

/** @throws ApiError 400 when body and URL name different places. */
export function checkPlace(
  metadata: Partial<ObjectMeta>,
  namespace: string | undefined,
  name?: string,
): void {
  if (metadata.namespace && namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name !== undefined && metadata.name && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
}

/** The rules that metadata of every kind must obey. @throws ApiError 422 */
export function validateMetadata(type: ResourceType, { metadata }: KubeObject): void {
  const { generateName } = metadata;
  const causes = [
    ...(generateName ? nameCauses(type, withoutDash(generateName), 'generateName', generateName) : []),
    ...nameCauses(type, metadata.name),
    ...Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => [
      ...qualifiedNameCauses('metadata.labels', key),
      ...labelValueCauses('metadata.labels', value),
    ]),
    ...annotationCauses(metadata.annotations ?? {}),
    ...ownerCauses(metadata.ownerReferences ?? []),
    ...finalizerCauses(metadata.finalizers ?? []),
  ];
  if (causes.length > 0) throw invalid(type.kind, type.group, metadata.name, causes);
}

/** What a replacement may not change. @throws ApiError 422 */
export function validateMetadataUpdate(type: ResourceType, next: KubeObject, stored: KubeObject): void {
  const causes: StatusCause[] = [];
  const { metadata } = next;
  if (metadata.uid && metadata.uid !== stored.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${stored.metadata.uid}`;
    const subject = type.group ? `${type.plural}.${type.group}` : type.plural;
    const details = { name: stored.metadata.name, group: type.group, kind: type.plural };
    throw new ApiError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${subject} "${stored.metadata.name}": ${why}`,
      details,
    );
  }
  if (stored.metadata.deletionTimestamp) {
    const added = (metadata.finalizers ?? []).filter((name) => !stored.metadata.finalizers?.includes(name));
    if (added.length > 0) {
      const found = added.map((name) => JSON.stringify(name)).join(', ');
      causes.push({
        reason: 'FieldValueForbidden',
        message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`,
        field: 'metadata.finalizers',
      });
    }
  }
  if (causes.length > 0) throw invalid(type.kind, type.group, metadata.name, causes);
}

function nameCauses({ plural }: ResourceType, name: string, field = 'name', shown = name): StatusCause[] {
  const refuse = (why: string) => invalidValue(`metadata.${field}`, shown, why);
  if (FREE_NAMES.has(plural)) {
    if (name === '.' || name === '..') return [refuse(`may not be '${name}'`)];
    const found = ['/', '%'].filter((letter) => name.includes(letter));
    return found.map((letter) => refuse(`may not contain '${letter}'`));
  }
  const label = LABEL_NAMES.has(plural);
  const max = label ? LABEL_MAX : SUBDOMAIN_MAX;
  const causes: StatusCause[] = [];
  if (Buffer.byteLength(name) > max) causes.push(refuse(`must be no more than ${max} bytes`));
  if (!(label ? LABEL : SUBDOMAIN).test(name)) causes.push(refuse(label ? LABEL_RULE : SUBDOMAIN_RULE));
  return causes;
}

/** What generateName ends with is judged as if more letters followed. */
function withoutDash(base: string): string {
  return base.endsWith('-') ? `${base.slice(0, -1)}a` : base;
}

/** apimachinery's ValidateOwnerReferences: all four parts, no events, one controller at most. */
function ownerCauses(owners: readonly OwnerReference[]): StatusCause[] {
  const at = 'metadata.ownerReferences';
  const causes = owners.flatMap((owner) => {
    const { apiVersion = '', kind = '', name = '', uid = '' } = owner;
    const version = apiVersion.split('/').at(-1);
    const lacking: [string, unknown, string][] = [];
    if (!version) lacking.push(['apiVersion', apiVersion, 'version must not be empty']);
    if (kind === '') lacking.push(['kind', kind, 'must not be empty']);
    if (name === '') lacking.push(['name', name, 'must not be empty']);
    if (uid === '') lacking.push(['uid', uid, 'must not be empty']);
    const found = lacking.map(([field, value, why]) => invalidValue(`${at}.${field}`, value, why));
    if (apiVersion === 'v1' && kind === 'Event') {
      found.push(invalidValue(at, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
    return found;
  });
  const [first, second] = owners.filter(({ controller }) => controller);
  if (first && second) {
    const why = `Only one reference can have Controller set to true. Found "true" in references for ${first.name} and ${second.name}`;
    causes.push(invalidValue(at, owners, why));
  }
  return causes;
}

function finalizerCauses(finalizers: readonly string[]): StatusCause[] {
  const causes = finalizers.flatMap((name) => qualifiedNameCauses('metadata.finalizers', name));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const why = 'finalizer orphan and foregroundDeletion cannot be both set';
    causes.push(invalidValue('metadata.finalizers', finalizers, why));
  }
  return causes;
}

/** Finalizers that need no domain in front. */
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** What custom resources are warned about: new finalizers that another writer may use as well. */
export function finalizerWarnings(type: ResourceType, next: KubeObject, stored?: KubeObject): string[] {
  if (!type.custom) return [];
  const known = new Set([...STANDARD_FINALIZERS, ...(stored?.metadata.finalizers ?? [])]);
  return [...new Set(next.metadata.finalizers ?? [])]
    .filter((name) => !known.has(name) && !name.includes('/'))
    .sort()
    .map(
      (name) =>
        `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    );
}

function qualifiedNameCauses(field: string, key: string): StatusCause[] {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const causes: StatusCause[] = [];
  if (parts.length > 2) {
    return [
      invalidValue(
        field,
        key,
        `a valid label key must consist of ${QUALIFIED_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
      ),
    ];
  }
  if (parts.length === 2 && !SUBDOMAIN.test(parts[0] ?? '')) {
    causes.push(invalidValue(field, key, `prefix part ${SUBDOMAIN_RULE}`));
  }
  if (name === '') causes.push(invalidValue(field, key, 'name part must be non-empty'));
  else if (name.length > LABEL_MAX)
    causes.push(invalidValue(field, key, `name part must be no more than ${LABEL_MAX} bytes`));
  if (!QUALIFIED_NAME.test(name)) causes.push(invalidValue(field, key, QUALIFIED_RULE));
  return causes;
}

function labelValueCauses(field: string, value: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (value.length > LABEL_MAX)
    causes.push(invalidValue(field, value, `must be no more than ${LABEL_MAX} bytes`));
  if (!LABEL_VALUE.test(value)) causes.push(invalidValue(field, value, VALUE_RULE));
  return causes;
}

function annotationCauses(annotations: Record<string, string>): StatusCause[] {
  const causes = Object.keys(annotations).flatMap((key) =>
    qualifiedNameCauses('metadata.annotations', key.toLowerCase()),
  );
  const bytes = Object.entries(annotations).reduce(
    (total, [key, value]) => total + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (bytes > ANNOTATIONS_MAX_BYTES) {
    causes.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${ANNOTATIONS_MAX_BYTES} bytes`,
      field: 'metadata.annotations',
    });
  }
  return causes;
}

function invalidValue(field: string, value: unknown, why: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field };
}
