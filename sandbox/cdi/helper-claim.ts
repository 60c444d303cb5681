import type { NewObject } from '../api/objects';
import { SELECTED_NODE } from '../controllers/scheduler';
import type { PersistentVolumeClaim } from '../controllers/storage-types';
import { ownerReference } from '../controllers/vmi-factory';
import * as names from './names';

/** A claim like the target's that is filled in its place. */
export function helperClaim(
  target: PersistentVolumeClaim,
  name: string,
  annotations: Readonly<Record<string, string>>,
  source: { namespace?: string; dataSource?: object } = {},
): NewObject {
  const { dataSource: _source, dataSourceRef: _reference, volumeName: _volume, ...spec } = target.spec;
  const { metadata } = target;
  const namespace = source.namespace ?? metadata.namespace;
  const node = metadata.annotations?.[SELECTED_NODE];
  const priority = metadata.annotations?.[names.PRIORITY_CLASS];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      labels: { ...names.CDI_LABELS },
      annotations: {
        [names.BIND_NOW]: '',
        [names.CONTENT_TYPE]: metadata.annotations?.[names.CONTENT_TYPE] ?? 'kubevirt',
        [names.POD_RESTARTS]: '0',
        [names.FILLED_FOR]: `${metadata.namespace}/${metadata.name}`,
        ...(node ? { [SELECTED_NODE]: node } : {}),
        ...(priority ? { [names.PRIORITY_CLASS]: priority } : {}),
        ...annotations,
      },
      ...(namespace === metadata.namespace ? { ownerReferences: [ownerReference(target)] } : {}),
    },
    spec: {
      ...spec,
      ...(source.dataSource ? { dataSource: source.dataSource, dataSourceRef: source.dataSource } : {}),
    },
  };
}
