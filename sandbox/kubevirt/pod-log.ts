import { PassThrough, Readable } from 'node:stream';
import type { ClusterApi } from '../api/objects';
import type { PodLog, PodLogOptions } from '../api/pod-log-call';
import { clock } from '../clock';
import { type ContainerStatus, type Pod, type VirtualMachineInstance, VMIS } from '../controllers/types';
import type { VirtHandler } from '../controllers/virt-handler';
import { componentLines, followComponent, isComponent } from './component-log';
import { type LogLine, logStream, shapeLog } from './log-lines';
import { untilGone } from './pod-runtime';

/** The serial line delivers its scroll-back at once; what comes within this time belongs to the past. */
const HISTORY_MS = 100;

/**
 * What `kubectl logs` prints: the guest's serial output for `guest-console-log`, what was `printed` by programs that the
 * sandbox stands in for, what KubeVirt's components did, and nothing for the rest. Undefined while a container waits to
 * start.
 */
export function podLogs(
  cluster: ClusterApi,
  virtHandler: VirtHandler,
  printed: (pod: Pod) => readonly string[] | undefined = () => undefined,
): PodLog {
  return (namespace, name, options) => {
    const pod = cluster.get<Pod>('pods', namespace, name);
    // Nothing keeps what a container printed before it was started again.
    if (pod && options.previous) return Readable.from([]);
    if (!pod || isWaiting(pod, options.container)) return undefined;
    if (isComponent(pod)) {
      return logStream(componentLines(cluster, pod), options, (take) => followComponent(cluster, pod, take));
    }
    const lines = printed(pod);
    if (lines) return Readable.from([shapeLog(timed(lines, pod), options)]);
    const owner = pod.metadata.ownerReferences?.find(({ kind }) => kind === 'VirtualMachineInstance');
    const vmi = owner && cluster.get<VirtualMachineInstance>(VMIS, namespace, owner.name);
    const guest = vmi?.metadata.uid === owner?.uid && vmi ? virtHandler.guestOf(vmi) : undefined;
    if (options.container === 'guest-console-log' && guest) {
      try {
        return serialLog(guest.openSerial({ history: true }), options);
      } catch {
        // A machine that is mere state has printed nothing.
      }
    }
    return options.follow ? untilGone(cluster, pod) : Readable.from([]);
  };
}

/** Lines of a program that keeps no times are as old as their container. */
function timed(lines: readonly string[], pod: Pod): LogLine[] {
  const at = Date.parse(pod.status?.startTime ?? pod.metadata.creationTimestamp);
  return lines.map((text) => ({ at, text }));
}

function serialLog(serial: Readable, options: PodLogOptions): Readable {
  const log = new PassThrough();
  const past: Buffer[] = [];
  const keep = (chunk: Buffer) => past.push(chunk);
  serial.on('data', keep);
  setTimeout(() => {
    serial.off('data', keep);
    log.write(shapeSerial(Buffer.concat(past), options));
    if (options.follow) serial.pipe(log);
    else {
      log.end();
      serial.destroy();
    }
  }, HISTORY_MS);
  log.once('close', () => serial.destroy());
  serial.once('error', () => log.end());
  return log;
}

/** A serial line keeps no times: what it printed counts as printed now. */
function shapeSerial(text: Buffer, options: PodLogOptions): Buffer {
  const lines = text.toString('latin1').split('\n');
  const open = lines.at(-1) === '' ? '' : (lines.at(-1) ?? '');
  const at = clock.millis();
  const complete = lines.slice(0, -1).map((line) => ({ at, text: line }));
  if (open === '') return Buffer.from(shapeLog(complete, options).toString(), 'latin1');
  const shaped = shapeLog([...complete, { at, text: open }], options).toString();
  return Buffer.from(shaped.endsWith('\n') ? shaped.slice(0, -1) : shaped, 'latin1');
}

function isWaiting({ status }: Pod, container: string | undefined): boolean {
  const all: ContainerStatus[] = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ];
  const found = all.find(({ name }) => name === container) ?? all[0];
  return found === undefined || found.state.waiting !== undefined;
}
