import { parseQuantity } from '@/lib/units';
import type { GuestSpec, VirtualMachine, VirtualMachineInstance } from './types';

/** What of a VM's storage is part of its row. */
export interface RowDisks {
  disks: number;
  diskBytes: number;
  volumes: string[];
}

/**
 * Disks of the guest if there is one, else of the template. Sizes are those that KubeVirt found for the claims
 * (`status.volumeStatus`), else what the VM's own dataVolumeTemplates ask for; of other volumes of a VM that is off
 * nothing is known here.
 */
export function vmDisks(vm: VirtualMachine, vmi?: VirtualMachineInstance): RowDisks {
  const spec = guestSpec(vm, vmi);
  const volumes = spec?.volumes ?? [];
  const found = new Map(
    (vmi?.status?.volumeStatus ?? []).map(({ name, persistentVolumeClaimInfo, size }) => [
      name,
      parseQuantity(String(persistentVolumeClaimInfo?.capacity?.storage ?? '')) ?? size,
    ]),
  );
  const asked = new Map(
    (vm.spec.dataVolumeTemplates ?? []).map(({ metadata, spec: dv }) => {
      const { storage, pvc } = dv ?? {};
      const requests = (storage?.resources ?? pvc?.resources)?.requests;
      return [metadata?.name, parseQuantity(String(requests?.storage ?? ''))];
    }),
  );
  let diskBytes = 0;
  const names: string[] = [];
  for (const { name, dataVolume, persistentVolumeClaim } of volumes) {
    const claim = dataVolume?.name ?? persistentVolumeClaim?.claimName;
    if (claim) names.push(claim);
    diskBytes += found.get(name) ?? (claim ? asked.get(claim) : undefined) ?? 0;
  }
  return { disks: spec?.domain?.devices?.disks?.length ?? 0, diskBytes, volumes: [...new Set(names)] };
}

/** `pod`, and the names of NetworkAttachmentDefinitions as the VM writes them, in its order. */
export function vmNetworks(vm: VirtualMachine, vmi?: VirtualMachineInstance): string[] {
  const networks = guestSpec(vm, vmi)?.networks ?? [];
  return [
    ...new Set(networks.flatMap(({ pod, multus }) => (pod ? ['pod'] : multus ? [multus.networkName] : []))),
  ];
}

function guestSpec(vm: VirtualMachine, vmi?: VirtualMachineInstance): GuestSpec | undefined {
  return vmi?.spec ?? vm.spec.template?.spec;
}
