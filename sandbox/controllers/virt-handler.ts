import type { ClusterApi } from '../api/objects';
import { clock } from '../clock';
import type { Guest, GuestExit, GuestSpec, Hypervisor } from '../guests/hypervisor';
import type { ImageStore } from '../registry/image-store';
import { claimOf } from './claims';
import { isTrue } from './conditions';
import type { DeadNodes } from './dead-nodes';
import * as describe from './domain-status';
import { GuestAgents } from './guest-agents';
import { GuestFiles } from './guest-files';
import { standingGuest } from './guest-plan';
import { IoErrors } from './io-errors';
import { graceSeconds } from './launcher-pod';
import { currentLauncher } from './launchers';
import { followLinks } from './live-update/links';
import { migratability } from './migration/migratability';
import { checkLinks } from './multus';
import { isFinal } from './run-strategy';
import { now } from './time';
import { type Pod, type VirtualMachineInstance, type VirtualMachineInstanceStatus, VMIS } from './types';
import { setPhase } from './vmi-status';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const LATENCY_MS = 80;
/** Between a deletion and the power button, as on a real cluster: long enough for watchers to see Stopping. */
const SHUTDOWN_LATENCY_MS = 250;
const FIRST_SYNC_RETRY_MS = 5_000;
const LAST_SYNC_RETRY_MS = 60_000;

interface Domain {
  key: string;
  guest: Guest;
  /** When its end was first asked for. */
  endingSince?: number;
  /** Set once the guest was asked to end: when it is cut off. */
  deadline?: number;
  /** Cut off without a grace period. */
  forced?: boolean;
}

/**
 * virt-handler and virt-launcher of all nodes: starts the guest of every instance that was scheduled, reports what
 * becomes of it, and ends it when its instance or pod goes.
 */
