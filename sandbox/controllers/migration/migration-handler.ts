import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import type { Hypervisor } from '../../guests/hypervisor';
import type { DeadNodes } from '../dead-nodes';
import { isPausedByUser, setHeld } from '../domain-status';
import { guestBytes } from '../instance-size';
import { settleLinks } from '../live-update/links';
import { settleSize } from '../live-update/size';
import { parseQuantity } from '../quantity';
import { isFinal } from '../run-strategy';
import { now } from '../time';
import { type Node, type Pod, type VirtualMachineInstance, VMIS } from '../types';
import type { VirtHandler } from '../virt-handler';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { DEFAULT_MIGRATIONS } from './configuration';
import { GuestMoves } from './guest-moves';
import { MIGRATION_TARGET_NODE } from './migration';
import { isMoving, type MigrationConfiguration, type MigrationState } from './migration-state';
import { judgeProgress } from './monitor';
import { acceptableSeconds, planTransfer } from './transfer';
import type { VolumeMoves } from './volume-moves';

const LATENCY_MS = 150;
const ABORT_MS = 300;
/** How often a guest under way is looked at, as virt-launcher's monitor does. */
const MONITOR_MS = 400;
const FIRST_PORT = 32_768;
/** libvirt's own connection, the memory's, and the disks'. */
const TARGET_PORTS: readonly number[] = [0, 49_152, 49_153];

type Side = 'source' | 'target';

/**
 * virt-handler's part of migrations, of both nodes: prepares the target, lets the guest's memory flow, switches over or
 * gives up. A guest that is a process moves into another one; one that is only its state takes the time that it would.
 */
