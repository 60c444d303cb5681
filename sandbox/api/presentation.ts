import { stringify } from 'yaml';
import { clock } from '../clock';
import type { ApiCall, Reply } from './api-call';
import { badRequest } from './errors';
import { negotiate, type Representation } from './negotiation';
import type { KubeObject } from './objects';
import { groupVersion, type ResourceType } from './resource-type';
import { columnDefinitions, type IncludeObject, partialMetadata, tableRow } from './table';
import { jsonOf, passingJson } from './texts';

export interface ListMeta {
  /** What is not stored has none. */
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
}

/** The object in the version and shape that was asked for. */
export function shown(type: ResourceType, version: string, object: KubeObject): KubeObject {
  const viewed = type.view ? type.view.show(object) : object;
  const apiVersion = groupVersion({ ...type, version });
  return viewed.apiVersion === apiVersion ? viewed : { ...viewed, apiVersion };
}

/** @throws ApiError 400 */
export function includeObject(query: URLSearchParams): IncludeObject {
  const wanted = query.get('includeObject') ?? 'Metadata';
  if (wanted === 'None' || wanted === 'Metadata' || wanted === 'Object') return wanted;
  throw badRequest(
    `includeObject: Unsupported value: "${wanted}": supported values: "None", "Metadata", "Object"`,
  );
}

/** One object as the reply to a call, in the representation that its Accept header prefers. */
export function objectReply(call: ApiCall, object: KubeObject, status = 200): Reply {
  const { type, request, query } = call;
  const { as, format } = negotiate(call.headers.accept);
  const object_ = shown(type, request.version, object);
  if (as === 'object') {
    return format === 'yaml' ? yamlReply(object_, status) : { status, body: textReply(jsonOf(object_)) };
  }
  const body =
    as === 'partial'
      ? partialMetadata(object_)
      : {
          kind: 'Table',
          apiVersion: 'meta.k8s.io/v1',
          metadata: { resourceVersion: object.metadata.resourceVersion },
          columnDefinitions: columnDefinitions(type),
          rows: [tableRow(type, object, includeObject(query), clock.millis())],
        };
  return format === 'yaml' ? yamlReply(body, status) : { status, body };
}

/** A list in the representation that the Accept header prefers; JSON is written piece by piece. */
export function listReply(call: ApiCall, objects: readonly KubeObject[], metadata: ListMeta): Reply {
  const { type, request, query } = call;
  const { as, format } = negotiate(call.headers.accept);
  const pieces = listPieces(type, request.version, objects, metadata, as, query);
  if (format === 'yaml') return yamlReply(JSON.parse([...pieces].join('')) as object, 200);
  return { status: 200, body: { pieces } };
}

function* listPieces(
  type: ResourceType,
  version: string,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  as: Representation['as'],
  query: URLSearchParams,
): Generator<string> {
  // Lists of custom resources have no Go type that would leave an empty token out.
  const meta = JSON.stringify(type.custom && as === 'object' ? { continue: '', ...metadata } : metadata);
  if (as === 'table') {
    const columns = JSON.stringify(columnDefinitions(type));
    const include = includeObject(query);
    const now = clock.millis();
    yield `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${meta},"columnDefinitions":${columns},"rows":[`;
    yield* separated(objects, (object) => JSON.stringify(tableRow(type, object, include, now)));
    yield ']}';
    return;
  }
  const [kind, apiVersion] =
    as === 'partial'
      ? ['PartialObjectMetadataList', 'meta.k8s.io/v1']
      : [type.listKind ?? `${type.kind}List`, groupVersion({ ...type, version })];
  const plain = !type.view && version === type.version;
  const item = (object: KubeObject): string => {
    if (as === 'partial') return JSON.stringify(partialMetadata(object));
    if (plain) return type.custom ? passingJson(object) : bareJson(object);
    const { apiVersion: itemVersion, kind: itemKind, ...rest } = shown(type, version, object);
    return JSON.stringify(type.custom ? { apiVersion: itemVersion, kind: itemKind, ...rest } : rest);
  };
  // Lists of custom resources are untyped in the apiserver and leave nothing out.
  const head = as === 'object' && type.custom ? JSON.stringify({ continue: '', ...metadata }) : meta;
  yield `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${head},"items":[`;
  yield* separated(objects, item);
  yield ']}\n';
}

/** Items of built-in lists carry no type of their own. */
function bareJson(object: KubeObject): string {
  const { apiVersion: _version, kind: _kind, ...rest } = object;
  return JSON.stringify(rest);
}

function* separated(objects: readonly KubeObject[], text: (object: KubeObject) => string): Generator<string> {
  let first = true;
  for (const object of objects) {
    yield first ? text(object) : `,${text(object)}`;
    first = false;
  }
}

function textReply(text: string): { pieces: Iterable<string> } {
  return { pieces: [text, '\n'] };
}

/** The same object in YAML. */
export function yamlReply(body: object, status: number): Reply {
  return { status, body: stringify(JSON.parse(JSON.stringify(body))), contentType: 'application/yaml' };
}
