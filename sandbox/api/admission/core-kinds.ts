import type { AdmissionRequest } from '../admission';
import type { Definition } from '../custom/definition';
import { definitionCauses } from '../custom/definition-rules';
import { invalid, type StatusCause } from '../errors';
import type { ClusterApi } from '../objects';
import { claimCauses, defaultStorageClass, refuseExpansion } from './core-claim';
import { keyCauses } from './core-data';
import { podCauses, podUpdateCauses } from './core-pod';
import { serviceCauses } from './core-service';
import { WORKLOAD_GROUPS, workloadCauses } from './core-workload';
import { invalidValue, requiredValue } from './field-error';
import { allocateService } from './service-address';

/** Kubernetes' own validation of the built-in kinds that people write by hand. @throws ApiError 422, 403 */
export function validateCoreObject(request: AdmissionRequest, cluster: ClusterApi): void {
  const { object, group, subresource } = request;
  if (group === 'apiextensions.k8s.io' && !subresource) {
    // Decoding has made sure of the shape.
    const causes = definitionCauses(object as Definition, request.oldObject as Definition | undefined);
    if (causes.length > 0) throw invalid(object.kind, group, object.metadata.name, causes);
  }
  if (group in WORKLOAD_GROUPS && !subresource) {
    const causes = workloadCauses(request);
    if (causes.length > 0) throw invalid(object.kind, group, object.metadata.name, causes);
  }
  if (group !== '' || subresource) return;
  if (request.resource === 'persistentvolumeclaims') defaultStorageClass(request, cluster);
  const causes = coreCauses(request);
  if (request.resource === 'services' && causes.length === 0) {
    causes.push(...allocateService(object, request.oldObject, cluster.list('services')));
  }
  if (causes.length > 0) throw invalid(object.kind, group, object.metadata.name, causes);
  if (request.resource === 'persistentvolumeclaims') refuseExpansion(request, cluster);
}

function coreCauses({ resource, object, oldObject }: AdmissionRequest): StatusCause[] {
  switch (resource) {
    case 'pods':
      return oldObject ? podUpdateCauses(object, oldObject) : podCauses(object);
    case 'persistentvolumeclaims':
      return claimCauses(object, oldObject);
    case 'services':
      return serviceCauses(object);
    case 'configmaps':
      return keyCauses(object, ['data', 'binaryData']);
    case 'secrets':
      return [
        ...(oldObject && object.type !== oldObject.type
          ? [invalidValue('type', object.type, 'field is immutable')]
          : []),
        ...keyCauses(object, ['data']),
        ...(object.type === 'kubernetes.io/service-account-token' &&
        !object.metadata.annotations?.['kubernetes.io/service-account.name']
          ? [requiredValue('metadata.annotations[kubernetes.io/service-account.name]')]
          : []),
      ];
    default:
      return [];
  }
}
