import { isDeepStrictEqual } from 'node:util';
import { cloneRefusal } from '../access/clone-access';
import type { AdmissionRequest } from '../admission';
import type { StatusCause } from '../errors';
import type { ClusterApi, KubeObject } from '../objects';
import { deniedByCdi } from './cdi-webhook';
import { quantityValue } from './quantity';

const MAX_NAME = 253;
const MIN_BYTES = 2 ** 20;
const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce'];
const PVCS = 'persistentvolumeclaims';

interface Target {
  accessModes?: string[];
  resources?: { requests?: { storage?: string } };
  dataSource?: unknown;
  dataSourceRef?: unknown;
}

interface Remote {
  url?: string;
  imageStream?: string;
  pullMethod?: string;
  secretRef?: string;
  certConfigMap?: string;
  diskId?: string;
  uuid?: string;
  backingFile?: string;
  thumbprint?: string;
}

interface Source {
  http?: Remote;
  s3?: Remote;
  gcs?: Remote;
  registry?: Remote;
  imageio?: Remote;
  vddk?: Remote;
  blank?: object;
  pvc?: { namespace?: string; name?: string };
  snapshot?: { namespace?: string; name?: string };
}

interface Spec {
  pvc?: Target;
  storage?: Target;
  source?: Source;
  sourceRef?: { kind?: string; namespace?: string; name?: string };
  contentType?: string;
  checkpoints?: unknown[];
  finalCheckpoint?: boolean;
}

interface DataVolume extends KubeObject {
  spec: Spec;
}

const cause = (field: string, message: string, reason = 'FieldValueInvalid'): StatusCause => ({
  reason,
  message,
  field,
});

/** CDI's webhooks for a DataVolume: the mutator asks whether a clone is allowed, the validator does the rest. */
export function admitDataVolume(request: AdmissionRequest, cluster: ClusterApi): string[] {
  const dv = request.object as DataVolume;
  const old = request.oldObject as DataVolume | undefined;
  if (dv.metadata.deletionTimestamp) return [];
  if (!old) mustMayClone(request, dv, cluster);
  const found =
    (old && changeOf(dv, old)) ??
    nameProblem(dv.metadata.name) ??
    (old ? undefined : claimProblem(dv, request, cluster)) ??
    specProblem(dv.spec, request, cluster);
  if (found) throw deniedByCdi('datavolume-validate.cdi.kubevirt.io', [found]);
  return [];
}

function mustMayClone(request: AdmissionRequest, dv: DataVolume, cluster: ClusterApi): void {
  const own = request.namespace ?? dv.metadata.namespace ?? 'default';
  const namespace = cloneNamespace(dv.spec, own, cluster);
  if (namespace === undefined || namespace === own) return;
  const refusal = cloneRefusal(cluster, request.user, namespace);
  if (refusal) throw deniedByCdi('datavolume-mutate.cdi.kubevirt.io', [cause('spec.source', refusal)]);
}

/** The namespace that a DataVolume is cloned out of; undefined for what is no clone. */
export function cloneNamespace(spec: Spec, own: string, cluster: ClusterApi): string | undefined {
  let source = spec.source;
  let home = own;
  if (spec.sourceRef) {
    home = spec.sourceRef.namespace || own;
    const found = cluster.get('datasources.cdi.kubevirt.io', home, spec.sourceRef.name ?? '');
    source = (found?.spec as { source?: Source } | undefined)?.source;
  }
  const cloned = source?.pvc ?? source?.snapshot;
  return cloned && (cloned.namespace || home);
}

/** A DataVolume stays what it was made as; only the checkpoints of a warm import come one by one. */
function changeOf(dv: DataVolume, old: DataVolume): StatusCause | undefined {
  const rest = ({ checkpoints: _checkpoints, finalCheckpoint: _final, ...spec }: Spec) => spec;
  const isWarm = dv.spec.checkpoints?.length && (dv.spec.source?.vddk ?? dv.spec.source?.imageio);
  const same = isWarm
    ? isDeepStrictEqual(rest(dv.spec), rest(old.spec))
    : isDeepStrictEqual(dv.spec, old.spec);
  return same ? undefined : cause('DataVolume.Spec', 'Cannot update DataVolume Spec', 'FieldValueDuplicate');
}

function nameProblem(name: string): StatusCause | undefined {
  return name.length > MAX_NAME ? cause('', `Name cannot be longer than ${MAX_NAME} characters`) : undefined;
}

