import type { ClusterApi } from '../../api/objects';
import type { Guest, GuestNic } from '../../guests/hypervisor';
import { cardStatus } from '../domain-status';
import { guestNics } from '../guest-plan';
import { currentLauncher } from '../launchers';
import { guestLinks } from '../networks/links';
import { type VirtualMachineInstance, VMIS } from '../types';
import type { VirtHandler } from '../virt-handler';
import type { LiveRule } from './live-sync';

/** virt-handler's network sync: the cards of a running guest come, go and have their cables pulled as its spec says. */
export class CardRule implements LiveRule {
  readonly name = 'cards';
  readonly retryMs = 5_000;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
  ) {}

  concerns(before: VirtualMachineInstance | undefined, now: VirtualMachineInstance): boolean {
    return (
      before?.spec !== now.spec ||
      before?.status?.interfaces !== now.status?.interfaces ||
      before?.status?.nodeName !== now.status?.nodeName
    );
  }

  /** The cards that the guest should have, as far as its launcher has links for them. */
  private wanted(vmi: VirtualMachineInstance): GuestNic[] | undefined {
    const pod = currentLauncher(this.cluster, vmi);
    return pod && guestNics(vmi, pod.status?.podIP ?? '', guestLinks(this.cluster, vmi, pod));
  }

  async follow(vmi: VirtualMachineInstance, guest: Guest): Promise<void> {
    const wanted = this.wanted(vmi);
    if (!wanted) return;
    const asked = new Set(
      vmi.spec.domain.devices.interfaces?.flatMap(({ name, state }) => (state === 'absent' ? [] : [name])),
    );
    // A card whose link cannot be found at the moment is still asked for: it stays.
    const gone = guest.spec.nics.filter(({ name }) => !asked.has(name));
    const present = new Map(guest.spec.nics.map((nic) => [nic.name, nic]));
    const added = wanted.filter((nic) => nic.segment !== undefined && !present.has(nic.name));
    for (const { name } of gone) await this.virtHandler.change(vmi, guest, () => guest.unplugNic(name));
    for (const nic of added) await this.virtHandler.change(vmi, guest, () => guest.plugNic(nic));
    for (const { name, link = 'up' } of wanted) {
      const known = present.get(name);
      if (!known || (known.link ?? 'up') === link) continue;
      await this.virtHandler.change(vmi, guest, () => guest.setLink(name, link));
    }
    const has = new Set(guest.spec.nics.map(({ name }) => name));
    const left = (vmi.status?.interfaces ?? []).flatMap(({ name }) =>
      name === undefined || asked.has(name) || has.has(name) ? [] : [name],
    );
    if (added.length === 0 && left.length === 0 && gone.length === 0) return;
    this.tell(vmi, added, [...left, ...gone.map(({ name }) => name)]);
    this.virtHandler.askAgent(vmi);
  }

  /** Writes what came and what went; virt-controller forgets a card that is to be absent when the status does. */
  private tell(
    { metadata }: VirtualMachineInstance,
    added: readonly GuestNic[],
    gone: readonly string[],
  ): void {
    const names = new Set([...added.map(({ name }) => name), ...gone]);
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, ({ status }) => {
      if (status?.phase !== 'Running') return;
      const others = status.interfaces?.filter(({ name }) => !names.has(name ?? '')) ?? [];
      status.interfaces = [...others, ...added.map((nic) => cardStatus(nic, undefined))];
    });
  }
}
