import type { KubeObject } from '../api/objects';
import type { DataVolumeSpec, HeartbeatCondition } from './types';

export const SOURCE_PVC_DIGEST = 'uid:';
const REGISTRY_DIGEST = 'sha256:';
const SUFFIX_LENGTH = 12;

export interface CurrentImport {
  DataVolumeName: string;
  Digest: string;
}

export interface DataImportCron extends KubeObject {
  spec: {
    /** Empty: never. */
    schedule: string;
    managedDataSource: string;
    garbageCollect?: 'Outdated' | 'Never';
    importsToKeep?: number;
    /** `All` without one. */
    retentionPolicy?: 'None' | 'All';
    template: { metadata?: Partial<KubeObject['metadata']>; spec: DataVolumeSpec };
  };
  status?: {
    currentImports?: CurrentImport[];
    lastExecutionTimestamp?: string;
    lastImportTimestamp?: string;
    lastImportedPVC?: { namespace: string; name: string };
    sourceFormat?: string;
    conditions?: HeartbeatCondition[];
  };
}

/** What a cron's sources are called for a digest. Mirrors createDvName. */
export function importName(managedDataSource: string, digest: string): string {
  const prefix = digest.startsWith(SOURCE_PVC_DIGEST) ? SOURCE_PVC_DIGEST : REGISTRY_DIGEST;
  return `${managedDataSource}-${digest.slice(prefix.length, prefix.length + SUFFIX_LENGTH)}`;
}

export type Verdict = readonly [status: 'True' | 'False', reason: string, message: string];

export const NO_IMPORT: Verdict = ['False', 'NoImport', 'No current import'];
export const NO_DIGEST: Verdict = ['False', 'NoDigest', 'No source digest'];
export const OUTDATED: Verdict = ['False', 'Outdated', 'Source digest updated since last import'];
export const UP_TO_DATE: Verdict = ['True', 'UpToDate', 'Latest import is up to date'];
export const IMPORTING: Verdict = ['False', 'ImportProgressing', 'Import is progressing'];
export const SNAPSHOTTING: Verdict = [
  'False',
  'ImportProgressing',
  'Snapshot of imported data is progressing',
];

/** What the phase of the current DataVolume means for the condition Progressing. */
export function progressing(phase: string): Verdict {
  if (phase === 'ImportScheduled') return ['False', 'ImportScheduled', 'Import is scheduled'];
  if (phase === 'ImportInProgress') return ['True', 'ImportProgressing', 'Import is progressing'];
  return ['False', phase || 'Pending', `Import DataVolume phase ${phase}`];
}
