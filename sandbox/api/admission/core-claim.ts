import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '../admission';
import { forbidden, type StatusCause } from '../errors';
import type { ClusterApi, KubeObject } from '../objects';
import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from './field-error';
import { quantityValue } from './quantity';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];

interface ClaimSpec {
  accessModes?: string[];
  resources?: { requests?: Record<string, string> };
  storageClassName?: string;
  volumeMode?: string;
  volumeName?: string;
  volumeAttributesClassName?: string;
}

interface Claim extends KubeObject {
  spec?: ClaimSpec;
  status?: { phase?: string; capacity?: Record<string, string> };
}

/** What ValidatePersistentVolumeClaim and ValidatePersistentVolumeClaimUpdate find. */
export function claimCauses(object: KubeObject, old: KubeObject | undefined): StatusCause[] {
  const claim = object as Claim;
  const { accessModes = [], resources, volumeMode } = claim.spec ?? {};
  const causes: StatusCause[] = [];
  if (accessModes.length === 0) {
    causes.push(requiredValue('spec.accessModes', 'at least 1 access mode is required'));
  }
  for (const mode of accessModes) {
    if (!ACCESS_MODES.includes(mode)) causes.push(unsupportedValue('spec.accessModes', mode, ACCESS_MODES));
  }
  if (accessModes.length > 1 && accessModes.includes('ReadWriteOncePod')) {
    const why = 'may not use ReadWriteOncePod with other access modes';
    causes.push(forbiddenValue('spec.accessModes', why));
  }
  const storage = resources?.requests?.storage;
  if (storage === undefined) causes.push(requiredValue('spec.resources[storage]'));
  else if (quantityValue(storage) <= 0) {
    causes.push(invalidValue('spec.resources[storage]', storage, 'must be greater than zero'));
  }
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    causes.push(unsupportedValue('spec.volumeMode', volumeMode, VOLUME_MODES));
  }
  return old ? [...causes, ...updateCauses(claim, old as Claim)] : causes;
}

function updateCauses(claim: Claim, old: Claim): StatusCause[] {
  const [now, before] = [claim.spec ?? {}, old.spec ?? {}];
  const causes: StatusCause[] = [];
  if (!isDeepStrictEqual(fixedPart(now, before), fixedPart(before, before))) {
    const why =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    causes.push(forbiddenValue('spec', why));
  }
  const had = quantityValue(old.status?.capacity?.storage ?? before.resources?.requests?.storage);
  const wants = now.resources?.requests?.storage;
  if (wants !== undefined && quantityValue(wants) < had) {
    causes.push(
      forbiddenValue('spec.resources.requests.storage', 'field can not be less than status.capacity'),
    );
  }
  return causes;
}

/** The volume's name may be filled in once, by the binder; the request may grow. */
function fixedPart(spec: ClaimSpec, before: ClaimSpec): ClaimSpec {
  const { resources: _resources, volumeAttributesClassName: _class, volumeName, ...rest } = spec;
  return before.volumeName ? { ...rest, volumeName } : rest;
}

/** The DefaultStorageClass admission plugin: the newest of the default classes. Edits `object`. */
export function defaultStorageClass({ operation, object }: AdmissionRequest, cluster: ClusterApi): void {
  const { spec } = object as Claim;
  if (operation !== 'CREATE' || !spec || spec.storageClassName !== undefined) return;
  const [newest] = cluster
    .list('storageclasses.storage.k8s.io')
    .filter(
      ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
    )
    .sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1));
  if (newest) spec.storageClassName = newest.metadata.name;
}

/** The PersistentVolumeClaimResize admission plugin. @throws ApiError 403 */
export function refuseExpansion(request: AdmissionRequest, cluster: ClusterApi): void {
  const claim = request.object as Claim;
  const old = request.oldObject as Claim | undefined;
  const size = (one: Claim) => quantityValue(one.spec?.resources?.requests?.storage);
  if (!old || size(claim) <= size(old)) return;
  const about = { plural: request.resource, group: request.group };
  const { name } = claim.metadata;
  if (old.status?.phase !== 'Bound') {
    throw forbidden(about, name, 'Only bound persistent volume claims can be expanded');
  }
  const className = claim.spec?.storageClassName ?? '';
  const storageClass = cluster.get('storageclasses.storage.k8s.io', undefined, className);
  if (storageClass?.allowVolumeExpansion === true) return;
  const why =
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
  throw forbidden(about, name, why);
}
