import type { KubeObject } from '../api/objects';
import type { Cluster } from '../api/store';
import { clock } from '../clock';
import { type VirtualMachineInstance, VMIS } from '../controllers/types';
import type { Availability, Guest, GuestAgentFacts, GuestSpec, Hypervisor } from '../guests/hypervisor';
import { StateOnlyGuest } from '../guests/state-only-guest';
import { agentFacts, systemOf } from './guest-agent';

const BOOT_MS = 1500;
/** From power to the agent's first word. */
const AGENT_MS = 6000;

/** A guest that is only its state, and whose agent answers nevertheless. */
class GeneratedGuest extends StateOnlyGuest {
  private connected = false;

  constructor(
    spec: GuestSpec,
    reason: string,
    private readonly system: Parameters<typeof agentFacts>[1],
  ) {
    super(spec, reason);
  }

  override get agentConnected(): boolean {
    return this.connected;
  }

  override async agentFacts(): Promise<GuestAgentFacts> {
    if (!this.connected) throw new Error('The guest agent is not connected');
    return agentFacts(this.spec, this.system);
  }

  connect(): void {
    this.connected = true;
    this.tellAgent(true);
  }
}

/**
 * The machines of a generated cluster: nothing on disk, no processes, as many as there is memory for. Those that
 * already ran when the cluster was generated are there as soon as somebody asks for them.
 */
export class GeneratedHypervisor implements Hypervisor {
  private readonly guests = new Map<string, GeneratedGuest>();

  constructor(
    private readonly cluster: Cluster,
    private readonly reason: string,
  ) {}

  availability(): Availability {
    return { available: false, reason: this.reason };
  }

  async start(spec: GuestSpec): Promise<Guest> {
    await new Promise<void>((resolve) => clock.after(BOOT_MS, resolve, { background: true }));
    const guest = this.keep(spec);
    clock.after(AGENT_MS, () => guest.connect(), { background: true });
    return guest;
  }

  async adopt(spec: GuestSpec): Promise<Guest | undefined> {
    return this.guests.get(spec.id);
  }

  standing(spec: GuestSpec, hasAgent: boolean): Guest {
    const guest = this.guests.get(spec.id) ?? this.keep(spec);
    if (hasAgent) guest.connect();
    return guest;
  }

  async makeRootDisk(id: string, volume: string): Promise<string> {
    return `${id}/${volume}.img`;
  }

  async makeOverlay(id: string, volume: string): Promise<string> {
    return `${id}/${volume}.qcow2`;
  }

  async makeSeedDisk(id: string, volume: string): Promise<string> {
    return `${id}/${volume}.iso`;
  }

  async makeFilesDisk(id: string, volume: string): Promise<string> {
    return `${id}/${volume}.iso`;
  }

  async makeDataDisk(file: string): Promise<string> {
    return file;
  }

  async discard(id: string): Promise<void> {
    await this.guests.get(id)?.kill();
  }

  async close(): Promise<void> {
    await Promise.all([...this.guests.values()].map((guest) => guest.kill()));
  }

  private keep(spec: GuestSpec): GeneratedGuest {
    const guest = new GeneratedGuest(spec, this.reason, this.systemIn(spec.id));
    this.guests.set(spec.id, guest);
    guest.on('exit', () => this.guests.delete(spec.id));
    return guest;
  }

  private systemIn(uid: string): Parameters<typeof agentFacts>[1] {
    const address = this.cluster.state.addressOf(uid);
    const object: KubeObject | undefined = address && this.cluster.state.get(address.resource, address.key);
    // Guests are the instances' alone.
    const vmi = address?.resource === VMIS ? (object as VirtualMachineInstance) : undefined;
    const image = vmi?.spec.volumes?.find(({ containerDisk }) => containerDisk)?.containerDisk?.image;
    return systemOf(image, vmi?.metadata.labels?.os);
  }
}
