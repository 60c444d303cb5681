import type { Declaration, Sink } from './exposition';

const gauge = (help: string): Declaration => ['gauge', help];
const counter = (help: string): Declaration => ['counter', help];

/** What virt-handler says of each running instance. */
export const DOMAIN = {
  kubevirt_vmi_cpu_usage_seconds_total: counter('Processor time of the machine, its vCPUs and its devices.'),
  kubevirt_vmi_cpu_user_usage_seconds_total: counter('Processor time of the machine in user mode.'),
  kubevirt_vmi_cpu_system_usage_seconds_total: counter('Processor time of the machine in system mode.'),
  kubevirt_vmi_vcpu_seconds_total: counter('Time that a vCPU was in a state.'),
  kubevirt_vmi_vcpu_wait_seconds_total: counter('Time that a vCPU waited for disks of the host.'),
  kubevirt_vmi_vcpu_delay_seconds_total: counter('Time that a vCPU waited for a processor of the host.'),
  kubevirt_vmi_guest_load_1m: gauge('Runnable processes in the guest, averaged over a minute.'),
  kubevirt_vmi_guest_load_5m: gauge('Runnable processes in the guest, averaged over five minutes.'),
  kubevirt_vmi_guest_load_15m: gauge('Runnable processes in the guest, averaged over a quarter of an hour.'),
  kubevirt_vmi_memory_available_bytes: gauge('Memory that the guest can use.'),
  kubevirt_vmi_memory_usable_bytes: gauge('Memory that the guest could give away without swapping.'),
  kubevirt_vmi_memory_unused_bytes: gauge('Memory that the guest uses for nothing.'),
  kubevirt_vmi_memory_cached_bytes: gauge('Memory in which the guest caches disks.'),
  kubevirt_vmi_memory_resident_bytes: gauge('Memory that the machine holds on its host.'),
  kubevirt_vmi_memory_domain_bytes: gauge('Memory that the machine was given.'),
  kubevirt_vmi_memory_actual_balloon_bytes: gauge('Memory that the balloon leaves to the guest.'),
  kubevirt_vmi_memory_swap_in_traffic_bytes: gauge('What the guest has read from its swap space.'),
  kubevirt_vmi_memory_swap_out_traffic_bytes: gauge('What the guest has written to its swap space.'),
  kubevirt_vmi_memory_pgmajfault_total: counter('Page faults of the guest that took a disk.'),
  kubevirt_vmi_memory_pgminfault_total: counter('Page faults of the guest that took no disk.'),
  kubevirt_vmi_network_receive_bytes_total: counter('Bytes that came in on an interface.'),
  kubevirt_vmi_network_receive_packets_total: counter('Packets that came in on an interface.'),
  kubevirt_vmi_network_receive_errors_total: counter('Faulty packets that came in on an interface.'),
  kubevirt_vmi_network_receive_packets_dropped_total: counter('Incoming packets that an interface dropped.'),
  kubevirt_vmi_network_transmit_bytes_total: counter('Bytes that went out on an interface.'),
  kubevirt_vmi_network_transmit_packets_total: counter('Packets that went out on an interface.'),
  kubevirt_vmi_network_transmit_errors_total: counter('Packets that an interface failed to send.'),
  kubevirt_vmi_network_transmit_packets_dropped_total: counter('Outgoing packets that an interface dropped.'),
  kubevirt_vmi_storage_iops_read_total: counter('Reads of a drive.'),
  kubevirt_vmi_storage_iops_write_total: counter('Writes of a drive.'),
  kubevirt_vmi_storage_read_traffic_bytes_total: counter('Bytes read from a drive.'),
  kubevirt_vmi_storage_write_traffic_bytes_total: counter('Bytes written to a drive.'),
  kubevirt_vmi_storage_read_times_seconds_total: counter('Time that reads of a drive took.'),
  kubevirt_vmi_storage_write_times_seconds_total: counter('Time that writes of a drive took.'),
  kubevirt_vmi_storage_flush_requests_total: counter('Flushes of a drive.'),
  kubevirt_vmi_storage_flush_times_seconds_total: counter('Time that flushes of a drive took.'),
  kubevirt_vmi_filesystem_capacity_bytes: gauge('Size of a file system in the guest.'),
  kubevirt_vmi_filesystem_used_bytes: gauge('What is used of a file system in the guest.'),
  kubevirt_vmi_migration_data_bytes_total: counter('What a migration has to move.'),
  kubevirt_vmi_migration_data_processed_bytes: gauge('What a migration has moved.'),
  kubevirt_vmi_migration_data_remaining_bytes: gauge('What a migration has yet to move.'),
  kubevirt_vmi_migration_dirty_memory_rate_bytes: gauge(
    'How fast the guest changes its memory while it moves.',
  ),
  kubevirt_vmi_migration_memory_transfer_rate_bytes: gauge('How fast a migration moves memory.'),
} as const;

