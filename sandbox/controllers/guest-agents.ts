import type { Guest } from '../guests/hypervisor';
import * as describe from './domain-status';
import { isFinal } from './run-strategy';
import { now } from './time';
import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from './types';
import { WorkQueue } from './work-queue';

const RETRY_MS = 2_000;
const LATER_RETRY_MS = 15_000;
/** Addresses may change while a guest runs; nothing else of what the agent says is kept. */
const REFRESH_MS = 300_000;

interface Domains {
  /** The running guest of the instance with this uid, and the instance's key. */
  of(uid: string): { key: string; guest: Guest } | undefined;
  instance(key: string): VirtualMachineInstance | undefined;
  write(vmi: VirtualMachineInstance, change: (status: VirtualMachineInstanceStatus) => void): void;
}

/** Asks the agents of running guests what they know, and writes it into the instances' status. */
export class GuestAgents {
  private readonly queue = new WorkQueue('guest agent', (uid) => this.ask(uid));

  constructor(private readonly domains: Domains) {}

  /** Asks the agent of the instance with this uid soon. */
  add(uid: string): void {
    this.queue.add(uid);
  }

  close(): void {
    this.queue.close();
  }

  private async ask(uid: string): Promise<void> {
    const domain = this.domains.of(uid);
    if (!domain) return;
    const { guest, key } = domain;
    const vmi = this.domains.instance(key);
    if (!vmi || vmi.metadata.uid !== uid || isFinal(vmi)) return;
    if (!guest.agentConnected) {
      this.domains.write(vmi, (status) => describe.describeAgent(status, guest.spec, undefined, now()));
      return;
    }
    const facts = await guest.agentFacts().catch(() => undefined);
    if (!facts || this.domains.of(uid) !== domain) {
      this.queue.add(uid, RETRY_MS);
      return;
    }
    this.domains.write(vmi, (status) => describe.describeAgent(status, guest.spec, facts, now()));
    const without = guest.spec.nics.filter(
      ({ mac }) =>
        !facts.interfaces.some(
          (seen) => seen.mac.toLowerCase() === mac && seen.ipAddresses.some((ip) => !/^fe80:/i.test(ip)),
        ),
    );
    // Where nobody hands out addresses, the guest's owner may set one at any time, or never.
    const pause = without.some(({ lease }) => lease) ? RETRY_MS : LATER_RETRY_MS;
    this.queue.add(uid, without.length === 0 ? REFRESH_MS : pause);
  }
}
