import type { Schema } from './schema-type';

const V1 = 'io.kubevirt.v1';
const V1BETA1 = 'io.kubevirt.v1beta1';
const CDI = 'io.kubevirt.cdi.v1beta1';
const MIGRATIONS = 'io.kubevirt.v1alpha1.MigrationPolicy';

const oneOf = (...values: string[]): Schema => ({ enum: values });
const MAY_BE_NULL: Schema = { nullable: true };
const MANY: Schema = { maxItems: 256 };
const WORD: Schema = { minimum: 0, maximum: 4294967295 };
const DOWNTIME: Schema = { minimum: 1, maximum: 2000000 };
const PERCENT_TEXT: Schema = { pattern: '^(0(?:\\.\\d{1,3})?|1)$' };
const TLS_VERSION = oneOf('VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13');
const PRESERVATION = oneOf('Disabled', 'Offline', 'Online');
const keyed = (key: string): Schema => ({
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [key],
});
const SET: Schema = { 'x-kubernetes-list-type': 'set' };
const LINKS = { backups: keyed('name'), manifests: keyed('type'), volumes: keyed('name') };

/** What kubebuilder markers in KubeVirt's and CDI's types say beyond the types themselves, by definition and field. */
const CONSTRAINTS: Record<string, Record<string, Schema>> = {
  [`${V1}.DomainSpec`]: { rebootPolicy: oneOf('Reboot', 'Terminate') },
  [`${V1}.Devices`]: { disks: MANY, interfaces: MANY },
  [`${V1}.VirtualMachineInstanceSpec`]: {
    accessCredentials: MANY,
    networks: MANY,
    utilityVolumes: MANY,
    volumes: MANY,
  },
  [`${V1}.ReservedOverhead`]: { memLock: oneOf('NotRequired', 'Required') },
  [`${V1}.ContainerPathVolumeSource`]: {
    path: {
      maxLength: 4096,
      'x-kubernetes-validations': [
        { rule: "self.startsWith('/')", message: "path must be absolute (start with '/')" },
        { rule: "!self.contains('..')", message: "path must not contain '..'" },
      ],
    },
    readOnly: {
      default: true,
      'x-kubernetes-validations': [
        { rule: 'self == true', message: 'readOnly must be true, write access is not supported' },
      ],
    },
  },
  [`${V1}.VirtualMachineStatus`]: {
    changedBlockTracking: MAY_BE_NULL,
    instancetypeRef: MAY_BE_NULL,
    memoryDumpRequest: MAY_BE_NULL,
    preferenceRef: MAY_BE_NULL,
    printableStatus: { default: 'Stopped' },
    startFailure: MAY_BE_NULL,
  },
  [`${V1}.ChangedBlockTrackingStatus`]: { backupStatus: MAY_BE_NULL },
  [`${V1}.VirtualMachineInstanceStatus`]: { changedBlockTracking: MAY_BE_NULL, VSOCKCID: WORD },
  [`${V1}.VirtualMachineInstanceReplicaSet`]: { status: MAY_BE_NULL },
  [`${V1}.VirtualMachineInstanceMigrationState`]: { startTimestamp: MAY_BE_NULL, endTimestamp: MAY_BE_NULL },
  [`${V1}.PersistentVolumeClaimInfo`]: { filesystemOverhead: PERCENT_TEXT },
  [`${V1}.ContainerDiskInfo`]: { checksum: WORD },
  [`${V1}.InitrdInfo`]: { checksum: WORD },
  [`${V1}.KernelInfo`]: { checksum: WORD },
  [`${V1}.MigrationConfiguration`]: { maxDowntimeMs: DOWNTIME },
  [`${V1}.KubeVirtConfiguration`]: {
    changedBlockTrackingLabelSelectors: MAY_BE_NULL,
    commonInstancetypesDeployment: MAY_BE_NULL,
    confidentialCompute: MAY_BE_NULL,
    hypervisors: { maxItems: 1 },
    instancetype: MAY_BE_NULL,
    persistentReservationConfiguration: MAY_BE_NULL,
    roleAggregationStrategy: oneOf('AggregateToDefault', 'Manual'),
    virtTemplateDeployment: MAY_BE_NULL,
    vmRolloutStrategy: { ...oneOf('Stage', 'LiveUpdate'), ...MAY_BE_NULL },
  },
  [`${V1}.CommonInstancetypesDeployment`]: { enabled: MAY_BE_NULL },
  [`${V1}.VirtTemplateDeployment`]: { enabled: MAY_BE_NULL },
  [`${V1}.ConfidentialComputeConfiguration`]: { tdx: MAY_BE_NULL },
  [`${V1}.TDXAttestationConfiguration`]: {
    enforced: { default: false },
    qgsSocketPath: { default: '/var/run/tdx-qgs/qgs.socket' },
  },
  [`${V1}.HypervisorConfiguration`]: { name: oneOf('kvm', 'hyperv-direct') },
  [`${V1}.InstancetypeConfiguration`]: {
    referencePolicy: { ...oneOf('reference', 'expand', 'expandAll'), ...MAY_BE_NULL },
  },
  [`${V1}.TLSConfiguration`]: { minTLSVersion: TLS_VERSION },
  [`${V1}.DeveloperConfiguration`]: { memoryOvercommit: { minimum: 10 } },
  [`${V1}.CustomizeComponentsPatch`]: { resourceName: { minLength: 1 }, resourceType: { minLength: 1 } },
  [MIGRATIONS]: { status: MAY_BE_NULL },
  [`${V1BETA1}.MemoryInstancetype`]: { overcommitPercent: { minimum: 0, maximum: 100 } },
  [`${V1BETA1}.VirtualMachinePoolAutohealingStrategy`]: { startUpFailureThreshold: { minimum: 1 } },
  [`${V1BETA1}.VirtualMachinePoolProactiveScaleInStrategy`]: { statePreservation: PRESERVATION },
  [`${V1BETA1}.VirtualMachinePoolOpportunisticScaleInStrategy`]: { statePreservation: PRESERVATION },
  [`${V1BETA1}.VirtualMachinePoolSelectionPolicy`]: {
    sortPolicy: oneOf('AscendingOrder', 'DescendingOrder', 'Newest', 'Oldest', 'Random'),
  },
  [`${V1BETA1}.VirtualMachinePoolSpec`]: { replicas: { minimum: 0 } },
  [`${V1BETA1}.VirtualMachineRestoreSpec`]: {
    targetReadinessPolicy: {
      ...oneOf('StopTarget', 'WaitGracePeriod', 'FailImmediate', 'WaitEventually'),
      default: 'WaitGracePeriod',
    },
  },
  [`${V1BETA1}.VirtualMachineRestoreStatus`]: { deletedDataVolumes: SET },
  [`${V1BETA1}.VirtualMachineSnapshotStatus`]: { creationTime: MAY_BE_NULL, indications: SET },
  [`${V1BETA1}.VirtualMachineSnapshotContentStatus`]: { creationTime: MAY_BE_NULL },
  [`${V1BETA1}.VolumeSnapshotStatus`]: { creationTime: MAY_BE_NULL },
  [`${V1BETA1}.SnapshotVolumesLists`]: { excludedVolumes: SET, includedVolumes: SET },
  [`${V1BETA1}.VirtualMachineCloneSpec`]: {
    volumeNamePolicy: oneOf('RandomizeNames', 'PrefixTargetName'),
  },
  [`${V1BETA1}.VirtualMachineCloneStatus`]: {
    creationTime: MAY_BE_NULL,
    restoreName: MAY_BE_NULL,
    snapshotName: MAY_BE_NULL,
    targetName: MAY_BE_NULL,
  },
  [`${V1BETA1}.VirtualMachineExportLink`]: LINKS,
  [`${V1BETA1}.VirtualMachineExportBackup`]: { endpoints: keyed('endpoint') },
  [`${V1BETA1}.VirtualMachineExportVolume`]: { formats: keyed('format') },
  [`${CDI}.CDISpec`]: {
    cloneStrategyOverride: oneOf('copy', 'snapshot', 'csi-clone'),
    imagePullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
    uninstallStrategy: oneOf('RemoveWorkloads', 'BlockUninstallIfWorkloadsExist'),
  },
  [`${CDI}.CustomizeComponentsPatch`]: { resourceName: { minLength: 1 }, resourceType: { minLength: 1 } },
  [`${CDI}.CustomTLSProfile`]: { minTLSVersion: TLS_VERSION },
  [`${CDI}.TLSSecurityProfile`]: {
    custom: MAY_BE_NULL,
    intermediate: MAY_BE_NULL,
    modern: MAY_BE_NULL,
    old: MAY_BE_NULL,
    type: oneOf('Old', 'Intermediate', 'Modern', 'Custom'),
  },
  [`${CDI}.FilesystemOverhead`]: { global: PERCENT_TEXT },
  [`${CDI}.DataVolumeSpec`]: { contentType: oneOf('kubevirt', 'archive') },
  [`${V1BETA1}.DataVolumeSpec`]: { contentType: oneOf('kubevirt', 'archive') },
};

/** Writes the constraints into the definitions. Edits `definitions`. */
export function addConstraints(definitions: Record<string, Schema>): void {
  for (const [name, fields] of Object.entries(CONSTRAINTS)) {
    for (const [field, constraint] of Object.entries(fields)) {
      const schema = definitions[name]?.properties?.[field];
      if (!schema) throw new Error(`${name} has no field ${field}`);
      Object.assign(schema, { ...schema, ...constraint });
    }
  }
}
