import type { Resource } from '@/lib/k8s/resource';
import { isVmDimension } from '@/lib/kinds/vm/dimensions';
import { VM_SORT_COLUMNS, type VmQuery } from '@/lib/kinds/vm/query';
import {
  type ClientMessage,
  DEFAULT_WINDOW,
  MAX_DIMENSIONS,
  MAX_GROUPS,
  MAX_NAMED,
  MAX_NEWEST,
  MAX_WINDOW,
  type Subscription,
  type Window,
} from './protocol';

// These become parts of a path, so nothing but the API's own alphabet may stand in them.
const PATH_WORD = /^[a-z0-9][a-z0-9.-]{0,252}$/;

/** Namespaces that a browser may remember for a cluster. */
export const MAX_KNOWN = 50;
/** Longer than anybody types, and than a URL should be. */
const MAX_TEXT = 8_000;
/** `label:` and the longest key of a label. */
const MAX_DIMENSION_LENGTH = 330;

/** Reads what a client sent, field by field; undefined when it is not of the protocol. */
export function parseClientMessage(text: string): ClientMessage | undefined {
  const message = parseObject(text);
  if (!message || !isText(message.id)) return undefined;
  const { id } = message;
  if (message.type === 'unsubscribe') return { type: 'unsubscribe', id };
  if (message.type === 'window') {
    const window = parseWindow(message.window);
    return window && { type: 'window', id, window, ...(message.hold === true ? { hold: true } : {}) };
  }
  if (message.type !== 'subscribe' || !isText(message.cluster)) return undefined;
  const subscription = parseSubscription(message.subscription);
  return subscription && { type: 'subscribe', id, cluster: message.cluster, subscription };
}

function parseSubscription(value: unknown): Subscription | undefined {
  if (!isRecord(value)) return undefined;
  if (value.kind === 'vms') {
    const query = parseQuery(value.query);
    const { known } = value;
    const window = value.window === undefined ? DEFAULT_WINDOW : parseWindow(value.window);
    if (!query || !window || !isKnown(known)) return undefined;
    return { kind: 'vms', query, window, ...(known ? { known } : {}) };
  }
  if (value.kind === 'vm-rows') {
    const { vms } = value;
    const isNamed = Array.isArray(vms) && vms.length <= MAX_NAMED && vms.every(isVmName);
    return isNamed ? { kind: 'vm-rows', vms } : undefined;
  }
  if (value.kind === 'vm-groups') {
    const query = parseQuery(value.query);
    const { by, limit, known } = value;
    if (!query || !isKnown(known) || !Array.isArray(by) || by.length > MAX_DIMENSIONS) return undefined;
    if (!by.every((each) => isText(each) && each.length <= MAX_DIMENSION_LENGTH && isVmDimension(each)))
      return undefined;
    if (limit !== undefined && !isCount(limit, MAX_GROUPS)) return undefined;
    const common = { kind: 'vm-groups', query, by } as const;
    return { ...common, ...(limit === undefined ? {} : { limit }), ...(known ? { known } : {}) };
  }
  if (value.kind === 'vm-counts') {
    const { known } = value;
    return isKnown(known) ? { kind: 'vm-counts', ...(known ? { known } : {}) } : undefined;
  }
  if (value.kind !== 'objects') return undefined;
  const resource = parseResource(value.resource);
  const { namespace, labelSelector, fieldSelector, newest } = value;
  if (newest !== undefined && !isCount(newest, MAX_NEWEST)) return undefined;
  if (!resource || ![namespace, labelSelector, fieldSelector].every(isOptionalText)) return undefined;
  if (typeof namespace === 'string' && namespace !== '' && !PATH_WORD.test(namespace)) return undefined;
  return {
    kind: 'objects',
    resource,
    ...(namespace ? { namespace: namespace as string } : {}),
    ...(labelSelector ? { labelSelector: labelSelector as string } : {}),
    ...(fieldSelector ? { fieldSelector: fieldSelector as string } : {}),
    ...(newest === undefined ? {} : { newest }),
  };
}

function parseWindow(value: unknown): Window | undefined {
  if (!isRecord(value)) return undefined;
  const { from, count } = value;
  return isCount(from, Number.MAX_SAFE_INTEGER) && isCount(count, MAX_WINDOW) ? { from, count } : undefined;
}

const isCount = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

function isVmName(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const parts = value.split('/');
  return parts.length === 2 && parts.every((part) => PATH_WORD.test(part));
}

function isKnown(value: unknown): value is string[] | undefined {
  if (value === undefined) return true;
  return (
    Array.isArray(value) && value.length <= MAX_KNOWN && value.every((it) => isText(it) && PATH_WORD.test(it))
  );
}

function parseQuery(value: unknown): VmQuery | undefined {
  if (
    !isRecord(value) ||
    typeof value.text !== 'string' ||
    value.text.length > MAX_TEXT ||
    !isRecord(value.sort)
  )
    return undefined;
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
