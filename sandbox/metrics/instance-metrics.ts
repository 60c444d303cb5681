import { readConfig } from '../api/admission/config';
import type { ClusterApi } from '../api/objects';
import { findCondition } from '../controllers/conditions';
import { overheadBytes } from '../controllers/instance-size';
import { currentLauncher } from '../controllers/launchers';
import { MIGRATIONS, type Migration, type MigrationPhase } from '../controllers/migration/migration';
import { SNAPSHOTS, type VmSnapshot } from '../controllers/snapshot/types';
import type { VirtualMachineInstance } from '../controllers/types';
import type { FamilyName, MetricSink } from './families';
import { secondsOf, systemLabels, typeName, vnics } from './machine-metrics';

const OUTDATED = 'kubevirt.io/outdatedLauncherImage';
/** Which of virt-controller's counts a migration's phase goes into. */
const PHASES: Readonly<Partial<Record<MigrationPhase, FamilyName>>> = {
  Pending: 'kubevirt_vmi_migrations_in_pending_phase',
  Scheduling: 'kubevirt_vmi_migrations_in_scheduling_phase',
  Scheduled: 'kubevirt_vmi_migrations_in_running_phase',
  PreparingTarget: 'kubevirt_vmi_migrations_in_running_phase',
  TargetReady: 'kubevirt_vmi_migrations_in_running_phase',
  Running: 'kubevirt_vmi_migrations_in_running_phase',
};
const UNSET: FamilyName = 'kubevirt_vmi_migrations_in_unset_phase';

interface GuestOs {
  kernelRelease?: string;
  machine?: string;
  name?: string;
  versionId?: string;
}

/** What virt-controller tells of all instances. */
export function addInstances(
  sink: MetricSink,
  cluster: ClusterApi,
  vmis: readonly VirtualMachineInstance[],
): void {
  const otherwise = readConfig(cluster).evictionStrategy;
  for (const vmi of vmis) addInstance(sink, cluster, vmi, isEvictable(vmi, otherwise));
  const outdated = vmis.filter(({ metadata }) => metadata.labels?.[OUTDATED] !== undefined);
  sink.add('kubevirt_vmi_number_of_outdated', {}, outdated.length);
}

function addInstance(
  sink: MetricSink,
  cluster: ClusterApi,
  vmi: VirtualMachineInstance,
  evictable: boolean,
): void {
  const { metadata, spec, status } = vmi;
  const base = { node: status?.nodeName, namespace: metadata.namespace, name: metadata.name };
  const marks = metadata.annotations ?? {};
  // What the guest's agent said, in the fields that KubeVirt's API has for it.
  const os = (status?.guestOSInfo ?? {}) as GuestOs;
  const machine = status?.machine;
  const named = (kind: string, name: string | undefined) => (name ? { kind, name } : undefined);
  const instancetype =
    named('VirtualMachineInstancetype', marks['kubevirt.io/instancetype-name']) ??
    named('VirtualMachineClusterInstancetype', marks['kubevirt.io/cluster-instancetype-name']);
  const preference =
    named('VirtualMachinePreference', marks['kubevirt.io/preference-name']) ??
    named('VirtualMachineClusterPreference', marks['kubevirt.io/cluster-preference-name']);
  sink.add(
    'kubevirt_vmi_info',
    {
      ...base,
      phase: (status?.phase || 'Pending').toLowerCase(),
      ...systemLabels(marks),
      instance_type: typeName(cluster, metadata.namespace, instancetype, 'VirtualMachineClusterInstancetype'),
      preference: typeName(cluster, metadata.namespace, preference, 'VirtualMachineClusterPreference'),
      guest_os_kernel_release: os.kernelRelease,
      guest_os_machine:
        typeof machine === 'object' && machine !== null && 'type' in machine
          ? String(machine.type)
          : undefined,
      guest_os_arch: os.machine,
      guest_os_name: os.name,
      guest_os_version_id: os.versionId,
      evictable: String(evictable),
      outdated: String(metadata.labels?.[OUTDATED] !== undefined),
      vmi_pod: currentLauncher(cluster, vmi)?.metadata.name,
    },
    1,
  );
  sink.add('kubevirt_vmi_non_evictable', base, evictable ? 0 : 1);
  const { node, ...unplaced } = base;
  for (const { name, ...labels } of vnics(spec)) {
    sink.add('kubevirt_vmi_vnic_info', { ...unplaced, vnic_name: name, ...labels }, 1);
  }
  for (const nic of status?.interfaces ?? []) {
    const type = nic.ipAddress ? 'ExternalInterface' : 'SystemInterface';
    const labels = { vnic_name: nic.name, interface_name: nic.interfaceName, address: nic.ipAddress, type };
    sink.add('kubevirt_vmi_status_addresses', { ...base, ...labels }, 1);
  }
  if (status?.phase === 'Running') {
    sink.add('kubevirt_vmi_launcher_memory_overhead_bytes', unplaced, overheadBytes(spec));
  }
}

/** Whether a drain gets an instance off its node; one whose mobility is not known yet cannot move. */
function isEvictable({ spec, status }: VirtualMachineInstance, otherwise: string): boolean {
  const mobile = findCondition(status, 'LiveMigratable')?.status;
  const strategy = spec.evictionStrategy ?? otherwise;
  return strategy !== 'LiveMigrate' || (mobile !== undefined && mobile !== 'False');
}

/** What virt-controller tells of migrations: those under way by their phase, those that are over one by one. */
export function addMigrations(
  sink: MetricSink,
  cluster: ClusterApi,
  vmis: readonly VirtualMachineInstance[],
): void {
  const migrations = cluster.list<Migration>(MIGRATIONS);
  const counts = new Map<FamilyName, number>([UNSET, ...Object.values(PHASES)].map((name) => [name, 0]));
  const names = new Map<string, string>();
  for (const { metadata, spec, status } of migrations) {
    names.set(metadata.uid, metadata.name);
    const phase = status?.phase;
    const labels = { vmi: spec.vmiName, vmim: metadata.name, namespace: metadata.namespace };
    if (phase === 'Succeeded') sink.add('kubevirt_vmi_migration_succeeded', labels, 1);
    else if (phase === 'Failed') sink.add('kubevirt_vmi_migration_failed', labels, 1);
    else {
      const family = (phase && PHASES[phase]) ?? UNSET;
      counts.set(family, (counts.get(family) ?? 0) + 1);
    }
  }
  for (const [family, count] of counts) sink.add(family, {}, count);
  for (const { metadata, status } of vmis) {
    const state = status?.migrationState;
    if (!state) continue;
    const base = { node: status.nodeName, namespace: metadata.namespace, name: metadata.name };
    const labels = { ...base, migration_name: names.get(state.migrationUid ?? '') };
    sink.add('kubevirt_vmi_migration_start_time_seconds', labels, secondsOf(state.startTimestamp));
    const outcome = state.failed ? 'failed' : state.completed ? 'succeeded' : undefined;
    sink.add(
      'kubevirt_vmi_migration_end_time_seconds',
      { ...labels, status: outcome },
      secondsOf(state.endTimestamp),
    );
  }
}

export function addSnapshots(sink: MetricSink, cluster: ClusterApi): void {
  for (const { metadata, spec, status } of cluster.list<VmSnapshot>(SNAPSHOTS)) {
    if (status?.phase !== 'Succeeded') continue;
    const labels = { name: spec.source.name, snapshot_name: metadata.name, namespace: metadata.namespace };
    sink.add('kubevirt_vmsnapshot_succeeded_timestamp_seconds', labels, secondsOf(status.creationTime));
  }
}
