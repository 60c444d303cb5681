import { generatedName } from '../../api/metadata';
import type { ClusterApi, NewObject } from '../../api/objects';
import { KUBEVIRT_REGISTRY, KUBEVIRT_VERSION, QEMU_USER } from '../release';
import { DATA_VOLUMES, type PersistentVolumeClaim } from '../storage-types';
import { ownerReference } from '../vmi-factory';
import { certParameters, exporterDeadline, podName, serviceLabel, writtenParameters } from './export-objects';
import { shortName } from './short-name';
import { CERT_PARAMETERS, CONTENT_TYPE, EXPORTER_PORT, SERVICE_LABEL, type VmExport } from './types';

const BLOCK_PATH = '/dev/export-volumes';
const FILES_PATH = '/export-volumes';
/** Asked of an exporter to know whether it is ready. */
const READINESS_PATH = '/exportready';

interface Variable {
  name: string;
  value: string;
}

/** Where the exporter offers a claim, by the variable that tells it so. */
export interface VolumePaths {
  RAW?: string;
  RAW_GZIP?: string;
  DIR?: string;
  ARCHIVE?: string;
}

/** A claim that holds a disk is offered as an image; any other as the files that are in it. */
export function volumePaths(cluster: ClusterApi, claim: PersistentVolumeClaim): VolumePaths {
  const at = `/volumes/${claim.metadata.name}`;
  if (isDiskImage(cluster, claim)) return { RAW: `${at}/disk.img`, RAW_GZIP: `${at}/disk.img.gz` };
  return { ARCHIVE: `${at}/disk.tar.gz`, DIR: `${at}/dir/` };
}

function isDiskImage(cluster: ClusterApi, { metadata, spec }: PersistentVolumeClaim): boolean {
  if (spec.volumeMode === 'Block') return true;
  const annotated = metadata.annotations?.[CONTENT_TYPE];
  if (annotated === 'kubevirt' || annotated === '') return true;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  const dv =
    owner?.kind === 'DataVolume' ? cluster.get(DATA_VOLUMES, metadata.namespace, owner.name) : undefined;
  const contentType = (dv?.spec as { contentType?: string } | undefined)?.contentType;
  return dv !== undefined && (contentType === undefined || contentType === 'kubevirt');
}

/** The pod that serves an export's volumes. `manifests` names the ConfigMap with the VM, where the source has one. */
export function exporterPod(
  cluster: ClusterApi,
  vmExport: VmExport,
  claims: readonly PersistentVolumeClaim[],
  tokenName: string,
  manifests: string | undefined,
): NewObject {
  const { metadata } = vmExport;
  const parameters = certParameters(cluster);
  const volumes = claims.map((claim) => ({ claim, name: volumeName(claim), path: mountPath(claim) }));
  const isBlock = ({ claim }: { claim: PersistentVolumeClaim }) => claim.spec.volumeMode === 'Block';
  const blocks = volumes.filter(isBlock);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(vmExport),
      namespace: metadata.namespace ?? '',
      labels: { [SERVICE_LABEL]: serviceLabel(vmExport), ...metadata.labels },
      annotations: { [CERT_PARAMETERS]: writtenParameters(parameters), ...metadata.annotations },
      ownerReferences: [ownerReference(vmExport)],
    },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'exporter',
          image: `${KUBEVIRT_REGISTRY}/virt-exportserver:${KUBEVIRT_VERSION}`,
          imagePullPolicy: 'IfNotPresent',
          env: [
            { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
            ...variables({
              CERT_FILE: '/cert/tls.crt',
              KEY_FILE: '/cert/tls.key',
              TOKEN_FILE: '/token/token',
              DEADLINE: exporterDeadline(vmExport, parameters),
              EXPORT_SECRET_DEF_URI: '/manifests/secret',
              ...(manifests ? { EXPORT_VM_DEF_URI: '/manifests/all' } : {}),
            }),
            ...volumes.flatMap(({ claim, path }, index) =>
              volumeVariables(index, path, volumePaths(cluster, claim)),
            ),
          ],
          ...(blocks.length > 0
            ? { volumeDevices: blocks.map(({ name, path }) => ({ name, devicePath: path })) }
            : {}),
          volumeMounts: [
            { name: 'certificates', mountPath: '/cert' },
            { name: 'token', mountPath: '/token' },
            ...volumes
              .filter((volume) => !isBlock(volume))
              .map(({ name, path }) => ({ name, readOnly: true, mountPath: path })),
            ...(manifests ? [{ name: 'manifest-data', mountPath: '/manifest_data' }] : []),
          ],
          readinessProbe: {
            httpGet: { path: READINESS_PATH, port: EXPORTER_PORT, scheme: 'HTTPS' },
            initialDelaySeconds: 5,
            periodSeconds: 5,
          },
          resources: {
            limits: { cpu: '1', memory: '1Gi' },
            requests: { cpu: '100m', memory: '200Mi' },
          },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      securityContext: {
        fsGroup: QEMU_USER,
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumes: [
        { name: 'certificates', secret: { secretName: generatedName('secret-') } },
        { name: 'token', secret: { secretName: tokenName } },
        ...volumes.map(({ name, claim }) => ({
          name,
          persistentVolumeClaim: { claimName: claim.metadata.name },
        })),
        ...(manifests ? [{ name: 'manifest-data', configMap: { name: manifests } }] : []),
      ],
    },
  };
}

function volumeName({ metadata }: PersistentVolumeClaim): string {
  const name = metadata.name.replaceAll('.', '-');
  return name.length <= 63 ? name : shortName('virt-export', name);
}

function mountPath({ metadata, spec }: PersistentVolumeClaim): string {
  return `${spec.volumeMode === 'Block' ? BLOCK_PATH : FILES_PATH}/${metadata.name}`;
}

function volumeVariables(index: number, path: string, paths: VolumePaths): Variable[] {
  return variables({
    [`VOLUME${index}_EXPORT_PATH`]: path,
    ...Object.fromEntries(
      Object.entries(paths).map(([kind, uri]) => [`VOLUME${index}_EXPORT_${kind}_URI`, uri]),
    ),
  });
}

function variables(values: Record<string, string>): Variable[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
