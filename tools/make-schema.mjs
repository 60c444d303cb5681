// node tools/make-schema.mjs: writes the schemas that the sandbox validates with and that it serves as OpenAPI, from
// the type declarations of the development dependencies. Run it when those change, and commit what it writes.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { addKubernetes, SCALARS } from './make-schema.kubernetes.mjs';
import { addKubevirt, readInterfaces } from './make-schema.kubevirt.mjs';
import { root } from './make-schema.shared.mjs';

/** Kinds of Kubernetes itself, as models by the group and version that serves them. */
const KUBERNETES = {
  v1: [
    'V1Namespace',
    'V1Node',
    'V1Pod',
    'CoreV1Event',
    'V1Secret',
    'V1ConfigMap',
    'V1Service',
    'V1Endpoints',
    'V1ServiceAccount',
    'V1PersistentVolumeClaim',
    'V1PersistentVolume',
    'V1ResourceQuota',
    'V1LimitRange',
    'V1PodTemplate',
    'V1ReplicationController',
    'V1Binding',
    'V1ComponentStatus',
  ],
  'events.k8s.io/v1': ['EventsV1Event'],
  'storage.k8s.io/v1': [
    'V1StorageClass',
    'V1CSINode',
    'V1CSIDriver',
    'V1CSIStorageCapacity',
    'V1VolumeAttachment',
    'V1VolumeAttributesClass',
  ],
  'apiextensions.k8s.io/v1': ['V1CustomResourceDefinition'],
  'apiregistration.k8s.io/v1': ['V1APIService'],
  'apps/v1': ['V1ControllerRevision', 'V1Deployment', 'V1DaemonSet', 'V1ReplicaSet', 'V1StatefulSet'],
  'batch/v1': ['V1Job', 'V1CronJob'],
  'policy/v1': ['V1PodDisruptionBudget', 'V1Eviction'],
  'autoscaling/v2': ['V2HorizontalPodAutoscaler'],
  'autoscaling/v1': ['V1Scale'],
  'networking.k8s.io/v1': ['V1NetworkPolicy', 'V1Ingress', 'V1IngressClass', 'V1IPAddress', 'V1ServiceCIDR'],
  'scheduling.k8s.io/v1': ['V1PriorityClass'],
  'discovery.k8s.io/v1': ['V1EndpointSlice'],
  'node.k8s.io/v1': ['V1RuntimeClass'],
  'certificates.k8s.io/v1': ['V1CertificateSigningRequest'],
  'flowcontrol.apiserver.k8s.io/v1': ['V1FlowSchema', 'V1PriorityLevelConfiguration'],
  'admissionregistration.k8s.io/v1': [
    'V1MutatingWebhookConfiguration',
    'V1ValidatingWebhookConfiguration',
    'V1ValidatingAdmissionPolicy',
    'V1ValidatingAdmissionPolicyBinding',
  ],
  'authentication.k8s.io/v1': ['V1TokenReview', 'V1SelfSubjectReview', 'AuthenticationV1TokenRequest'],
  'authorization.k8s.io/v1': [
    'V1SubjectAccessReview',
    'V1LocalSubjectAccessReview',
    'V1SelfSubjectAccessReview',
    'V1SelfSubjectRulesReview',
  ],
  'coordination.k8s.io/v1': ['V1Lease'],
  'rbac.authorization.k8s.io/v1': ['V1ClusterRole', 'V1ClusterRoleBinding', 'V1Role', 'V1RoleBinding'],
};
/** Not kinds of their own, but part of every document. */
const SHARED = [
  'V1DeleteOptions',
  'V1Status',
  'V1ListMeta',
  'V1APIGroup',
  'V1APIGroupList',
  'V1APIResourceList',
  'V1APIVersions',
];
/** What virt-api's actions take and answer. */
const ACTIONS = [
  'V1AddVolumeOptions',
  'V1EvacuateCancelOptions',
  'V1FreezeUnfreezeTimeout',
  'V1MigrateOptions',
  'V1ObjectGraphNode',
  'V1ObjectGraphOptions',
  'V1PauseOptions',
  'V1RemoveVolumeOptions',
  'V1RestartOptions',
  'V1SEVMeasurementInfo',
  'V1SEVPlatformInfo',
  'V1SEVSecretOptions',
  'V1SEVSessionOptions',
  'V1StartOptions',
  'V1StopOptions',
  'V1UnpauseOptions',
  'V1VirtualMachineInstanceFileSystemList',
  'V1VirtualMachineInstanceGuestAgentInfo',
  'V1VirtualMachineInstanceGuestOSUserList',
  'V1VirtualMachineMemoryDumpRequest',
  'V1alpha1BackupCheckpoint',
  'V1alpha1BackupOptions',
];
/** Kinds of KubeVirt and of what it stands beside, by package part: models by the group and version that serves them. */
const KUBEVIRT = {
  kubevirt: {
    'kubevirt.io/v1': [
      'V1VirtualMachine',
      'V1VirtualMachineInstance',
      'V1VirtualMachineInstanceMigration',
      'V1VirtualMachineInstancePreset',
      'V1VirtualMachineInstanceReplicaSet',
      'V1KubeVirt',
    ],
    'instancetype.kubevirt.io/v1beta1': [
      'V1beta1VirtualMachineInstancetype',
      'V1beta1VirtualMachineClusterInstancetype',
      'V1beta1VirtualMachinePreference',
      'V1beta1VirtualMachineClusterPreference',
    ],
    'snapshot.kubevirt.io/v1beta1': [
      'V1beta1VirtualMachineSnapshot',
      'V1beta1VirtualMachineSnapshotContent',
      'V1beta1VirtualMachineRestore',
    ],
    'clone.kubevirt.io/v1beta1': ['V1beta1VirtualMachineClone'],
    'export.kubevirt.io/v1': ['V1beta1VirtualMachineExport'],
    'pool.kubevirt.io/v1beta1': ['V1beta1VirtualMachinePool'],
    'migrations.kubevirt.io/v1alpha1': ['V1alpha1MigrationPolicy'],
    'backup.kubevirt.io/v1alpha1': ['V1alpha1VirtualMachineBackup'],
  },
  'containerized-data-importer': {
    'cdi.kubevirt.io/v1beta1': [
      'V1beta1DataVolume',
      'V1beta1DataSource',
      'V1beta1DataImportCron',
      'V1beta1CDIConfig',
      'V1beta1CDI',
    ],
  },
  'virt-template': {
    'template.kubevirt.io/v1alpha1': ['V1alpha1VirtualMachineTemplate'],
  },
};
/** What the names of a part's schemas begin with. */
const PREFIXES = {
  kubevirt: 'io.kubevirt',
  'containerized-data-importer': 'io.kubevirt.cdi',
  'virt-template': 'io.kubevirt.template',
};

