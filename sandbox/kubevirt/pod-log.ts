import { PassThrough, Readable } from 'node:stream';
import type { ClusterApi } from '../api/objects';
import { type ContainerStatus, type Pod, type VirtualMachineInstance, VMIS } from '../controllers/types';
import type { VirtHandler } from '../controllers/virt-handler';

export interface PodLogOptions {
  container?: string;
  follow: boolean;
  tailLines?: number;
}

/** The serial line delivers its scroll-back at once; what comes within this time belongs to the past. */
const HISTORY_MS = 100;

/**
 * What `kubectl logs` prints: the guest's serial output for `guest-console-log`, what was `printed` by programs that the
 * sandbox stands in for, and nothing for the rest. Undefined while a container waits to start.
 */
export function podLogs(
  cluster: ClusterApi,
  virtHandler: VirtHandler,
  printed: (pod: Pod) => readonly string[] | undefined = () => undefined,
) {
  return (
    namespace: string,
    name: string,
    { container, follow, tailLines }: PodLogOptions,
  ): Readable | undefined => {
    const pod = cluster.get<Pod>('pods', namespace, name);
    if (!pod || isWaiting(pod, container)) return undefined;
    const lines = printed(pod);
    if (lines) return Readable.from([lastLines(Buffer.from(`${lines.join('\n')}\n`), tailLines)]);
    const owner = pod.metadata.ownerReferences?.find(({ kind }) => kind === 'VirtualMachineInstance');
    const vmi = owner && cluster.get<VirtualMachineInstance>(VMIS, namespace, owner.name);
    const guest = vmi?.metadata.uid === owner?.uid && vmi ? virtHandler.guestOf(vmi) : undefined;
    if (container !== 'guest-console-log' || !guest) return Readable.from([]);
    try {
      return serialLog(guest.openSerial({ history: true }), {
        follow,
        ...(tailLines === undefined ? {} : { tailLines }),
      });
    } catch {
      // A machine that is mere state has printed nothing.
      return Readable.from([]);
    }
  };
}

function serialLog(serial: Readable, { follow, tailLines }: PodLogOptions): Readable {
  const log = new PassThrough();
  const past: Buffer[] = [];
  const keep = (chunk: Buffer) => past.push(chunk);
  serial.on('data', keep);
  setTimeout(() => {
    serial.off('data', keep);
    log.write(lastLines(Buffer.concat(past), tailLines));
    if (follow) serial.pipe(log);
    else {
      log.end();
      serial.destroy();
    }
  }, HISTORY_MS);
  log.once('close', () => serial.destroy());
  serial.once('error', () => log.end());
  return log;
}

function lastLines(text: Buffer, count: number | undefined): Buffer {
  if (count === undefined) return text;
  const lines = text.toString('latin1').split('\n');
  const complete = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  return Buffer.from(lines.slice(Math.max(0, complete - count)).join('\n'), 'latin1');
}

function isWaiting({ status }: Pod, container: string | undefined): boolean {
  const all: ContainerStatus[] = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ];
  const found = all.find(({ name }) => name === container) ?? all[0];
  return found === undefined || found.state.waiting !== undefined;
}
