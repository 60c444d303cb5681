import { mergeStringData } from './built-in-defaults';
import { invalid } from './errors';
import { plainCopy } from './metadata';
import type { KubeObject } from './objects';
import type { ResourceType } from './resource-type';

/**
 * What a write to an endpoint may change: the main one leaves status alone, `/status` everything else, and
 * `/finalize` of a namespace only its finalizers. @throws ApiError 404 for an endpoint that is not there.
 */
export function composed(
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

/** The part of an applied configuration that an endpoint takes: the rest is neither stored nor owned. */
export function appliedPart(
  type: ResourceType,
  config: KubeObject,
  subresource: string | undefined,
): KubeObject {
  if (subresource === 'status') {
    const { name, namespace, uid, resourceVersion } = config.metadata;
    const metadata = type.custom ? plainCopy({ name, namespace, uid, resourceVersion }) : config.metadata;
    // The identity is all that a status needs of its metadata.
    return plainCopy({
      apiVersion: config.apiVersion,
      kind: config.kind,
      metadata,
      status: config.status,
    }) as KubeObject;
  }
  if (!type.status) return config;
  const { status: _ignored, ...rest } = config;
  return rest as KubeObject;
}
