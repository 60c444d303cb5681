import type { ClusterApi, NewObject } from '../../api/objects';
import { expandMachine } from '../../instancetype/expand';
import type { SizedMachine } from '../../instancetype/types';
import { type PersistentVolumeClaim, PVCS } from '../storage-types';
import { type VirtualMachine, VMS } from '../types';
import { ownerReference } from '../vmi-factory';
import { exportAuthority } from './export-authority';
import { externalHost } from './export-links';
import { serviceName } from './export-objects';
import type { VmExport } from './types';

export function manifestsName({ metadata }: VmExport): string {
  return `exporter-vm-manifest-${metadata.name}`;
}

/**
 * What the exporter writes its manifests from: the VM without references and status, with each disk to be imported from
 * the export itself. Mirrors createDataManifestConfigMap of KubeVirt.
 * @throws Error in KubeVirt's words when an instance type or preference is not found.
 */
export function manifestData(cluster: ClusterApi, vmExport: VmExport, vm: VirtualMachine): NewObject {
  const { namespace = '', name } = vmExport.metadata;
  // The controllers' view of a VM and the published type are two views of one object.
  const expanded = expandMachine(cluster, vm as unknown as SizedMachine) as unknown as VirtualMachine;
  const authority = exportAuthority(cluster).certificate.trim();
  const outside = externalHost(cluster);
  const path = `/api/export.kubevirt.io/v1/namespaces/${namespace}/virtualmachineexports/${name}`;
  const volumes = importedVolumes(cluster, expanded);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: manifestsName(vmExport), namespace, ownerReferences: [ownerReference(vmExport)] },
    data: {
      internal_host: `${serviceName(vmExport)}.${namespace}.svc`,
      internal_ca_cm: JSON.stringify(authorityMap(name, authority)),
      ...(outside
        ? {
            external_host: outside.host + path,
            external_ca_cm: JSON.stringify(authorityMap(name, outside.cert)),
          }
        : {}),
      'virtualmachine-manifest': JSON.stringify(importedMachine(expanded)),
      ...Object.fromEntries(volumes.map((dv) => [`dv-${dv.metadata.name}`, JSON.stringify(dv)])),
      'export-name': name,
    },
  };
}

/** The VM that an export's manifests are about; a snapshot's VM is taken as it is now. */
export function exportedMachine(
  cluster: ClusterApi,
  { metadata }: VmExport,
  name: string | undefined,
): VirtualMachine | undefined {
  return name ? cluster.get<VirtualMachine>(VMS, metadata.namespace, name) : undefined;
}

function authorityMap(exportName: string, ca: string): object {
  return {
    metadata: { name: `export-ca-cm-${exportName}`, creationTimestamp: null },
    data: { 'ca.pem': ca },
  };
}

function importedMachine(vm: VirtualMachine): object {
  const { name, namespace, labels, annotations } = vm.metadata;
  const disks = new Set(diskClaims(vm));
  const templates = vm.spec.dataVolumeTemplates?.map((template) => {
    if (!disks.has(template.metadata.name)) return template;
    const { sourceRef: _ref, ...spec } = template.spec as { sourceRef?: unknown };
    return { ...template, spec: { ...spec, source: { http: { url: '' } } } };
  });
  return {
    ...{ kind: vm.kind, apiVersion: vm.apiVersion },
    metadata: {
      name,
      namespace,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      creationTimestamp: null,
    },
    spec: { ...vm.spec, ...(templates ? { dataVolumeTemplates: templates } : {}) },
    status: {},
  };
}

/** A DataVolume for every disk that the VM does not bring a template for. */
function importedVolumes(cluster: ClusterApi, vm: VirtualMachine) {
  const { namespace } = vm.metadata;
  const templated = new Set(vm.spec.dataVolumeTemplates?.map(({ metadata }) => metadata.name));
  return diskClaims(vm).flatMap((name) => {
    const claim = cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (!claim || templated.has(name)) return [];
    const { accessModes, volumeMode, resources } = claim.spec;
    return [
      {
        metadata: { name, namespace, creationTimestamp: null },
        spec: {
          source: { http: { url: '' } },
          storage: {
            ...(accessModes ? { accessModes } : {}),
            ...(volumeMode ? { volumeMode } : {}),
            resources: resources ?? {},
          },
        },
        status: {},
      },
    ];
  });
}

function diskClaims({ spec }: VirtualMachine): string[] {
  return (spec.template.spec.volumes ?? []).flatMap(
    ({ dataVolume, persistentVolumeClaim }) => dataVolume?.name ?? persistentVolumeClaim?.claimName ?? [],
  );
}