/** What virt-controller says of machines, instances and what is done with them. */
export const INVENTORY = {
  kubevirt_vm_info: gauge('A virtual machine.'),
  kubevirt_vm_create_date_timestamp_seconds: gauge('When a virtual machine was created.'),
  kubevirt_vm_starting_status_last_transition_timestamp_seconds: counter(
    'Since when a virtual machine is starting.',
  ),
  kubevirt_vm_running_status_last_transition_timestamp_seconds: counter(
    'Since when a virtual machine is running.',
  ),
  kubevirt_vm_migrating_status_last_transition_timestamp_seconds: counter(
    'Since when a virtual machine is migrating.',
  ),
  kubevirt_vm_non_running_status_last_transition_timestamp_seconds: counter(
    'Since when a virtual machine is paused or stopped.',
  ),
  kubevirt_vm_error_status_last_transition_timestamp_seconds: counter(
    'Since when a virtual machine is in trouble.',
  ),
  kubevirt_vm_resource_requests: gauge('What a virtual machine asks for.'),
  kubevirt_vm_resource_limits: gauge('What a virtual machine is limited to.'),
  kubevirt_vm_disk_allocated_size_bytes: gauge('What the claim of a disk asks for.'),
  kubevirt_vm_vnic_info: gauge('An interface in the specification of a virtual machine.'),
  kubevirt_vmi_info: gauge('An instance of a virtual machine.'),
  kubevirt_vmi_vnic_info: gauge('An interface of an instance.'),
  kubevirt_vmi_status_addresses: gauge('An address of an instance.'),
  kubevirt_vmi_non_evictable: gauge(
    'Whether an instance should move away when its node is drained, and cannot.',
  ),
  kubevirt_vmi_number_of_outdated: gauge('Instances whose launcher is older than KubeVirt.'),
  kubevirt_vmi_launcher_memory_overhead_bytes: gauge('What a launcher needs beside the memory of its guest.'),
  kubevirt_vmi_migration_start_time_seconds: gauge('When the last migration of an instance began.'),
  kubevirt_vmi_migration_end_time_seconds: gauge('When the last migration of an instance ended.'),
  kubevirt_vmi_migration_succeeded: gauge('A migration that succeeded.'),
  kubevirt_vmi_migration_failed: gauge('A migration that failed.'),
  kubevirt_vmi_migrations_in_unset_phase: gauge('Migrations that nobody has looked at yet.'),
  kubevirt_vmi_migrations_in_pending_phase: gauge('Migrations that wait for their turn.'),
  kubevirt_vmi_migrations_in_scheduling_phase: gauge('Migrations that wait for a place for their target.'),
  kubevirt_vmi_migrations_in_running_phase: gauge('Migrations that are under way.'),
  kubevirt_vmsnapshot_succeeded_timestamp_seconds: gauge('When a snapshot was taken.'),
} as const;

