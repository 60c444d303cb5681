import { isJsonObject, type JsonObject, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { parseQuantity } from '@/lib/units';

/** Where the content of a DataVolume comes from: one of the sources of cdi.kubevirt.io/v1beta1, with what they name. */
export type VolumeSource =
  | { kind: 'blank' }
  | { kind: 'http'; url: string }
  | { kind: 'registry'; url: string; secret?: string | undefined }
  | { kind: 'pvc'; namespace: string; name: string }
  | { kind: 'snapshot'; namespace: string; name: string }
  | { kind: 'dataSource'; namespace: string; name: string }
  | { kind: 'upload' }
  /** Any other, as CDI calls it: s3, gcs, imageio, vddk. */
  | { kind: 'other'; source: string };

/** What a DataVolume's source says. */
export function sourceOf(template: JsonObject | undefined): VolumeSource | undefined {
  const spec = valueAt(template, ['spec']);
  if (!isJsonObject(spec)) return undefined;
  const reference = {
    namespace: wordAt(spec, ['sourceRef', 'namespace']),
    name: wordAt(spec, ['sourceRef', 'name']),
  };
  if (isJsonObject(spec.sourceRef)) return { kind: 'dataSource', ...reference };
  const source = isJsonObject(spec.source) ? spec.source : {};
  const [kind] = Object.keys(source);
  const word = (key: string) => wordAt(source, [kind ?? '', key]);
  switch (kind) {
    case undefined:
      return undefined;
    case 'blank':
    case 'upload':
      return { kind };
    case 'http':
      return { kind, url: word('url') };
    case 'registry': {
      const secret = word('secretRef');
      return { kind, url: word('url'), ...(secret ? { secret } : {}) };
    }
    case 'pvc':
    case 'snapshot':
      return { kind, namespace: word('namespace'), name: word('name') };
    default:
      return { kind: 'other', source: kind };
  }
}

/** The template with another source; what belongs to the source that it had (certificates, checksum) goes with it. */
export function withSource(template: JsonObject, source: VolumeSource): JsonObject {
  if (source.kind === 'other') return template;
  const before = sourceOf(template);
  const isSameKind = before?.kind === source.kind;
  if (source.kind === 'dataSource') {
    const bare = withValueAt(template, ['spec', 'source'], undefined);
    const kept = isSameKind ? valueAt(template, ['spec', 'sourceRef']) : undefined;
    const { namespace, name } = source;
    const { namespace: _, ...others } = isJsonObject(kept) ? kept : {};
    return withValueAt(bare, ['spec', 'sourceRef'], {
      ...others,
      kind: 'DataSource',
      ...(namespace ? { namespace } : {}),
      name,
    });
  }
  const bare = withValueAt(template, ['spec', 'sourceRef'], undefined);
  const kept = isSameKind ? valueAt(template, ['spec', 'source', source.kind]) : undefined;
  return withValueAt(bare, ['spec', 'source'], {
    [source.kind]: { ...(isJsonObject(kept) ? kept : {}), ...saidBy(source) },
  });
}

function saidBy(source: VolumeSource): JsonObject {
  switch (source.kind) {
    case 'http':
      return { url: source.url };
    case 'registry':
      return { url: source.url, ...(source.secret === undefined ? {} : { secretRef: source.secret }) };
    case 'pvc':
    case 'snapshot':
      return { namespace: source.namespace, name: source.name };
    default:
      return {};
  }
}

/** A DataVolume of a VM: CDI fills in what the storage profile knows of access modes and volume mode. */
export function newTemplate(name: string, source: VolumeSource, size?: string): JsonObject {
  const storage = size ? { resources: { requests: { storage: size } } } : {};
  return withSource({ metadata: { name }, spec: { storage } }, source);
}

/** Which of the two ways a DataVolume describes its claim: `storage` (CDI completes it) or `pvc` (word for word). */
function claimKey(template: JsonObject | undefined): 'storage' | 'pvc' {
  return isJsonObject(valueAt(template, ['spec', 'pvc'])) ? 'pvc' : 'storage';
}

export function sizeOf(template: JsonObject | undefined): string {
  const size = valueAt(template, ['spec', claimKey(template), 'resources', 'requests', 'storage']);
  return typeof size === 'string' || typeof size === 'number' ? String(size) : '';
}

export function withSize(template: JsonObject, size: string): JsonObject {
  if (sizeOf(template) === size) return template;
  return withValueAt(
    template,
    ['spec', claimKey(template), 'resources', 'requests', 'storage'],
    size || undefined,
  );
}

/** The larger of two quantities, as it was written; the first where they are equal or the second is unknown. */
export function atLeast(size: string, least: string | undefined): string {
  const bytes = parseQuantity(size || undefined);
  const wanted = parseQuantity(least || undefined);
  return wanted !== undefined && (bytes === undefined || wanted > bytes) ? (least ?? size) : size;
}

/** The storage class; empty for the cluster's default. */
export function storageClassOf(template: JsonObject | undefined): string {
  return wordAt(template, ['spec', claimKey(template), 'storageClassName']);
}

export function withStorageClass(template: JsonObject, name: string): JsonObject {
  if (storageClassOf(template) === name) return template;
  return withValueAt(template, ['spec', claimKey(template), 'storageClassName'], name || undefined);
}

/** Access mode and volume mode; empty for what the storage profile says. */
export function accessModeOf(template: JsonObject | undefined): string {
  return wordAt(template, ['spec', claimKey(template), 'accessModes', 0]);
}

export function withAccessMode(template: JsonObject, mode: string): JsonObject {
  if (accessModeOf(template) === mode) return template;
  return withValueAt(template, ['spec', claimKey(template), 'accessModes'], mode ? [mode] : undefined);
}

export function volumeModeOf(template: JsonObject | undefined): string {
  return wordAt(template, ['spec', claimKey(template), 'volumeMode']);
}

export function withVolumeMode(template: JsonObject, mode: string): JsonObject {
  if (volumeModeOf(template) === mode) return template;
  return withValueAt(template, ['spec', claimKey(template), 'volumeMode'], mode || undefined);
}

export function isPreallocated(template: JsonObject | undefined): boolean {
  return valueAt(template, ['spec', 'preallocation']) === true;
}

export function withPreallocation(template: JsonObject, preallocation: boolean): JsonObject {
  if (isPreallocated(template) === preallocation) return template;
  return withValueAt(template, ['spec', 'preallocation'], preallocation || undefined);
}
