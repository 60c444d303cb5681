import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '../admission';
import type { ClusterApi, KubeObject } from '../objects';
import type { KubeVirtConfig } from './config';
import { Findings } from './findings';
import { parseQuantity } from './quantity';
import { denied, deniedPlainly } from './webhook';

interface Policy extends KubeObject {
  spec?: {
    completionTimeoutPerGiB?: number;
    maxDowntimeMs?: number;
    bandwidthPerMigration?: string;
    experimental?: { downtimeTuning?: object; stallDetector?: object };
  };
}

const STALL = 'MigrationStallDetection';
const TUNING = 'MigrationDowntimeTuning';

/** The webhooks of migration policies, and of kinds that wait behind a feature gate. */
export const POLICY_WEBHOOKS = {
  'migrationpolicies.migrations.kubevirt.io': { admit: admitPolicy },
  'virtualmachinebackups.backup.kubevirt.io': { admit: admitBackup },
};

/** Mirrors MigrationPolicyAdmitter of virt-api. */
function admitPolicy(request: AdmissionRequest, _cluster: ClusterApi, { gates }: KubeVirtConfig): string[] {
  const { spec = {} } = request.object as Policy;
  const before = (request.oldObject as Policy | undefined)?.spec;
  const found = new Findings();
  if ((spec.completionTimeoutPerGiB ?? 0) < 0) {
    found.invalid('spec.completionTimeoutPerGiB', 'must not be negative');
  }
  const gated = (field: string, was: unknown, is: unknown, by: readonly string[]) => {
    if (is === undefined || isDeepStrictEqual(was, is) || by.some((gate) => gates.has(gate))) return;
    const why = `${field} cannot be modified without enabling the ${by.join(' or ')} feature gate`;
    found.invalid(`spec.${field}`, why);
  };
  gated('maxDowntimeMs', before?.maxDowntimeMs, spec.maxDowntimeMs, [STALL, TUNING]);
  const [was, is] = [before?.experimental, spec.experimental];
  gated('experimental.downtimeTuning', was?.downtimeTuning, is?.downtimeTuning, [TUNING]);
  gated('experimental.stallDetector', was?.stallDetector, is?.stallDetector, [STALL]);
  const bandwidth = parseQuantity(spec.bandwidthPerMigration ?? '0');
  if (!('error' in bandwidth) && bandwidth.nanos < 0n) {
    found.invalid('spec.bandwidthPerMigration', 'must not be negative');
  }
  if (found.causes.length > 0) throw denied('migration-policy-validator.kubevirt.io', found.causes);
  return [];
}

function admitBackup({ operation }: AdmissionRequest, _cluster: ClusterApi, { gates }: KubeVirtConfig) {
  if (operation === 'CREATE' && !gates.has('IncrementalBackup')) {
    throw deniedPlainly(
      'virtualmachinebackup-validator.backup.kubevirt.io',
      'IncrementalBackup feature gate not enabled',
    );
  }
  return [];
}
