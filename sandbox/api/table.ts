import { readJsonPath } from './json-path';
import type { KubeObject } from './objects';
import { ageColumn } from './print-columns';
import { age } from './print-values';
import type { Column, ResourceType } from './resource-type';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface Row {
  cells: (string | number | boolean | null)[];
  object?: unknown;
}

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';

function columnsOf(type: ResourceType): readonly Column[] {
  return type.columns.length > 0 ? type.columns : [ageColumn];
}

/** `columnDefinitions` of the resource's Table. Events are printed without their names unless asked for. */
export function columnDefinitions(type: ResourceType): object[] {
  const name = { name: 'Name', type: 'string', format: 'name', description: NAME_DESCRIPTION };
  const events = type.id === 'events' || type.id === 'events.events.k8s.io';
  const rest = columnsOf(type).map((column) => ({
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    description: column.description ?? '',
    priority: column.priority,
  }));
  return events ? [...rest, { ...name, priority: 1 }] : [{ ...name, priority: 0 }, ...rest];
}

/** One object as a row; `now` in milliseconds is what ages are counted to. */
export function tableRow(type: ResourceType, object: KubeObject, include: IncludeObject, now: number): Row {
  const cells = columnsOf(type).map((column) => cell(column, object, now));
  const events = type.id === 'events' || type.id === 'events.events.k8s.io';
  if (events) cells.push(object.metadata.name);
  else cells.unshift(object.metadata.name);
  if (include === 'None') return { cells };
  return { cells, object: include === 'Object' ? object : partialMetadata(object) };
}

/** The object reduced to who it is. */
export function partialMetadata(object: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

function cell(column: Column, object: KubeObject, now: number): string | number | boolean | null {
  if (typeof column.value === 'function') return column.value(object, now);
  const found = readJsonPath(object, column.value);
  if (column.type === 'date') return age(found, now);
  if (found === undefined) return null;
  return typeof found === 'object' ? JSON.stringify(found) : (found as string | number | boolean);
}
