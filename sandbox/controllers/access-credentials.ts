import type { ClusterApi } from '../api/objects';
import type { Guest } from '../guests/hypervisor';
import { agentCredentials, decode, type Secret, secretOf } from './access-secrets';
import { findCondition, isTrue, removeCondition, setCondition } from './conditions';
import { now } from './time';
import { type VirtualMachineInstance, VMIS } from './types';
import type { VirtHandler } from './virt-handler';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const LATENCY_MS = 200;
const RETRY_MS = 10_000;
const SYNCHRONIZED = 'AccessCredentialsSynchronized';

/** What the agent is to do for the users of a guest. */
export interface Credentials {
  keys: Map<string, string[]>;
  passwords: Map<string, string>;
}

/** Puts the keys and passwords of secrets into running guests through their agents, and again when a secret changes. */
export class AccessCredentials {
  private readonly queue = new WorkQueue('access credentials', (key) => this.reconcile(key), LATENCY_MS);
  private readonly applied = new Map<string, string>();
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
  ) {
    this.stops = [
      cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
        if (type === 'DELETED') this.applied.delete(object.metadata.uid);
        else if (agentCredentials(object).length > 0) this.queue.add(keyFor(object));
      }),
      cluster.watch<Secret>('secrets', ({ object: { metadata } }) => {
        for (const vmi of cluster.list<VirtualMachineInstance>(VMIS, metadata.namespace)) {
          const uses = agentCredentials(vmi).some((credential) => secretOf(credential) === metadata.name);
          if (uses) this.queue.add(keyFor(vmi));
        }
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (vmi?.status?.phase !== 'Running') return;
    const { uid } = vmi.metadata;
    if (!isTrue(vmi.status, 'AgentConnected')) {
      // After a reboot the guest may have forgotten.
      this.applied.delete(uid);
      return;
    }
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) return;
    const found = this.read(vmi);
    const print = JSON.stringify([[...found.keys], [...found.passwords]]);
    if (this.applied.get(uid) === print) return;
    const trouble = await apply(guest, found);
    if (trouble === undefined) this.applied.set(uid, print);
    else this.queue.add(key, RETRY_MS);
    this.report(vmi, trouble);
  }

  private read(vmi: VirtualMachineInstance): Credentials {
    const found: Credentials = { keys: new Map(), passwords: new Map() };
    for (const credential of agentCredentials(vmi)) {
      const secret = this.cluster.get<Secret>('secrets', vmi.metadata.namespace, secretOf(credential) ?? '');
      const entries = Object.entries(secret?.data ?? {}).map(
        ([name, value]) => [name, decode(value)] as const,
      );
      for (const user of credential.sshPublicKey?.propagationMethod?.qemuGuestAgent?.users ?? []) {
        const keys = entries.flatMap(([, text]) => text.split('\n')).map((line) => line.trim());
        found.keys.set(user, [...(found.keys.get(user) ?? []), ...keys.filter(Boolean)]);
      }
      if (credential.userPassword)
        for (const [user, password] of entries) found.passwords.set(user, password);
    }
    return found;
  }

  private report(vmi: VirtualMachineInstance, trouble: string | undefined): void {
    const { namespace, name } = vmi.metadata;
    const status = trouble === undefined ? 'True' : 'False';
    const known = findCondition(vmi.status, SYNCHRONIZED);
    const same = known?.status === status && (known.message ?? undefined) === trouble;
    if (!same) {
      this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, (draft) => {
        if (!draft.status) return;
        removeCondition(draft.status, SYNCHRONIZED);
        const times = { lastProbeTime: null, lastTransitionTime: now() };
        const message = trouble === undefined ? {} : { message: trouble };
        setCondition(draft.status, { type: SYNCHRONIZED, status, ...message, ...times });
      });
    }
    const outcome = trouble === undefined ? 'successful.' : `failed: ${trouble}`;
    this.cluster.event(vmi, {
      type: trouble === undefined ? 'Normal' : 'Warning',
      reason: trouble === undefined ? 'AccessCredentialsSyncSuccess' : 'AccessCredentialsSyncFailed',
      message: `Access credentials sync ${outcome}`,
      component: 'virt-handler',
      ...(vmi.status?.nodeName ? { host: vmi.status.nodeName } : {}),
    });
  }
}

/** Returns what the agent says when it refuses. */
async function apply(guest: Guest, { keys, passwords }: Credentials): Promise<string | undefined> {
  try {
    for (const [user, list] of keys) await guest.authorizeKeys(user, list);
    for (const [user, password] of passwords) await guest.setPassword(user, password);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
