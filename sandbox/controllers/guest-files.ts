import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterApi, KubeObject } from '../api/objects';
import { giveSlots } from '../guests/device-slots';
import type { CloudInitSeed, Guest, GuestBoot, GuestDisk, GuestSpec, Hypervisor } from '../guests/hypervisor';
import type { ImageStore } from '../registry/image-store';
import { cloudInitKeys } from './access-secrets';
import { imageBytes } from './claim-image';
import { type ContainerDisk, ContainerDisks } from './container-disks';
import { type BootCandidate, chooseBoot, contentsOf } from './guest-boot';
import { type GuestPlan, guestNics, guestPlan, type PlannedDisk } from './guest-plan';
import { keptStateOf } from './kept-state';
import { guestLinks } from './networks/links';
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
  private readonly containerDisks: ContainerDisks;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly hypervisor: Hypervisor,
    private readonly directory: string,
    images: ImageStore,
  ) {
    this.containerDisks = new ContainerDisks(images, hypervisor);
  }

  /** @throws when a secret or claim is missing, or a disk cannot be written. */
  async prepare(vmi: VirtualMachineInstance, pod: Pod): Promise<GuestSpec> {
    const plan = guestPlan(vmi);
    const disks: GuestDisk[] = [];
    const candidates: BootCandidate[] = [];
    for (const planned of plan.disks) {
      const { source, ...device } = planned;
      const made = await this.make(vmi, plan, planned);
      const disk: GuestDisk = { ...device, path: made.path };
      if (made.format === 'qcow2') disk.format = 'qcow2';
      disks.push(disk);
      if (source.kind !== 'image' && source.kind !== 'claim') continue;
      const { origin = 'volume', contents = { path: made.path, format: 'raw' } } = made;
      candidates.push({ disk, origin, contents });
    }
    const boot = await this.boot(vmi, candidates);
    const spec: GuestSpec = {
      id: vmi.metadata.uid,
      name: vmi.metadata.name,
      memoryMiB: plan.memoryMiB,
      vcpus: plan.vcpus,
      maxMemoryMiB: plan.maxMemoryMiB,
      maxVcpus: plan.maxVcpus,
      firmwareUuid: plan.firmwareUuid,
      disks,
      nics: guestNics(vmi, pod.status?.podIP ?? '', guestLinks(this.cluster, vmi, pod)),
      ...(boot.kind === 'built-in' ? {} : { boot }),
      startPaused: vmi.spec.startStrategy === 'Paused',
    };
    giveSlots(spec);
    await this.remember(spec);
    return spec;
  }

  /** What an instance was started with, if all its disks are still there. */
  async recall(uid: string): Promise<GuestSpec | undefined> {
    try {
      // Written by `remember` below.
      const spec = JSON.parse(await readFile(this.recordOf(uid), 'utf8')) as GuestSpec;
      await Promise.all(spec.disks.filter(({ path }) => path !== '').map(({ path }) => stat(path)));
      return spec;
    } catch {
      return undefined;
    }
  }

  /** The guest's disks have changed while it ran. */
  async rewrite(spec: GuestSpec): Promise<void> {
    await this.remember(spec);
  }

  /** Takes over the guest that was started with `spec`, if it still runs, and remembers it as it was found to be. */
  async adopt(spec: GuestSpec): Promise<Guest | undefined> {
    const guest = await this.hypervisor.adopt(spec);
    if (guest) await this.remember(guest.spec);
    return guest;
  }

  async forget(uid: string): Promise<void> {
    await this.hypervisor.discard(uid);
    await rm(this.scratchOf(uid), { recursive: true, force: true });
    await rm(this.recordOf(uid), { force: true });
  }

  private async make(
    vmi: VirtualMachineInstance,
    plan: GuestPlan,
    { name, readOnly, source }: PlannedDisk,
  ): Promise<Pick<GuestDisk, 'path' | 'format'> & Partial<ContainerDisk>> {
    const { uid, namespace = '' } = vmi.metadata;
    switch (source.kind) {
      case 'nothing':
        return { path: '' };
      case 'image':
        return this.containerDisks.make(uid, name, source);
      case 'cloud-init':
        return { path: await this.hypervisor.makeSeedDisk(uid, name, this.seed(vmi, plan, source.source)) };
      case 'files': {
        const files = this.filesOf(namespace, source);
        return { path: await this.hypervisor.makeFilesDisk(uid, name, source.label, files) };
      }
      case 'scratch': {
        const file = path.join(this.scratchOf(uid), `${name}.img`);
        return { path: await this.hypervisor.makeDataDisk(file, parseQuantity(source.bytes)) };
      }
      case 'claim':
        return this.claimDisk(vmi, name, readOnly, source);
    }
  }

  /** The image on a claim, or what a guest writes over it. @throws in libvirt's words when it may not be written. */
  private async claimDisk(
    { metadata }: VirtualMachineInstance,
    volume: string,
    readOnly: boolean,
    { claim: name, ephemeral, frozen }: PlannedDisk['source'] & { kind: 'claim' },
  ): Promise<Pick<GuestDisk, 'path' | 'format'>> {
    const { namespace = '', uid } = metadata;
    const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (!claim) throw new Error(`PVC ${namespace}/${name} does not exist`);
    const { accessModes = [] } = claim.spec;
    const fixed = frozen || (accessModes.length > 0 && accessModes.every((mode) => mode === 'ReadOnlyMany'));
    if (fixed && !readOnly && !ephemeral) {
      throw new Error(
        `server error. command SyncVMI failed: "LibvirtError(Code=1, Domain=10, Message='internal error: process exited while connecting to monitor: Could not open '/var/run/kubevirt-private/vmi-disks/${volume}/disk.img': Read-only file system')"`,
      );
    }
    const bytes = imageBytes(this.cluster, claim);
    const path = await this.hypervisor.makeDataDisk(claimFile(this.directory, claim), bytes);
    // The claim may have grown since its image was made.
    if (!fixed) await growImage(path, bytes);
    if (!ephemeral) return { path };
    return { path: await this.hypervisor.makeOverlay(uid, volume, { path, format: 'raw' }), format: 'qcow2' };
  }

  /** What the machine boots. Disks that the spec leaves without an order are tried as they are to be. */
  private async boot(vmi: VirtualMachineInstance, candidates: readonly BootCandidate[]): Promise<GuestBoot> {
    const { uid, ownerReferences = [] } = vmi.metadata;
    const owner = ownerReferences.find(({ kind }) => kind === 'VirtualMachine')?.uid ?? uid;
    const { boot, first } = await chooseBoot(vmi, candidates, {
      directory: keptStateOf(this.directory, owner),
      instanceDirectory: this.scratchOf(uid),
    });
    const ordered = candidates.some(({ disk }) => disk.bootOrder !== undefined);
    if (first && !ordered) first.bootOrder = 1;
    if (boot.kind === 'built-in') {
      for (const candidate of candidates) {
        const { disk, origin } = candidate;
        // An image that was pulled is as much a disk as any other; our own on a volume is the guest's home.
        if (disk.role === 'root' && origin !== 'built-in') disk.role = 'data';
        const isFree = origin === 'volume' && !candidates.some((other) => other.disk.role === 'root');
        if (isFree && (await contentsOf(candidate)) === 'home') disk.role = 'root';
      }
    }
    return boot;
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
