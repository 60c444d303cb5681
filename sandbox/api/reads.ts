import type { ApiCall, Reply } from './api-call';
import { ApiError, badRequest, notFound } from './errors';
import { type FieldSelector, matchesFields, parseFieldSelector } from './field-selector';
import { type LabelSelector, matchesLabels, parseLabelSelector } from './label-selector';
import { checkListOptions } from './list-options';
import type { KubeObject } from './objects';
import { listReply, objectReply } from './presentation';
import type { ResourceType } from './resource-type';
import { keyOf } from './state';
import type { Cluster } from './store';

export interface Selection {
  labels: LabelSelector;
  fields: FieldSelector;
  /** Set when the whole collection is meant. */
  everything: boolean;
}

/** The table that a resource's objects are stored in. */
export function storedAs(type: ResourceType): string {
  return type.view?.of ?? type.id;
}

/** @throws ApiError 400 */
export function parseSelection({ query, type }: Pick<ApiCall, 'query' | 'type'>): Selection {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', type);
  return { labels, fields, everything: labels.length === 0 && fields.length === 0 };
}

export function isSelected(
  { labels, fields, everything }: Selection,
  type: ResourceType,
  object: KubeObject,
): boolean {
  if (everything) return true;
  if (!matchesLabels(labels, object.metadata.labels)) return false;
  return fields.length === 0 || matchesFields(fields, type.view ? type.view.show(object) : object);
}

/** GET of one object. @throws ApiError 404 */
export function getObject(cluster: Cluster, call: ApiCall): Reply {
  return objectReply(call, requireObject(cluster, call));
}

/** @throws ApiError 404 */
export function requireObject(cluster: Cluster, { type, request }: ApiCall): KubeObject {
  const name = request.name ?? '';
  const found = cluster.get(storedAs(type), request.namespace, name);
  if (!found) throw notFound(type, name);
  return found;
}

/** GET of a collection, whole or in pages. @throws ApiError 400, 410, 422, 504 */
export function listObjects(cluster: Cluster, call: ApiCall): Reply {
  const { type, request, query } = call;
  const selection = parseSelection(call);
  const page = pageOf(cluster, query);
  const stored = storedAs(type);
  const range = { namespace: request.namespace, revision: page.revision };
  const rest = cluster.state.walk(stored, { ...range, after: page.start });
  if (!rest)
    throw page.start === undefined ? tooOldForList(cluster, type, page.revision) : staleContinue(page.start);
  const { objects, complete } = take(rest, page.limit, (object) => isSelected(selection, type, object));
  const last = objects.at(-1);
  const metadata = { resourceVersion: String(page.revision) };
  if (!last || complete) return listReply(call, objects, metadata);
  const token = continueToken(page.revision, key(last));
  const remaining = selection.everything
    ? { remainingItemCount: cluster.state.countIn(stored, { ...range, after: key(last) }) }
    : {};
  return listReply(call, objects, { ...metadata, continue: token, ...remaining });
}

/** The first `limit` of those wanted (0: all), and whether these are all there are. */
function take(
  from: Iterable<KubeObject>,
  limit: number,
  isWanted: (object: KubeObject) => boolean,
): { objects: KubeObject[]; complete: boolean } {
  const objects: KubeObject[] = [];
  for (const object of from) {
    if (!isWanted(object)) continue;
    if (limit > 0 && objects.length === limit) return { objects, complete: false };
    objects.push(object);
  }
  return { objects, complete: true };
}

/** All objects that a collection request selects, for deletecollection. */
export function selectObjects(cluster: Cluster, call: ApiCall): KubeObject[] {
  const selection = parseSelection(call);
  const all = cluster.state.list(storedAs(call.type), call.request.namespace);
  return all.filter((object) => isSelected(selection, call.type, object));
}

/** Checks a resourceVersion parameter. Undefined when unset. @throws ApiError 400, 504 */
export function parseRevision(cluster: Cluster, query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion');
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) {
    throw badRequest(`invalid resource version: strconv.ParseUint: parsing "${text}": invalid syntax`);
  }
  const revision = Number(text);
  if (revision > cluster.revision) throw tooLarge(revision, cluster.revision);
  return revision;
}

interface Page {
  revision: number;
  limit: number;
  /** The key that the page comes after. */
  start?: string;
}

function pageOf(cluster: Cluster, query: URLSearchParams): Page {
  checkListOptions(query, false);
  const limit = query.get('limit') ?? '0';
  if (!/^-?\d+$/.test(limit)) throw badRequest(`strconv.ParseInt: parsing "${limit}": invalid syntax`);
  const match = query.get('resourceVersionMatch') ?? '';
  const token = query.get('continue');
  const sent = query.get('resourceVersion') ?? '';
  if (token) {
    if (sent && sent !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    return { ...readContinueToken(token, cluster.revision), limit: Number(limit) };
  }
  const revision = parseRevision(cluster, query);
  const exact = match === 'Exact' && revision !== undefined;
  // The watch cache answers version 0 whole, whatever the limit.
  const whole = sent === '0' && match !== 'Exact';
  return { revision: exact ? revision : cluster.revision, limit: whole ? 0 : Number(limit) };
}

function continueToken(revision: number, lastKey: string): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision, start: `${lastKey}\u0000` };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readContinueToken(text: string, current: number): { revision: number; start: string } {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Record<string, unknown>;
    const { v, rv, start } = token;
    if (v !== 'meta.k8s.io/v1' || typeof rv !== 'number' || typeof start !== 'string')
      throw new Error('fields');
    // A negative version continues over what there is now, consistent or not.
    return { revision: rv < 0 ? current : Math.min(rv, current), start: start.replace(/\0$/, '') };
  } catch {
    throw badRequest('continue key is not valid: illegal base64 data or unexpected content');
  }
}

function staleContinue(start: string): ApiError {
  const error = new ApiError(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata = { continue: continueToken(-1, start) };
  return error;
}

function tooOldForList(cluster: Cluster, type: ResourceType, revision: number): ApiError {
  const oldest = cluster.state.compacted(storedAs(type));
  return new ApiError(
    410,
    'Expired',
    `The resourceVersion for the provided list is too old: ${revision} (${oldest})`,
  );
}

function tooLarge(revision: number, current: number): ApiError {
  return new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${revision}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}

function key({ metadata }: KubeObject): string {
  return keyOf(metadata.namespace, metadata.name);
}