export class VirtHandler {
  private readonly queue = new WorkQueue('virt-handler', (key) => this.reconcile(key), LATENCY_MS);
  private readonly agents = new GuestAgents({
    of: (uid) => this.domains.get(uid),
    instance: (key) => this.instance(key),
    write: (vmi, change) => this.write(vmi, change),
  });
  private readonly domains = new Map<string, Domain>();
  private readonly starting = new Set<string>();
  private readonly syncFailures = new Map<string, { message: string; count: number; retryAt: number }>();
  private readonly files: GuestFiles;
  private readonly ioErrors: IoErrors;
  private readonly stops: (() => void)[];
  private closed = false;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly hypervisor: Hypervisor,
    {
      directory,
      progress,
      deadNodes,
      images,
    }: {
      directory: string;
      progress: (sentence: string) => void;
      deadNodes: DeadNodes;
      images: ImageStore;
    },
  ) {
    this.progress = progress;
    this.deadNodes = deadNodes;
    this.ioErrors = new IoErrors(cluster);
    this.files = new GuestFiles(cluster, hypervisor, directory, images);
    this.stops = [
      deadNodes.watch((node, dead) => this.followNode(node, dead)),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object, previous }) => {
        if (previous && previous.spec !== object.spec && this.domains.has(object.metadata.uid)) {
          this.judgeMobility(object);
        }
        const latency = object.metadata.deletionTimestamp ? SHUTDOWN_LATENCY_MS : LATENCY_MS;
        if (type === 'DELETED') void this.discard(object.metadata.uid);
        else this.queue.add(keyFor(object), latency);
      }),
      cluster.watch<Pod>('pods', ({ object }) => {
        const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === 'VirtualMachineInstance');
        if (owner && object.metadata.deletionTimestamp)
          this.queue.add(`${object.metadata.namespace}/${owner.name}`, SHUTDOWN_LATENCY_MS);
      }),
    ];
  }

  private readonly progress: (sentence: string) => void;
  private readonly deadNodes: DeadNodes;
  /** Instances whose guest went down with its node, of which nobody was told yet. */
  private readonly lost = new Set<string>();

  /** The running guest of an instance. */
  guestOf(vmi: VirtualMachineInstance): Guest | undefined {
    return (this.domains.get(vmi.metadata.uid) ?? this.standing(vmi))?.guest;
  }

  /** The domain of an instance that was generated running: it is looked up when it is first needed. */
  private standing(vmi: VirtualMachineInstance): Domain | undefined {
    const { status, metadata } = vmi;
    if (status?.phase !== 'Running' || this.deadNodes.has(status.nodeName)) return undefined;
    const guest = this.hypervisor.standing?.(
      standingGuest(vmi, isTrue(status, 'Paused')),
      isTrue(status, 'AgentConnected'),
    );
    if (guest) this.adoptGuest(keyFor(vmi), vmi, guest);
    return this.domains.get(metadata.uid);
  }

  /** Stops looking; guests that end from now on are not reported, so that their instances start again later. */
  close(): void {
    this.closed = true;
    for (const stop of this.stops) stop();
    this.queue.close();
    this.agents.close();
    this.ioErrors.close();
  }

  async setPaused(vmi: VirtualMachineInstance, guest: Guest, paused: boolean): Promise<void> {
    if (paused) await guest.pause();
    else await guest.resume();
    this.write(vmi, (status) => describe.setPaused(status, paused, now()));
    const reason = paused ? 'Paused' : 'Unpaused';
    this.tell(vmi, reason, `VirtualMachineInstance ${reason.toLowerCase()}`);
  }

  async reset(vmi: VirtualMachineInstance, guest: Guest): Promise<void> {
    await guest.reset();
    this.tell(vmi, 'Reset', 'VirtualMachineInstance reset');
  }

  async softReboot(vmi: VirtualMachineInstance, guest: Guest): Promise<void> {
    await guest.softReboot();
    this.tell(vmi, 'SoftRebooted', 'VirtualMachineInstance soft rebooted');
  }

  /** Changes what a running guest has, and remembers it. */
  async change(
    vmi: VirtualMachineInstance,
    guest: Guest,
    change: (record: (spec: GuestSpec) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    try {
      await change((spec) => this.files.rewrite(spec));
    } finally {
      if (this.guestOf(vmi) === guest) await this.files.rewrite(guest.spec);
    }
  }

  /** What the guest's agent says may have changed. */
  askAgent({ metadata }: VirtualMachineInstance): void {
    this.agents.add(metadata.uid);
  }

  private instance(key: string): VirtualMachineInstance | undefined {
    const { namespace, name } = splitKey(key);
    return this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
  }

  private async reconcile(key: string): Promise<void> {
    const vmi = this.instance(key);
    if (!vmi || this.starting.has(vmi.metadata.uid) || this.deadNodes.has(vmi.status?.nodeName)) return;
    if (this.lost.delete(vmi.metadata.uid) && !isFinal(vmi)) {
      this.write(vmi, (status) => setPhase(status, 'Failed', now()));
      this.tell(vmi, 'Stopped', 'The VirtualMachineInstance crashed.', 'Warning');
      return;
    }
    const ending = vmi.metadata.deletionTimestamp !== undefined;
    const domain = this.domains.get(vmi.metadata.uid) ?? (ending ? this.standing(vmi) : undefined);
    if (isFinal(vmi)) {
      if (domain) await domain.guest.kill();
      return;
    }
    const placed = vmi.status?.phase === 'Scheduled' || vmi.status?.phase === 'Running';
    if (!placed) return;
    const pod = currentLauncher(this.cluster, vmi);
    if (vmi.metadata.deletionTimestamp || pod?.metadata.deletionTimestamp) {
      if (domain && this.mayShutDown(key, domain)) this.shutDown(vmi, domain);
      if (!domain) this.write(vmi, (status) => setPhase(status, 'Failed', now()));
      return;
    }
    const stands = this.hypervisor.standing !== undefined && vmi.status?.phase === 'Running';
    if (!domain && pod && !stands) this.start(key, vmi, pod);
    if (domain) this.judgeMobility(vmi);
  }

  /** Volumes and links that came or went may keep the guest where it is. */
  private judgeMobility(vmi: VirtualMachineInstance): void {
    const found = migratability({
      vmi,
      claimOf: (volume) => claimOf(this.cluster, vmi.metadata.namespace ?? '', volume),
    });
    this.write(vmi, (status) => describe.describeMigratability(status, found));
  }

  /** Starts in the background: a template may have to be built first, and the instance may go meanwhile. */
  private start(key: string, vmi: VirtualMachineInstance, pod: Pod): void {
    const { uid } = vmi.metadata;
    const failed = this.syncFailures.get(uid);
    if (failed && failed.retryAt > clock.millis()) {
      this.queue.add(key, failed.retryAt - clock.millis());
      return;
    }
    this.starting.add(uid);
    void this.bringUp(vmi, pod)
      .then((guest) => this.adoptGuest(key, vmi, guest))
      .catch((error) => this.failToSync(key, vmi, error))
      .finally(() => {
        this.starting.delete(uid);
        this.queue.add(key);
      });
  }

  private async bringUp(vmi: VirtualMachineInstance, pod: Pod): Promise<Guest> {
    const { uid, namespace = '' } = vmi.metadata;
    if (vmi.status?.phase === 'Running') return this.bringBack(vmi, pod);
    this.write(vmi, (status) =>
      describe.describePlacement(status, vmi, (volume) => claimOf(this.cluster, namespace, volume)),
    );
    checkLinks(vmi, pod);
    const recalled = await this.files.recall(uid);
    const survivor = recalled && (await this.files.adopt(recalled));
    if (survivor) return survivor;
    return this.hypervisor.start(await this.files.prepare(vmi, pod), this.progress);
  }

  /** A sandbox that was ended, or killed, finds its guests again: the surviving process, or the same disks. */
  private async bringBack(vmi: VirtualMachineInstance, pod: Pod): Promise<Guest> {
    const paused = describe.isPausedByUser(vmi.status);
    const recalled = await this.files.recall(vmi.metadata.uid);
    const survivor = recalled && (await this.files.adopt({ ...recalled, startPaused: paused }));
    if (survivor) return survivor;
    const spec = recalled ?? (await this.files.prepare(vmi, pod));
    return this.hypervisor.start({ ...spec, startPaused: paused }, this.progress);
  }

  /**
   * A guest goes on in another process, in a pod with `address`: that is remembered before the old process may end.
   * @throws when the guest has ended meanwhile, or nothing can be remembered
   */
  async replaceGuest(vmi: VirtualMachineInstance, guest: Guest, address: string | undefined): Promise<void> {
    const domain = this.domains.get(vmi.metadata.uid);
    if (!domain) throw new Error('the guest has ended');
    for (const nic of guest.spec.nics) if (nic.segment === undefined && address) nic.seenAs = address;
    await this.files.rewrite(guest.spec);
    const left = domain.deadline === undefined ? undefined : domain.deadline - clock.millis();
    domain.guest = guest;
    this.follow(vmi, domain, guest);
    this.write(vmi, (status) => describe.setHeld(status, false, now()));
    if (left !== undefined) void guest.shutdown(Math.max(0, left / 1000));
  }

  private follow(vmi: VirtualMachineInstance, domain: Domain, guest: Guest): void {
    // The process that a guest has left ends as well, which is no end of the guest.
    guest.on('exit', (exit) => domain.guest === guest && this.onExit(vmi, domain, exit));
    guest.on('agent', () => this.agents.add(vmi.metadata.uid));
    this.ioErrors.follow(vmi, guest);
  }

  private adoptGuest(key: string, vmi: VirtualMachineInstance, guest: Guest): void {
    const { uid, namespace, name } = vmi.metadata;
    const domain: Domain = { key, guest };
    const current = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (this.closed || current?.metadata.uid !== uid || isFinal(current)) {
      void guest.kill();
      return;
    }
    this.domains.set(uid, domain);
    this.syncFailures.delete(uid);
    this.follow(vmi, domain, guest);
    const fresh = current.status?.phase !== 'Running';
    this.write(vmi, (status) => {
      if (fresh) describe.describeRunning(status, vmi, guest.spec, now());
      if (!guest.agentConnected) describe.describeAgent(status, guest.spec, undefined, now());
    });
    if (guest.agentConnected) this.agents.add(uid);
    // Whoever had it frozen, and would have thawed it, ended with the sandbox before.
    if (current.status?.fsFreezeStatus) void this.thaw(vmi, guest);
    if (!fresh) return;
    this.tell(vmi, 'Created', 'VirtualMachineInstance defined.');
    this.tell(vmi, 'Started', 'VirtualMachineInstance started.');
  }

  private async thaw(vmi: VirtualMachineInstance, guest: Guest): Promise<void> {
    await guest.thaw().catch(() => {});
    this.write(vmi, (status) => {
      delete status.fsFreezeStatus;
    });
  }

  private failToSync(key: string, vmi: VirtualMachineInstance, error: unknown): void {
    if (this.closed) return;
    const { uid } = vmi.metadata;
    const message = error instanceof Error ? error.message : String(error);
    const count = (this.syncFailures.get(uid)?.count ?? 0) + 1;
    const pause = Math.min(LAST_SYNC_RETRY_MS, FIRST_SYNC_RETRY_MS * 2 ** (count - 1));
    this.syncFailures.set(uid, { message, count, retryAt: clock.millis() + pause });
    this.write(vmi, (status) => describe.describeSyncFailure(status, message, now()));
    this.tell(vmi, 'SyncFailed', message, 'Warning');
    this.queue.add(key, pause);
  }

  private mayShutDown(key: string, domain: Domain): boolean {
    domain.endingSince ??= clock.millis();
    const left = domain.endingSince + SHUTDOWN_LATENCY_MS - clock.millis();
    if (left > 0) this.queue.add(key, left);
    return left <= 0;
  }

  private shutDown(vmi: VirtualMachineInstance, domain: Domain): void {
    const grace = graceSeconds(vmi);
    const deadline = clock.millis() + grace * 1000;
    if (domain.deadline === undefined) {
      domain.deadline = deadline;
      domain.forced = grace === 0;
      if (grace > 0) this.tell(vmi, 'ShuttingDown', 'Signaled Graceful Shutdown');
      else this.tell(vmi, 'Deleted', 'Signaled Deletion');
      void (grace > 0 ? domain.guest.shutdown(grace) : domain.guest.kill());
      return;
    }
    if (deadline >= domain.deadline) return;
    // The grace period was cut short while the guest was shutting down.
    domain.deadline = deadline;
    domain.forced = grace === 0;
    this.tell(vmi, 'Deleted', 'Signaled Deletion');
    clock.after(grace * 1000, () => void domain.guest.kill(), { background: true });
  }

  /** A node that dies takes its guests along and reports nothing; when it boots again it finds them gone. */
  private followNode(node: string, dead: boolean): void {
    for (const vmi of this.cluster.list<VirtualMachineInstance>(VMIS)) {
      const domain = this.domains.get(vmi.metadata.uid);
      if (vmi.status?.nodeName !== node) continue;
      if (!dead) this.queue.add(keyFor(vmi));
      else if (domain) {
        this.lost.add(vmi.metadata.uid);
        void domain.guest.kill();
      }
    }
  }

  private onExit(vmi: VirtualMachineInstance, domain: Domain, exit: GuestExit): void {
    const { uid } = vmi.metadata;
    this.domains.delete(uid);
    if (this.closed || this.lost.has(uid)) return;
    const forced = domain.forced ?? false;
    this.write(vmi, (status) => {
      if (status.phase === 'Running' || status.phase === 'Scheduled') {
        describe.describeEnd(status, exit, { forced, time: now() });
      }
    });
    if (describe.hasSucceeded(exit, forced))
      this.tell(vmi, 'Stopped', 'The VirtualMachineInstance was shut down.');
    else this.tell(vmi, 'Stopped', 'The VirtualMachineInstance crashed.', 'Warning');
  }

  private async discard(uid: string): Promise<void> {
    const domain = this.domains.get(uid);
    this.syncFailures.delete(uid);
    if (domain) await domain.guest.kill();
    await this.files
      .forget(uid)
      .catch((error) => console.error(`Cannot discard what instance ${uid} left:`, error));
  }

  private write(
    { metadata }: VirtualMachineInstance,
    change: (status: VirtualMachineInstanceStatus) => void,
  ): void {
    if (this.closed) return;
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      if (draft.metadata.uid !== metadata.uid) return;
      draft.status ??= {};
      change(draft.status);
      followLinks(draft.status, draft.spec);
    });
  }

  private tell(
    vmi: VirtualMachineInstance,
    reason: string,
    message: string,
    type: 'Normal' | 'Warning' = 'Normal',
  ): void {
    if (this.closed) return;
    const host = this.cluster.get<VirtualMachineInstance>(VMIS, vmi.metadata.namespace, vmi.metadata.name)
      ?.status?.nodeName;
    this.cluster.event(vmi, { type, reason, message, component: 'virt-handler', ...(host ? { host } : {}) });
  }
}
