import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { guestBytes } from '../instance-size';
import { settleLinks } from '../live-update/links';
import { settleSize } from '../live-update/size';
import { parseQuantity } from '../quantity';
import { isFinal } from '../run-strategy';
import { now } from '../time';
import { type Node, type Pod, type VirtualMachineInstance, VMIS } from '../types';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { DEFAULT_MIGRATIONS } from './configuration';
import { MIGRATION_TARGET_NODE } from './migration';
import { isMoving, type MigrationState } from './migration-state';
import { planTransfer } from './transfer';

const LATENCY_MS = 150;
const ABORT_MS = 300;
const FIRST_PORT = 32_768;
/** libvirt's own connection, the memory's, and the disks'. */
const TARGET_PORTS: readonly number[] = [0, 49_152, 49_153];

type Side = 'source' | 'target';

/**
 * virt-handler's part of migrations, of both nodes: prepares the target, lets the guest's memory flow, switches over or
 * gives up. The guest itself stays the process that it is.
 */
export class MigrationHandler {
  private readonly queue = new WorkQueue('migration handler', (key) => this.reconcile(key), LATENCY_MS);
  private readonly begun = new Map<string, number>();
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
        if (type !== 'DELETED' && isMoving(object.status?.migrationState)) this.queue.add(keyFor(object));
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    const state = vmi?.status?.migrationState;
    if (!vmi || !state || !isMoving(state) || isFinal(vmi)) return;
    if (state.abortRequested) this.abort(key, vmi, state);
    else if (!state.targetNodeAddress) this.prepare(vmi, state);
    else if (!state.startTimestamp) this.start(key, vmi, state);
    else this.carryOn(key, vmi, state);
  }

  private prepare(vmi: VirtualMachineInstance, { targetNode = '', migrationUid = '' }: MigrationState): void {
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

  private start(key: string, vmi: VirtualMachineInstance, { migrationUid = '' }: MigrationState): void {
    this.begun.set(migrationUid, clock.millis());
    this.change(vmi, (state) => {
      state.startTimestamp = now();
      state.mode = 'PreCopy';
      state.migrationNetworkType = state.migrationConfiguration?.network ? 'migration' : 'pod';
      state.targetNodeDomainDetected = true;
    });
    this.tell(vmi, 'source', 'Migrating', 'VirtualMachineInstance is migrating.');
    this.queue.add(key);
  }

  private carryOn(key: string, vmi: VirtualMachineInstance, state: MigrationState): void {
    const options = { ...DEFAULT_MIGRATIONS, ...state.migrationConfiguration };
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

  private abort(key: string, vmi: VirtualMachineInstance, state: MigrationState): void {
    if (!state.abortStatus) {
      this.change(vmi, (draft) => {
        draft.abortStatus = 'Aborting';
      });
      this.tell(vmi, 'source', 'Migrating', 'VirtualMachineInstance is aborting migration.');
      this.queue.add(key, ABORT_MS);
      return;
    }
    this.fail(vmi, state, 'Live migration aborted', { abortStatus: 'Succeeded' });
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
      // A guest that really runs keeps the address that it has, and says so.
      const ownWord = first?.infoSource?.includes('guest-agent');
      if (first && address && !ownWord) Object.assign(first, { ipAddress: address, ipAddresses: [address] });
    });
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
