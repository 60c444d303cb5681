import type { ClusterApi } from '../api/objects';
import { type Appointment, clock } from '../clock';
import type { ImageStore } from '../registry/image-store';
import { fullReference } from '../registry/reference';
import { type VirtualMachine, type VirtualMachineInstance, VMIS, VMS, type Volume } from './types';

const FIRST_LOOK_MS = 60_000;
const LOOK_MS = 3_600_000;

/** The kubelets' image collection: images that no machine names any more go in the end. */
export class ImageCollector {
  private appointment: Appointment;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly images: ImageStore,
  ) {
    this.appointment = clock.after(FIRST_LOOK_MS, () => this.look(), { background: true });
  }

  close(): void {
    this.appointment.cancel();
  }

  private look(): void {
    const used = new Set<string>();
    const note = (volumes: readonly Volume[] = []) => {
      for (const { containerDisk } of volumes)
        if (containerDisk) used.add(fullReference(containerDisk.image));
    };
    for (const { spec } of this.cluster.list<VirtualMachine>(VMS)) note(spec.template.spec.volumes);
    for (const { spec } of this.cluster.list<VirtualMachineInstance>(VMIS)) note(spec.volumes);
    this.images
      .prune((references) => references.some((reference) => used.has(reference)), clock.millis())
      .catch((error) => console.error('Cannot remove images that nobody uses:', error));
    this.appointment = clock.after(LOOK_MS, () => this.look(), { background: true });
  }
}
