import * as names from './names';
import type { DataVolumeSource, PopulatorSource, RemoteSource } from './types';

const REMOTE = ['http', 's3', 'gcs', 'registry', 'imageio', 'vddk'] as const;

/** What CDI notes on a claim of where its content comes from; the importer pod is made from that. */
export function importAnnotations({ spec }: PopulatorSource): Record<string, string> {
  const { kind, remote } = remoteOf(spec.source ?? {});
  if (!remote) return { [names.IMPORT_SOURCE]: 'none', [names.IMPORT_ENDPOINT]: '' };
  const { url, imageStream, secretRef, certConfigMap, checksum, pullMethod, insecureSkipVerify } = remote;
  return {
    [names.IMPORT_SOURCE]: kind,
    [names.IMPORT_ENDPOINT]: url ?? (imageStream ? `imagestream:${imageStream}` : ''),
    ...(secretRef ? { [names.IMPORT_SECRET]: secretRef } : {}),
    ...(certConfigMap ? { [names.IMPORT_CERTIFICATES]: certConfigMap } : {}),
    ...(checksum ? { [names.IMPORT_CHECKSUM]: checksum } : {}),
    ...(pullMethod ? { [names.PULL_METHOD]: pullMethod } : {}),
    ...(insecureSkipVerify === true ? { [names.INSECURE]: 'true' } : {}),
    ...numbered(names.EXTRA_HEADERS, remote.extraHeaders),
    ...numbered(names.SECRET_HEADERS, remote.secretExtraHeaders),
  };
}

/** The values that `numbered` notes under a name, in their order. */
export function numberedValues(annotations: Readonly<Record<string, string>>, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; ; index += 1) {
    const value = annotations[`${name}.${index}`];
    if (value === undefined) return values;
    values.push(value);
  }
}

function numbered(name: string, values: readonly string[] | undefined): Record<string, string> {
  return Object.fromEntries((values ?? []).map((value, index) => [`${name}.${index}`, value]));
}

function remoteOf(source: DataVolumeSource): { kind: string; remote?: RemoteSource } {
  for (const kind of REMOTE) {
    const remote = source[kind];
    if (remote) return { kind, remote };
  }
  return { kind: 'none' };
}
