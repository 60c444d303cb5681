import { stringify } from 'yaml';
import type { ClusterApi } from '../../api/objects';
import type { Pod } from '../types';
import { claimsOf } from '../volume-objects';
import type { Data } from './export-authority';

interface HttpSource {
  url: string;
  certConfigMap?: string;
  secretExtraHeaders?: string[];
}

interface Imported {
  metadata: { name: string };
  spec: { source?: { http?: HttpSource } };
}

type Manifests = (accept: string, token: string) => string;

/** What an exporter writes for whoever imports the VM elsewhere; undefined for other paths. */
export function servedManifests(cluster: ClusterApi, pod: Pod, where: string): Manifests | undefined {
  const [, side, rest] = /^\/(internal|external)\/manifests\/(all|secret)$/.exec(where) ?? [];
  if (!side) return undefined;
  const mapName = pod.spec.volumes?.find(({ configMap }) => configMap)?.configMap?.name ?? '';
  const data = cluster.get<Data>('configmaps', pod.metadata.namespace, mapName)?.data;
  const exportName = pod.metadata.ownerReferences?.[0]?.name ?? '';
  const secretName = `header-secret-${exportName}`;
  if (rest === 'secret') {
    return (accept, token) =>
      write(accept, [
        {
          ...{ kind: 'Secret', apiVersion: 'v1', metadata: { name: secretName, creationTimestamp: null } },
          stringData: { token: `x-kubevirt-export-token:${token}` },
        },
      ]);
  }
  const host = data?.[`${side}_host`];
  const manifest = data?.['virtualmachine-manifest'];
  if (!host || !manifest) return undefined;
  return (accept) => {
    const authority = JSON.parse(data[`${side}_ca_cm`] ?? '{}');
    const vm = JSON.parse(manifest);
    const fill = ({ metadata, spec }: Imported) => {
      const claim = claimsOf(pod).find(
        (name) => name === metadata.name || name.endsWith(`-${metadata.name}`),
      );
      if (!spec.source?.http || !claim) return;
      spec.source.http.url = `https://${host}/volumes/${claim}/disk.img.gz`;
      spec.source.http.certConfigMap = authority.metadata.name;
      spec.source.http.secretExtraHeaders = [secretName];
    };
    for (const template of vm.spec.dataVolumeTemplates ?? []) fill(template);
    const volumes = Object.entries(data).flatMap(([key, text]) =>
      key.startsWith('dv-') ? [JSON.parse(text)] : [],
    );
    for (const volume of volumes) fill(volume);
    return write(accept, [
      { kind: 'ConfigMap', apiVersion: 'v1', ...authority },
      vm,
      ...volumes.map((volume) => ({ kind: 'DataVolume', apiVersion: 'cdi.kubevirt.io/v1beta1', ...volume })),
    ]);
  };
}

function write(accept: string, resources: readonly object[]): string {
  if (accept === 'application/yaml') return resources.map((one) => `${stringify(one)}---\n`).join('');
  const list = { kind: 'List', apiVersion: 'v1', metadata: {}, items: resources };
  return JSON.stringify(list, undefined, 4);
}
