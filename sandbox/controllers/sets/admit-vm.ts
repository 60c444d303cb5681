import { readConfig } from '../../api/admission/config';
import { admitVirtualMachine } from '../../api/admission/virtual-machine';
import type { ClusterApi, KubeObject, NewObject } from '../../api/objects';

const CONTROLLER = 'system:serviceaccount:kubevirt:kubevirt-controller';

/** Sends a VM that a controller is about to create through KubeVirt's webhooks, in place. @throws ApiError */
export function admitNewVm(cluster: ClusterApi, draft: NewObject): void {
  const metadata = { name: '', uid: '', resourceVersion: '', creationTimestamp: '', ...draft.metadata };
  const { namespace } = metadata;
  const object: KubeObject = { ...draft, metadata };
  admitVirtualMachine(
    {
      ...{ resource: 'virtualmachines', group: 'kubevirt.io', operation: 'CREATE', object },
      ...(namespace === undefined ? {} : { namespace }),
      ...{ user: { username: CONTROLLER, groups: [] }, fieldValidation: 'Ignore', dryRun: false },
    },
    cluster,
    readConfig(cluster),
  );
  draft.spec = object.spec;
}
