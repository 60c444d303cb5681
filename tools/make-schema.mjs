// node tools/make-schema.mjs: writes the schemas that the sandbox validates with and that it serves as OpenAPI, from
// the type declarations of the development dependencies. Run it when those change, and commit what it writes.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { addKubernetes, SCALARS } from './make-schema.kubernetes.mjs';
import { addKubevirt, readInterfaces } from './make-schema.kubevirt.mjs';
import { root } from './make-schema.shared.mjs';

/** Kinds of Kubernetes itself: group, version, model. */
const KUBERNETES = [
  ['', 'v1', 'V1Namespace'],
  ['', 'v1', 'V1Node'],
  ['', 'v1', 'V1Pod'],
  ['', 'v1', 'CoreV1Event'],
  ['', 'v1', 'V1Secret'],
  ['', 'v1', 'V1ConfigMap'],
  ['', 'v1', 'V1Service'],
  ['', 'v1', 'V1Endpoints'],
  ['', 'v1', 'V1ServiceAccount'],
  ['', 'v1', 'V1PersistentVolumeClaim'],
  ['', 'v1', 'V1PersistentVolume'],
  ['', 'v1', 'V1ResourceQuota'],
  ['', 'v1', 'V1LimitRange'],
  ['events.k8s.io', 'v1', 'EventsV1Event'],
  ['storage.k8s.io', 'v1', 'V1StorageClass'],
  ['apiextensions.k8s.io', 'v1', 'V1CustomResourceDefinition'],
  ['apiregistration.k8s.io', 'v1', 'V1APIService'],
  ['apps', 'v1', 'V1ControllerRevision'],
  ['apps', 'v1', 'V1Deployment'],
  ['apps', 'v1', 'V1DaemonSet'],
  ['coordination.k8s.io', 'v1', 'V1Lease'],
  ['rbac.authorization.k8s.io', 'v1', 'V1ClusterRole'],
  ['rbac.authorization.k8s.io', 'v1', 'V1ClusterRoleBinding'],
  ['rbac.authorization.k8s.io', 'v1', 'V1Role'],
  ['rbac.authorization.k8s.io', 'v1', 'V1RoleBinding'],
];
/** Not kinds of their own, but part of every document. */
const SHARED = ['V1DeleteOptions', 'V1Status', 'V1ListMeta'];
/** Kinds of KubeVirt: group, version, model. */
const KUBEVIRT = [
  ['kubevirt.io', 'v1', 'V1VirtualMachine'],
  ['kubevirt.io', 'v1', 'V1VirtualMachineInstance'],
  ['kubevirt.io', 'v1', 'V1VirtualMachineInstanceMigration'],
  ['kubevirt.io', 'v1', 'V1VirtualMachineInstancePreset'],
  ['kubevirt.io', 'v1', 'V1VirtualMachineInstanceReplicaSet'],
  ['kubevirt.io', 'v1', 'V1KubeVirt'],
];

function main() {
  const kubernetes = { ...SCALARS };
  const names = new Map();
  const kindOf = (model) => /V\d(?:alpha\d|beta\d)?([A-Z]\w*)$/.exec(model)[1];
  const tag = (schema, group, version, model) => {
    schema['x-kubernetes-group-version-kind'] = [{ group, version, kind: kindOf(model) }];
  };
  for (const [group, version, model] of KUBERNETES) {
    const name = addKubernetes(kubernetes, names, model, group.split('.')[0] || 'core');
    tag(kubernetes[name], group, version, model);
  }
  for (const model of SHARED) addKubernetes(kubernetes, names, model, 'core');
  const schemas = {};
  const context = {
    interfaces: readInterfaces('kubevirt'),
    schemas,
    kubernetes,
    names,
    prefix: 'io.kubevirt',
  };
  for (const [group, version, model] of KUBEVIRT) {
    tag(schemas[addKubevirt(context, model)], group, version, model);
  }
  write('kubernetes', kubernetes);
  write('kubevirt', schemas);
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
