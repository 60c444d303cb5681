import type { ClusterApi, KubeObject } from '../../api/objects';
import { serves } from '../claims';
import type { VirtualMachineInstance } from '../types';
import { MIGRATION_POLICIES } from './migration';
import type { MigrationConfiguration } from './migration-state';

/** What KubeVirt assumes when its resource says nothing. */
export const DEFAULT_MIGRATIONS: MigrationConfiguration = {
  allowAutoConverge: false,
  allowPostCopy: false,
  allowWorkloadDisruption: false,
  bandwidthPerMigration: '0',
  completionTimeoutPerGiB: 150,
  disableTLS: false,
  maxDowntimeMs: 900,
  nodeDrainTaintKey: 'kubevirt.io/drain',
  parallelMigrationsPerCluster: 5,
  parallelOutboundMigrationsPerNode: 2,
  progressTimeout: 150,
  unsafeMigrationOverride: false,
  utilityVolumesTimeout: 150,
};

/** What a MigrationPolicy may change. */
const POLICY_FIELDS = [
  'allowAutoConverge',
  'bandwidthPerMigration',
  'completionTimeoutPerGiB',
  'maxDowntimeMs',
  'allowPostCopy',
  'allowWorkloadDisruption',
] as const;

type Labels = Record<string, string>;

export interface MigrationPolicy extends KubeObject {
  spec: Partial<Pick<MigrationConfiguration, (typeof POLICY_FIELDS)[number]>> & {
    selectors?: { namespaceSelector?: Labels; virtualMachineInstanceSelector?: Labels };
  };
}

/** The cluster's migration options: KubeVirt's defaults with what its resource says on top. */
export function migrationConfiguration(cluster: ClusterApi): MigrationConfiguration {
  const kubevirt = cluster.list<
    KubeObject & { spec?: { configuration?: { migrations?: Partial<MigrationConfiguration> } } }
  >('kubevirts.kubevirt.io')[0];
  return withDisruption({ ...DEFAULT_MIGRATIONS }, kubevirt?.spec?.configuration?.migrations ?? {});
}

/** The options for migrating one instance, and the policy that changed them, if one matches. */
export function configurationFor(
  cluster: ClusterApi,
  vmi: VirtualMachineInstance,
): { migrationConfiguration: MigrationConfiguration; migrationPolicyName?: string } {
  const general = migrationConfiguration(cluster);
  if (!serves(cluster, MIGRATION_POLICIES)) return { migrationConfiguration: general };
  const namespace = cluster.get('namespaces', undefined, vmi.metadata.namespace ?? '')?.metadata.labels ?? {};
  const policies = cluster.list<MigrationPolicy>(MIGRATION_POLICIES);
  const policy = matchPolicy(policies, vmi.metadata.labels ?? {}, namespace);
  if (!policy) return { migrationConfiguration: general };
  const set = Object.fromEntries(
    POLICY_FIELDS.flatMap((field) => (policy.spec[field] === undefined ? [] : [[field, policy.spec[field]]])),
  );
  return {
    migrationConfiguration: withDisruption(general, set),
    migrationPolicyName: policy.metadata.name,
  };
}

/**
 * The policy whose labels all match and of which most do; labels of the instance count more than the namespace's, and
 * between equals the first name decides. Mirrors MatchPolicy of migrations.kubevirt.io/v1alpha1.
 */
export function matchPolicy(
  policies: readonly MigrationPolicy[],
  vmi: Labels,
  namespace: Labels,
): MigrationPolicy | undefined {
  const matching = policies.flatMap((policy) => {
    const { virtualMachineInstanceSelector = {}, namespaceSelector = {} } = policy.spec.selectors ?? {};
    const own = Object.entries(virtualMachineInstanceSelector);
    const around = Object.entries(namespaceSelector);
    const fits =
      own.length + around.length > 0 &&
      own.every(([key, value]) => vmi[key] === value) &&
      around.every(([key, value]) => namespace[key] === value);
    return fits ? [{ policy, own: own.length, all: own.length + around.length }] : [];
  });
  const [best] = matching.sort(
    (a, b) => b.all - a.all || b.own - a.own || (a.policy.metadata.name < b.policy.metadata.name ? -1 : 1),
  );
  return best?.policy;
}

/** Whoever allows post-copy allows the disruption that comes with it, unless told otherwise. */
function withDisruption(
  base: MigrationConfiguration,
  set: Partial<MigrationConfiguration>,
): MigrationConfiguration {
  const merged = { ...base, ...set };
  if (set.allowPostCopy !== undefined && set.allowWorkloadDisruption === undefined) {
    merged.allowWorkloadDisruption = set.allowPostCopy;
  }
  return { ...merged, bandwidthPerMigration: String(merged.bandwidthPerMigration) };
}
