import type { Hypervisor } from '../guests/hypervisor';
import type { ImageStore } from '../registry/image-store';

export interface ContainerDisk {
  path: string;
  format: 'raw' | 'qcow2';
  /** Its registry had it, or the built-in image stands in. */
  origin: 'pulled' | 'built-in';
  /** What the guest sees at first. */
  contents: { path: string; format: 'raw' | 'qcow2' };
}

/** Gives instances disks of their own over what the kubelet has pulled: what a guest writes ends with its instance. */
export class ContainerDisks {
  constructor(
    private readonly images: ImageStore,
    private readonly hypervisor: Hypervisor,
  ) {}

  /**
   * The disk of a container disk for one instance. The kubelet has pulled the image, or found that nobody answers:
   * registries are not asked here.
   * @throws an Error in virt-handler's words when the image has no disk
   */
  async make(
    uid: string,
    volume: string,
    { image, path }: { image: string; path?: string },
  ): Promise<ContainerDisk> {
    const disk = await this.images.diskOf(image, {
      policy: 'Never',
      ...(path === undefined ? {} : { path }),
    });
    if (disk.kind === 'failed' && disk.stage === 'disk') {
      throw new Error(`failed to find container disk ${volume}: ${disk.message}`);
    }
    if (disk.kind !== 'pulled') {
      const root = { path: await this.hypervisor.makeRootDisk(uid, volume), format: 'raw' } as const;
      return { ...root, origin: 'built-in', contents: root };
    }
    const overlay = await this.hypervisor.makeOverlay(uid, volume, disk);
    return { path: overlay, format: 'qcow2', origin: 'pulled', contents: disk };
  }
}