function claimProblem(
  { metadata }: DataVolume,
  request: AdmissionRequest,
  cluster: ClusterApi,
): StatusCause | undefined {
  const namespace = request.namespace ?? metadata.namespace;
  const claim = cluster.get(PVCS, namespace, metadata.name);
  if (!claim) return undefined;
  const { annotations = {}, ownerReferences } = claim.metadata;
  const adopts = [annotations, metadata.annotations ?? {}].some(
    (known) => known['cdi.kubevirt.io/allowClaimAdoption'] === 'true',
  );
  const gates = (
    cluster.get('cdiconfigs.cdi.kubevirt.io', undefined, 'config')?.spec as
      | { featureGates?: string[] }
      | undefined
  )?.featureGates;
  const ours = ownerReferences?.some(({ controller, kind }) => controller && kind === 'DataVolume');
  const populated = annotations['cdi.kubevirt.io/storage.populatedFor'] === metadata.name;
  if (adopts || ours || populated || gates?.includes('DataVolumeClaimAdoption')) return undefined;
  const text = `Destination PVC ${namespace}/${metadata.name} already exists`;
  return cause('DataVolume.Name', text, 'FieldValueDuplicate');
}

function specProblem(spec: Spec, request: AdmissionRequest, cluster: ClusterApi): StatusCause | undefined {
  const { pvc, storage, source, sourceRef } = spec;
  if (!pvc && !storage) return cause('spec.PVC', 'Missing Data volume PVC');
  if (pvc && storage) {
    return cause(
      'spec.PVC.Storage',
      'Duplicate storage definition, both target storage and target pvc defined',
    );
  }
  const target = pvc ? pvcProblem(pvc) : storageProblem(storage ?? {}, spec);
  if (target) return target;
  const external = (pvc ?? storage)?.dataSource ?? (pvc ?? storage)?.dataSourceRef;
  if (external && (source || sourceRef)) {
    return cause('spec.source', 'External population is incompatible with Source and SourceRef');
  }
  if (external) return undefined;
  if (!source === !sourceRef) {
    return cause(
      'spec.source',
      'Data volume should have either Source or SourceRef, or be externally populated',
    );
  }
  return sourceRef ? referenceProblem(sourceRef, request, cluster) : sourceProblem(source ?? {}, spec);
}

function pvcProblem(pvc: Target): StatusCause | undefined {
  const { accessModes = [] } = pvc;
  const [mode = ''] = accessModes;
  const size = sizeProblem(pvc, 'PVC');
  if (size) return size;
  if (accessModes.length === 0) {
    return cause('spec.PVC.accessModes', 'Required value: at least 1 access mode is required');
  }
  if (accessModes.length > 1) return cause('spec.PVC.accessModes', 'PVC multiple accessModes');
  return modeProblem(mode);
}

function storageProblem(storage: Target, { source, sourceRef }: Spec): StatusCause | undefined {
  const isClone = Boolean(sourceRef ?? source?.pvc ?? source?.snapshot);
  const hasSize = storage.resources?.requests?.storage !== undefined;
  const size = isClone && !hasSize ? undefined : sizeProblem(storage, 'Storage');
  if (size) return size;
  const wrong = storage.accessModes?.find((mode) => !MODES.includes(mode));
  return wrong === undefined ? undefined : modeProblem(wrong);
}

function modeProblem(mode: string): StatusCause | undefined {
  if (MODES.includes(mode)) return undefined;
  const supported = MODES.map((known) => `"${known}"`).join(', ');
  return cause('spec.PVC.accessModes', `Unsupported value: "${mode}": supported values: ${supported}`);
}

function sizeProblem({ resources }: Target, name: string): StatusCause | undefined {
  const size = resources?.requests?.storage;
  const field = `spec.${name}.resources.requests.size`;
  if (size === undefined) return cause(field, `${name} size is missing`);
  const bytes = quantityValue(size);
  if (bytes <= 0) return cause(field, `${name} size can't be equal or less than zero`);
  return bytes < MIN_BYTES ? cause(field, `${name} size should be at least 1MiB`) : undefined;
}

