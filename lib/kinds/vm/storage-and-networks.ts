import { parseQuantity } from '@/lib/units';
import type { GuestSpec, VirtualMachine, VirtualMachineInstance } from './types';

/** What of a guest's storage is part of its row. */
export interface VmStorage {
  /** How many disks it has, CD-ROMs among them. */
  disks: number;
  /** The sum of those that KubeVirt found a size for. */
  bytes: number;
  /** Claims of the others. */
  unsized: string[];
  /** All claims, without repeats. */
  volumes: string[];
}

type VolumeStatus = NonNullable<NonNullable<VirtualMachineInstance['status']>['volumeStatus']>;

const NONE: string[] = [];

/** The disks of a guest, or those of a VM's template; sizes are those that KubeVirt found for the claims of a guest. */
export function vmStorage(spec: GuestSpec | undefined, status: VolumeStatus = []): VmStorage {
  const found = new Map(
    status.map(({ name, persistentVolumeClaimInfo, size }) => [
      name,
      parseQuantity(String(persistentVolumeClaimInfo?.capacity?.storage ?? '')) ?? size,
    ]),
  );
  let bytes = 0;
  const unsized: string[] = [];
  const volumes = new Set<string>();
  for (const { name, dataVolume, persistentVolumeClaim } of spec?.volumes ?? []) {
    const claim = dataVolume?.name ?? persistentVolumeClaim?.claimName;
    const size = found.get(name);
    if (claim) volumes.add(claim);
    if (size !== undefined) bytes += size;
    else if (claim) unsized.push(claim);
  }
  return {
    disks: spec?.domain?.devices?.disks?.length ?? 0,
    bytes,
    unsized: unsized.length > 0 ? unsized : NONE,
    volumes: volumes.size > 0 ? [...volumes] : NONE,
  };
}

/** What the VM's own dataVolumeTemplates ask for, by name; of other volumes of a VM that is off nothing is known here. */
export function askedSizes(vm: VirtualMachine): ReadonlyMap<string, number> | undefined {
  const templates = vm.spec.dataVolumeTemplates ?? [];
  if (templates.length === 0) return undefined;
  const sizes = new Map<string, number>();
  for (const { metadata, spec } of templates) {
    const requests = (spec?.storage?.resources ?? spec?.pvc?.resources)?.requests;
    const bytes = parseQuantity(String(requests?.storage ?? ''));
    if (metadata?.name && bytes !== undefined) sizes.set(metadata.name, bytes);
  }
  return sizes;
}

/** `pod`, and the names of NetworkAttachmentDefinitions as the VM writes them, in its order. */
export function networksOf(spec: GuestSpec | undefined): string[] {
  const networks = spec?.networks ?? [];
  return [
    ...new Set(networks.flatMap(({ pod, multus }) => (pod ? ['pod'] : multus ? [multus.networkName] : []))),
  ];
}
