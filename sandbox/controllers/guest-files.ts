import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterApi, KubeObject } from '../api/objects';
import type { CloudInitSeed, GuestDisk, GuestSpec, Hypervisor } from '../guests/hypervisor';
import { cloudInitKeys } from './access-secrets';
import { imageBytes } from './claim-image';
import { type GuestPlan, guestNics, guestPlan, type PlannedDisk } from './guest-plan';
import { parseQuantity } from './quantity';
import { type PersistentVolumeClaim, PVCS } from './storage-types';
import type { CloudInitSource, Pod, VirtualMachineInstance } from './types';
import { growImage } from './volume-files';

interface Secret extends KubeObject {
  data?: Record<string, string>;
  /** Of config maps. */
  binaryData?: Record<string, string>;
}

/** The file behind a claim. */
export function claimFile(directory: string, { metadata, spec }: PersistentVolumeClaim): string {
  return path.join(directory, 'disks', `${spec.volumeName ?? `pvc-${metadata.uid}`}.img`);
}

/**
 * The image on a claim's volume; undefined for a file system that nobody has put one
 * on. A regular disk's is made by the first guest that boots with it, CDI makes one with every claim it fills, and a
 * block device is one.
 */
export async function claimImage(
  directory: string,
  claim: PersistentVolumeClaim,
): Promise<{ path: string } | undefined> {
  const { metadata, spec } = claim;
  const file = claimFile(directory, claim);
  const filled =
    metadata.ownerReferences?.some(({ kind }) => kind === 'DataVolume') ||
    Object.keys(metadata.annotations ?? {}).some((name) => name.startsWith('cdi.kubevirt.io/storage.'));
  if (spec.volumeMode === 'Block' || filled) return { path: file };
  const present = await stat(file).catch(() => undefined);
  return present && { path: file };
}

/**
 * Makes what a guest needs on disk, and remembers it per instance, so that a sandbox that starts again finds the same
 * disks, MACs and addresses.
 */
export class GuestFiles {
  constructor(
    private readonly cluster: ClusterApi,
    private readonly hypervisor: Hypervisor,
    private readonly directory: string,
  ) {}

  /** @throws when a secret or claim is missing, or a disk cannot be written. */
  async prepare(vmi: VirtualMachineInstance, pod: Pod): Promise<GuestSpec> {
    const plan = guestPlan(vmi);
    const disks: GuestDisk[] = [];
    for (const disk of plan.disks) {
      const { name, role, readOnly } = disk;
      disks.push({ name, role, readOnly, path: await this.make(vmi, plan, disk) });
    }
    const spec: GuestSpec = {
      id: vmi.metadata.uid,
      name: vmi.metadata.name,
      memoryMiB: plan.memoryMiB,
      vcpus: plan.vcpus,
      firmwareUuid: plan.firmwareUuid,
      disks,
      nics: guestNics(vmi, pod.status?.podIP ?? ''),
      startPaused: vmi.spec.startStrategy === 'Paused',
    };
    await this.remember(spec);
    return spec;
  }

  /** What an instance was started with, if all its disks are still there. */
  async recall(uid: string): Promise<GuestSpec | undefined> {
    try {
      // Written by `remember` below.
      const spec = JSON.parse(await readFile(this.recordOf(uid), 'utf8')) as GuestSpec;
      await Promise.all(spec.disks.map((disk) => stat(disk.path)));
      return spec;
    } catch {
      return undefined;
    }
  }

  /** The guest's disks have changed while it ran. */
  async rewrite(spec: GuestSpec): Promise<void> {
    await this.remember(spec);
  }

  async forget(uid: string): Promise<void> {
    await this.hypervisor.discard(uid);
    await rm(this.scratchOf(uid), { recursive: true, force: true });
    await rm(this.recordOf(uid), { force: true });
  }

  private async make(
    vmi: VirtualMachineInstance,
    plan: GuestPlan,
    { name, source }: PlannedDisk,
  ): Promise<string> {
    const { uid, namespace = '' } = vmi.metadata;
    switch (source.kind) {
      case 'image':
        return this.hypervisor.makeRootDisk(uid, name);
      case 'cloud-init':
        return this.hypervisor.makeSeedDisk(uid, name, this.seed(vmi, plan, source.source));
      case 'files':
        return this.hypervisor.makeFilesDisk(uid, name, source.label, this.filesOf(namespace, source));
      case 'scratch':
        return this.hypervisor.makeDataDisk(
          path.join(this.scratchOf(uid), `${name}.img`),
          parseQuantity(source.bytes),
        );
      case 'claim': {
        const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, source.claim);
        if (!claim) throw new Error(`PVC ${namespace}/${source.claim} does not exist`);
        const bytes = imageBytes(this.cluster, claim);
        const file = await this.hypervisor.makeDataDisk(claimFile(this.directory, claim), bytes);
        // The claim may have grown since its image was made.
        await growImage(file, bytes);
        return file;
      }
    }
  }

  private filesOf(namespace: string, { resource, from }: { resource: string; from: string }) {
    const { data = {}, binaryData = {} } = this.cluster.get<Secret>(resource, namespace, from) ?? {};
    const encoding = resource === 'secrets' ? 'base64' : 'utf8';
    const files = new Map(Object.entries(data).map(([name, text]) => [name, Buffer.from(text, encoding)]));
    for (const [name, text] of Object.entries(binaryData)) files.set(name, Buffer.from(text, 'base64'));
    return files;
  }

  private seed(vmi: VirtualMachineInstance, plan: GuestPlan, source: CloudInitSource): CloudInitSeed {
    const { namespace = '' } = vmi.metadata;
    const publicKeys = cloudInitKeys(this.cluster, vmi);
    const userData = this.text(
      namespace,
      source.userData,
      source.userDataBase64,
      source.secretRef?.name,
      'userdata',
    );
    const { networkData: inline, networkDataBase64: encoded, networkDataSecretRef } = source;
    const networkData = this.text(namespace, inline, encoded, networkDataSecretRef?.name, 'networkdata');
    return {
      instanceId: plan.firmwareUuid,
      hostname: plan.hostname,
      userData: userData ?? '',
      ...(networkData === undefined ? {} : { networkData }),
      ...(publicKeys.length > 0 ? { publicKeys } : {}),
      ...(plan.defaultUser === undefined ? {} : { defaultUser: plan.defaultUser }),
    };
  }

  private text(
    namespace: string,
    inline: string | undefined,
    encoded: string | undefined,
    secretName: string | undefined,
    key: string,
  ): string | undefined {
    if (inline !== undefined) return inline;
    if (encoded !== undefined) return decode(encoded);
    if (secretName === undefined) return undefined;
    const { data = {} } = this.cluster.get<Secret>('secrets', namespace, secretName) ?? {};
    const found = Object.entries(data).find(([name]) => name.toLowerCase() === key);
    if (!found) throw new Error(`secret ${namespace}/${secretName} has no key "${key}"`);
    return decode(found[1]);
  }

  private async remember(spec: GuestSpec): Promise<void> {
    const file = this.recordOf(spec.id);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify(spec));
    await rename(`${file}.new`, file);
  }

  private recordOf(uid: string): string {
    return path.join(this.directory, 'guest-specs', `${uid}.json`);
  }

  private scratchOf(uid: string): string {
    return path.join(this.directory, 'disks', 'scratch', uid);
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
