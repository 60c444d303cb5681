import type { ClusterApi, KubeObject } from '../../api/objects';
import { serves } from '../claims';
import type { PersistentVolumeClaim } from '../storage-types';
import type { Pod } from '../types';
import { claimsOf } from '../volume-objects';
import { type Data, exportAuthority, plain } from './export-authority';
import { serviceName } from './export-objects';
import { volumePaths } from './exporter-pod';
import type { ExportFormat, ExportLink, VmExport } from './types';

const NAMESPACE = 'kubevirt';
const PROXY = 'virt-exportproxy';
const INGRESSES = 'ingresses.networking.k8s.io';
const ROUTES = 'routes.route.openshift.io';

interface Ingress extends KubeObject {
  spec?: {
    defaultBackend?: { service?: { name?: string } };
    tls?: { secretName?: string }[];
    rules?: { host?: string; http?: { paths?: { backend?: { service?: { name?: string } } }[] } }[];
  };
}

interface Route extends KubeObject {
  spec?: { to?: { name?: string } };
  status?: { ingress?: { host?: string }[] };
}

export interface ServedVolumes {
  claims: readonly PersistentVolumeClaim[];
  /** Claims made for the export are named with it; their volumes are not. */
  claimPrefix: string;
  hasManifests: boolean;
}

/** Where an export is served: inside the cluster by its service, outside where somebody leads to the export proxy. */
export function exportLinks(
  cluster: ClusterApi,
  vmExport: VmExport,
  pod: Pod,
  volumes: ServedVolumes,
): { internal: ExportLink; external?: ExportLink } {
  const { namespace, name } = vmExport.metadata;
  const served = { ...volumes, claims: volumes.claims.filter(({ metadata }) => mounts(pod, metadata.name)) };
  const internal = `${serviceName(vmExport)}.${namespace}.svc`;
  const cert = exportAuthority(cluster).certificate.trim();
  const outside = externalHost(cluster);
  const path = `/api/export.kubevirt.io/v1/namespaces/${namespace}/virtualmachineexports/${name}`;
  return {
    internal: links(cluster, served, internal, 'internal', cert),
    ...(outside ? { external: links(cluster, served, outside.host + path, 'external', outside.cert) } : {}),
  };
}

function links(
  cluster: ClusterApi,
  { claims, claimPrefix, hasManifests }: ServedVolumes,
  base: string,
  type: 'internal' | 'external',
  cert: string,
): ExportLink {
  const manifest = (kind: string, path: string) => ({ type: kind, url: `https://${base}/${type}${path}` });
  return {
    cert,
    volumes: claims.map((claim) => {
      const { RAW, RAW_GZIP, DIR, ARCHIVE } = volumePaths(cluster, claim);
      const formats: [ExportFormat, string | undefined][] = [
        ['raw', RAW],
        ['gzip', RAW_GZIP],
        ['dir', DIR],
        ['tar.gz', ARCHIVE],
      ];
      const { name } = claim.metadata;
      return {
        name: name.startsWith(claimPrefix) ? name.slice(claimPrefix.length) : name,
        formats: formats.flatMap(([format, path]) =>
          path ? [{ format, url: `https://${base}${path}` }] : [],
        ),
      };
    }),
    manifests: [
      ...(hasManifests ? [manifest('all', '/manifests/all')] : []),
      manifest('auth-header-secret', '/manifests/secret'),
    ],
  };
}

function mounts(pod: Pod, claim: string): boolean {
  return claimsOf(pod).includes(claim);
}

/** The host under which an Ingress or a Route leads to the export proxy, with the certificate that it shows. */
export function externalHost(cluster: ClusterApi): { host: string; cert: string } | undefined {
  for (const ingress of listed<Ingress>(cluster, INGRESSES)) {
    const host = hostOf(ingress);
    const secretName = ingress.spec?.tls?.find((entry) => entry.secretName)?.secretName ?? '';
    const secret = cluster.get<Data>('secrets', NAMESPACE, secretName)?.data?.['tls.crt'];
    if (host) return { host, cert: secret ? plain(secret).trim() : '' };
  }
  for (const { spec, status } of listed<Route>(cluster, ROUTES)) {
    const host = status?.ingress?.[0]?.host;
    const roots = cluster.get<Data>('configmaps', NAMESPACE, 'kube-root-ca.crt')?.data?.['ca.crt'] ?? '';
    if (spec?.to?.name === PROXY && host) return { host, cert: roots.trim() };
  }
  return undefined;
}

function listed<T extends KubeObject>(cluster: ClusterApi, resource: string): T[] {
  return serves(cluster, resource) ? cluster.list<T>(resource, NAMESPACE) : [];
}

function hostOf({ spec }: Ingress): string | undefined {
  const fallback = spec?.defaultBackend?.service?.name;
  if (fallback !== undefined) return fallback === PROXY ? spec?.rules?.[0]?.host : undefined;
  return spec?.rules?.find(({ http }) => http?.paths?.some(({ backend }) => backend?.service?.name === PROXY))
    ?.host;
}
