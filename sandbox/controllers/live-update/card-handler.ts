import type { ClusterApi } from '../../api/objects';
import type { Guest, GuestNic } from '../../guests/hypervisor';
import { cardStatus } from '../domain-status';
import { guestNics } from '../guest-plan';
import { currentLauncher } from '../launchers';
import { guestLinks } from '../networks/links';
import { type VirtualMachineInstance, VMIS } from '../types';
import type { VirtHandler } from '../virt-handler';
import { keyFor, splitKey, WorkQueue } from '../work-queue';

const LATENCY_MS = 100;
const RETRY_MS = 5_000;

/** virt-handler's network sync: the cards of a running guest come, go and have their cables pulled as its spec says. */
export class CardHandler {
  private readonly queue = new WorkQueue('cards', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
  ) {
    this.stop = cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object, previous }) => {
      if (type !== 'MODIFIED' || object.status?.phase !== 'Running') return;
      const changed =
        previous?.spec !== object.spec ||
        previous?.status?.interfaces !== object.status.interfaces ||
        previous?.status?.nodeName !== object.status.nodeName ||
        previous?.status?.migrationState !== object.status.migrationState;
      if (changed) this.queue.add(keyFor(object));
    });
  }

  close(): void {
    this.stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (vmi?.status?.phase !== 'Running' || vmi.metadata.deletionTimestamp) return;
    const { migrationState } = vmi.status;
    // A machine on its way must stay as it is.
    if (migrationState && !migrationState.endTimestamp) return;
    const wanted = this.wanted(vmi);
    const guest = wanted && this.virtHandler.guestOf(vmi);
    if (!wanted || !guest) return;
    try {
      await this.follow(vmi, guest, wanted);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const host = vmi.status.nodeName;
      this.cluster.event(vmi, {
        ...{ type: 'Warning', reason: 'SyncFailed', message, component: 'virt-handler' },
        ...(host ? { host } : {}),
      });
      this.queue.add(key, RETRY_MS);
    }
  }

  /** The cards that the guest should have, as far as its launcher has links for them. */
  private wanted(vmi: VirtualMachineInstance): GuestNic[] | undefined {
    const pod = currentLauncher(this.cluster, vmi);
    return pod && guestNics(vmi, pod.status?.podIP ?? '', guestLinks(this.cluster, vmi, pod));
  }

  private async follow(vmi: VirtualMachineInstance, guest: Guest, wanted: GuestNic[]): Promise<void> {
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
