import type { VirtualMachineInstance } from '../controllers/types';
import type { GuestStats, MemoryStats } from '../guests/guest-stats';
import { type Labels, labelName } from './exposition';
import type { MetricSink } from './families';

/** The labels that every figure of an instance carries, its own labels among them. */
export function instanceLabels({ metadata, status }: VirtualMachineInstance): Labels {
  const own = Object.entries(metadata.labels ?? {}).map(([name, value]) => [
    `kubernetes_vmi_label_${labelName(name)}`,
    value,
  ]);
  return {
    node: status?.nodeName,
    namespace: metadata.namespace,
    name: metadata.name,
    ...Object.fromEntries(own),
  };
}

/** What a guest's figures are in KubeVirt's words. */
export function addDomain(sink: MetricSink, base: Labels, stats: GuestStats): void {
  const { cpu } = stats;
  addProcessor(sink, base, cpu.userSeconds, cpu.systemSeconds);
  for (const { id, state, seconds, waitSeconds, delaySeconds } of stats.vcpus) {
    const labels = { ...base, id: String(id) };
    sink.add('kubevirt_vmi_vcpu_seconds_total', { ...labels, state }, seconds);
    sink.add('kubevirt_vmi_vcpu_wait_seconds_total', labels, waitSeconds);
    sink.add('kubevirt_vmi_vcpu_delay_seconds_total', labels, delaySeconds);
  }
  addMemory(sink, base, stats.memory);
  addNetwork(sink, base, stats);
  addStorage(sink, base, stats);
  addMigration(sink, base, stats);
  if (stats.load) {
    sink.add('kubevirt_vmi_guest_load_1m', base, stats.load.one);
    sink.add('kubevirt_vmi_guest_load_5m', base, stats.load.five);
    sink.add('kubevirt_vmi_guest_load_15m', base, stats.load.fifteen);
  }
}

/** For those who know no more of a machine than this. */
export function addProcessor(sink: MetricSink, base: Labels, user: number, system: number): void {
  sink.add('kubevirt_vmi_cpu_usage_seconds_total', base, user + system);
  sink.add('kubevirt_vmi_cpu_user_usage_seconds_total', base, user);
  sink.add('kubevirt_vmi_cpu_system_usage_seconds_total', base, system);
}

export function addMemory(sink: MetricSink, base: Labels, memory: MemoryStats): void {
  sink.add('kubevirt_vmi_memory_domain_bytes', base, memory.domainBytes);
  sink.add('kubevirt_vmi_memory_actual_balloon_bytes', base, memory.balloonBytes);
  sink.add('kubevirt_vmi_memory_resident_bytes', base, memory.residentBytes);
  const told = memory.guest ?? {};
  const figures = [
    ['kubevirt_vmi_memory_available_bytes', told.availableBytes],
    ['kubevirt_vmi_memory_usable_bytes', told.usableBytes],
    ['kubevirt_vmi_memory_unused_bytes', told.unusedBytes],
    ['kubevirt_vmi_memory_cached_bytes', told.cachedBytes],
    ['kubevirt_vmi_memory_swap_in_traffic_bytes', told.swapInBytes],
    ['kubevirt_vmi_memory_swap_out_traffic_bytes', told.swapOutBytes],
    ['kubevirt_vmi_memory_pgmajfault_total', told.majorFaults],
    ['kubevirt_vmi_memory_pgminfault_total', told.minorFaults],
  ] as const;
  for (const [name, value] of figures) if (value !== undefined) sink.add(name, base, value);
}

function addNetwork(sink: MetricSink, base: Labels, { nics }: GuestStats): void {
  for (const nic of nics) {
    const labels = { ...base, interface: nic.name };
    sink.add('kubevirt_vmi_network_receive_bytes_total', labels, nic.receivedBytes);
    sink.add('kubevirt_vmi_network_receive_packets_total', labels, nic.receivedPackets);
    sink.add('kubevirt_vmi_network_receive_errors_total', labels, nic.receiveErrors);
    sink.add('kubevirt_vmi_network_receive_packets_dropped_total', labels, nic.receiveDrops);
    sink.add('kubevirt_vmi_network_transmit_bytes_total', labels, nic.sentBytes);
    sink.add('kubevirt_vmi_network_transmit_packets_total', labels, nic.sentPackets);
    sink.add('kubevirt_vmi_network_transmit_errors_total', labels, nic.sendErrors);
    sink.add('kubevirt_vmi_network_transmit_packets_dropped_total', labels, nic.sendDrops);
  }
}

function addStorage(sink: MetricSink, base: Labels, { disks, fileSystems = [] }: GuestStats): void {
  for (const disk of disks) {
    const labels = { ...base, drive: disk.name };
    sink.add('kubevirt_vmi_storage_iops_read_total', labels, disk.readOperations);
    sink.add('kubevirt_vmi_storage_iops_write_total', labels, disk.writeOperations);
    sink.add('kubevirt_vmi_storage_read_traffic_bytes_total', labels, disk.readBytes);
    sink.add('kubevirt_vmi_storage_write_traffic_bytes_total', labels, disk.writeBytes);
    sink.add('kubevirt_vmi_storage_read_times_seconds_total', labels, disk.readSeconds);
    sink.add('kubevirt_vmi_storage_write_times_seconds_total', labels, disk.writeSeconds);
    sink.add('kubevirt_vmi_storage_flush_requests_total', labels, disk.flushOperations);
    sink.add('kubevirt_vmi_storage_flush_times_seconds_total', labels, disk.flushSeconds);
  }
  for (const { diskName, mountPoint, type, totalBytes, usedBytes } of fileSystems) {
    const labels = { ...base, disk_name: diskName, mount_point: mountPoint, file_system_type: type };
    sink.add('kubevirt_vmi_filesystem_capacity_bytes', labels, totalBytes);
    sink.add('kubevirt_vmi_filesystem_used_bytes', labels, usedBytes);
  }
}

function addMigration(sink: MetricSink, base: Labels, { migration }: GuestStats): void {
  if (!migration) return;
  sink.add('kubevirt_vmi_migration_data_bytes_total', base, migration.totalBytes);
  sink.add('kubevirt_vmi_migration_data_processed_bytes', base, migration.processedBytes);
  sink.add('kubevirt_vmi_migration_data_remaining_bytes', base, migration.remainingBytes);
  sink.add('kubevirt_vmi_migration_dirty_memory_rate_bytes', base, migration.dirtyBytesPerSecond);
  sink.add('kubevirt_vmi_migration_memory_transfer_rate_bytes', base, migration.transferBytesPerSecond);
}
