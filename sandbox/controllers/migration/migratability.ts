import { claimName } from '../claims';
import { secondaryNetworks } from '../guest-plan';
import type { PersistentVolumeClaim } from '../storage-types';
import type { Condition, VirtualMachineInstance, VirtualMachineInstanceStatus, Volume } from '../types';

/** What of the cluster decides whether an instance can migrate. */
export interface MigratabilityFacts {
  vmi: VirtualMachineInstance;
  claimOf: (volume: Volume) => PersistentVolumeClaim | undefined;
}

interface Obstacle {
  reason: string;
  message: string;
}

const SHARED = 'live migration requires that all PVCs must be shared (using ReadWriteMany access mode)';

/**
 * The conditions LiveMigratable and StorageLiveMigratable, and the method. Mirrors calculateLiveMigrationCondition and
 * calculateLiveStorageMigrationCondition of virt-handler: the first obstacle is told for the one, all for the other.
 */
export function migratability(facts: MigratabilityFacts): {
  conditions: Condition[];
  method: 'LiveMigration' | 'BlockMigration';
} {
  const disks = diskObstacle(facts);
  const others = otherObstacles(facts.vmi);
  const [first] = disks ? [disks, ...others] : others;
  const all = others.map(({ reason, message }) => `${reason}: ${message}`).join(', ');
  return {
    conditions: [
      condition('LiveMigratable', first),
      condition('StorageLiveMigratable', all ? { reason: 'NotMigratable', message: all } : undefined),
    ],
    method: isBlockMigration(facts) ? 'BlockMigration' : 'LiveMigration',
  };
}

/** Whether its status says so already. */
export function isToldIn(
  { conditions, migrationMethod }: VirtualMachineInstanceStatus,
  { conditions: wanted, method }: ReturnType<typeof migratability>,
): boolean {
  return (
    migrationMethod === method &&
    wanted.every((one) =>
      conditions?.some(
        ({ type, status, message }) => type === one.type && status === one.status && message === one.message,
      ),
    )
  );
}

function diskObstacle({ vmi, claimOf }: MigratabilityFacts): Obstacle | undefined {
  // Volumes that move along need nobody to share them.
  const moving = new Set(vmi.status?.migratedVolumes?.map(({ volumeName }) => volumeName));
  for (const volume of vmi.spec.volumes ?? []) {
    if (moving.has(volume.name)) continue;
    const reason = 'DisksNotLiveMigratable';
    const { hostDisk } = volume as { hostDisk?: { shared?: boolean } };
    if (hostDisk && !hostDisk.shared) {
      return { reason, message: 'cannot migrate VMI with non-shared HostDisk' };
    }
    const name = volume.ephemeral ? undefined : claimName(volume);
    if (name === undefined) continue;
    const claim = claimOf(volume);
    if (claim?.spec.accessModes?.includes('ReadWriteMany')) continue;
    const problem = claim ? `PVC ${name} is not shared` : `Unable to determine if PVC ${name} is shared`;
    return { reason, message: `cannot migrate VMI: ${problem}, ${SHARED}` };
  }
  return undefined;
}

/** Disks whose bytes lie on the node move with the guest. */
function isBlockMigration({ vmi, claimOf }: MigratabilityFacts): boolean {
  return !(vmi.spec.volumes ?? []).every((volume) => {
    const { hostDisk } = volume as { hostDisk?: { shared?: boolean } };
    if (hostDisk) return hostDisk.shared === true;
    return claimName(volume) !== undefined && claimOf(volume)?.spec.accessModes?.includes('ReadWriteMany');
  });
}

function otherObstacles(vmi: VirtualMachineInstance): Obstacle[] {
  const { domain } = vmi.spec;
  const { devices } = domain;
  const found: Obstacle[] = [];
  const no = (reason: string, message: string) => found.push({ reason, message });
  const secondary = new Set(secondaryNetworks(vmi).map(({ name }) => name));
  const bridged = devices.interfaces?.some(({ name, bridge }) => bridge && !secondary.has(name));
  const mayMoveBridged = vmi.metadata.annotations?.['kubevirt.io/allow-pod-bridge-network-live-migration'];
  if (bridged && mayMoveBridged === undefined) {
    const plugin = 'which does not use masquerade or a migratable plugin to connect to the pod network';
    no('InterfaceNotLiveMigratable', `cannot migrate VMI ${plugin}`);
  }
  if (hasSome(devices.gpus) || hasSome(devices.hostDevices)) {
    no('HostDeviceNotLiveMigratable', 'VMI uses a PCI host devices');
  }
  const security = domain.launchSecurity as { sev?: object; snp?: object; tdx?: object } | undefined;
  if (security?.tdx) no('TDXNotLiveMigratable', 'VMI uses TDX');
  else if (security) no('SEVNotLiveMigratable', 'VMI uses SEV');
  if (devices.disks?.some(({ lun }) => (lun as { reservation?: boolean } | undefined)?.reservation)) {
    no('PersistentReservationNotLiveMigratable', 'VMI uses SCSI persistent reservation');
  }
  const passthrough = domain.features?.hypervPassthrough as { enabled?: boolean } | undefined;
  if (passthrough && passthrough.enabled !== false) {
    no('HypervPassthroughNotLiveMigratable', 'VMI uses hyperv passthrough');
  }
  if (hasSome(devices.filesystems)) no('VirtIOFSNotLiveMigratable', 'VMI uses virtiofs');
  return found;
}

function hasSome(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}

function condition(type: string, obstacle: Obstacle | undefined): Condition {
  const times = { lastProbeTime: null, lastTransitionTime: null };
  return obstacle ? { type, status: 'False', ...obstacle, ...times } : { type, status: 'True', ...times };
}
