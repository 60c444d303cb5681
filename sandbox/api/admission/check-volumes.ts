import type { V1CloudInitNoCloudSource, V1Volume } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { KubeVirtConfig } from './config';
import type { Findings } from './findings';
import { quantityValue } from './quantity';
import type { VmiSpec } from './types';

/** Larger cloud-init data must come from a Secret. */
const CLOUD_INIT_MAX_BYTES = 2048;

const SOURCES = [
  'persistentVolumeClaim',
  'sysprep',
  'cloudInitNoCloud',
  'cloudInitConfigDrive',
  'containerDisk',
  'ephemeral',
  'emptyDisk',
  'hostDisk',
  'dataVolume',
  'configMap',
  'secret',
  'downwardAPI',
  'serviceAccount',
  'downwardMetrics',
  'memoryDump',
  'containerPath',
] as const;

/** Names, sources and the contents of volumes (KubeVirt's validateVolumes), then paths of container disks. */
export function checkVolumes(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  const volumes = spec.volumes ?? [];
  const list = `${at}.volumes`;
  for (const [index, volume] of volumes.entries()) {
    const path = `${list}[${index}]`;
    const first = volumes.findIndex(({ name }) => name === volume.name);
    if (first !== index)
      found.invalid(`${path}.name`, `${path} and ${list}[${first}] must not have the same Name.`);
    if (volume.dataVolume && !volume.dataVolume.name) {
      found.required(`${path}.name`, "DataVolume 'name' must be set");
    }
    if (SOURCES.filter((source) => volume[source]).length !== 1) {
      found.invalid(path, `${path} must have exactly one source type set`);
    }
    if (volume.cloudInitNoCloud) {
      checkCloudInit(`${path}.cloudInitNoCloud`, 'cloudInitNoCloud', volume.cloudInitNoCloud, found);
    } else if (volume.cloudInitConfigDrive) {
      checkCloudInit(
        `${path}.cloudInitConfigDrive`,
        'cloudInitConfigDrive',
        volume.cloudInitConfigDrive,
        found,
      );
    }
    if (volume.downwardMetrics && !config.gates.has('DownwardMetrics')) {
      const text = 'downwardMetrics disks are not allowed: DownwardMetrics feature gate is not enabled.';
      found.invalid(path, text);
    }
    checkHostDisk(path, volume, config, found);
    checkReferences(path, volume, found);
  }
  const atMostOne = (source: 'serviceAccount' | 'downwardMetrics' | 'memoryDump', name: string) => {
    if (volumes.filter((volume) => volume[source]).length < 2) return;
    found.invalid(list, `${list} must have max one ${name} volume set`);
  };
  atMostOne('serviceAccount', 'serviceAccount');
  atMostOne('downwardMetrics', 'downwardMetric');
  atMostOne('memoryDump', 'memory dump');
  for (const [index, { containerDisk }] of volumes.entries()) {
    if (containerDisk?.path) checkFilePath(`${list}[${index}].containerDisk`, containerDisk.path, found);
  }
}

function checkCloudInit(path: string, type: string, source: V1CloudInitNoCloudSource, found: Findings): void {
  const users = checkCloudInitPart(path, type, 'userData', source.secretRef?.name, source, found);
  if (users.sources > 1) found.invalid(path, `${path} must have only one userdatasource set.`);
  if (users.bytes > CLOUD_INIT_MAX_BYTES) {
    const text = `${path} userdata exceeds ${CLOUD_INIT_MAX_BYTES} byte limit. Should use UserDataSecretRef for larger data.`;
    found.invalid(path, text);
  }
  const secret = source.networkDataSecretRef?.name;
  const networks = checkCloudInitPart(path, type, 'networkData', secret, source, found);
  if (networks.sources > 1) found.invalid(path, `${path} must have only one networkdata source set.`);
  if (networks.bytes > CLOUD_INIT_MAX_BYTES) {
    const text = `${path} networkdata exceeds ${CLOUD_INIT_MAX_BYTES} byte limit. Should use NetworkDataSecretRef for larger data.`;
    found.invalid(path, text);
  }
  if (users.sources === 0 && networks.sources === 0) {
    found.invalid(path, `${path} must have at least one userdatasource or one networkdatasource set.`);
  }
}

