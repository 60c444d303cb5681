import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ObjectMeta } from './objects';
import type { ResourceType } from './resource-type';

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const GENERATED_BASE_LENGTH = 58;

/** RFC 3339 in whole seconds, as metav1.Time is written. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** The name the apiserver makes from generateName: the base, cut to 58 characters, and five of its letters. */
export function generatedName(base: string): string {
  let suffix = '';
  for (const byte of randomBytes(SUFFIX_LENGTH)) suffix += SUFFIX_LETTERS[byte % SUFFIX_LETTERS.length];
  return base.slice(0, GENERATED_BASE_LENGTH) + suffix;
}

/** A copy without undefined fields, as a trip over the wire would leave it. */
export function plainCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Whether a write from `before` to `after` makes metadata.generation grow. */
export function growsGeneration(type: ResourceType, before: KubeObject, after: KubeObject): boolean {
  if (type.generation === 'none') return false;
  const { metadata: _oldMeta, ...oldRest } = before;
  const { metadata: _newMeta, ...newRest } = after;
  if (type.generation === 'spec') {
    delete oldRest.status;
    delete newRest.status;
  }
  return !isDeepStrictEqual(oldRest, newRest);
}

/** Puts what only the server may set back to what is stored. Edits `next`. */
export function keepServerFields(next: ObjectMeta, stored: ObjectMeta): void {
  next.name = stored.name;
  next.uid = stored.uid;
  next.creationTimestamp = stored.creationTimestamp;
  next.resourceVersion = stored.resourceVersion;
  keep(next, stored, 'namespace');
  keep(next, stored, 'generateName');
  keep(next, stored, 'generation');
  keep(next, stored, 'deletionTimestamp');
  keep(next, stored, 'deletionGracePeriodSeconds');
  dropEmpty(next);
}

/** Empty lists and maps of metadata are not stored. Edits `metadata`. */
export function dropEmpty(metadata: Partial<ObjectMeta>): void {
  if (metadata.finalizers?.length === 0) delete metadata.finalizers;
  if (metadata.ownerReferences?.length === 0) delete metadata.ownerReferences;
  if (metadata.managedFields?.length === 0) delete metadata.managedFields;
  if (metadata.labels && Object.keys(metadata.labels).length === 0) delete metadata.labels;
  if (metadata.annotations && Object.keys(metadata.annotations).length === 0) delete metadata.annotations;
}

/**
 * Whether nothing but the times in managedFields differs between a stored version and one that shares what it has in
 * common with it: those times alone do not count as a change.
 */
export function sameButFieldTimes(stored: KubeObject, next: KubeObject): boolean {
  if (stored.metadata.managedFields === next.metadata.managedFields) return false;
  return isDeepStrictEqual(withoutFieldTimes(stored), withoutFieldTimes(next));
}

function withoutFieldTimes(object: KubeObject): unknown {
  const { managedFields, ...metadata } = object.metadata;
  const fields = managedFields?.map((entry) => ({ ...(entry as Record<string, unknown>), time: undefined }));
  return { ...object, metadata: { ...metadata, managedFields: fields } };
}

function keep<K extends keyof ObjectMeta>(next: ObjectMeta, stored: ObjectMeta, field: K): void {
  if (stored[field] === undefined) delete next[field];
  else next[field] = stored[field];
}