/** What KubeVirt's components say of themselves. */
export const COMPONENTS = {
  kubevirt_info: gauge('The version of KubeVirt.'),
  kubevirt_configuration_emulation_enabled: gauge('Whether machines may be emulated.'),
  kubevirt_virt_api_ready_status: gauge('Whether a virt-api is ready.'),
  kubevirt_virt_controller_ready_status: gauge('Whether a virt-controller is ready to lead.'),
  kubevirt_virt_controller_leading_status: gauge('Whether a virt-controller leads.'),
  kubevirt_virt_handler_ready_status: gauge('Whether a virt-handler is ready.'),
  kubevirt_virt_operator_ready_status: gauge('Whether a virt-operator is ready to lead.'),
  kubevirt_virt_operator_leading_status: gauge('Whether a virt-operator leads.'),
  kubevirt_vnc_active_connections: gauge('Open connections to the screen of an instance.'),
  kubevirt_console_active_connections: gauge('Open connections to the serial console of an instance.'),
  kubevirt_usbredir_active_connections: gauge('Open connections for USB devices of an instance.'),
  kubevirt_portforward_active_tunnels: gauge('Open connections to ports of an instance.'),
  kubevirt_vmi_last_api_connection_timestamp_seconds: gauge('When somebody last connected to an instance.'),
} as const;

/** What kube-state-metrics says of objects, as far as rules and charts about machines ask for it. */
const STATE = {
  kube_namespace_created: gauge('When a namespace was created.'),
  kube_node_info: gauge('A node.'),
  kube_node_role: gauge('A role of a node.'),
  kube_node_spec_unschedulable: gauge('Whether a node takes no new pods.'),
  kube_node_status_allocatable: gauge('What a node has for pods.'),
  kube_node_status_capacity: gauge('What a node has.'),
  kube_node_status_condition: gauge('A condition of a node.'),
  kube_pod_info: gauge('A pod.'),
  kube_pod_status_phase: gauge('The phase of a pod.'),
  kube_pod_status_ready: gauge('Whether a pod is ready.'),
  kube_pod_container_resource_requests: gauge('What a container asks for.'),
  kube_pod_container_resource_limits: gauge('What a container is limited to.'),
  kube_persistentvolumeclaim_info: gauge('A claim.'),
  kube_persistentvolumeclaim_status_phase: gauge('The phase of a claim.'),
  kube_persistentvolumeclaim_resource_requests_storage_bytes: gauge('What a claim asks for.'),
  kube_persistentvolumeclaim_labels: gauge('The labels of a claim.'),
  kube_resourcequota: gauge('A quota, and what is used of it.'),
} as const;

/** What the kubelets measure. */
const USAGE = {
  container_cpu_usage_seconds_total: counter('Processor time of a container.'),
  container_memory_working_set_bytes: gauge('Memory that a container holds.'),
  container_memory_rss: gauge('Memory of a container that belongs to no file.'),
  container_network_receive_bytes_total: counter('Bytes that a pod has received.'),
  container_network_transmit_bytes_total: counter('Bytes that a pod has sent.'),
  node_cpu_usage_seconds_total: counter('Processor time of the containers of a node that run.'),
  node_memory_working_set_bytes: gauge('Memory that the containers of a node hold.'),
  node_memory_MemTotal_bytes: gauge('Memory of a node.'),
  node_memory_MemAvailable_bytes: gauge('Memory of a node that no container holds.'),
  kubelet_volume_stats_capacity_bytes: gauge('Size of a volume that a pod uses.'),
  kubelet_volume_stats_used_bytes: gauge('What is used of a volume.'),
  kubelet_volume_stats_available_bytes: gauge('What is left of a volume.'),
} as const;

/** What the process behind the API says of itself. */
const SERVER = {
  apiserver_request_total: counter('Requests that the API has answered.'),
  apiserver_storage_objects: gauge('Objects that are stored.'),
  process_cpu_seconds_total: counter('Processor time of the process.'),
  process_resident_memory_bytes: gauge('Memory that the process holds.'),
  process_start_time_seconds: gauge('When the process began.'),
} as const;

/** All families that the sandbox knows. Names, labels and types are those of a real cluster's components. */
export const FAMILIES = {
  ...DOMAIN,
  ...INVENTORY,
  ...COMPONENTS,
  ...STATE,
  ...USAGE,
  ...SERVER,
} satisfies Record<string, Declaration>;

export type FamilyName = keyof typeof FAMILIES;
export type MetricSink = Sink<FamilyName>;
