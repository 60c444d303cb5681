import type { Resource } from '@/lib/k8s/resource';
import { VM_SORT_COLUMNS, type VmQuery } from '@/lib/kinds/vm/query';
import type { ClientMessage, Subscription } from './protocol';

// These become parts of a path, so nothing but the API's own alphabet may stand in them.
const PATH_WORD = /^[a-z0-9][a-z0-9.-]{0,252}$/;

/** Namespaces that a browser may remember for a cluster. */
export const MAX_KNOWN = 50;

/** Reads what a client sent, field by field; undefined when it is not of the protocol. */
export function parseClientMessage(text: string): ClientMessage | undefined {
  const message = parseObject(text);
  if (!message || !isText(message.id)) return undefined;
  const { id } = message;
  if (message.type === 'unsubscribe') return { type: 'unsubscribe', id };
  if (message.type !== 'subscribe' || !isText(message.cluster)) return undefined;
  const subscription = parseSubscription(message.subscription);
  return subscription && { type: 'subscribe', id, cluster: message.cluster, subscription };
}

function parseSubscription(value: unknown): Subscription | undefined {
  if (!isRecord(value)) return undefined;
  if (value.kind === 'vms') {
    const query = parseQuery(value.query);
    const { limit, known } = value;
    if (!isKnown(known)) return undefined;
    if (limit !== undefined && !(Number.isInteger(limit) && Number(limit) >= 0)) return undefined;
    return (
      query && {
        kind: 'vms',
        query,
        ...(limit === undefined ? {} : { limit: Number(limit) }),
        ...(known ? { known } : {}),
      }
    );
  }
  if (value.kind === 'vm-counts') {
    const { known } = value;
    return isKnown(known) ? { kind: 'vm-counts', ...(known ? { known } : {}) } : undefined;
  }
  if (value.kind !== 'objects') return undefined;
  const resource = parseResource(value.resource);
  const { namespace, labelSelector, fieldSelector } = value;
  if (!resource || ![namespace, labelSelector, fieldSelector].every(isOptionalText)) return undefined;
  if (typeof namespace === 'string' && namespace !== '' && !PATH_WORD.test(namespace)) return undefined;
  return {
    kind: 'objects',
    resource,
    ...(namespace ? { namespace: namespace as string } : {}),
    ...(labelSelector ? { labelSelector: labelSelector as string } : {}),
    ...(fieldSelector ? { fieldSelector: fieldSelector as string } : {}),
  };
}

function isKnown(value: unknown): value is string[] | undefined {
  if (value === undefined) return true;
  return (
    Array.isArray(value) && value.length <= MAX_KNOWN && value.every((it) => isText(it) && PATH_WORD.test(it))
  );
}

function parseQuery(value: unknown): VmQuery | undefined {
  if (!isRecord(value) || typeof value.text !== 'string' || !isRecord(value.sort)) return undefined;
  const { namespaces, sort } = value;
  if (!Array.isArray(namespaces) || !namespaces.every((it) => isText(it) && PATH_WORD.test(it)))
    return undefined;
  const column = VM_SORT_COLUMNS.find((name) => name === sort.column);
  if (!column || typeof sort.descending !== 'boolean') return undefined;
  return {
    namespaces,
    text: value.text,
    sort: { column, descending: sort.descending },
    ...(value.closestFirst === true ? { closestFirst: true } : {}),
  };
}

function parseResource(value: unknown): Resource | undefined {
  if (!isRecord(value)) return undefined;
  const { group, version, plural, kind, namespaced } = value;
  if (typeof group !== 'string' || (group !== '' && !PATH_WORD.test(group))) return undefined;
  if (!isText(version) || !PATH_WORD.test(version) || !isText(plural) || !PATH_WORD.test(plural))
    return undefined;
  if (!isText(kind) || typeof namespaced !== 'boolean') return undefined;
  return { group, version, plural, kind, namespaced };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0;

const isOptionalText = (value: unknown): boolean =>
  value === undefined || value === null || typeof value === 'string';