function main() {
  const kubernetes = { ...SCALARS };
  const names = new Map();
  for (const [place, model] of entries(KUBERNETES)) {
    const name = addKubernetes(kubernetes, names, model, groupOf(place).split('.')[0] || 'core');
    tag(kubernetes[name], place, model);
  }
  for (const model of SHARED) addKubernetes(kubernetes, names, model, 'core');
  const schemas = {};
  for (const [part, models] of Object.entries(KUBEVIRT)) {
    const prefix = PREFIXES[part];
    const context = { interfaces: readInterfaces(part), schemas, kubernetes, names, prefix };
    for (const [place, model] of entries(models)) tag(schemas[addKubevirt(context, model)], place, model);
    if (part === 'kubevirt') for (const model of ACTIONS) addKubevirt(context, model);
  }
  write('kubernetes', kubernetes);
  write('kubevirt', schemas);
}

const entries = (models) =>
  Object.entries(models).flatMap(([place, list]) => list.map((model) => [place, model]));

const groupOf = (place) => place.split('/').at(-2) ?? '';

function tag(schema, place, model) {
  const [group, version] = [groupOf(place), place.split('/').at(-1)];
  const [, kind] = /V\d(?:alpha\d|beta\d)?([A-Z]\w*)$/.exec(model);
  schema['x-kubernetes-group-version-kind'] = [{ group, version, kind }];
}

function write(name, schemas) {
  const folder = path.join(root, 'sandbox/api/schema/generated');
  mkdirSync(folder, { recursive: true });
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  // One schema a line: small, and a change shows as the line that it is.
  const lines = Object.entries(sorted).map(
    ([key, schema]) => `${JSON.stringify(key)}:${JSON.stringify(schema)}`,
  );
  const text = `{\n${lines.join(',\n')}\n}\n`;
  writeFileSync(path.join(folder, `${name}.json`), text);
  const kilobytes = (bytes) => `${Math.round(bytes / 1024)} KiB`;
  console.log(
    `${name}: ${lines.length} schemas, ${kilobytes(text.length)}, ${kilobytes(gzipSync(text).length)} gzipped`,
  );
}

main();
