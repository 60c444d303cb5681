import type { ClusterApi, KubeObject } from '../api/objects';
import { imageBytes } from '../controllers/claim-image';
import { claimFile } from '../controllers/guest-files';
import { parseQuantity } from '../controllers/quantity';
import { type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import type { Pod } from '../controllers/types';
import { isLoopback } from '../registry/reference';
import * as names from './names';
import type { HttpRequest } from './transfer/http-source';
import type { Target } from './transfer/save-image';

interface KeyedObject extends KubeObject {
  /** Base64 in secrets, text in config maps. */
  data?: Record<string, string>;
}

/** All that a worker pod's program needs to know, as its environment and mounts tell it. */
export interface ImportJob {
  source: string;
  endpoint: string;
  /** The file that a clone is made from. */
  from: string | undefined;
  /** `sha256:…` and the like, where the image has to have one. */
  checksum: string | undefined;
  insecure: boolean;
  http: HttpRequest;
  target: Target;
}

/** Reads a worker pod's orders. `claim`, which it fills, is bound; `from` is what it clones. */
export function importJob(
  cluster: ClusterApi,
  directory: string,
  pod: Pod,
  claim: PersistentVolumeClaim,
  from?: PersistentVolumeClaim,
): ImportJob {
  const { namespace } = pod.metadata;
  const env = environmentOf(cluster, pod);
  const endpoint = env.IMPORTER_ENDPOINT ?? '';
  const { IMPORTER_ACCESS_KEY_ID: user, IMPORTER_SECRET_KEY: password } = env;
  const proxy = proxyFor(endpoint, env);
  const insecure = env.INSECURE_TLS === 'true';
  return {
    source: from ? 'clone' : (env.IMPORTER_SOURCE ?? 'none'),
    endpoint,
    from: from && claimFile(directory, from),
    checksum: env.IMPORTER_CHECKSUM,
    insecure,
    http: {
      url: endpoint,
      headers: headersOf(cluster, pod, env),
      ...(user && password ? { credentials: { user, password } } : {}),
      trusted: mounted(pod, 'configMap', 'cdi-cert-vol', 'cdi-proxy-cert-vol').flatMap((name) =>
        Object.values(cluster.get<KeyedObject>('configmaps', namespace, name)?.data ?? {}),
      ),
      insecure,
      ...(proxy ? { proxy } : {}),
    },
    target: targetOf(cluster, directory, pod, claim, env),
  };
}

/** The scratch claim that a pod mounts, if any. */
export function scratchClaimOf(
  cluster: ClusterApi,
  { metadata, spec }: Pod,
): PersistentVolumeClaim | undefined {
  const volume = spec.volumes?.find(({ name }) => name === names.SCRATCH_VOLUME);
  const name = volume?.persistentVolumeClaim?.claimName;
  return name === undefined ? undefined : cluster.get<PersistentVolumeClaim>(PVCS, metadata.namespace, name);
}

function targetOf(
  cluster: ClusterApi,
  directory: string,
  pod: Pod,
  claim: PersistentVolumeClaim,
  env: Readonly<Record<string, string | undefined>>,
): Target {
  const { spec, status } = claim;
  const isBlock = spec.volumeMode === 'Block';
  const capacity = Math.ceil(
    parseQuantity(status?.capacity?.storage ?? spec.resources?.requests?.storage ?? '0'),
  );
  const scratch = scratchClaimOf(cluster, pod);
  return {
    file: claimFile(directory, claim),
    capacity,
    usable: Math.ceil(imageBytes(cluster, claim)),
    isBlock,
    contentType: env.IMPORTER_CONTENTTYPE === 'archive' ? 'archive' : 'kubevirt',
    preallocate: env.PREALLOCATION === 'true',
    ...(scratch
      ? {
          scratch: {
            file: claimFile(directory, scratch),
            bytes: parseQuantity(scratch.status?.capacity?.storage),
          },
        }
      : {}),
  };
}

function headersOf(
  cluster: ClusterApi,
  pod: Pod,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const lines = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith('IMPORTER_EXTRA_HEADER_') && value ? [value] : [],
  );
  const secretNames = mounted(pod, 'secret', 'cdi-secret-extra-headers-vol');
  for (const name of secretNames) {
    const { data = {} } = cluster.get<KeyedObject>('secrets', pod.metadata.namespace, name) ?? {};
    lines.push(...Object.values(data).map(decode));
  }
  return Object.fromEntries(
    lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]] : [];
    }),
  );
}

/** Names of the secrets or config maps behind volumes whose names begin with one of `volumes`. */
function mounted({ spec }: Pod, kind: 'secret' | 'configMap', ...volumes: string[]): string[] {
  return (spec.volumes ?? [])
    .filter(({ name }) => volumes.some((prefix) => name.startsWith(prefix)))
    .flatMap((volume) => {
      const name = kind === 'secret' ? volume.secret?.secretName : volume.configMap?.name;
      return name ?? [];
    });
}

function proxyFor(endpoint: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  // As Go's clients: what is on this machine is never asked for through a proxy.
  if (!url || isLoopback(url.hostname)) return undefined;
  const excepted = (env.no_proxy ?? '').split(',').map((part) => part.trim().replace(/^\*?\./, ''));
  const isExcepted = excepted.some(
    (part) => part !== '' && (url.hostname === part || url.hostname.endsWith(`.${part}`)),
  );
  if (isExcepted) return undefined;
  return url.protocol === 'https:' ? env.https_proxy : env.http_proxy;
}

function environmentOf(cluster: ClusterApi, { metadata, spec }: Pod): Record<string, string | undefined> {
  // As importer-pod.ts writes it.
  const env = (spec.containers[0]?.env ?? []) as {
    name: string;
    value?: string;
    valueFrom?: { secretKeyRef?: { name: string; key: string } };
  }[];
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => {
      const reference = valueFrom?.secretKeyRef;
      const secret = reference && cluster.get<KeyedObject>('secrets', metadata.namespace, reference.name);
      const kept = reference && secret?.data?.[reference.key];
      return [name, kept === undefined ? value : decode(kept)];
    }),
  );
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