export class MigrationHandler {
  private readonly queue = new WorkQueue('migration handler', (key) => this.reconcile(key), LATENCY_MS);
  private readonly begun = new Map<string, number>();
  private readonly moves: GuestMoves;
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
    hypervisor: Hypervisor,
    deadNodes: DeadNodes,
    private readonly volumes: VolumeMoves,
  ) {
    this.moves = new GuestMoves(hypervisor);
    this.stops = [
      cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object, previous }) => {
        const state = object.status?.migrationState;
        if (type !== 'DELETED' && isMoving(state)) this.queue.add(keyFor(object));
        // Whoever ended it, be it by deleting the instance or the target's pod: the target's process ends.
        const known = (state ?? previous?.status?.migrationState)?.migrationUid;
        if (known && (type === 'DELETED' || !isMoving(state) || isFinal(object)))
          void this.moves.forget(known);
      }),
      deadNodes.watch((node, dead) => dead && this.loseTargets(node)),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    const state = vmi?.status?.migrationState;
    if (!vmi || !state || !isMoving(state) || isFinal(vmi)) return;
    if (state.abortRequested) await this.abort(key, vmi, state);
    else if (!state.targetNodeAddress && !this.volumes.areThere(vmi, () => this.queue.add(key))) return;
    else if (!state.targetNodeAddress) await this.prepare(key, vmi, state);
    else if (!state.startTimestamp) await this.start(key, vmi, state);
    else if (this.moves.real) await this.watchMove(key, vmi, state);
    else this.carryOn(key, vmi, state);
  }

  /** Starts the process that the guest is to move into. False when there is none yet, or when it was given up. */
  private async receive(key: string, vmi: VirtualMachineInstance, state: MigrationState): Promise<boolean> {
    if (!this.moves.real) return true;
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) {
      // After a start of the sandbox its guest is still being looked for.
      this.queue.add(key, MONITOR_MS);
      return false;
    }
    try {
      await this.moves.receive(state.migrationUid ?? '', guest);
      // It may have been ended while the process started, and nobody would end the process then.
      if (this.isUnderWay(vmi, state)) return true;
      await this.moves.forget(state.migrationUid ?? '');
      return false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.fail(vmi, state, `failed to prepare the migration target: ${reason}`, {});
      return false;
    }
  }

  private async prepare(key: string, vmi: VirtualMachineInstance, prepared: MigrationState): Promise<void> {
    const { targetNode = '', migrationUid = '' } = prepared;
    if (!(await this.receive(key, vmi, prepared))) return;
    const node = this.cluster.get<Node>('nodes', undefined, targetNode);
    const pod = this.podOf(vmi, vmi.status?.migrationState?.targetPod);
    const address = pod?.status?.podIP ?? addressOf(node);
    const first = FIRST_PORT + (Number.parseInt(migrationUid.slice(0, 3), 16) || 0);
    const ports = TARGET_PORTS.map((port, index) => [String(first + index), port] as const);
    this.change(vmi, (state) => {
      state.targetNodeAddress = address;
      state.targetDirectMigrationNodePorts = Object.fromEntries(ports);
    });
    this.tell(vmi, 'target', 'PreparingTarget', 'VirtualMachineInstance Migration Target Prepared.');
    const listed = ports.map(([port]) => port).join(',');
    const message = `Migration Target is listening at ${address}, on ports: ${listed}`;
    this.tell(vmi, 'target', 'PreparingTarget', message);
  }

  private async start(key: string, vmi: VirtualMachineInstance, prepared: MigrationState): Promise<void> {
    const { migrationUid = '' } = prepared;
    if (!(await this.receive(key, vmi, prepared))) return;
    this.begun.set(migrationUid, clock.millis());
    this.change(vmi, (state) => {
      state.startTimestamp = now();
      state.mode = 'PreCopy';
      state.migrationNetworkType = state.migrationConfiguration?.network ? 'migration' : 'pod';
      state.targetNodeDomainDetected = true;
    });
    this.tell(vmi, 'source', 'Migrating', 'VirtualMachineInstance is migrating.');
    this.beginMove(key, vmi, prepared);
    this.queue.add(key);
  }

  private beginMove(key: string, vmi: VirtualMachineInstance, state: MigrationState): void {
    const options = optionsOf(state);
    const pod = this.podOf(vmi, state.targetPod);
    const current = () =>
      this.cluster.get<VirtualMachineInstance>(VMIS, vmi.metadata.namespace, vmi.metadata.name);
    this.moves.begin(
      state.migrationUid ?? '',
      {
        bandwidth: parseQuantity(options.bandwidthPerMigration),
        maxDowntimeMs: options.maxDowntimeMs,
        autoConverge: options.allowAutoConverge,
        postCopy: options.allowPostCopy,
        paused: () => isPausedByUser(current()?.status),
        commit: (guest) => this.virtHandler.replaceGuest(vmi, guest, pod?.status?.podIP),
      },
      () => this.queue.add(key, 0),
    );
  }

  /** Looks after a guest that is under way. */
  private async watchMove(key: string, vmi: VirtualMachineInstance, state: MigrationState): Promise<void> {
    const { migrationUid = '', mode = 'PreCopy' } = state;
    const move = this.moves.look(migrationUid);
    if (!move) {
      this.settleAfterRestart(key, vmi, state);
      return;
    }
    const { outcome } = move;
    if (outcome?.arrived) this.switchOver(vmi, state);
    else if (outcome) {
      // As virt-launcher passes libvirt's words on.
      const words = `virError(Code=9, Domain=10, Message='operation failed: job 'migration out' failed: ${outcome.message}')`;
      this.fail(vmi, state, `error encountered during MigrateToURI3 libvirt api call: ${words}`, {});
    } else {
      const options = optionsOf(state);
      const limit = acceptableSeconds(guestBytes(vmi.spec), options);
      const verdict = judgeProgress({ ...move, mode, acceptableSeconds: limit }, options);
      if (verdict && 'abort' in verdict) {
        this.fail(vmi, state, verdict.abort, { abortStatus: 'Succeeded' });
      } else if (verdict) {
        const help = verdict.assist === 'PostCopy' && !move.canPostCopy ? 'Paused' : verdict.assist;
        await this.moves.assist(migrationUid, help);
        this.change(vmi, (draft, { status }) => {
          draft.mode = help;
          if (help === 'Paused') setHeld(status, true, now());
        });
      }
      this.queue.add(key, MONITOR_MS);
    }
  }

  /** The sandbox was ended while the guest was under way: where it was found says what came of it. */
  private settleAfterRestart(key: string, vmi: VirtualMachineInstance, state: MigrationState): void {
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) this.queue.add(key, MONITOR_MS);
    else if (guest.spec.move === state.migrationUid) this.switchOver(vmi, state);
    else this.fail(vmi, state, 'Live migration was interrupted by a restart of its node agent', {});
  }

  /** The processes that were to take guests in on a node go down with it. */
  private loseTargets(node: string): void {
    for (const { status } of this.cluster.list<VirtualMachineInstance>(VMIS)) {
      const state = status?.migrationState;
      if (state?.targetNode === node && isMoving(state)) void this.moves.loseTarget(state.migrationUid ?? '');
    }
  }

  private carryOn(key: string, vmi: VirtualMachineInstance, state: MigrationState): void {
    const options = optionsOf(state);
    const plan = planTransfer(guestBytes(vmi.spec), parseQuantity(options.bandwidthPerMigration), options);
    // After a restart of the sandbox only the second is known.
    const began = this.begun.get(state.migrationUid ?? '') ?? Date.parse(state.startTimestamp ?? '');
    const passed = clock.millis() - began;
    const { assistance } = plan;
    if (assistance && state.mode === 'PreCopy' && passed >= assistance.afterMs) {
      this.change(vmi, (draft) => {
        draft.mode = assistance.mode;
      });
    }
    if (passed < plan.durationMs) {
      const next = state.mode === 'PreCopy' && assistance ? assistance.afterMs : plan.durationMs;
      this.queue.add(key, Math.max(0, next - passed));
      return;
    }
    if (plan.failure) this.fail(vmi, state, plan.failure, { abortStatus: 'Succeeded' });
    else this.switchOver(vmi, state);
  }

  private async abort(key: string, vmi: VirtualMachineInstance, state: MigrationState): Promise<void> {
    const { migrationUid = '' } = state;
    if (!state.abortStatus) {
      this.change(vmi, (draft) => {
        draft.abortStatus = 'Aborting';
      });
      this.tell(vmi, 'source', 'Migrating', 'VirtualMachineInstance is aborting migration.');
      await this.moves.cancel(migrationUid);
      this.queue.add(key, ABORT_MS);
      return;
    }
    const move = this.moves.look(migrationUid);
    if (move && !move.outcome) return;
    if (move?.outcome?.arrived) {
      this.change(vmi, (draft) => {
        draft.abortStatus = 'Failed';
      });
      this.switchOver(vmi, state);
    } else this.fail(vmi, state, 'Live migration aborted', { abortStatus: 'Succeeded' });
  }

  private fail(
    vmi: VirtualMachineInstance,
    { migrationUid = '', startTimestamp = now() }: MigrationState,
    failureReason: string,
    more: Pick<MigrationState, 'abortStatus'>,
  ): void {
    this.begun.delete(migrationUid);
    this.change(vmi, (state, draft) => {
      const end = { startTimestamp, endTimestamp: now(), completed: true, failed: true };
      Object.assign(state, end, { failureReason }, more);
      if (state.mode === 'Paused') setHeld(draft.status, false, now());
      delete draft.metadata.labels?.[MIGRATION_TARGET_NODE];
    });
    const message = `VirtualMachineInstance migration uid ${migrationUid} failed. reason:${failureReason}`;
    this.tell(vmi, 'source', 'Migrated', message, 'Warning');
  }

  /** From here on the target's node has the guest. */
  private switchOver(vmi: VirtualMachineInstance, state: MigrationState): void {
    const { targetNode = '', targetPod, migrationUid = '' } = state;
    const target = this.podOf(vmi, targetPod);
    const address = target?.status?.podIP;
    this.begun.delete(migrationUid);
    this.tell(vmi, 'source', 'Migrated', `The VirtualMachineInstance migrated to node ${targetNode}.`);
    this.change(vmi, (moved, { metadata, status }) => {
      Object.assign(moved, { targetNodeDomainReadyTimestamp: now(), endTimestamp: now(), completed: true });
      delete metadata.labels?.[MIGRATION_TARGET_NODE];
      metadata.labels = { ...metadata.labels, 'kubevirt.io/nodeName': targetNode };
      status.nodeName = targetNode;
      delete status.evacuationNodeName;
      settleSize(status, vmi);
      if (target) settleLinks(status, vmi, target);
      const [first] = status.interfaces ?? [];
      // The guest keeps the address that it has; the cluster knows it by its pod's, as with masquerade.
      if (first && address) Object.assign(first, { ipAddress: address, ipAddresses: [address] });
    });
  }

  private isUnderWay({ metadata }: VirtualMachineInstance, { migrationUid }: MigrationState): boolean {
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name);
    const state = vmi?.status?.migrationState;
    return state?.migrationUid === migrationUid && isMoving(state) && vmi !== undefined && !isFinal(vmi);
  }

  private podOf({ metadata }: VirtualMachineInstance, name: string | undefined): Pod | undefined {
    return name ? this.cluster.get<Pod>('pods', metadata.namespace, name) : undefined;
  }

  private change(
    { metadata }: VirtualMachineInstance,
    edit: (
      state: MigrationState,
      draft: VirtualMachineInstance & Required<Pick<VirtualMachineInstance, 'status'>>,
    ) => void,
  ): void {
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      const { status } = draft;
      if (draft.metadata.uid === metadata.uid && status?.migrationState)
        edit(status.migrationState, { ...draft, status });
    });
  }

  private tell(
    vmi: VirtualMachineInstance,
    side: Side,
    reason: string,
    message: string,
    type: 'Normal' | 'Warning' = 'Normal',
  ): void {
    const { sourceNode, targetNode } = vmi.status?.migrationState ?? {};
    const host = side === 'source' ? sourceNode : targetNode;
    this.cluster.event(vmi, { type, reason, message, component: 'virt-handler', ...(host ? { host } : {}) });
  }
}

function addressOf(node: Node | undefined): string {
  return node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '127.0.0.1';
}

function optionsOf(state: MigrationState): MigrationConfiguration {
  return { ...DEFAULT_MIGRATIONS, ...state.migrationConfiguration };
}