function referenceProblem(
  { kind, namespace, name }: NonNullable<Spec['sourceRef']>,
  request: AdmissionRequest,
  cluster: ClusterApi,
): StatusCause | undefined {
  if (!kind) return cause('spec.sourceRef.Kind', 'Missing sourceRef kind');
  if (kind !== 'DataSource') {
    const text = `Unsupported sourceRef kind ${kind}, currently only DataSource is supported`;
    return cause('spec.sourceRef.Kind', text);
  }
  if (!name) return cause('spec.sourceRef.Name', 'Missing sourceRef name');
  if (request.operation !== 'CREATE') return undefined;
  const home = namespace || request.namespace;
  if (cluster.get('datasources.cdi.kubevirt.io', home, name)) return undefined;
  return cause('spec.sourceRef', `SourceRef ${kind}/${home}/${name} not found`, 'FieldValueNotFound');
}

function sourceProblem(source: Source, { contentType = '' }: Spec): StatusCause | undefined {
  const kinds = Object.values(source).filter((value) => value !== undefined && value !== null).length;
  if (kinds === 0) return cause('spec.source', 'Missing Data volume source');
  if (kinds > 1) return cause('spec.source', 'Multiple Data volume sources');
  const url = urlProblem(source);
  if (url) return url;
  if (!['', 'kubevirt', 'archive'].includes(contentType)) {
    return cause('spec.contentType', 'ContentType not one of: kubevirt, archive');
  }
  if (source.blank && contentType === 'archive') {
    return cause('spec.contentType', 'SourceType cannot be blank and the contentType be archive');
  }
  const { registry, imageio, vddk, pvc, snapshot } = source;
  if (registry) return registryProblem(registry, contentType);
  if (imageio && !(imageio.secretRef && imageio.certConfigMap && imageio.diskId)) {
    return cause('spec.source.Imageio', 'spec.source.Imageio source Imageio is not valid');
  }
  if (vddk && !(vddk.secretRef && vddk.uuid && vddk.backingFile && vddk.thumbprint)) {
    return cause('spec.source.VDDK', 'spec.source.VDDK source VDDK is not valid');
  }
  if (pvc && !(pvc.namespace && pvc.name)) {
    return cause('spec.source.PVC', 'spec.source.PVC source PVC is not valid');
  }
  if (snapshot && !(snapshot.namespace && snapshot.name)) {
    return cause('spec.source.Snapshot', 'spec.source.Snapshot source snapshot is not valid');
  }
  return undefined;
}

function urlProblem({ http, s3, gcs, imageio, vddk }: Source): StatusCause | undefined {
  const named = { HTTP: http, S3: s3, GCS: gcs, Imageio: imageio, VDDK: vddk };
  for (const [name, remote] of Object.entries(named)) {
    if (!remote) continue;
    const problem = urlText(remote.url ?? '', name === 'GCS');
    return problem ? cause(`spec.source.${name}.url`, `spec.source ${problem}`) : undefined;
  }
  return undefined;
}

function urlText(url: string, isGcs: boolean): string | undefined {
  if (url === '') return 'source URL is empty';
  if (!URL.canParse(url)) return `Invalid source URL: ${url}`;
  const schemes = isGcs ? ['http:', 'https:', 'gs:'] : ['http:', 'https:'];
  return schemes.includes(new URL(url).protocol) ? undefined : `Invalid source URL scheme: ${url}`;
}

function registryProblem(
  { url, imageStream, pullMethod }: Remote,
  contentType: string,
): StatusCause | undefined {
  const at = 'spec.source.Registry';
  if (contentType !== '' && contentType !== 'kubevirt') {
    return cause('spec.contentType', 'ContentType must be kubevirt when Source is Registry');
  }
  if (pullMethod && pullMethod !== 'pod' && pullMethod !== 'node') {
    return cause(`${at}.importMethod`, `ImportMethod ${pullMethod} is neither pod, node or ""`);
  }
  if ((url === undefined) === (imageStream === undefined)) {
    return cause(at, 'Source registry should have either URL or ImageStream');
  }
  if (imageStream !== undefined) {
    if (imageStream === '') return cause(`${at}.ImageStream`, 'Source registry ImageStream is not valid');
    if (pullMethod === 'node') return undefined;
    return cause(
      `${at}.ImageStream`,
      'Source registry ImageStream is supported only with node pull import method',
    );
  }
  if (!/^[a-z-]+:/i.test(url ?? '')) return cause(`${at}.URL`, `Illegal registry source URL scheme ${url}`);
  const scheme = (url ?? '').split(':')[0] ?? '';
  const allowed = ['docker', 'oci-archive'];
  return allowed.includes(scheme)
    ? undefined
    : cause(`${at}.URL`, `Illegal registry source URL scheme ${url}`);
}
