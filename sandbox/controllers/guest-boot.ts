import path from 'node:path';
import { type DiskContents, diskContents, diskStart } from '../guests/boot-sectors';
import type { GuestBoot, GuestDisk } from '../guests/hypervisor';
import type { VirtualMachineInstance } from './types';

/** A disk that firmware might start from. */
export interface BootCandidate {
  disk: GuestDisk;
  /** The built-in root image was made for it; the disk of an image that was pulled; a volume that holds what it holds. */
  origin: 'built-in' | 'pulled' | 'volume';
  /** Where its bytes can be looked at. */
  contents: { path: string; format: 'raw' | 'qcow2' };
}

/** Where a machine keeps what outlasts its instances. */
export interface KeptState {
  /** Of a VM, by its uid. */
  directory: string;
  /** Of an instance: gone with it. */
  instanceDirectory: string;
}

/**
 * What an instance boots: the first disk in the order of its boot orders that has a system on it says so. A machine
 * whose first one is the built-in image, or that has none, boots the built-in Linux. A pulled image that nothing can
 * start from is tried all the same, and so is a disk that is first by an order of somebody's: firmware says what is
 * wrong, as on a real cluster.
 * @returns the boot; and the disk that firmware has to try first where the spec names no order
 */
export async function chooseBoot(
  vmi: VirtualMachineInstance,
  candidates: readonly BootCandidate[],
  kept: KeptState,
): Promise<{ boot: GuestBoot; first?: GuestDisk }> {
  const order = ({ disk }: BootCandidate) => disk.bootOrder ?? Number.POSITIVE_INFINITY;
  // Stable: those without an order stay in the order of the spec. Where one has an order, those without are not tried:
  // libvirt starts QEMU with `-boot strict=on`.
  const ordered = candidates.filter(({ disk }) => disk.bootOrder !== undefined);
  const tried = ordered.length > 0 ? ordered : candidates;
  const sorted = [...tried].sort((one, other) =>
    order(one) === order(other) ? 0 : order(one) - order(other),
  );
  for (const candidate of sorted) {
    const { disk } = candidate;
    const contents = await contentsOf(candidate);
    if (contents === 'home') return { boot: { kind: 'built-in' } };
    if (contents === 'bootable') return { boot: firmwareBoot(vmi, kept), first: disk };
  }
  const [named] = sorted;
  if (named?.disk.bootOrder !== undefined) return { boot: firmwareBoot(vmi, kept), first: named.disk };
  const pulled = sorted.find(({ origin }) => origin === 'pulled');
  if (pulled) return { boot: firmwareBoot(vmi, kept), first: pulled.disk };
  return { boot: { kind: 'built-in' } };
}

/** What a disk holds; one that cannot be read holds nothing to start from. */
export async function contentsOf({ origin, contents }: BootCandidate): Promise<DiskContents> {
  if (origin === 'built-in') return 'home';
  return diskContents(await diskStart(contents.path, contents.format).catch(() => Buffer.alloc(0)));
}

function firmwareBoot({ spec }: VirtualMachineInstance, kept: KeptState): GuestBoot {
  const efi = spec.domain.firmware?.bootloader?.efi;
  const { tpm } = spec.domain.devices;
  const hasTpm = tpm !== undefined && tpm.enabled !== false;
  return {
    kind: 'disk',
    firmware: efi ? 'efi' : 'bios',
    // As KubeVirt defaults it.
    secureBoot: efi ? efi.secureBoot !== false : false,
    ...(efi?.persistent ? { nvram: path.join(kept.directory, 'nvram.fd') } : {}),
    ...(hasTpm ? { tpm: path.join(tpm.persistent ? kept.directory : kept.instanceDirectory, 'tpm') } : {}),
  };
}
