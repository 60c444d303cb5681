import type { GuestNic } from '../hypervisor';
import type { Machine } from '../machine';
import { userNetwork } from '../user-network';
import type { Cable, Segments } from './segments';

/**
 * What the network cards of one QEMU process are connected to: QEMU's own user network, or a cable to the switch of a
 * segment. Cables end with the process.
 */
export class MachineNetwork {
  /** By the backend's id in QEMU. */
  readonly #cables = new Map<string, { segment: string; cable: Cable }>();

  constructor(
    private readonly machine: Machine,
    private readonly segments: Segments,
  ) {
    void machine.gone.then(() => Promise.all([...this.#cables.keys()].map((id) => this.#pull(id))));
  }

  /** Makes the backend (`id`) that a card is to be plugged into. */
  async add(id: string, nic: GuestNic): Promise<void> {
    const { qmp } = this.machine;
    if (nic.segment === undefined) {
      await qmp.execute('netdev_add', {
        type: 'user',
        id,
        ...userNetwork(insideAddress(nic)),
        ...names(nic),
      });
      return;
    }
    const cable = await this.segments.plug(cableEnd(nic.segment, nic));
    this.#cables.set(id, { segment: nic.segment, cable });
    const end = (port: number) => ({ type: 'inet', host: '127.0.0.1', port: String(port) });
    try {
      await qmp.execute('netdev_add', {
        type: 'dgram',
        id,
        local: end(cable.local),
        remote: end(cable.remote),
      });
    } catch (error) {
      await this.#pull(id);
      throw error;
    }
  }

  /** Takes the backend of a card away that is no longer there. */
  async remove(id: string): Promise<void> {
    await this.machine.qmp.execute('netdev_del', { id });
    await this.#pull(id);
  }

  /**
   * Finds the cables of a machine that outlived the sandbox again: QEMU says itself where they lead.
   * @param nics The machine's cards; `idOf` names the backend of each.
   */
  async adopt(nics: readonly GuestNic[], idOf: (nic: GuestNic, index: number) => string): Promise<void> {
    if (!nics.some(({ segment }) => segment !== undefined)) return;
    const printed = await this.machine.qmp.execute('human-monitor-command', {
      'command-line': 'info network',
    });
    const cables = readCables(String(printed));
    for (const [index, nic] of nics.entries()) {
      const id = idOf(nic, index);
      const cable = cables.get(id);
      if (nic.segment === undefined || !cable) continue;
      await this.segments.adopt(cableEnd(nic.segment, nic), cable).then(
        () => this.#cables.set(id, { segment: nic.segment ?? '', cable }),
        (error: Error) => console.error(error.message),
      );
    }
  }

  /** What has gone through the card's cable; undefined for what hangs on no segment. */
  async counters(id: string) {
    const laid = this.#cables.get(id);
    return laid && this.segments.counters(laid.segment, laid.cable);
  }

  async #pull(id: string): Promise<void> {
    const laid = this.#cables.get(id);
    this.#cables.delete(id);
    if (laid) await this.segments.unplug(laid.segment, laid.cable);
  }
}

/** The address of a card as its guest knows it. */
export function insideAddress({ address, lease }: GuestNic): string {
  return lease?.address ?? address;
}

/** What QEMU's own DHCP server says beside the address. */
function names({ lease }: GuestNic): object {
  const { hostname, domain, search = [] } = lease ?? {};
  return {
    ...(hostname ? { hostname } : {}),
    ...(domain ? { domainname: domain } : {}),
    ...(search.length > 0 ? { dnssearch: search.map((str) => ({ str })) } : {}),
  };
}

function cableEnd(segment: string, { lease }: GuestNic) {
  return { segment, ...(lease ? { lease } : {}) };
}

/** Reads QEMU's `info network`: `net1: index=0,type=dgram,udp=127.0.0.1:23456/127.0.0.1:23457`, local then remote. */
export function readCables(printed: string): Map<string, Cable> {
  const found = printed.matchAll(/(\S+): index=\d+,type=dgram,udp=[\d.]+:(\d+)\/[\d.]+:(\d+)/g);
  return new Map(
    [...found].map(([, id = '', local, remote]) => [id, { local: Number(local), remote: Number(remote) }]),
  );
}
