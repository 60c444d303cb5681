import type { AdmissionRequest } from '../admission';
import type { ClusterApi } from '../objects';
import type { KubeVirtConfig } from './config';
import { admitDataImportCron } from './data-import-cron';
import { admitDataVolume } from './data-volume';
import { INSTANCETYPE_WEBHOOKS } from './instancetype';
import { KUBEVIRT_WEBHOOKS } from './kubevirt-resource';
import { admitMigration } from './migration';
import { POLICY_WEBHOOKS } from './migration-policy';
import { applyPresets } from './presets';
import { SET_WEBHOOKS } from './sets';
import { SNAPSHOT_WEBHOOKS } from './snapshot-kinds';
import { admitVirtualMachine } from './virtual-machine';
import { admitVirtualMachineInstance } from './virtual-machine-instance';
import type { WebhookName } from './webhook';

/** The webhooks of one custom kind: its schema, defaults and refusals beyond what the CRD itself declares. */
export interface KindWebhooks {
  /**
   * Who answers for a spec that does not fit the schema; without it the CRD's own validation does. `struct` is the Go
   * type that the spec is decoded into, as error texts name it.
   */
  schema?: { webhook: (creating: boolean) => WebhookName; struct: string };
  /**
   * Edits `request.object` in place and returns warnings. Asked on CREATE and UPDATE of the main resource.
   * @throws ApiError as the webhook refuses.
   */
  admit(request: AdmissionRequest, cluster: ClusterApi, config: KubeVirtConfig): string[];
  /** Asked before an object is deleted. @throws ApiError as the webhook refuses. */
  admitDelete?(request: AdmissionRequest, cluster: ClusterApi): void;
}

/** The webhooks of KubeVirt, CDI and their neighbours, by resource. To add one, add an entry. */
export const WEBHOOKS: Readonly<Record<string, KindWebhooks>> = {
  ...INSTANCETYPE_WEBHOOKS,
  ...SET_WEBHOOKS,
  'datavolumes.cdi.kubevirt.io': { admit: admitDataVolume },
  'dataimportcrons.cdi.kubevirt.io': { admit: admitDataImportCron },
  ...SNAPSHOT_WEBHOOKS,
  ...KUBEVIRT_WEBHOOKS,
  ...POLICY_WEBHOOKS,
  'virtualmachines.kubevirt.io': {
    schema: {
      webhook: () => 'virtualmachines-mutator.kubevirt.io',
      struct: 'VirtualMachineInstanceTemplateSpec',
    },
    admit: admitVirtualMachine,
  },
  'virtualmachineinstances.kubevirt.io': {
    schema: {
      webhook: () => 'virtualmachineinstances-mutator.kubevirt.io',
      struct: 'VirtualMachineInstanceSpec',
    },
    admit(request, cluster, config) {
      if (request.operation === 'CREATE') applyPresets(cluster, request.object);
      admitVirtualMachineInstance(request, config);
      return [];
    },
  },
  'virtualmachineinstancemigrations.kubevirt.io': {
    schema: {
      webhook: (creating) =>
        creating ? 'migration-create-validator.kubevirt.io' : 'migration-update-validator.kubevirt.io',
      struct: 'VirtualMachineInstanceMigrationSpec',
    },
    admit(request, cluster) {
      admitMigration(request, cluster);
      return [];
    },
  },
};
