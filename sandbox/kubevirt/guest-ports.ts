import type { Duplex } from 'node:stream';
import type { VirtualMachineInstance } from '../controllers/types';
import type { Guest } from '../guests/hypervisor';

/**
 * A connection to a guest by its pod's address. Where the card on the pod network names its ports, the rules of
 * masquerade lead only these to the guest; what else comes finds nobody in the pod.
 * @throws an Error saying `connection refused` and the like.
 */
export async function openGuestPort(
  { spec }: VirtualMachineInstance,
  guest: Guest,
  protocol: 'tcp' | 'udp',
  port: number,
): Promise<Duplex> {
  const onPod = new Set((spec.networks ?? []).filter(({ pod }) => pod).map(({ name }) => name));
  const card = (spec.domain.devices.interfaces ?? []).find(({ name }) => onPod.has(name));
  const { masquerade, ports = [] } = card ?? {};
  const led = ports.some((one) => one.port === port && (one.protocol ?? 'TCP').toLowerCase() === protocol);
  if (masquerade && ports.length > 0 && !led) throw new Error('connection refused');
  return guest.openPort(protocol, port);
}
