import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '../admission';
import type { NewObject } from '../objects';
import { checkAmd64 } from './check-devices';
import { checkMemoryPresent } from './check-memory';
import { checkVolumesUsed } from './check-volumes';
import type { KubeVirtConfig } from './config';
import { Findings } from './findings';
import type { VirtualMachineInstance } from './types';
import { isKubeVirt } from './user';
import { reservedLabels, validateVmiMetadata, validateVmiSpec } from './validate-vmi-spec';
import { defaultVirtualMachineInstance } from './vmi-defaults';
import { denied } from './webhook';

/** Runs KubeVirt's webhooks for a VirtualMachineInstance that conforms to its schema. */
export function admitVirtualMachineInstance(request: AdmissionRequest, config: KubeVirtConfig): void {
  if (request.operation === 'CREATE') {
    admitNewVmi(request.object, config, isKubeVirt(request.user));
    return;
  }
  const vmi = request.object as VirtualMachineInstance;
  const old = request.oldObject as VirtualMachineInstance;
  if (isKubeVirt(request.user)) return;
  // There is no status subresource: KubeVirt puts back what anyone but its own components writes there.
  if (old.status === undefined) delete vmi.status;
  else vmi.status = structuredClone(old.status);
  const found = new Findings();
  if (!isDeepStrictEqual(vmi.spec, old.spec)) {
    found.notSupported(undefined, 'update of VMI object is restricted');
  } else if (!isDeepStrictEqual(reservedLabels(vmi.metadata.labels), reservedLabels(old.metadata.labels))) {
    const text = 'modification of the following reserved kubevirt.io/ labels on a VMI object is prohibited';
    found.notSupported(undefined, text);
  }
  if (found.causes.length > 0)
    throw denied('virtualmachineinstances-update-validator.kubevirt.io', found.causes);
}

/**
 * Defaults and validates a VMI about to be created; the VM controller, which creates them in-process, calls it too.
 * @throws ApiError 422 in the words of virtualmachineinstances-create-validator.
 */
export function admitNewVmi(draft: NewObject, config: KubeVirtConfig, byKubeVirt: boolean): void {
  if (!byKubeVirt) delete draft.status;
  defaultVirtualMachineInstance(draft, config);
  const { spec, metadata } = draft as unknown as VirtualMachineInstance;
  const found = new Findings();
  validateVmiSpec('spec', spec, config, found);
  checkVolumesUsed('spec', spec, found);
  checkMemoryPresent('spec', spec, found);
  validateVmiMetadata('metadata', metadata, config, byKubeVirt, found);
  const { architecture } = spec;
  if (architecture === 'amd64') checkAmd64('spec', spec, found);
  else if (architecture !== 'arm64' && architecture !== 's390x') {
    found.invalid('spec.architecture', `unsupported architecture: ${architecture}`);
  }
  if (found.causes.length > 0)
    throw denied('virtualmachineinstances-create-validator.kubevirt.io', found.causes);
}