function checkCloudInitPart(
  path: string,
  type: string,
  part: 'userData' | 'networkData',
  secret: string | undefined,
  source: V1CloudInitNoCloudSource,
  found: Findings,
): { sources: number; bytes: number } {
  const plain = source[part];
  const encoded = source[`${part}Base64`];
  let bytes = 0;
  if (encoded) {
    if (!isBase64(encoded)) {
      const field = `${path}.${part}Base64`;
      found.invalid(field, `${field}.${type}.${part}Base64 is not a valid base64 value.`);
    }
    bytes = Buffer.from(encoded, 'base64').length;
  }
  if (plain) bytes = Buffer.byteLength(plain);
  return { sources: [secret, encoded, plain].filter(Boolean).length, bytes };
}

/** Go's base64.StdEncoding: padded, line breaks ignored. */
export function isBase64(text: string): boolean {
  const plain = text.replaceAll(/[\r\n]/g, '');
  return plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain);
}

function checkHostDisk(path: string, { hostDisk }: V1Volume, config: KubeVirtConfig, found: Findings): void {
  if (!hostDisk) return;
  const [disk, create] = ['Disk', 'DiskOrCreate'];
  if (!config.gates.has('HostDisk')) found.invalid(path, 'HostDisk feature gate is not enabled');
  if (!hostDisk.path) {
    found.notFound(`${path}.hostDisk.path`, `${path}.hostDisk.path is required for hostDisk volume`);
  }
  if (hostDisk.type !== disk && hostDisk.type !== create) {
    const field = `${path}.hostDisk.type`;
    found.invalid(
      field,
      `${field} has invalid value '${hostDisk.type}', allowed are '${disk}' or '${create}'`,
    );
  }
  if (hostDisk.type === disk && quantityValue(hostDisk.capacity) !== 0) {
    const field = `${path}.hostDisk.capacity`;
    found.invalid(field, `${field} is allowed to pass only with ${path}.hostDisk.type equal to '${create}'`);
  }
}

function checkReferences(path: string, volume: V1Volume, found: Findings): void {
  const need = (field: string, value: string | undefined) => {
    if (!value) found.invalid(`${path}.${field}`, `${path}.${field} is a required field`);
  };
  if (volume.configMap) need('configMap.name', volume.configMap.name);
  if (volume.secret) need('secret.secretName', volume.secret.secretName);
  if (volume.serviceAccount)
    need('serviceAccount.serviceAccountName', volume.serviceAccount.serviceAccountName);
}

/** Paths inside container images: absolute and without relative parts. */
export function checkFilePath(field: string, file: string, found: Findings): void {
  if (file === '/') {
    found.invalid(field, `${field} must not point to root`);
    return;
  }
  const parts = file.replace(/\/$/, '').split('/');
  const clean = parts[0] === '' && parts.slice(1).every((part) => part && part !== '.' && part !== '..');
  if (!clean) found.invalid(field, `${field} must be an absolute path to a file without relative components`);
}

/** VMIs, unlike templates, must use every volume. */
export function checkVolumesUsed(at: string, spec: VmiSpec, found: Findings): void {
  const { disks = [], filesystems = [] } = spec.domain.devices;
  const used = new Set([...disks, ...filesystems].map(({ name }) => name));
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    if (volume.memoryDump || used.has(volume.name)) continue;
    // Their path says domain.volumes.
    const field = `${at}.domain.volumes[${index}].name`;
    found.invalid(field, `${field} '${volume.name}' not found.`);
  }
}
