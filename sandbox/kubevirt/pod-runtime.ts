import { createHash } from 'node:crypto';
import { type Duplex, PassThrough, type Readable } from 'node:stream';
import type { ClusterApi, KubeObject } from '../api/objects';
import type { PodRuntime } from '../api/pod-streams';
import { isTrue } from '../controllers/conditions';
import type { PodServer } from '../controllers/pod-server';
import { type VirtualMachineInstance, VMIS } from '../controllers/types';
import type { VirtHandler } from '../controllers/virt-handler';
import { openGuestPort } from './guest-ports';

/**
 * The containers of the sandbox hold no programs: what is called for is not found, in containerd's words. Known are
 * only the questions that the sandbox can answer truthfully: which guest a launcher runs, and in what state.
 */
export class SandboxRuntime implements PodRuntime {
  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
    private readonly servers: readonly PodServer[],
  ) {}

  run(pod: KubeObject, container: string, command: string[]) {
    const vmi = this.instanceOf(pod);
    const answer = vmi && container === 'compute' ? this.virsh(vmi, command) : undefined;
    if (answer) return answer;
    const id = containerId(pod, container);
    const missing = `exec: ${JSON.stringify(command[0] ?? '')}: executable file not found in $PATH`;
    return {
      failure: `failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: ${missing}: unknown`,
    };
  }

  attach(pod: KubeObject, container: string): Readable {
    const vmi = this.instanceOf(pod);
    const guest = vmi && this.virtHandler.guestOf(vmi);
    if (container === 'guest-console-log' && guest) {
      try {
        return guest.openSerial({ history: false });
      } catch {
        // A machine that is mere state prints nothing.
      }
    }
    return untilGone(this.cluster, pod);
  }

  /** The rules of masquerade send what reaches a launcher's loopback on to its guest. */
  async dial(pod: KubeObject, port: number, protocol: 'tcp' | 'udp' = 'tcp'): Promise<Duplex> {
    for (const server of protocol === 'tcp' ? this.servers : []) {
      const connection = server.dial(pod, port);
      if (connection) return connection;
    }
    const vmi = this.instanceOf(pod);
    const guest = vmi && this.virtHandler.guestOf(vmi);
    const reason =
      vmi && guest
        ? await openGuestPort(vmi, guest, protocol, port).catch((error: Error) => error.message)
        : 'connection refused';
    if (typeof reason !== 'string') return reason;
    const id = containerId(pod, 'sandbox');
    const dialed = (family: string, host: string) => `dial ${family} ${host}:${port}: connect: ${reason}`;
    throw new Error(
      `error forwarding port ${port} to pod ${id}, uid : failed to execute portforward in network namespace "/var/run/netns/cni-${pod.metadata.uid}": failed to connect to localhost:${port} inside namespace "${id}", IPv4: ${dialed('tcp4', '127.0.0.1')} IPv6 ${dialed('tcp6', '[::1]')} `,
    );
  }

  listens(pod: KubeObject): boolean {
    if (this.servers.some((server) => server.listens?.(pod))) return true;
    const vmi = this.instanceOf(pod);
    return (
      vmi !== undefined && vmi.status?.phase === 'Running' && this.virtHandler.guestOf(vmi)?.pid !== undefined
    );
  }

  /** `virsh list` and `virsh domstate`, of the one domain that a launcher has. */
  private virsh(vmi: VirtualMachineInstance, [program, ...words]: string[]) {
    if (program !== 'virsh') return undefined;
    const [verb, ...more] = words;
    const { namespace, name } = vmi.metadata;
    const domain = `${namespace}_${name}`;
    const state = isTrue(vmi.status, 'Paused') ? 'paused' : 'running';
    const runs = this.virtHandler.guestOf(vmi) !== undefined;
    if (verb === 'list' && more.every((option) => option === '--all')) {
      const width = Math.max(domain.length, 4) + 3;
      const row = (id: string, title: string, said: string) =>
        ` ${id.padEnd(5)}${title.padEnd(width)}${said}`;
      const head = row('Id', 'Name', 'State');
      const lines = [head, '-'.repeat(head.length + 4), ...(runs ? [row('1', domain, state)] : [])];
      return { stdout: `${lines.join('\n')}\n\n`, exitCode: 0 };
    }
    if (verb === 'domstate' && more.length === 1 && more[0] === domain && runs) {
      return { stdout: `${state}\n\n`, exitCode: 0 };
    }
    return undefined;
  }

  private instanceOf({ metadata }: KubeObject): VirtualMachineInstance | undefined {
    const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'VirtualMachineInstance');
    const vmi = owner && this.cluster.get<VirtualMachineInstance>(VMIS, metadata.namespace, owner.name);
    return vmi?.metadata.uid === owner?.uid ? vmi : undefined;
  }
}

function containerId({ metadata }: KubeObject, container: string): string {
  return createHash('sha256').update(`${metadata.uid} ${container}`).digest('hex');
}

/** The output of a container that prints nothing: it ends when the pod does. */
export function untilGone(cluster: ClusterApi, { metadata }: KubeObject): Readable {
  const output = new PassThrough();
  const stop = cluster.watch('pods', ({ type, object }) => {
    if (object.metadata.uid !== metadata.uid) return;
    const { phase } = (object.status ?? {}) as { phase?: string };
    if (type === 'DELETED' || phase === 'Succeeded' || phase === 'Failed') output.end();
  });
  output.once('close', stop);
  return output;
}
